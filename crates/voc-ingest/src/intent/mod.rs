//! The intent protocol makes storing and committing atomic, although they happen in two systems.
//!
//! A commit may carry [`CommitMetadata`]. Before a batch is inserted, its exact range is committed as an [`Intent`];
//! then the batch goes to the store under a token derived from that range; then another commit completes it. A crash
//! leaves one of two states. Without an intent, nothing was inserted. With an intent, the next owner builds exactly
//! the same batch again, reads back which part of it is stored, and inserts only what is missing, under the same
//! token.
//!
//! ```text
//!             cut: commit(first, intent)           stored
//!   ┌──────┐ ───────────────────────► ┌──────────┐ ─────► ┌────────┐
//!   │ Free │                          │ Declared │        │ Stored │──┐ cut of the next batch:
//!   └──────┘ ◄─────────────────────── └──────────┘ ◄───── └────────┘  │ its declaration is the commit
//!        ▲      commit(last + 1, no intent)   ▲        cut │    ▲     │ that completes this one
//!        │                                    │            └────┴─────┘
//!   taken over without intent        taken over with an intent: Inherited, cut at exactly its end,
//!                                    declared already, re-inserted
//! ```
//!
//! [`Protocol`] holds the state of one lane and does no I/O: it says which commit is due, and the lane makes it. The
//! source decides who may commit: a lane that lost its partition to another owner is refused and ends.
//!
//! # Epochs
//!
//! An offset identifies a record only as long as its log exists. A topic that is deleted and recreated counts from 0
//! again, and the commits of the group are deleted with it. Batches of the new log would have the same ranges, tokens
//! and rows as old ones. So a range belongs to an *epoch*, which is part of the token and of the coordinates of rows.
//! All [`CommitMetadata`] carries the epoch to the next owner. A lane that finds no metadata of ours, or metadata that
//! does not fit its offset, begins a new epoch, which its source chooses. The epoch is committed with the first
//! declaration, so before anything is stored under it. See [`Inheritance`].

mod commit_metadata;
mod inheritance;
mod protocol;

use std::fmt;

pub use commit_metadata::{CommitMetadata, ParseCommitMetadataError};
pub use inheritance::{Inheritance, NewEpoch, UnknownCommitMetadata};
pub use protocol::{Attempt, DueCommit, Protocol, ProtocolError};

/// The exact range of a batch, declared by the [`CommitMetadata`] of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Offset of the first record.
    pub first: i64,
    /// Offset of the last record; at least `first`.
    pub last: i64,
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

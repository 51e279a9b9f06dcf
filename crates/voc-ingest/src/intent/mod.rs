//! The intent protocol: what makes storing and committing one thing, although they are two systems.
//!
//! A commit may carry a [`CommitMetadata`] of text. Before a batch is inserted, its exact range is committed as an [`Intent`]; then the batch
//! goes to the store under a token made of that range; then a commit says that it is done. A crash leaves either no intent, and
//! then nothing was inserted, or an intent, and then the next owner makes exactly the same batch again, reads back what of it is
//! stored, and inserts only what is missing, under the same token.
//!
//! ```text
//!             cut: commit(first, intent)           stored
//!   ┌──────┐ ───────────────────────► ┌──────────┐ ─────► ┌────────┐
//!   │ Free │                          │ Declared │        │ Stored │──┐ cut of the next batch:
//!   └──────┘ ◄─────────────────────── └──────────┘ ◄───── └────────┘  │ its declaration is the commit
//!        ▲      commit(last + 1, no intent)   ▲        cut │    ▲     │ that completes this one
//!        │                                    │            └────┴─────┘
//!   taken over without intent        taken over with an intent: Owed, cut at exactly its end,
//!                                    declared already, inserted as a replay
//! ```
//!
//! [`Protocol`] holds the state of one lane and does no I/O: it says which commit is due, and the lane makes it. Who may commit is
//! the source's business: a lane whose partition went to somebody else is refused, and ends.
//!
//! # Epochs
//!
//! An offset names a record only as long as its log lives. A topic that is deleted and made anew counts from 0 again, and the group's
//! commits are deleted with it: batches of the new log would have the ranges of old ones, their tokens, and their rows. So a range is
//! one of an *epoch*, which is part of the token and of the rows' coordinates. Every [`CommitMetadata`] tells the next owner the epoch; a lane
//! that finds no note of ours, or one that does not go with its offset, begins a new epoch, which its source makes up. The epoch is
//! committed with the first declaration, so before anything is stored under it. See [`Inheritance`].

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
    /// Offset of the batch's first record.
    pub first: i64,
    /// Offset of its last record; at least `first`.
    pub last: i64,
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

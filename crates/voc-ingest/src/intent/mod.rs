//! The intent protocol: what makes storing and committing one thing, although they are two systems.
//!
//! A commit may carry a note of text. Before a batch is inserted, its exact range is committed as an [`Intent`]; then the batch
//! goes to the store under a token made of that range; then a commit says that it is done. A crash leaves either no intent, and
//! then nothing was inserted, or an intent, and then the next owner sends exactly the same batch again under the same token, and
//! the store drops whatever part of it had landed.
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

mod protocol;

use std::{fmt, str::FromStr};

pub use protocol::{Attempt, DueCommit, Protocol, ProtocolError};

/// The exact range of a batch, as the note of a commit.
///
/// ```
/// use voc_ingest::Intent;
/// let intent = Intent { first: 100, last: 599 };
/// assert_eq!(intent.to_string(), "voc/1 intent 100-599");
/// assert_eq!("voc/1 intent 100-599".parse(), Ok(intent));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Offset of the batch's first record.
    pub first: i64,
    /// Offset of its last record; at least `first`.
    pub last: i64,
}

/// Says whose note it is, of which version, and what it is.
const MARK: &str = "voc/1 intent ";

/// Says whose note it is.
const OURS: &str = "voc/";

impl Intent {
    /// Whether a note is of this protocol, in any version.
    #[must_use]
    pub fn is_ours(note: &str) -> bool {
        note.starts_with(OURS)
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}-{}", self.first, self.last)
    }
}

/// A note that is no intent of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an intent such as {MARK}100-599")]
pub struct ParseIntentError;

impl FromStr for Intent {
    type Err = ParseIntentError;

    fn from_str(text: &str) -> Result<Self, ParseIntentError> {
        let range = text.strip_prefix(MARK).and_then(|range| range.split_once('-')).ok_or(ParseIntentError)?;
        let offset = |digits: &str| digits.parse::<u64>().ok().and_then(|offset| i64::try_from(offset).ok());
        match (offset(range.0), offset(range.1)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(ParseIntentError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_intent_is_refused() {
        for text in [
            "",
            "voc/1 intent",
            "voc/1 intent 5-4",
            "voc/1 intent -1-4",
            "voc/2 intent 1-4",
            "1-4",
            "voc/1 intent 1-4x",
        ] {
            assert_eq!(text.parse::<Intent>(), Err(ParseIntentError), "{text:?}");
        }
    }
}

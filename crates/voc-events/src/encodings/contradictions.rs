//! Two schemas that do not agree.

/// What becomes of values that the reader's schema cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradictions {
    /// The record is refused.
    Refused,
    /// They are read as the writer has them.
    AsWritten,
}

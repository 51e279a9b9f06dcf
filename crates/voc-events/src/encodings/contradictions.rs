//! Contradictions between two schemas.

/// What happens to values that the reader's schema cannot accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradictions {
    /// The record is refused.
    Refused,
    /// They are read as in the writer's schema.
    AsWritten,
}

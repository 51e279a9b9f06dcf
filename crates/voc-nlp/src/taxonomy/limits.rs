//! How large a taxonomy may be.

/// The most topics, and the most phrases of all topics together.
pub(super) const MAX_ENTRIES: usize = 50_000;

/// The longest phrase, in bytes.
pub(super) const MAX_PHRASE_BYTES: usize = 200;

/// How many ancestors a topic may have.
pub(super) const MAX_DEPTH: usize = 16;

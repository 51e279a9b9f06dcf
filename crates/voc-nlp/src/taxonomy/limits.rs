//! Limits on the size of a taxonomy.

/// Maximum number of topics, and of phrases in all topics together.
pub(super) const MAX_ENTRIES: usize = 50_000;

/// Maximum length of a phrase, in bytes.
pub(super) const MAX_PHRASE_BYTES: usize = 200;

/// Maximum number of ancestors of a topic.
pub(super) const MAX_DEPTH: usize = 16;

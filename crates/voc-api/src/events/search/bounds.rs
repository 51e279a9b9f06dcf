//! How large a search can be.

/// The greatest number of rows of a page.
pub(crate) const MAX_LIMIT: u32 = 100;
/// Maximum length of what is searched for in bytes.
pub(crate) const MAX_SEARCH_BYTES: usize = 1024;

//! Settings of the file source.

use crate::MemoryBudget;

/// What to do with the last line or event of a file if it has no end. It may be incomplete and still being written.
///
/// It is always taken if the input cannot be read twice or is an archive, because nothing can follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedTail {
    /// Leave it, with a warning, until it has an end.
    Leave,
    /// Take it. If it is longer when the file is read again, the longer one is taken too.
    Take,
}

/// Settings of the file source.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// What to do with an unfinished tail.
    pub unfinished: UnfinishedTail,
    /// Maximum number of records per chunk.
    pub chunk_records: usize,
    /// Bounds the memory of records in flight.
    pub budget: MemoryBudget,
}

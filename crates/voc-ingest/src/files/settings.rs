//! How inputs are read.

use crate::MemoryBudget;

/// What becomes of a file's last line or event if it has no end. It may be half of one that is still being written.
///
/// Where an input cannot be read twice, or is an archive, it is taken in any case: nothing can follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfinishedTail {
    /// It is left, with a warning, until it has an end.
    Leave,
    /// It is taken. If it is a longer one when the file is read again, that one is taken, too.
    Take,
}

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// What becomes of what has no end.
    pub unfinished: UnfinishedTail,
    /// The most records of a chunk.
    pub chunk_records: usize,
    /// Bounds the memory for records under way.
    pub budget: MemoryBudget,
}

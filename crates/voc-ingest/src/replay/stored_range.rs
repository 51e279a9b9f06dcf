//! What the store has of a range.

use std::collections::HashMap;

use voc_store::StoredRow;

/// What the store has of a range.
pub(super) struct StoredRange {
    pub(super) rows: HashMap<i64, StoredRow>,
    pub(super) dead_letters: HashMap<i64, i64>,
}

impl StoredRange {
    /// The newest epoch of the rows or dead letters; 0 if there are none.
    pub(super) fn newest_epoch(&self) -> i64 {
        self.rows.values().map(|row| row.epoch).chain(self.dead_letters.values().copied()).max().unwrap_or(0)
    }
}

//! What the store knows of a range.

use std::collections::HashMap;

use voc_store::StoredRow;

/// What the store knows of a range.
pub(super) struct Known {
    pub(super) rows: HashMap<i64, StoredRow>,
    pub(super) letters: HashMap<i64, i64>,
}

impl Known {
    /// The newest epoch that rows or letters are of; 0 if there are none.
    pub(super) fn newest_epoch(&self) -> i64 {
        self.rows.values().map(|row| row.epoch).chain(self.letters.values().copied()).max().unwrap_or(0)
    }
}

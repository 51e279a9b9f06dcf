//! What the store has of a range.

use std::collections::{HashMap, HashSet};

use voc_store::StoredRow;

/// What the store has of a range.
pub(super) struct StoredRange {
    pub(super) rows: HashMap<i64, StoredRow>,
    pub(super) dead_letters: HashMap<i64, i64>,
    /// Offsets of which the row or the dead letter was erased.
    pub(super) erased: HashSet<i64>,
}

impl StoredRange {
    /// The newest epoch of the rows or dead letters; 0 if there are none.
    pub(super) fn newest_epoch(&self) -> i64 {
        self.rows.values().map(|row| row.epoch).chain(self.dead_letters.values().copied()).max().unwrap_or(0)
    }

    /// Whether the dead letter of an epoch at an offset belongs to an earlier log than the record there: a newer epoch
    /// is stored on both sides of the offset, so its log has passed it. With newer epochs on one side only, the epoch
    /// may have begun, or ended, within the same log.
    pub(super) fn is_of_earlier_log(&self, offset: i64, epoch: i64) -> bool {
        let rows = self.rows.values().map(|row| (row.offset, row.epoch));
        let dead_letters = self.dead_letters.iter().map(|(offset, epoch)| (*offset, *epoch));
        let newer = rows.chain(dead_letters).filter(|(_, other)| *other > epoch);
        let (before, after): (Vec<_>, Vec<_>) = newer.partition(|(other, _)| *other < offset);
        let before: HashSet<i64> = before.into_iter().map(|(_, epoch)| epoch).collect();
        after.iter().any(|(_, epoch)| before.contains(epoch))
    }
}

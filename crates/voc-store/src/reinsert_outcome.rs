//! The outcome of re-inserting a batch.

use std::ops::AddAssign;

/// What a re-insert found and did, in rows; the sum is all rows of the batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReinsertOutcome {
    /// Already stored.
    pub found: usize,
    /// Inserted under the batch's own tokens.
    pub inserted: usize,
    /// Inserted under further tokens, because the store knew the batch's own token but did not have the rows. Without
    /// the re-insert they were lost.
    pub healed: usize,
    /// Offsets of the rows that are not stored because another row of the same event is, in ascending order within a
    /// part: a merge dropped them, or an earlier attempt at the batch recognised them as resends.
    pub resends: Vec<i64>,
}

impl ReinsertOutcome {
    /// Counts rows stored by an insert; retry 0 is the one under the batch's own token.
    pub(crate) fn add_stored(&mut self, retry: u32, rows: usize) {
        *if retry == 0 { &mut self.inserted } else { &mut self.healed } += rows;
    }
}

impl AddAssign for ReinsertOutcome {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.inserted += other.inserted;
        self.healed += other.healed;
        self.resends.extend(other.resends);
    }
}

//! What replays of batches find and do.

use std::ops::AddAssign;

/// What a replay found and did, in rows; together all rows of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Stored before.
    pub found: usize,
    /// Inserted under the batch's own tokens.
    pub inserted: usize,
    /// Inserted under further tokens, because the store knew the batch's own but had not the rows. Without a replay they were lost.
    pub healed: usize,
}

impl Replayed {
    /// Counts rows stored by an insert; retry 0 is the one under the batch's own token.
    pub(crate) fn add_stored(&mut self, retry: u32, rows: usize) {
        *if retry == 0 { &mut self.inserted } else { &mut self.healed } += rows;
    }
}

impl AddAssign for Replayed {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.inserted += other.inserted;
        self.healed += other.healed;
    }
}

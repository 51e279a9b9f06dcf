//! The table of weights, and sums of its rows.

/// Columns of the table: the classes of sentiment and the first topics, in the order of
/// [`Sentiment`](crate::Sentiment) and [`TOPICS`](crate::lexicon::TOPICS).
pub(crate) const COLUMNS: usize = 8;

/// The rows of a word: its own, its stem's, and that of its pair with the previous word.
pub(crate) const ROWS_PER_WORD: u32 = 3;

/// The weights of one hash.
pub(crate) type Row = [i8; COLUMNS];

/// Maximum number of rows.
pub(crate) const MAX_ROWS: usize = 1 << 16;

/// The rows in the slots where hashes find them: the weights of each minus -128, so that they are added as unsigned
/// numbers.
#[derive(Clone)]
pub(crate) struct Rows(Box<[[u8; COLUMNS]; MAX_ROWS]>);

/// Converts a signed byte to its value minus -128, and back.
const BIAS: u8 = 0x80;

/// The slot where a hash finds its row. Each possible slot exists, so the lookup takes neither arithmetic nor a check.
pub(crate) type Place = u16;

/// The slot of a hash.
#[inline(always)]
pub(crate) fn place(hash: u64) -> Place {
    (hash >> 48) as Place
}

/// The number of the row in a slot, if there are `rows`; rows occupy several slots unless there are as many rows as
/// slots.
pub(crate) fn row_at(place: Place, rows: usize) -> usize {
    (usize::from(place) * rows) / MAX_ROWS
}

impl Rows {
    /// These rows, at most [`MAX_ROWS`]; if there are none, one without weights.
    pub(crate) fn of(rows: &[Row]) -> Self {
        let row = |place| rows.get(row_at(place, rows.len())).copied().unwrap_or_default();
        let places: Box<[_]> = (0..=Place::MAX).map(|place| row(place).map(|weight| weight as u8 ^ BIAS)).collect();
        // The number is right. They are collected first because a stack may have no room for all of them.
        Self(places.try_into().unwrap_or_else(|_| Box::new([[BIAS; COLUMNS]; MAX_ROWS])))
    }

    #[inline(always)]
    pub(crate) fn view(&self) -> RowsView<'_> {
        RowsView(&self.0)
    }
}

/// Rows that the cache need not fetch from memory for each word.
#[derive(Clone, Copy)]
pub(crate) struct RowsView<'a>(&'a [[u8; COLUMNS]; MAX_ROWS]);

/// The hash of two consecutive words, from their hashes.
#[inline(always)]
pub(crate) fn pair_hash(previous: u64, hash: u64) -> u64 {
    (previous ^ hash.rotate_left(23)).wrapping_mul(0x9fb2_1c65_1e98_df25)
}

/// The sum of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowSum {
    /// The sums of the latest rows, few enough to fit into 16 bits.
    latest: [u16; COLUMNS],
    in_latest: u32,
    earlier: [i32; COLUMNS],
    /// Number of rows in `earlier`.
    count: u32,
}

impl RowSum {
    /// The sum of this many bytes of 255 fits into 16 bits.
    pub(crate) const FIT: u32 = 257;

    /// Makes room for this many rows, at most [`FIT`](Self::FIT).
    #[inline(always)]
    pub(crate) fn make_room(&mut self, rows: u32) {
        if self.in_latest + rows > Self::FIT {
            self.flush();
        }
    }

    /// Adds the rows in these slots; there must be room for them.
    #[inline(always)]
    pub(crate) fn add<const N: usize>(&mut self, rows: RowsView<'_>, places: [Place; N]) {
        for place in places {
            for (sum, weight) in self.latest.iter_mut().zip(&rows.0[usize::from(place)]) {
                *sum = sum.wrapping_add(u16::from(*weight));
            }
        }
        self.in_latest += N as u32;
    }

    #[inline(never)]
    fn flush(&mut self) {
        let bias = i32::from(BIAS) * self.in_latest as i32;
        self.count += std::mem::take(&mut self.in_latest);
        for (earlier, sum) in self.earlier.iter_mut().zip(std::mem::take(&mut self.latest)) {
            *earlier = earlier.saturating_add(i32::from(sum) - bias);
        }
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        let (sums, count) = other.finish();
        for (earlier, sum) in self.earlier.iter_mut().zip(sums) {
            *earlier = earlier.saturating_add(sum);
        }
        self.count += count;
    }

    /// The sums, and the number of rows.
    pub(crate) fn finish(mut self) -> ([i32; COLUMNS], u32) {
        self.flush();
        (self.earlier, self.count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn many_rows_do_not_overflow() {
        let rows = Rows::of(&[[-128; COLUMNS], [127; COLUMNS], [1, 2, 3, 4, 5, 6, 7, 8]]);
        for (place, expected) in [(0, [-128; COLUMNS]), (0x8000, [127; COLUMNS]), (u16::MAX, [1, 2, 3, 4, 5, 6, 7, 8])]
        {
            let mut sum = RowSum::default();
            for _ in 0..1000 {
                sum.make_room(3);
                sum.add(rows.view(), [place; 3]);
            }
            assert_eq!(sum.finish(), (expected.map(|weight: i32| 3000 * weight), 3000));
        }
    }

    #[test]
    fn every_hash_finds_a_row_and_every_row_is_found() {
        for rows in [1, 3, 48_000, MAX_ROWS] {
            let found: BTreeSet<usize> = (0..=Place::MAX).map(|place| row_at(place, rows)).collect();
            assert!(found.into_iter().eq(0..rows));
        }
        let none = Rows::of(&[]);
        let mut sum = RowSum::default();
        sum.add(none.view(), [place(u64::MAX)]);
        assert_eq!(sum.finish(), ([0; COLUMNS], 1));
    }
}

//! The table of weights, and sums of its rows.

/// Columns of the table: the classes of sentiment and topics, in the order of [`Sentiment`](crate::Sentiment) and
/// [`TOPICS`](crate::lexicon::TOPICS).
pub(crate) const COLUMNS: usize = 8;

/// The weights of one hash.
pub(crate) type Row = [i8; COLUMNS];

/// Rows by hash: the weights of each, less -128, so that they are added without regard to signs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows(Box<[[u8; COLUMNS]]>);

/// Turns a signed byte into what it is less -128, and back.
const BIAS: u8 = 0x80;

impl Rows {
    /// A table of these rows.
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self(rows.into_iter().map(|row| row.map(|weight| weight as u8 ^ BIAS)).collect())
    }

    #[cfg(any(test, feature = "train"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row> {
        self.0.iter().map(|row| row.map(|byte| (byte ^ BIAS) as i8))
    }

    #[cfg(any(test, feature = "train"))]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A view of the rows, or of one without weights if there are none.
    #[inline(always)]
    pub(crate) fn as_slice(&self) -> RowSlice<'_> {
        RowSlice(if self.0.is_empty() { &[[BIAS; COLUMNS]] } else { &self.0 })
    }
}

/// Rows that need not be looked for in memory each time.
#[derive(Clone, Copy)]
pub(crate) struct RowSlice<'a>(&'a [[u8; COLUMNS]]);

impl RowSlice<'_> {
    /// The number of the row of a hash.
    #[inline(always)]
    pub(crate) fn index(self, hash: u64) -> usize {
        // The high half of the product is below the number of rows, however many there are.
        ((hash >> 32).wrapping_mul(self.0.len() as u64) >> 32) as usize
    }

    #[inline(always)]
    fn get<const N: usize>(&self, indices: [usize; N]) -> Option<[&[u8; COLUMNS]; N]> {
        let mut rows = [&[BIAS; COLUMNS]; N];
        for (row, index) in rows.iter_mut().zip(indices) {
            *row = self.0.get(index)?;
        }
        Some(rows)
    }
}

/// The hash of two words that follow each other, of theirs.
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
    /// How many rows there are in `earlier`.
    count: u32,
}

impl RowSum {
    /// So many bytes of 255 fit into 16 bits.
    pub(crate) const FIT: usize = 257;

    /// Adds the rows with these numbers, at most [`FIT`](Self::FIT) and at most `most` of them.
    #[inline(always)]
    pub(crate) fn add<const N: usize>(
        &mut self,
        rows: RowSlice<'_>,
        numbers: impl IntoIterator<Item = [usize; N]>,
        most: usize,
    ) {
        if self.in_latest as usize + most > Self::FIT {
            self.flush();
        }
        let (mut latest, mut in_latest) = (self.latest, self.in_latest);
        for indices in numbers {
            // There are all of them.
            let Some(many) = rows.get(indices) else { break };
            for row in many {
                for (sum, weight) in latest.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(u16::from(*weight));
                }
            }
            in_latest += N as u32;
        }
        (self.latest, self.in_latest) = (latest, in_latest);
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

    /// The sums, and of how many rows.
    pub(crate) fn finish(mut self) -> ([i32; COLUMNS], u32) {
        self.flush();
        (self.earlier, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_do_not_overflow() {
        let rows = Rows::new(vec![[-128; COLUMNS], [127; COLUMNS], [1, 2, 3, 4, 5, 6, 7, 8]]);
        for (index, expected) in [(0, [-128; COLUMNS]), (1, [127; COLUMNS]), (2, [1, 2, 3, 4, 5, 6, 7, 8])] {
            let mut sum = RowSum::default();
            for _ in 0..1000 {
                sum.add(rows.as_slice(), [[index, index, index]], 3);
            }
            assert_eq!(sum.finish(), (expected.map(|weight: i32| 3000 * weight), 3000));
        }
    }

    #[test]
    fn every_hash_has_a_row() {
        let rows = Rows::new(vec![[0; COLUMNS]; 48_000]);
        for hash in [0, 1, u64::MAX, u64::MAX / 2, 1 << 32] {
            assert!(rows.as_slice().index(hash) < rows.len());
        }
        assert_eq!(Rows::new(Vec::new()).as_slice().index(u64::MAX), 0);
    }
}

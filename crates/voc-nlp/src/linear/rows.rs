//! The table of weights, and sums of its rows.

/// Columns of the table: the classes of sentiment and topics, in the order of [`Sentiment`](crate::Sentiment) and
/// [`TOPICS`](crate::lexicon::TOPICS).
pub(crate) const COLUMNS: usize = 8;

/// The weights of one hash.
pub(crate) type Row = [i8; COLUMNS];

/// Rows by hash: the weights of each, less -128, in the bytes of a number, so that they are added without regard to signs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows(Box<[u64]>);

/// Turns signed bytes into what they are less -128, and back.
const BIAS: u64 = 0x8080_8080_8080_8080;

impl Rows {
    /// A table of these rows.
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self(rows.into_iter().map(|row| u64::from_le_bytes(row.map(|weight| weight as u8)) ^ BIAS).collect())
    }

    #[cfg(any(test, feature = "train"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row> {
        self.0.iter().map(|row| (row ^ BIAS).to_le_bytes().map(|byte| byte as i8))
    }

    #[cfg(any(test, feature = "train"))]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number of the row of a hash.
    #[inline(always)]
    pub(crate) fn index(&self, hash: u64) -> usize {
        // The high half of the product is below the number of rows, however many there are.
        ((hash >> 32).wrapping_mul(self.0.len() as u64) >> 32) as usize
    }

    #[inline(always)]
    fn get(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(BIAS)
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
    /// The sums of the latest rows' bytes, few enough to fit into 16 bits each: of the even columns and of the odd ones.
    latest: [u64; 2],
    in_latest: u32,
    earlier: [i32; COLUMNS],
    /// How many rows there are in `earlier`.
    count: u32,
}

impl RowSum {
    /// So many bytes of 255 fit into 16 bits.
    const FIT: u32 = 257;

    /// Adds the rows with these numbers.
    #[inline(always)]
    pub(crate) fn add<const N: usize>(&mut self, rows: &Rows, indices: [usize; N]) {
        const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
        let [even, odd] = &mut self.latest;
        for index in indices {
            let row = rows.get(index);
            *even += row & EVEN;
            *odd += (row >> 8) & EVEN;
        }
        self.in_latest += N as u32;
        if self.in_latest > Self::FIT - N as u32 {
            self.flush();
        }
    }

    #[inline(never)]
    fn flush(&mut self) {
        let bias = 128 * self.in_latest as i32;
        let [even, odd] = std::mem::take(&mut self.latest);
        for (column, earlier) in self.earlier.iter_mut().enumerate() {
            let sums = if column % 2 == 0 { even } else { odd };
            let sum = (sums >> (16 * (column / 2))) as u16;
            *earlier = earlier.saturating_add(i32::from(sum) - bias);
        }
        self.count += std::mem::take(&mut self.in_latest);
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
                sum.add(&rows, [index, index, index]);
            }
            assert_eq!(sum.finish(), (expected.map(|weight: i32| 3000 * weight), 3000));
        }
    }

    #[test]
    fn every_hash_has_a_row() {
        let rows = Rows::new(vec![[0; COLUMNS]; 48_000]);
        for hash in [0, 1, u64::MAX, u64::MAX / 2, 1 << 32] {
            assert!(rows.index(hash) < rows.len());
        }
        assert_eq!(Rows::new(Vec::new()).index(u64::MAX), 0);
    }
}

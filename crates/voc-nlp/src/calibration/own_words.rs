//! Weights of a tenant's own words.

use crate::linear::head::SENTIMENTS;
use crate::linear::rows::Place;

/// The weights of one hash.
pub(crate) type OwnRow = [i8; SENTIMENTS];

/// Weights of words by their hashes, as in the table of the engine, but with fewer rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OwnWords(Box<[OwnRow; OwnWords::ROWS]>);

impl OwnWords {
    /// Number of rows. A table of this size stays in the cache beside that of the engine.
    pub(crate) const ROWS: usize = 1 << 13;

    /// These rows, of which there must be [`ROWS`](Self::ROWS).
    pub(crate) fn of(rows: Vec<OwnRow>) -> Option<Self> {
        rows.into_boxed_slice().try_into().ok().map(Self)
    }

    pub(crate) fn rows(&self) -> &[OwnRow] {
        self.0.as_slice()
    }

    /// The row of a slot of the engine's table.
    #[inline(always)]
    pub(crate) fn row_at(place: Place) -> usize {
        usize::from(place) >> (Place::BITS - Self::ROWS.trailing_zeros())
    }
}

/// The sum of the rows of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnSum {
    sums: [i32; SENTIMENTS],
    count: u32,
}

impl OwnSum {
    /// Adds the rows of some slots of the engine's table. A text is too short for an overflow.
    #[inline(always)]
    pub(crate) fn add(&mut self, words: &OwnWords, places: &[Place]) {
        for place in places {
            let row = words.0.get(OwnWords::row_at(*place)).copied().unwrap_or_default();
            for (sum, weight) in self.sums.iter_mut().zip(row) {
                *sum += i32::from(weight);
            }
        }
        self.count += places.len() as u32;
    }

    pub(crate) fn sums(&self) -> [i32; SENTIMENTS] {
        self.sums
    }

    /// Number of rows.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }
}

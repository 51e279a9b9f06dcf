//! Batches of words: loops that each do one thing to many words are faster than one loop that does everything to each
//! word.

use super::key::Key;
use super::span::Span;

/// Maximum number of words in a batch.
pub(crate) const FULL: usize = 64;

/// Consecutive words of a text, and what stands between them.
pub(crate) struct Batch {
    words: [Word; FULL],
    len: usize,
    /// A bit for each word preceded by a gap, and one for a gap after the last word.
    gaps: u64,
    /// By the following word.
    gap_spans: [Span; FULL],
}

/// A word.
#[derive(Clone, Copy, Default)]
pub(crate) struct Word {
    pub(crate) key: Key,
    pub(crate) span: Span,
}

impl Default for Batch {
    fn default() -> Self {
        Self { words: [Word::default(); FULL], len: 0, gaps: 0, gap_spans: [Span::default(); FULL] }
    }
}

impl Batch {
    #[inline(always)]
    pub(crate) fn words(&self) -> &[Word] {
        self.words.get(..self.len).unwrap_or(&self.words)
    }

    /// A bit for each word preceded by a gap, and one for a gap after the last word.
    pub(crate) fn gaps(&self) -> u64 {
        self.gaps
    }

    /// The gap before a word.
    #[inline(always)]
    pub(crate) fn gap(&self, word: usize) -> Span {
        self.gap_spans.get(word).copied().unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0 && self.gaps == 0
    }

    /// The slots of the next words.
    #[inline(always)]
    pub(super) fn room(&mut self) -> &mut [Word] {
        self.words.get_mut(self.len..).unwrap_or_default()
    }

    /// Adds the words that were written to the [`room`](Self::room).
    pub(super) fn filled(&mut self, words: usize) {
        self.len += words;
    }

    /// Adds a gap before the word after the next `words`. There must be room for that word.
    pub(super) fn push_gap(&mut self, words: usize, span: Span) {
        if let Some(place) = self.gap_spans.get_mut(self.len + words) {
            *place = span;
            self.gaps |= 1 << (self.len + words);
        }
    }

    /// Whether there is a gap after the last word.
    pub(super) fn ends_in_gap(&self) -> bool {
        self.len < FULL && self.gaps >> self.len & 1 != 0
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.gaps = 0;
    }
}

/// The positions of the set bits, the lowest first.
#[inline(always)]
pub(crate) fn each_bit(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        lowest
    })
}

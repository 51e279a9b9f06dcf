//! Runs of the same words or symbols. A transcriber that hears nothing may write "thank you" a hundred times; what is
//! said so often says no more than what is said three times.

use wide::u32x4;

use crate::words::FULL;

/// The longest phrase that may be repeated, in words.
const PERIOD: usize = 8;
/// Number of words before the current ones that are looked at.
pub(super) const HISTORY: usize = 12;
/// How often a word or symbol that is repeated counts, and how often a phrase.
const COUNTED: u32 = 3;
const COUNTED_PHRASES: u32 = 2;
/// How many different symbols in a row are told apart.
const SYMBOLS: usize = 4;

/// What has been repeated up to the current word.
#[derive(Clone, Copy, Default)]
pub(super) struct Run {
    /// The number of words of the phrase that is repeated; 0 if none is.
    period: usize,
    /// How many words equal those of the phrase before.
    repeated: u32,
}

impl Run {
    /// Whether the last word was part of one.
    pub(super) fn goes_on(self) -> bool {
        self.period > 0
    }

    /// A bit for each of `count` words that does not count, because it is part of a phrase that was said so often
    /// before. `words` are the last [`HISTORY`] words before them, followed by them; equal words are equal numbers.
    #[inline(always)]
    pub(super) fn excess(&mut self, words: &[u32; HISTORY + FULL], count: usize) -> u64 {
        if self.period == 0 && !may_repeat(words, count) { 0 } else { self.find_excess(words, count) }
    }

    #[inline(never)]
    fn find_excess(&mut self, words: &[u32; HISTORY + FULL], count: usize) -> u64 {
        let is_repeated = |i: usize, period: usize| {
            let before = words.get(HISTORY + i - period);
            before.is_some_and(|word| *word != 0) && before == words.get(HISTORY + i)
        };
        let mut excess = 0;
        for i in 0..count {
            if self.period == 0 || !is_repeated(i, self.period) {
                // The shortest phrase of which this may be the first word that is said again.
                let period = (1..=PERIOD).find(|period| is_repeated(i, *period));
                *self = Self { period: period.unwrap_or_default(), repeated: 0 };
            }
            if self.period > 0 {
                self.repeated += 1;
                let counted = if self.period == 1 { COUNTED } else { COUNTED_PHRASES };
                excess |= u64::from(self.repeated > (counted - 1) * self.period as u32) << i;
            }
        }
        excess
    }
}

/// Whether any of `count` words may be part of a run that is too long. In such a run, unless it is short, every eighth
/// word equals, as the word before it does, a word up to eight words before.
#[inline(always)]
fn may_repeat(words: &[u32; HISTORY + FULL], count: usize) -> bool {
    let load = |at: usize| u32x4::new(words.get(at..).and_then(<[u32]>::first_chunk).copied().unwrap_or_default());
    let splat = |at: usize| u32x4::splat(words.get(at).copied().unwrap_or_default());
    let mut repeated = u32x4::ZERO;
    for i in (HISTORY..HISTORY + count).step_by(PERIOD) {
        let (last, previous) = (splat(i), splat(i - 1));
        let far = last.simd_eq(load(i - 8)) & previous.simd_eq(load(i - 9));
        let near = last.simd_eq(load(i - 4)) & previous.simd_eq(load(i - 5));
        repeated |= far | near;
    }
    repeated.to_bitmask() != 0
}

/// How often the last symbols were used without words between them, except repeated ones.
#[derive(Clone, Copy, Default)]
pub(super) struct Symbols([(u32, u32); SYMBOLS]);

impl Symbols {
    /// Whether one more of this symbol counts.
    pub(super) fn counts(&mut self, symbol: u32) -> bool {
        let at = self.0.iter().position(|(known, _)| *known == symbol).unwrap_or(SYMBOLS - 1);
        // The latest is the first.
        if let Some(latest) = self.0.get_mut(..=at) {
            latest.rotate_right(1);
        }
        let [(known, times), ..] = &mut self.0;
        *times = if *known == symbol { *times + 1 } else { 1 };
        *known = symbol;
        *times <= COUNTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that count of a text read in batches of this size, of which equal letters are equal words.
    fn counted(text: &str, batch: usize) -> String {
        let mut run = Run::default();
        let mut words = [0; HISTORY + FULL];
        let mut counted = String::new();
        for batch in text.as_bytes().chunks(batch) {
            for (place, letter) in words.iter_mut().skip(HISTORY).zip(batch) {
                *place = u32::from(*letter);
            }
            let excess = run.excess(&words, batch.len());
            let kept = batch.iter().enumerate().filter(|(i, _)| excess >> i & 1 == 0);
            counted.extend(kept.map(|(_, letter)| char::from(*letter)));
            words.copy_within(batch.len()..batch.len() + HISTORY, 0);
        }
        counted
    }

    #[test]
    fn long_runs_count_a_few_times() {
        for phrase in ["a", "ab", "abc", "abcd", "abcad", "abcdef", "abcdefgh"] {
            for batch in [1, 2, 7, 50, FULL] {
                let text = format!("xyz{}uvw", phrase.repeat(100));
                let counted = counted(&text, batch);
                let count = counted.len() - 6;
                // Short batches recognise it a little later.
                assert!((2 * phrase.len()..=5 * phrase.len() + 8).contains(&count), "{phrase}, {batch}: {counted}");
                assert!(counted.starts_with("xyz") && counted.ends_with("uvw"), "{counted}");
            }
        }
    }

    #[test]
    fn other_texts_count_whole() {
        for text in ["", "aaa", "abab", "abcabc", "abcdefghijklmnop", "abacadaeafagahaiajakalaman", "aabbccddaabbccdd"]
        {
            assert_eq!(counted(text, FULL), text);
        }
    }

    #[test]
    fn symbols_count_three_times() {
        let mut symbols = Symbols::default();
        let counts: Vec<bool> = [1, 1, 2, 1, 1, 2, 2, 2].map(|symbol| symbols.counts(symbol)).to_vec();
        assert_eq!(counts, [true, true, true, true, false, true, true, false]);
    }
}

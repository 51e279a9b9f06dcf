//! Summary of a table entry in a few bits.

use wide::u32x4;

use super::topics::NO_TOPIC;

/// Maximum weight with which a word alone indicates a language or a topic.
pub(super) const MAX_WEIGHT: u32 = 3;

/// The summary of a word's table entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WordInfo {
    pub(crate) word: ListedWordBits,
    pub(crate) counts: WordCounts,
}

/// A listed word. 0 for a word that is not in the table.
///
/// From the lowest bit: 16 bits of the word's number; 6 bits of which one marks the class of phrases that end with the
/// word; 6 bits that mark the classes of phrases whose last word but one it is; one that is not used; whether it may
/// begin or announce a name; whether it is the cue of a phrase of [`CallPhrases`](crate::call_phrases::CallPhrases);
/// whether it has an effect of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListedWordBits(u32);

impl ListedWordBits {
    const CLASSES: u32 = 6;
    const LAST: u32 = 0x3f << 16;
    const NAME: u32 = 1 << 29;
    const CUE: u32 = 1 << 30;
    const EFFECT: u32 = 1 << 31;
    pub(super) const NONE: Self = Self(0);

    /// A word that only has a number.
    pub(super) fn new(id: u16) -> Self {
        Self(u32::from(id))
    }

    /// The same word with an effect of its own.
    pub(super) fn with_effect(self) -> Self {
        Self(self.0 | Self::EFFECT)
    }

    /// The same word as a cue.
    pub(super) fn as_cue(self) -> Self {
        Self(self.0 | Self::CUE)
    }

    /// The same word as one that may begin or announce a name.
    pub(crate) fn as_name(self) -> Self {
        Self(self.0 | Self::NAME)
    }

    /// Whether the word, or one of the joined ones, may begin or announce a name.
    #[inline(always)]
    pub(crate) fn may_name(self) -> bool {
        self.0 & Self::NAME != 0
    }

    /// Adds what is true of another word, for [`has_cue`](Self::has_cue) and [`may_name`](Self::may_name). Its number
    /// is 0 only if all of the words' are.
    #[inline(always)]
    pub(crate) fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether one of the joined words is a cue.
    pub(crate) fn has_cue(self) -> bool {
        self.0 & Self::CUE != 0
    }

    /// The same word as `last`, the last word of a phrase.
    pub(super) fn as_last(self, last: u16) -> Self {
        Self(self.0 | 1 << (16 + u32::from(last) % Self::CLASSES))
    }

    /// The same word as the word before `last`, the last word of a phrase.
    pub(super) fn before(self, last: u16) -> Self {
        Self(self.0 | 1 << (16 + Self::CLASSES + u32::from(last) % Self::CLASSES))
    }

    /// The same word with the number `id` if it has none.
    pub(super) fn numbered(self, id: u16) -> Self {
        if self.id() == 0 { Self(self.0 | u32::from(id)) } else { self }
    }

    /// The word's number; 0 for a word that is not in the table.
    #[inline(always)]
    pub(crate) fn id(self) -> u16 {
        self.0 as u16
    }

    /// Whether it has an effect of its own.
    #[inline(always)]
    pub(crate) fn has_effect(self) -> bool {
        self.0 & Self::EFFECT != 0
    }

    /// The class of phrases that may end with the word after `previous`; 0 if there are none.
    #[inline(always)]
    fn phrases(self, previous: Self) -> u32 {
        self.0 & (previous.0 >> Self::CLASSES) & Self::LAST
    }

    /// Whether a phrase may end with the word after `previous`.
    #[inline(always)]
    pub(crate) fn may_end_phrase(self, previous: Self) -> bool {
        self.phrases(previous) != 0
    }

    /// Which of the `count` words after the first of these may take effect, on their own or as the last word of a
    /// phrase, or may begin or announce a name; the lowest bit is that of the first one. There are more than `count`
    /// words, and at most [`MAX_ACTING`](Self::MAX_ACTING) + 1.
    #[inline(always)]
    pub(crate) fn acting(words: &[Self], count: usize) -> u64 {
        const AT_ONCE: usize = 4;
        let four =
            |words: &[Self]| u32x4::new(words.first_chunk().map_or([0; AT_ONCE], |words| words.map(|word| word.0)));
        let mut acting = 0;
        for (i, words) in words.windows(AT_ONCE + 1).step_by(AT_ONCE).take(count.div_ceil(AT_ONCE)).enumerate() {
            let (previous, words) = (four(words), four(words.get(1..).unwrap_or_default()));
            let phrases = words & (previous >> Self::CLASSES) & u32x4::splat(Self::LAST);
            // Any class carries over into the highest bit.
            let carried = phrases + u32x4::splat(Self::EFFECT - (1 << 16));
            let names = words << (31 - Self::NAME.trailing_zeros());
            acting |= u64::from((carried | words | names).to_bitmask()) << (AT_ONCE * i);
        }
        acting & u64::MAX.checked_shr(u64::BITS - count as u32).unwrap_or_default()
    }

    /// The number of words for which [`acting`](Self::acting) has bits.
    pub(crate) const MAX_ACTING: usize = u64::BITS as usize;
}

/// How strongly a word indicates English, Portuguese and other languages, and the topics, in four bits each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WordCounts(u64);

impl WordCounts {
    pub(super) const NONE: Self = Self(0);

    /// The weights by language, and for a topic. No weight exceeds [`MAX_WEIGHT`].
    pub(super) fn new(languages: [u32; 3], (topic, weight): (usize, u32)) -> Self {
        // Sums of the odd places need room for another four bits.
        const { assert!(4 * (3 + NO_TOPIC) + 4 <= u64::BITS as usize) }
        let topics = (0..NO_TOPIC).map(|i| if i == topic { weight } else { 0 });
        let counts = languages.into_iter().chain(topics).enumerate();
        Self(counts.fold(0, |word, (i, weight)| word | u64::from(weight.min(MAX_WEIGHT)) << (4 * i)))
    }
}

/// The sums of a few words' counts: of those at even places, in one byte each, and of all, of which the rest are those
/// at odd places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    even: u64,
    all: u64,
}

impl Counts {
    /// The number of words that can be summed up.
    pub(crate) const FIT: usize = u8::MAX as usize / MAX_WEIGHT as usize;
    const EVEN: u64 = 0x0f0f_0f0f_0f0f_0f0f;

    /// Adds the weights of a word. The sum is over at most [`FIT`](Self::FIT) words.
    #[inline(always)]
    pub(crate) fn add(&mut self, word: WordCounts) {
        self.even = self.even.wrapping_add(word.0 & Self::EVEN);
        self.all = self.all.wrapping_add(word.0);
    }

    /// The counts by language and by topic.
    #[inline(always)]
    pub(crate) fn split(self) -> ([u32; 3], [u32; NO_TOPIC]) {
        let odd = self.all.wrapping_sub(self.even) >> 4;
        let byte = |i: usize| (if i.is_multiple_of(2) { self.even } else { odd } >> (8 * (i / 2))) as u32 & 0xff;
        (std::array::from_fn(byte), std::array::from_fn(|i| byte(3 + i)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_act() {
        let (first, last) = (ListedWordBits::new(5), ListedWordBits::new(9).as_last(9));
        let before = first.before(last.id());
        let none = ListedWordBits::default();
        let mut words = [none; ListedWordBits::MAX_ACTING + 1];
        for (at, word) in [
            (1, first),
            (2, last),
            (3, first.with_effect()),
            (6, before),
            (7, last),
            (9, before),
            (63, before),
            (64, last),
        ] {
            words[at] = word;
        }
        assert_eq!(ListedWordBits::acting(&words, 64), 1 << 2 | 1 << 6 | 1 << 63);
        for count in 0..64 {
            assert_eq!(ListedWordBits::acting(&words, count), (1 << 2 | 1 << 6) & ((1 << count) - 1));
        }
        words[..2].copy_from_slice(&[before, last]);
        assert_eq!(ListedWordBits::acting(&words, 5), 1 | 1 << 2);
        assert!(
            last.may_end_phrase(before)
                && !before.may_end_phrase(last)
                && !ListedWordBits::new(9).may_end_phrase(before)
        );
        assert_eq!((before.id(), last.id(), none.numbered(3).id()), (5, 9, 3));
    }

    #[test]
    fn counts_add_up() {
        let mut sum = Counts::default();
        for _ in 0..Counts::FIT {
            sum.add(WordCounts::new([3, 2, 0], (4, 3)));
            sum.add(WordCounts::NONE);
        }
        let times = Counts::FIT as u32;
        assert_eq!(
            sum.split(),
            ([3 * times, 2 * times, 0], std::array::from_fn(|i| if i == 4 { 3 * times } else { 0 }))
        );
        for topic in 0..=NO_TOPIC {
            let mut sum = Counts::default();
            sum.add(WordCounts::new([1, 0, 3], (topic, 2)));
            assert_eq!(sum.split(), ([1, 0, 3], std::array::from_fn(|i| if i == topic { 2 } else { 0 })));
        }
    }
}

//! Summary of a table entry in a few bits.

use wide::{i16x8, i32x8, u32x4};

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
    pub(super) const CLASSES: u32 = 6;
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
    pub(super) fn as_name(self) -> Self {
        Self(self.0 | Self::NAME)
    }

    /// Adds what is true of another word, for [`has_cue`](Self::has_cue). Its number is 0 only if all of the words'
    /// are.
    #[inline(always)]
    pub(crate) fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether one of the joined words is a cue.
    pub(crate) fn has_cue(self) -> bool {
        self.0 & Self::CUE != 0
    }

    /// The same word as the last word of phrases of a class below [`CLASSES`](Self::CLASSES).
    pub(super) fn as_last(self, class: u32) -> Self {
        Self(self.0 | 1 << (16 + class % Self::CLASSES))
    }

    /// The same word as the word before the last one of phrases of a class.
    pub(super) fn before(self, class: u32) -> Self {
        Self(self.0 | 1 << (16 + Self::CLASSES + class % Self::CLASSES))
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

    /// The words' numbers, as signed ones.
    #[inline(always)]
    pub(super) fn ids(words: &[Self; 8]) -> i16x8 {
        i16x8::from_i32x8_truncate(i32x8::new(words.map(|word| word.0 as i32)))
    }

    /// What the `count` words after the first of these may do. There are more than `count` words, and at most
    /// [`MAX_ACTING`](Self::MAX_ACTING) + 1.
    #[inline(always)]
    pub(crate) fn acting(words: &[Self], count: usize) -> Acting {
        const AT_ONCE: usize = 4;
        let four =
            |words: &[Self]| u32x4::new(words.first_chunk().map_or([0; AT_ONCE], |words| words.map(|word| word.0)));
        let mut acting = Acting::default();
        for (i, words) in words.windows(AT_ONCE + 1).step_by(AT_ONCE).take(count.div_ceil(AT_ONCE)).enumerate() {
            let (previous, words) = (four(words), four(words.get(1..).unwrap_or_default()));
            let phrases = words & (previous >> Self::CLASSES) & u32x4::splat(Self::LAST);
            // Any class carries over into the highest bit.
            let carried = phrases + u32x4::splat(Self::EFFECT - (1 << 16));
            let names = words << (31 - Self::NAME.trailing_zeros());
            let bits = |highest: u32x4| u64::from(highest.to_bitmask()) << (AT_ONCE * i);
            acting.effects |= bits(words);
            acting.phrases |= bits(carried);
            acting.names |= bits(names);
        }
        acting.of(u64::MAX.checked_shr(u64::BITS - count as u32).unwrap_or_default())
    }

    /// The number of words for which [`acting`](Self::acting) has bits.
    pub(crate) const MAX_ACTING: usize = u64::BITS as usize;
}

/// What some words may do: a bit for each word, the lowest for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acting {
    /// They have effects of their own.
    pub(crate) effects: u64,
    /// They may end phrases.
    pub(crate) phrases: u64,
    /// They may begin or announce names.
    pub(crate) names: u64,
}

impl Acting {
    /// The words of which any is true.
    #[inline(always)]
    pub(crate) fn any(self) -> u64 {
        self.effects | self.phrases | self.names
    }

    /// The same of these words only.
    #[inline(always)]
    pub(crate) fn of(self, words: u64) -> Self {
        Self { effects: self.effects & words, phrases: self.phrases & words, names: self.names & words }
    }
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
        let (first, last) = (ListedWordBits::new(5), ListedWordBits::new(9).as_last(3));
        let before = first.before(3);
        let none = ListedWordBits::default();
        let mut words = [none; ListedWordBits::MAX_ACTING + 1];
        for (at, word) in [
            (1, first),
            (2, last),
            (3, first.with_effect()),
            (6, before),
            (7, last),
            (9, before),
            (12, first.as_name()),
            (63, before),
            (64, last),
        ] {
            words[at] = word;
        }
        let acting = ListedWordBits::acting(&words, 64);
        assert_eq!(acting, Acting { effects: 1 << 2, phrases: 1 << 6 | 1 << 63, names: 1 << 11 });
        assert_eq!(acting.any(), 1 << 2 | 1 << 6 | 1 << 11 | 1 << 63);
        for count in 0..64 {
            assert_eq!(ListedWordBits::acting(&words, count), acting.of((1 << count) - 1));
        }
        words[..2].copy_from_slice(&[before, last]);
        assert_eq!(ListedWordBits::acting(&words, 5).phrases, 1);
        words[..3].copy_from_slice(&[last, before, none]);
        assert_eq!(ListedWordBits::acting(&words, 5).phrases, 0);
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

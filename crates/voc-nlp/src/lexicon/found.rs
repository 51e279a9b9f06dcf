//! What the table says of a word at once, in few bits.

use super::TOPICS;

/// The most that a word speaks for a language or of a topic by itself.
pub(super) const MAX_WEIGHT: u32 = 3;

/// What the table says of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) word: Listed,
    pub(crate) counts: Counts,
}

/// A listed word. 0 for a word that is not in the table.
///
/// From the lowest bit: 16 bits of the word's number; 7 bits of which one tells the class of phrases it is the last word of; 7 bits that
/// tell the classes of phrases it is the last word but one of; one of no meaning; whether it has an effect by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed(u32);

impl Listed {
    const CLASSES: u32 = 7;
    const LAST: u32 = 0x7f << 16;
    const EFFECT: u32 = 1 << 31;
    pub(super) const NONE: Self = Self(0);

    /// A word that has only a number.
    pub(super) fn new(id: u16) -> Self {
        Self(u32::from(id))
    }

    /// The same word, which has an effect by itself.
    pub(super) fn with_effect(self) -> Self {
        Self(self.0 | Self::EFFECT)
    }

    /// The same word, with which phrases end.
    pub(super) fn as_last(self) -> Self {
        Self(self.0 | 1 << (16 + u32::from(self.id()) % Self::CLASSES))
    }

    /// The same word, which comes before the last word of a phrase.
    pub(super) fn before(self, last: u16) -> Self {
        Self(self.0 | 1 << (16 + Self::CLASSES + u32::from(last) % Self::CLASSES))
    }

    /// The same word with the number `id` if it has none.
    pub(super) fn numbered(self, id: u16) -> Self {
        if self.id() == 0 { Self(self.0 | u32::from(id)) } else { self }
    }

    /// The word's number, 0 for a word that is not in the table.
    #[inline(always)]
    pub(crate) fn id(self) -> u16 {
        self.0 as u16
    }

    /// The class of phrases that may end in the word behind `previous`; 0 if there are none.
    #[inline(always)]
    fn phrases(self, previous: Self) -> u32 {
        self.0 & (previous.0 >> Self::CLASSES) & Self::LAST
    }

    /// Whether a phrase may end in the word that follows `previous`.
    #[inline(always)]
    pub(crate) fn may_end_phrase(self, previous: Self) -> bool {
        self.phrases(previous) != 0
    }

    /// In the highest bit, whether the word that follows `previous` may take effect, by itself or as the last of a phrase.
    #[inline(always)]
    pub(crate) fn may_act(self, previous: Self) -> u32 {
        // Without a branch: any class carries over into the highest bit.
        const CARRIES: u32 = (1 << 31) - (1 << 16);
        (self.phrases(previous) + CARRIES) | self.0
    }
}

/// How much words speak for English, Portuguese and other languages and of the topics, in one byte each: a sum of few words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(u64);

impl Counts {
    pub(super) const NONE: Self = Self(0);
    /// So many words can be summed up.
    pub(crate) const FIT: usize = u8::MAX as usize / MAX_WEIGHT as usize;

    /// What one word counts: by language, and for a topic. No weight is more than [`MAX_WEIGHT`].
    pub(super) fn new(languages: [u32; 3], (topic, weight): (usize, u32)) -> Self {
        let mut bytes = [0; 8];
        let topics = (0..TOPICS.len()).map(|i| if i == topic { weight } else { 0 });
        for (byte, weight) in bytes.iter_mut().zip(languages.into_iter().chain(topics)) {
            *byte = weight.min(MAX_WEIGHT) as u8;
        }
        Self(u64::from_le_bytes(bytes))
    }

    /// Adds what a word counts. The sum is of no more than [`FIT`](Self::FIT) words.
    #[inline(always)]
    pub(crate) fn add(&mut self, word: Self) {
        self.0 = self.0.wrapping_add(word.0);
    }

    /// The counts by language and by topic.
    #[inline(always)]
    pub(crate) fn split(self) -> ([u32; 3], [u32; TOPICS.len()]) {
        let byte = |i: usize| (self.0 >> (8 * i)) as u32 & 0xff;
        (std::array::from_fn(byte), std::array::from_fn(|i| byte(3 + i)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_act() {
        let (first, last) = (Listed::new(5), Listed::new(9).as_last());
        let acts = |word: Listed, previous| word.may_act(previous) >> 31 != 0;
        assert!(!acts(first, last) && !acts(last, first) && !acts(Listed::default(), Listed::default()));
        assert!(acts(first.with_effect(), Listed::default()));
        let before = first.before(last.id());
        assert!(acts(last, before) && last.may_end_phrase(before));
        assert!(!acts(before, last) && !acts(Listed::new(9), before));
        assert_eq!((before.id(), last.id(), Listed::default().numbered(3).id()), (5, 9, 3));
    }

    #[test]
    fn counts_add_up() {
        let mut sum = Counts::default();
        for _ in 0..Counts::FIT {
            sum.add(Counts::new([3, 2, 0], (4, 3)));
        }
        let times = Counts::FIT as u32;
        assert_eq!(sum.split(), ([3 * times, 2 * times, 0], [0, 0, 0, 0, 3 * times]));
        assert_eq!(Counts::new([1, 0, 3], (super::super::NO_TOPIC, 2)).split(), ([1, 0, 3], [0; 5]));
    }
}

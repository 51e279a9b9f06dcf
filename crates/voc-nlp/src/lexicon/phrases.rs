//! Phrases, found by their last words.

use wide::i16x8;

use super::effect::MAX_PHRASE;
use super::found::ListedWordBits;
use crate::words::each_bit;

/// What a phrase means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Phrase {
    /// The number of its effect.
    pub(super) effect: u16,
    /// How many of its last words the senses of its effect cover: all if the phrase has a sense of its own, one if it
    /// only has a topic and the sense is its last word's; and fewer if it has the sense of a phrase with which it
    /// ends.
    scored_len: u8,
    /// Whether the topic of its last word remains.
    keeps_topic: bool,
}

impl Phrase {
    pub(super) fn new(effect: u16, scored_len: u32, keeps_topic: bool) -> Self {
        Self { effect, scored_len: scored_len as u8, keeps_topic }
    }

    /// How many of its last words its senses cover.
    pub(crate) fn scored_len(self) -> u32 {
        self.scored_len.into()
    }

    /// Whether the topic of its last word remains.
    pub(crate) fn keeps_topic(self) -> bool {
        self.keeps_topic
    }
}

/// The words of a phrase, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PhraseEntry {
    /// Their numbers, or those of sets, after as many zeros as are missing.
    words: [i16; LANES],
    /// A bit for each of the words that is missing, and for each that is a set.
    missing: u8,
    sets: u8,
    /// Whether it is the last one in its bucket.
    is_last: bool,
    phrase: Phrase,
}

/// Words that are compared at once, at least those of the longest phrase.
pub(crate) const LANES: usize = 8;

impl PhraseEntry {
    /// Stands in the first place, which is no bucket's.
    const NONE: Self = Self {
        words: [0; LANES],
        missing: 0,
        sets: 0,
        is_last: true,
        phrase: Phrase { effect: 0, scored_len: 0, keeps_topic: true },
    };

    pub(super) fn new(words: &[u16], phrase: Phrase) -> Self {
        const { assert!(MAX_PHRASE <= LANES && LANES <= u8::BITS as usize) }
        let mut lanes = [0; LANES];
        for (to, from) in lanes.iter_mut().rev().zip(words.iter().rev()) {
            *to = *from as i16;
        }
        let missing = (1 << (LANES - words.len())) - 1;
        Self { words: lanes, missing, sets: 0, is_last: false, phrase }
    }

    fn len(&self) -> usize {
        self.missing.leading_zeros() as usize
    }

    /// The bucket of its last words, or their sets.
    fn bucket(&self, set_of: impl Fn(u16) -> u16) -> usize {
        let [.., third, previous, last] = self.words.map(|word| set_of(word as u16));
        if self.len() == 2 { bucket_of_two(previous, last) } else { bucket_of_three(third, previous, last) }
    }

    /// Whether the words are these, or words of its sets, whose numbers are `ids`.
    #[inline(always)]
    fn is(&self, words: &[ListedWordBits; LANES], ids: i16x8, set_of: impl Fn(u16) -> u16) -> bool {
        let same = i16x8::new(self.words).simd_eq(ids).to_bitmask() as u8 | self.missing;
        let is_of_set = |i: usize| matches!((words.get(i), self.words.get(i)), (Some(word), Some(set)) if set_of(word.id()) as i16 == *set);
        same == u8::MAX || (same | self.sets == u8::MAX && each_bit(u64::from(!same)).all(is_of_set))
    }
}

/// All phrases.
pub(super) struct Phrases {
    /// By the hash of the last words, or their sets: where phrases begin that may end with them. Those of two words
    /// and longer ones are in separate buckets, of which there are more than phrases, so that few share one.
    buckets: Box<[u16; BUCKETS]>,
    /// Those in the same bucket are neighbours, the longest first.
    entries: Box<[PhraseEntry]>,
}

const BUCKETS: usize = 1 << 15;

/// A number below [`BUCKETS`] in which all bits of the words take part.
#[inline(always)]
fn bucket_of_two(previous: u16, last: u16) -> usize {
    bucket(mixed(previous, last))
}

/// The same for longer phrases.
#[inline(always)]
fn bucket_of_three(third: u16, previous: u16, last: u16) -> usize {
    bucket(mixed(previous, last).wrapping_add(u32::from(third)).wrapping_mul(0x85eb_ca6b))
}

#[inline(always)]
fn mixed(previous: u16, last: u16) -> u32 {
    (u32::from(previous) << u16::BITS | u32::from(last)).wrapping_mul(0x9e37_79b1)
}

#[inline(always)]
fn bucket(mixed: u32) -> usize {
    (mixed >> (u32::BITS - BUCKETS.trailing_zeros())) as usize
}

/// Where phrases begin that may end with a word; 0 if there are none.
#[derive(Clone, Copy, Default)]
pub(crate) struct PhrasesOfWord {
    longer: u16,
    of_two: u16,
}

impl PhrasesOfWord {
    #[inline(always)]
    pub(crate) fn is_empty(self) -> bool {
        self.longer | self.of_two == 0
    }
}

impl Phrases {
    /// `set_of` is the number of a word's set, or else its own; that of a set is its own, too.
    pub(super) fn new(phrases: impl Iterator<Item = PhraseEntry>, set_of: impl Fn(u16) -> u16) -> Self {
        let is_set = |word: u16| word != 0 && set_of(word) == word;
        let with_sets = |mut entry: PhraseEntry| {
            let sets = entry.words.iter().enumerate().filter(|(_, word)| is_set(**word as u16));
            entry.sets = sets.fold(0, |sets, (i, _)| sets | 1 << i);
            entry
        };
        let mut phrases: Vec<PhraseEntry> = phrases.map(with_sets).collect();
        // Of two equally long ones the first has fewer sets.
        phrases.sort_by_key(|entry| {
            (entry.bucket(&set_of), std::cmp::Reverse(entry.len()), entry.sets.count_ones(), *entry)
        });
        let mut buckets = Box::new([0; BUCKETS]);
        let mut first = 1;
        for same in phrases.chunk_by_mut(|one, other| one.bucket(&set_of) == other.bucket(&set_of)) {
            if let [one, ..] = same {
                buckets[one.bucket(&set_of) % BUCKETS] = first as u16;
            }
            first += same.len();
            if let [.., last] = same {
                last.is_last = true;
            }
        }
        debug_assert!(first <= usize::from(u16::MAX), "{first} phrases are too many");
        Self { buckets, entries: std::iter::once(PhraseEntry::NONE).chain(phrases).collect() }
    }

    /// Where phrases begin that may end with these words, or sets.
    #[inline(always)]
    pub(super) fn ending_with(&self, [third, previous, last]: [u16; 3]) -> PhrasesOfWord {
        PhrasesOfWord {
            longer: self.buckets[bucket_of_three(third, previous, last) % BUCKETS],
            of_two: self.buckets[bucket_of_two(previous, last) % BUCKETS],
        }
    }

    /// The longest of these phrases of at most `count` words that the last of these words form, or their sets.
    #[inline(always)]
    pub(super) fn find(
        &self,
        phrases: PhrasesOfWord,
        words: &[ListedWordBits; LANES],
        count: usize,
        set_of: impl Fn(u16) -> u16,
    ) -> Option<Phrase> {
        let ids = ListedWordBits::ids(words);
        for first in [phrases.longer, phrases.of_two] {
            for entry in self.entries.get(usize::from(first)..).unwrap_or_default() {
                if entry.is(words, ids, &set_of) && entry.len() <= count {
                    return Some(entry.phrase);
                }
                if entry.is_last {
                    break;
                }
            }
        }
        None
    }
}

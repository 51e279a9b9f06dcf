//! Phrases, found by their last two words.

use std::collections::HashSet;
use std::ops::Range;

use super::effect::{Effect, MAX_PHRASE};

/// A phrase.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub(super) key: PhraseKey,
    /// Whether the topic of its last word remains.
    pub(crate) keeps_topic: bool,
    /// How many of its last words the senses of its effect cover: all if the phrase has a sense of its own, one if it
    /// only has a topic and the sense is its last word's.
    pub(crate) scored_len: u32,
    pub(crate) effect: Effect,
}

/// The words of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PhraseKey {
    /// Their numbers from the last one backwards, or those of sets.
    words: [u16; MAX_PHRASE],
    len: u8,
}

impl PhraseKey {
    pub(super) fn new(words: &[u16]) -> Self {
        let mut key = Self { words: [0; MAX_PHRASE], len: words.len() as u8 };
        for (to, from) in key.words.iter_mut().zip(words.iter().rev()) {
            *to = *from;
        }
        key
    }

    /// The sets of the last two words, or the words themselves.
    fn end(&self, set_of: impl Fn(u16) -> u16) -> u32 {
        let [last, previous, ..] = self.words;
        pair(set_of(previous), set_of(last))
    }

    fn words(&self) -> &[u16] {
        self.words.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// All phrases, in a hash table with open addressing.
pub(super) struct Phrases {
    /// Their number is a power of two, and there are more of them than pairs of words.
    slots: Box<[Slot]>,
    /// Those whose last two words are the same or in the same sets are neighbours, the longest first.
    keys: Box<[PhraseKey]>,
    /// In the same order.
    phrases: Box<[Phrase]>,
    /// The last two words of phrases of two.
    ends_of_two: Pairs,
    /// The same of longer phrases, and the last word but two of these with the last one.
    ends_of_more: Pairs,
    skips_of_more: Pairs,
}

/// The last two words of phrases, or their sets.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// 0 if there are none.
    pair: u32,
    first: u16,
    count: u16,
}

impl Slot {
    fn keys(self) -> Range<usize> {
        usize::from(self.first)..usize::from(self.first) + usize::from(self.count)
    }
}

/// The words of phrases: those that may stand at the same place, from the last one backwards.
pub(super) type Places<'a> = Vec<&'a [u16]>;

impl Phrases {
    /// `set_of` is the number of a word's set, or else its own; that of a set is its own, too.
    pub(super) fn new<'a>(
        mut phrases: Vec<Phrase>,
        places: impl Iterator<Item = Places<'a>>,
        set_of: impl Fn(u16) -> u16,
    ) -> Self {
        // Of two equally long ones the first has fewer sets.
        let sets = |key: &PhraseKey| key.words().iter().filter(|word| set_of(**word) == **word).count();
        phrases.sort_by_key(|Phrase { key, .. }| (key.end(&set_of), std::cmp::Reverse(key.len), sets(key), *key));
        let keys: Box<[PhraseKey]> = phrases.iter().map(|phrase| phrase.key).collect();
        let mut slots = vec![Slot::default(); (2 * keys.len()).next_power_of_two().max(2)];
        let mut first = 0;
        for same in keys.chunk_by(|one, other| one.end(&set_of) == other.end(&set_of)) {
            let pair = same.first().map_or(0, |key| key.end(&set_of));
            let free = probes(pair, slots.len()).find(|at| slots.get(*at).is_some_and(|slot| slot.pair == 0));
            if let Some(slot) = free.and_then(|at| slots.get_mut(at)) {
                *slot = Slot { pair, first: first as u16, count: same.len() as u16 };
            }
            first += same.len();
        }
        debug_assert!(first <= usize::from(u16::MAX), "{first} phrases are too many");
        let [mut ends_of_two, mut ends_of_more, mut skips_of_more] = std::array::from_fn(|_| Pairs::new());
        for places in places.collect::<HashSet<_>>() {
            match places.as_slice() {
                [last, previous] => ends_of_two.add(previous, last),
                [last, previous, third, ..] => {
                    ends_of_more.add(previous, last);
                    skips_of_more.add(third, last);
                }
                _ => {}
            }
        }
        Self { slots: slots.into(), keys, phrases: phrases.into(), ends_of_two, ends_of_more, skips_of_more }
    }

    /// Whether a phrase may end with these words.
    #[inline(always)]
    pub(super) fn may_end_with(&self, [third, previous, last]: [u16; 3]) -> bool {
        self.ends_of_two.has(previous, last)
            || self.ends_of_more.has(previous, last) && self.skips_of_more.has(third, last)
    }

    /// The longest phrase that words with these numbers, from the last one backwards, form, or their sets. There are
    /// two or more.
    #[inline(always)]
    pub(super) fn find(&self, ids: &[u16], set_of: impl Fn(u16) -> u16) -> Option<&Phrase> {
        let [last, previous, ..] = ids else { return None };
        let pair = pair(set_of(*previous), set_of(*last));
        let mut slots = probes(pair, self.slots.len()).map_while(|at| self.slots.get(at).filter(|slot| slot.pair != 0));
        let range = slots.find(|slot| slot.pair == pair)?.keys();
        let is_it = |key: &PhraseKey| {
            let words = key.words();
            words.len() <= ids.len() && words.iter().zip(ids).all(|(word, id)| word == id || *word == set_of(*id))
        };
        let first = range.start;
        let at = self.keys.get(range)?.iter().position(is_it)?;
        self.phrases.get(first + at)
    }
}

#[inline(always)]
fn pair(previous: u16, last: u16) -> u32 {
    u32::from(previous) << u16::BITS | u32::from(last)
}

/// The product in whose upper half all bits of a pair of words take part.
#[inline(always)]
fn mixed(pair: u32) -> u32 {
    pair.wrapping_mul(0x9e37_79b1)
}

/// Where a pair of words may be, in order.
#[inline(always)]
fn probes(pair: u32, slots: usize) -> impl Iterator<Item = usize> {
    let first = (mixed(pair) >> 12) as usize;
    (0..slots).map(move |step| (first + step) & (slots - 1))
}

/// A set of pairs of words which may have others as well: a bit for each hash. It stays
/// in the cache.
struct Pairs(Box<[u64; PAIRS / 64]>);

/// Hashes of pairs of words.
const PAIRS: usize = 1 << 17;

impl Pairs {
    fn new() -> Self {
        Self(Box::new([0; PAIRS / 64]))
    }

    fn add(&mut self, firsts: &[u16], lasts: &[u16]) {
        for hash in firsts.iter().flat_map(|first| lasts.iter().map(|last| Self::hash(*first, *last))) {
            self.0[hash / 64] |= 1 << (hash % 64);
        }
    }

    #[inline(always)]
    fn has(&self, first: u16, last: u16) -> bool {
        let hash = Self::hash(first, last);
        self.0[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// A number below [`PAIRS`].
    #[inline(always)]
    fn hash(first: u16, last: u16) -> usize {
        (mixed(pair(first, last)) >> 15) as usize % PAIRS
    }
}

//! Phrases, found by their last two words.

use super::{Effect, History, NUMBER_BITS};

/// A phrase.
#[derive(Debug)]
pub(crate) struct Phrase {
    /// Its words' numbers, as in a [`History`]; for a word of a set the set's.
    pub(super) words: History,
    /// The bits of `words` that are numbers of sets.
    pub(super) sets: History,
    pub(super) len: u32,
    /// Whether the topic of its last word remains.
    pub(crate) keeps_topic: bool,
    /// How many of its last words the senses of its effect cover: all if the phrase has a sense of its own, one if it
    /// only has a topic and the sense is its last word's.
    pub(crate) scored_len: u32,
    pub(crate) effect: Effect,
}

/// All phrases, in a hash table with open addressing.
pub(super) struct Phrases {
    /// Their number is a power of two, and there are more of them than pairs of words.
    slots: Box<[Slot]>,
    /// Those with the same last two words are neighbours, the longest first.
    phrases: Box<[Phrase]>,
    /// A bit for each hash of two words with which a phrase may end: few enough bytes to stay in the cache.
    ends: Box<[u64; ENDS / 64]>,
}

/// Hashes of pairs of words.
const ENDS: usize = 1 << 16;

/// The last two words of phrases.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// The numbers of the words or of their sets, as in a [`History`]; 0 if there are none.
    pair: u32,
    first: u16,
    count: u16,
}

impl Phrases {
    /// `ends` are the pairs of words, not of sets, with which phrases end.
    pub(super) fn new(mut phrases: Vec<Phrase>, ends: impl Iterator<Item = [u16; 2]>) -> Self {
        // Of two equally long ones the first has fewer sets.
        phrases.sort_by_key(|of| (of.words as u32, std::cmp::Reverse(of.len), of.sets.count_ones(), of.words));
        let mut slots = vec![Slot::default(); (2 * phrases.len()).next_power_of_two().max(2)];
        let mut first = 0;
        for same in phrases.chunk_by(|one, other| one.words as u32 == other.words as u32) {
            let pair = same.first().map_or(0, |phrase| phrase.words as u32);
            let free = probes(pair, slots.len()).find(|at| slots.get(*at).is_some_and(|slot| slot.pair == 0));
            if let Some(slot) = free.and_then(|at| slots.get_mut(at)) {
                *slot = Slot { pair, first: first as u16, count: same.len() as u16 };
            }
            first += same.len();
        }
        debug_assert!(first <= usize::from(u16::MAX), "{first} phrases are too many");
        let mut bits = Box::new([0; ENDS / 64]);
        for end in ends {
            let hash = hash_of(end);
            bits[hash / 64] |= 1 << (hash % 64);
        }
        Self { slots: slots.into(), phrases: phrases.into(), ends: bits }
    }

    /// Whether a phrase may end with these words.
    #[inline(always)]
    pub(super) fn may_end_with(&self, end: [u16; 2]) -> bool {
        let hash = hash_of(end);
        self.ends[hash / 64] >> (hash % 64) & 1 != 0
    }

    /// The longest phrase that ends with the two words and that the words of `history`, or those of their sets, form.
    #[inline]
    pub(super) fn find(&self, pair: u32, history: History, sets: impl Fn() -> History) -> Option<&Phrase> {
        let slots = probes(pair, self.slots.len()).map_while(|at| self.slots.get(at).filter(|slot| slot.pair != 0));
        let slot = slots.into_iter().find(|slot| slot.pair == pair)?;
        let (first, count) = (usize::from(slot.first), usize::from(slot.count));
        self.phrases.get(first..first + count)?.iter().find(|phrase| {
            let others = History::BITS - NUMBER_BITS * phrase.len;
            let words = if phrase.sets == 0 { history } else { history & !phrase.sets | sets() & phrase.sets };
            (words ^ phrase.words) << others == 0
        })
    }
}

/// A number below [`ENDS`].
#[inline(always)]
fn hash_of([previous, last]: [u16; 2]) -> usize {
    let pair = u32::from(previous) << NUMBER_BITS | u32::from(last);
    (pair.wrapping_mul(0x9e37_79b1) >> 16) as usize % ENDS
}

/// Where a pair of words may be, in order.
#[inline(always)]
fn probes(pair: u32, slots: usize) -> impl Iterator<Item = usize> {
    let first = (pair.wrapping_mul(0x9e37_79b1) >> 12) as usize;
    (0..slots).map(move |step| (first + step) & (slots - 1))
}

//! A perfect hash table: one probe finds a word or shows that it is missing, without a branch that depends on the
//! result.

use std::hint::select_unpredictable;

use super::{ListedWordBits, WordCounts, WordInfo};
use crate::words::Key;

/// Words with their entries.
pub(super) struct Table {
    slots: Box<[Slot]>,
    /// By bucket, the odd number that its words' hashes are multiplied by, so that no two words of the table share a
    /// slot.
    seeds: Box<[u16]>,
}

/// Slots are small, because most lookups go to another slot in memory.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// The half of the word's hash that distinguishes it from words that are not in the table.
    tag: u32,
    word: ListedWordBits,
    counts: WordCounts,
}

impl Slot {
    const EMPTY: &[Self] = &[Self { tag: 0, word: ListedWordBits::NONE, counts: WordCounts::NONE }];
}

/// The half of the hash that contains the bucket. Words with the same half also share a seed, so only the other half
/// determines their slots: of words that are not in the table, about one in four billion is mistaken for one that is.
fn tag(hash: u64) -> u32 {
    hash as u32
}

/// Slots per bucket. There are few buckets, so that they stay in the cache.
const SLOTS_PER_BUCKET: usize = 8;

impl Table {
    /// The table of the given words. Of words with the same hash only the first is in it, because nothing could
    /// separate them.
    ///
    /// The method is "hash, displace" (Belazzougui, Botelho & Dietzfelbinger 2009): buckets of words are placed one by
    /// one, the largest first, each with the first seed that puts all its words into free slots.
    pub(super) fn build(words: &[(Key, WordInfo)]) -> Self {
        let mut slots = (words.len() * 10 / 9).next_power_of_two().max(64);
        loop {
            if let Some(table) = Self::try_build(words, slots) {
                return table;
            }
            slots *= 2;
        }
    }

    fn try_build(words: &[(Key, WordInfo)], slot_count: usize) -> Option<Self> {
        let mut buckets = vec![Vec::new(); slot_count / SLOTS_PER_BUCKET];
        for word in words {
            let hash = word.0.hash();
            let bucket = buckets.get_mut(bucket(hash, slot_count / SLOTS_PER_BUCKET))?;
            if bucket.iter().all(|(known, _)| *known != hash) {
                bucket.push((hash, word));
            }
        }
        let mut order: Vec<usize> = (0..buckets.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(buckets.get(i).map_or(0, Vec::len)));

        let mut slots = vec![Slot::default(); slot_count];
        let mut seeds = vec![1; buckets.len()];
        let mut places: Vec<usize> = Vec::new();
        for i in order {
            let bucket = buckets.get(i)?;
            let seed = (1..=u16::MAX).step_by(2).find(|&seed| {
                places.clear();
                places.extend(bucket.iter().map(|(hash, _)| place(*hash, seed, slot_count)));
                places.iter().all(|&at| slots.get(at).is_some_and(|slot: &Slot| slot.word.id() == 0)) && {
                    places.sort_unstable();
                    places.windows(2).all(|pair| pair.first() != pair.last())
                }
            })?;
            *seeds.get_mut(i)? = seed;
            for (hash, (_, found)) in bucket {
                *slots.get_mut(place(*hash, seed, slot_count))? =
                    Slot { tag: tag(*hash), word: found.word, counts: found.counts };
            }
        }
        Some(Self { slots: slots.into(), seeds: seeds.into() })
    }

    /// The entry of the word with this hash.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64) -> WordInfo {
        let view = self.view();
        view.found(view.place(hash), hash)
    }

    /// The table for many words. It pays to compute all words' slots first and then to read them: memory has a high
    /// latency, and serves several requests at a time.
    #[inline(always)]
    pub(super) fn view(&self) -> TableView<'_> {
        // Both are never empty; this tells the compiler, so that it need not check for each word.
        TableView {
            slots: if self.slots.is_empty() { Slot::EMPTY } else { &self.slots },
            seeds: if self.seeds.is_empty() { &[1] } else { &self.seeds },
        }
    }
}

/// A table whose location need not be loaded for each word.
#[derive(Clone, Copy)]
pub(crate) struct TableView<'a> {
    slots: &'a [Slot],
    seeds: &'a [u16],
}

impl TableView<'_> {
    /// The slot of the word with this hash if it is in the table.
    #[inline(always)]
    pub(crate) fn place(&self, hash: u64) -> u32 {
        let seed = self.seeds.get(bucket(hash, self.seeds.len()));
        place(hash, seed.copied().unwrap_or_default(), self.slots.len()) as u32
    }

    /// The entry of the word with this hash and [`place`](Self::place).
    #[inline(always)]
    pub(crate) fn found(&self, place: u32, hash: u64) -> WordInfo {
        let Some(slot) = self.slots.get(place as usize) else { return WordInfo::default() };
        let is_it = slot.tag == tag(hash);
        WordInfo {
            word: select_unpredictable(is_it, slot.word, ListedWordBits::default()),
            counts: select_unpredictable(is_it, slot.counts, WordCounts::default()),
        }
    }
}

/// `buckets` and `slots` are powers of two.
#[inline(always)]
fn bucket(hash: u64, buckets: usize) -> usize {
    hash as usize & (buckets.wrapping_sub(1))
}

#[inline(always)]
fn place(hash: u64, seed: u16, slots: usize) -> usize {
    // The middle bits of the product depend on all bits below them.
    (hash.wrapping_mul(u64::from(seed)) >> 32) as usize & (slots.wrapping_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: u16) -> WordInfo {
        WordInfo {
            word: ListedWordBits::new(id),
            counts: WordCounts::new([1, u32::from(id % 4), 3], (usize::from(id % 5), 2)),
        }
    }

    #[test]
    fn finds_exactly_what_was_put_in() {
        let word = |i: u16| Key::of(format!("w{i}").as_bytes());
        let words: Vec<(Key, WordInfo)> = (1..=3000).map(|id| (word(id), found(id))).collect();
        let table = Table::build(&words);
        for (key, expected) in &words {
            assert_eq!(table.find(key.hash()), *expected);
        }
        for id in 3001..=9000 {
            assert_eq!(table.find(word(id).hash()), WordInfo::default());
        }
        for key in [Key::NONE, Key::of_symbol('👍')] {
            assert_eq!(table.find(key.hash()), WordInfo::default());
        }
    }

    #[test]
    fn of_words_with_the_same_hash_the_first_is_found() {
        let word = Key::of(b"word");
        let (first, second) = (found(1), found(2));
        assert_eq!(Table::build(&[(word, first), (word, second)]).find(word.hash()), first);
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        assert_eq!(Table::build(&[]).find(Key::of(b"word").hash()), WordInfo::default());
    }
}

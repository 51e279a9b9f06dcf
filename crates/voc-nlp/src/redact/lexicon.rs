//! Small dictionaries of words, for lookups that cost less than comparing with each word.

use super::word::Word;

/// The meanings of words.
pub(super) struct Lexicon<T> {
    slots: Box<[Option<(u128, T)>]>,
}

impl<T: Copy> Lexicon<T> {
    /// The words of each list, which are without accents and separated by spaces, have the meaning beside it.
    pub(super) fn new(lists: &[(T, &str)]) -> Self {
        let words =
            || lists.iter().flat_map(|(meaning, list)| list.split(' ').map(|word| (Word::key_of(word), *meaning)));
        // At most a quarter of the slots is used.
        let size = (4 * words().count()).next_power_of_two();
        let mut slots: Box<[Option<(u128, T)>]> = vec![None; size].into();
        for (key, meaning) in words() {
            let free = probes(key, size).find(|slot| slots.get(*slot).is_some_and(Option::is_none));
            if let Some(place) = free.and_then(|slot| slots.get_mut(slot)) {
                *place = Some((key, meaning));
            }
        }
        Self { slots }
    }

    /// The meaning of a word.
    #[inline]
    pub(super) fn get(&self, word: &Word) -> Option<T> {
        let key = word.key();
        for slot in probes(key, self.slots.len()) {
            match self.slots.get(slot)? {
                Some((known, meaning)) if *known == key => return Some(*meaning),
                Some(_) => {}
                None => return None,
            }
        }
        None
    }
}

/// The slots in which a word may be, in order.
#[inline]
fn probes(key: u128, size: usize) -> impl Iterator<Item = usize> {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let hash = (key as u64 ^ ((key >> 64) as u64).rotate_left(29)).wrapping_mul(FACTOR) >> 32;
    (0..size).map(move |i| (hash as usize + i) & (size - 1))
}

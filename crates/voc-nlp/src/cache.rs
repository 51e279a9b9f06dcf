//! The model's answers by text, bounded.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::model::{Model, ModelAnswer};

/// SHA-256 of a model's identity and a text.
pub type CacheKey = [u8; 32];

/// Answers that share a set; a new one takes the place of the one that was not asked for the longest.
const WAYS: usize = 16;

/// Answers a model gave, by text, bounded: an [`Annotator`](crate::Annotator) with a model has one.
///
/// A key belongs to one small set, so that a look-up takes one lock and compares few keys, and threads
/// meet only over keys of the same set. Keys are hashes already: any of their bits choose the set.
///
/// ```
/// use voc_nlp::{AnswerCache, Model, ModelAnswer};
///
/// # struct Mine;
/// # impl Model for Mine {
/// #     fn name(&self) -> &str { "mine" }
/// #     fn version(&self) -> &str { "1" }
/// #     fn annotate_batch(&self, _: &[&str]) -> Result<Vec<ModelAnswer>, voc_nlp::ModelError> { Ok(Vec::new()) }
/// # }
/// # let model = Mine;
/// let cache = AnswerCache::new(&model, 10_000);
/// let key = cache.key("charged twice");
/// assert_eq!(cache.get(&key), None);
/// cache.insert(key, ModelAnswer::from_score(-0.6));
/// assert_eq!(cache.get(&key).map(|answer| answer.sentiment), Some(-0.6));
/// ```
pub struct AnswerCache {
    sets: Box<[Mutex<Set>]>,
    /// Answers a set may hold.
    ways: usize,
    /// The hash of the model's identity, to be continued with a text.
    prefix: Sha256,
}

#[derive(Default)]
struct Set {
    entries: Vec<Entry>,
    /// Counts the uses of this set's entries.
    uses: u64,
}

struct Entry {
    key: CacheKey,
    answer: ModelAnswer,
    last_used: u64,
}

impl AnswerCache {
    /// A cache of at most `capacity` answers of a model; 0 keeps none.
    pub fn new(model: &dyn Model, capacity: usize) -> Self {
        let mut prefix = Sha256::new();
        for part in [model.name(), model.version()] {
            prefix.update(part.as_bytes());
            // No byte of UTF-8 is 0xff, so neither part can run into what follows.
            prefix.update([0xff]);
        }
        let ways = capacity.min(WAYS);
        let sets = capacity.checked_div(ways).unwrap_or(0);
        Self { sets: (0..sets).map(|_| Mutex::default()).collect(), ways, prefix }
    }

    /// The key of a text.
    pub fn key(&self, text: &str) -> CacheKey {
        self.prefix.clone().chain_update(text.as_bytes()).finalize().into()
    }

    /// The answer for a text.
    pub fn get(&self, key: &CacheKey) -> Option<ModelAnswer> {
        let mut set = self.set(key)?.lock().unwrap_or_else(PoisonError::into_inner);
        set.uses += 1;
        let now = set.uses;
        let entry = set.entries.iter_mut().find(|entry| entry.key == *key)?;
        entry.last_used = now;
        Some(entry.answer.clone())
    }

    /// Keeps an answer; among the few that share its place, the one not asked for the longest goes.
    pub fn insert(&self, key: CacheKey, answer: ModelAnswer) {
        let Some(set) = self.set(&key) else { return };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        set.uses += 1;
        let entry = Entry { key, answer, last_used: set.uses };
        let is_full = set.entries.len() >= self.ways;
        let known = set.entries.iter_mut().find(|entry| entry.key == key);
        let replaced = match known {
            Some(known) => Some(known),
            None if is_full => set.entries.iter_mut().min_by_key(|entry| entry.last_used),
            None => None,
        };
        match replaced {
            Some(replaced) => *replaced = entry,
            None => set.entries.push(entry),
        }
    }

    /// The set a key belongs to; nothing in a cache of nothing.
    fn set(&self, key: &CacheKey) -> Option<&Mutex<Set>> {
        let bits = key.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        // Scaled instead of divided: as even, and any number of sets will do.
        let index = (u128::from(bits) * self.sets.len() as u128) >> 64;
        self.sets.get(usize::try_from(index).unwrap_or(0))
    }
}

impl fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache").field("capacity", &(self.sets.len() * self.ways)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelError;

    struct Named(&'static str, &'static str);

    impl Model for Named {
        fn name(&self) -> &str {
            self.0
        }
        fn version(&self) -> &str {
            self.1
        }
        fn annotate_batch(&self, _texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
            Ok(Vec::new())
        }
    }

    fn cache(capacity: usize) -> AnswerCache {
        AnswerCache::new(&Named("model", "1"), capacity)
    }

    fn answer(number: usize) -> ModelAnswer {
        ModelAnswer::new(number as f32 / 1e6, 1.0)
    }

    #[test]
    fn keys_are_of_the_text_and_the_models_identity() {
        let keys =
            [("m", "1", "text"), ("m", "1", "texts"), ("m", "2", "text"), ("m1", "", "text"), ("n", "1", "text")];
        let keys = keys.map(|(name, version, text)| AnswerCache::new(&Named(name, version), 1).key(text));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{i}");
        }
        assert_eq!(cache(1).key("text"), cache(9).key("text"));
    }

    #[test]
    fn it_never_holds_more_than_its_capacity_and_nearly_as_much() {
        for capacity in [0, 1, 7, 8, 9, 100, 1000] {
            let cache = cache(capacity);
            let keys: Vec<CacheKey> = (0..5000).map(|number: usize| cache.key(&number.to_string())).collect();
            for (number, key) in keys.iter().enumerate() {
                cache.insert(*key, answer(number));
                assert_eq!(cache.get(key).is_some(), capacity > 0);
            }
            let held = keys.iter().filter(|key| cache.get(key).is_some()).count();
            assert!(held <= capacity && held + WAYS > capacity, "{held} of {capacity}");
        }
    }

    #[test]
    fn the_one_not_asked_for_the_longest_makes_room() {
        let cache = cache(WAYS);
        let keys: Vec<CacheKey> = (0..=WAYS).map(|number| cache.key(&number.to_string())).collect();
        for (number, key) in keys[..WAYS].iter().enumerate() {
            cache.insert(*key, answer(number));
        }
        assert_eq!(cache.get(&keys[0]), Some(answer(0)));
        cache.insert(keys[WAYS], answer(WAYS));
        let held: Vec<bool> = keys.iter().map(|key| cache.get(key).is_some()).collect();
        assert_eq!(held.iter().position(|held| !held), Some(1));
        assert_eq!(held.iter().filter(|held| **held).count(), WAYS);
    }

    #[test]
    fn a_later_answer_replaces_the_earlier_one() {
        let cache = cache(8);
        let key = cache.key("text");
        cache.insert(key, answer(1));
        cache.insert(key, answer(2));
        assert_eq!(cache.get(&key), Some(answer(2)));
        let others = (0..7).map(|number| cache.key(&number.to_string()));
        others.for_each(|other| cache.insert(other, answer(3)));
        assert_eq!(cache.get(&key), Some(answer(2)), "it takes one place");
    }
}

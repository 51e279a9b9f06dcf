//! A bounded cache of the model's answers by text.

use std::fmt;

use moka::{policy::EvictionPolicy, sync::Cache};
use sha2::{Digest, Sha256};

use crate::model::{Model, ModelAnswer};

/// SHA-256 of a model's identity and a text.
pub type CacheKey = [u8; 32];

/// A bounded cache of a model's answers by text; every [`Annotator`](crate::Annotator) with a model has one.
///
/// When it is full, the least recently used answers are evicted. Eviction happens at intervals and not with every
/// answer, so there may briefly be a few more.
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
#[derive(Clone)]
pub struct AnswerCache {
    /// `None` if the capacity is 0.
    answers: Option<Cache<CacheKey, ModelAnswer>>,
    /// The hash of the model's identity, to be continued with a text.
    prefix: Sha256,
}

impl AnswerCache {
    /// A cache of at most `capacity` answers of a model; 0 keeps none.
    pub fn new(model: &dyn Model, capacity: usize) -> Self {
        let mut prefix = Sha256::new();
        for part in [model.name(), model.version()] {
            prefix.update(part.as_bytes());
            // No byte of UTF-8 is 0xff, so the two parts cannot be confused.
            prefix.update([0xff]);
        }
        let answers = (capacity > 0).then(|| {
            // By default a new answer is kept only if it is requested more often than an old one. But texts come in
            // waves, in which the newest answers are the ones requested again.
            Cache::builder().max_capacity(capacity as u64).eviction_policy(EvictionPolicy::lru()).build()
        });
        Self { answers, prefix }
    }

    /// The key of a text.
    pub fn key(&self, text: &str) -> CacheKey {
        self.prefix.clone().chain_update(text.as_bytes()).finalize().into()
    }

    /// The answer for a text.
    pub fn get(&self, key: &CacheKey) -> Option<ModelAnswer> {
        self.answers.as_ref()?.get(key)
    }

    /// Stores an answer; it replaces an earlier one for the text.
    pub fn insert(&self, key: CacheKey, answer: ModelAnswer) {
        if let Some(answers) = &self.answers {
            answers.insert(key, answer);
        }
    }
}

impl fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capacity = self.answers.as_ref().and_then(|answers| answers.policy().max_capacity()).unwrap_or(0);
        f.debug_struct("AnswerCache").field("capacity", &capacity).finish_non_exhaustive()
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
    fn keys_depend_on_the_text_and_the_models_identity() {
        let keys =
            [("m", "1", "text"), ("m", "1", "texts"), ("m", "2", "text"), ("m1", "", "text"), ("n", "1", "text")];
        let keys = keys.map(|(name, version, text)| AnswerCache::new(&Named(name, version), 1).key(text));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{i}");
        }
        assert_eq!(cache(1).key("text"), cache(9).key("text"));
    }

    /// Waits for the periodic eviction.
    fn tidy(cache: &AnswerCache) {
        cache.answers.iter().for_each(Cache::run_pending_tasks);
    }

    #[test]
    fn it_holds_as_much_as_its_capacity() {
        for capacity in [0, 1, 7, 100, 1000] {
            let cache = cache(capacity);
            let keys: Vec<CacheKey> = (0..5000).map(|number: usize| cache.key(&number.to_string())).collect();
            for (number, key) in keys.iter().enumerate() {
                cache.insert(*key, answer(number));
                assert_eq!(cache.get(key).is_some(), capacity > 0);
            }
            tidy(&cache);
            assert_eq!(keys.iter().filter(|key| cache.get(key).is_some()).count(), capacity);
        }
    }

    #[test]
    fn the_least_recently_used_answer_is_evicted() {
        const CAPACITY: usize = 16;
        let cache = cache(CAPACITY);
        let keys: Vec<CacheKey> = (0..=CAPACITY).map(|number| cache.key(&number.to_string())).collect();
        for (number, key) in keys[..CAPACITY].iter().enumerate() {
            cache.insert(*key, answer(number));
        }
        tidy(&cache);
        assert_eq!(cache.get(&keys[0]), Some(answer(0)));
        tidy(&cache);
        cache.insert(keys[CAPACITY], answer(CAPACITY));
        tidy(&cache);
        let held: Vec<bool> = keys.iter().map(|key| cache.get(key).is_some()).collect();
        assert_eq!(held.iter().position(|held| !held), Some(1));
        assert_eq!(held.iter().filter(|held| **held).count(), CAPACITY);
    }

    #[test]
    fn a_later_answer_replaces_the_earlier_one() {
        let cache = cache(8);
        let key = cache.key("text");
        cache.insert(key, answer(1));
        cache.insert(key, answer(2));
        assert_eq!(cache.get(&key), Some(answer(2)));
    }
}

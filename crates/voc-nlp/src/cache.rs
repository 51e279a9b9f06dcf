//! The model's answers by text, bounded.

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::model::{Model, ModelAnswer};

/// SHA-256 of the model's identity and the text.
pub(crate) type Key = [u8; 32];

/// Answers a model gave.
pub(crate) struct AnswerCache {
    answers: Cache<Key, ModelAnswer>,
    /// The hash of the model's identity, to be continued with a text.
    prefix: Sha256,
}

impl AnswerCache {
    pub(crate) fn new(model: &dyn Model, capacity: u64) -> Self {
        let mut prefix = Sha256::new();
        for part in [model.name(), model.version()] {
            prefix.update(part.as_bytes());
            // No byte of UTF-8 is 0xff, so neither part can run into what follows.
            prefix.update([0xff]);
        }
        Self { answers: Cache::new(capacity), prefix }
    }

    pub(crate) fn key(&self, text: &str) -> Key {
        self.prefix.clone().chain_update(text.as_bytes()).finalize().into()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<ModelAnswer> {
        self.answers.get(key)
    }

    pub(crate) fn insert(&self, key: Key, answer: ModelAnswer) {
        self.answers.insert(key, answer);
    }
}

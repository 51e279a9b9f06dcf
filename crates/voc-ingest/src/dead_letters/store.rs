//! Dead letters in the store's `dead_letters` table.

use std::sync::Arc;

use async_trait::async_trait;
use voc_store::{DeadLetter, EventStore, StoreError};

use super::{DeadLetterError, DeadLetterSink};

/// Writes dead letters to the store's table.
pub struct StoreDeadLetters(Arc<dyn EventStore>);

impl StoreDeadLetters {
    /// Writes to `store`.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl DeadLetterSink for StoreDeadLetters {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        self.0.insert_dead_letters(dead_letters).await.map_err(|error| not_in_table(&error))
    }
}

/// The table did not accept dead letters, or could not be queried for them.
pub(super) fn not_in_table(error: &StoreError) -> DeadLetterError {
    DeadLetterError { target: "the dead_letters table".to_owned(), reason: error.to_string(), remedy: error.into() }
}

//! Dead letters that are kept in a second sink as well as in the store.

use std::sync::Arc;

use async_trait::async_trait;
use voc_store::{DeadLetter, EventStore};

use super::{DeadLetterError, DeadLetterSink, store::not_in_table};

/// Delivers dead letters to a sink and then to the table of the store; skips those that the table already has.
///
/// The table can be queried and the sink cannot, so the table comes last: a dead letter in the table is known to be in
/// the sink, and a batch that is read again sends it nothing. Only a crash between the two leaves a dead letter in the
/// sink twice.
pub struct OnceDeadLetters {
    store: Arc<dyn EventStore>,
    first: Arc<dyn DeadLetterSink>,
}

impl OnceDeadLetters {
    /// Delivers to `first`, then to the table of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, first: Arc<dyn DeadLetterSink>) -> Self {
        Self { store, first }
    }
}

#[async_trait]
impl DeadLetterSink for OnceDeadLetters {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        let new = self.store.new_dead_letters(dead_letters).await.map_err(|error| not_in_table(&error))?;
        if new.is_empty() {
            return Ok(());
        }
        self.first.deliver(Arc::clone(&new)).await?;
        self.store.insert_dead_letters(new).await.map_err(|error| not_in_table(&error))
    }
}

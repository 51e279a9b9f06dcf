//! Dead letters that are kept in a second place as well as in the store's table.

use std::sync::Arc;

use async_trait::async_trait;
use voc_store::{DeadLetter, EventStore};

use super::{DeadLetterError, DeadLetterSink, store::not_in_table};

/// Delivers dead letters to a sink and then to the store's table, and to the sink no dead letter that the table has.
///
/// The table can be asked what it has and the sink cannot, so the table comes last: a dead letter in the table is known to be with the
/// sink, and a batch that is read again sends it nothing. Only a crash between the two leaves a dead letter with the sink twice.
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

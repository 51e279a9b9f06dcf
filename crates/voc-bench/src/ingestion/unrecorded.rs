//! A store without a ledger; the difference is the cost of the ledger.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use voc_events::Table;
use voc_store::{
    DeadLetter, EventStore, InsertBatch, IsolationOutcome, LedgerEntry, RecentEvent, RecentRange, ReinsertOutcome,
    SourceRange, StoreError, embedded::EmbeddedStore,
};

/// A store that stores everything except the ledger.
pub(super) struct Unrecorded(pub(super) Arc<EmbeddedStore>);

#[async_trait]
impl EventStore for Unrecorded {
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError> {
        self.0.insert(batch).await
    }

    async fn insert_declared(&self, batch: Arc<InsertBatch>, declared_at: Instant) -> Result<(), StoreError> {
        self.0.insert_declared(batch, declared_at).await
    }

    async fn reinsert(&self, batch: Arc<InsertBatch>) -> Result<ReinsertOutcome, StoreError> {
        self.0.reinsert(batch).await
    }

    async fn isolate(&self, batch: Arc<InsertBatch>) -> Result<IsolationOutcome, StoreError> {
        self.0.isolate(batch).await
    }

    async fn insert_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), StoreError> {
        self.0.insert_dead_letters(dead_letters).await
    }

    async fn new_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<Arc<[DeadLetter]>, StoreError> {
        self.0.new_dead_letters(dead_letters).await
    }

    async fn record(&self, _: &LedgerEntry) -> Result<(), StoreError> {
        Ok(())
    }

    async fn recent_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError> {
        self.0.recent_events(range).await
    }

    async fn stored_offsets(&self, table: &Table, range: &SourceRange) -> Result<Vec<i64>, StoreError> {
        self.0.stored_offsets(table, range).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        EventStore::ping(&*self.0).await
    }
}

//! Inserting, the same for every SQL engine.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Block, SqlBackend, SqlStore};
use crate::{DeadLetter, EventStore, InsertBatch, Replayed, StoreError};

#[async_trait]
impl<B: SqlBackend> EventStore for SqlStore<B> {
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError> {
        for block in (0..batch.parts.len()).filter_map(|part| Block::of_part(&batch, part)) {
            self.backend().insert(&block).await?;
        }
        Ok(())
    }

    async fn replay(&self, batch: Arc<InsertBatch>) -> Result<Replayed, StoreError> {
        let mut replayed = Replayed::default();
        for part in 0..batch.parts.len() {
            replayed += self.replay_part(&batch, part).await?;
        }
        Ok(replayed)
    }

    async fn insert_dead_letters(&self, letters: Arc<[DeadLetter]>) -> Result<(), StoreError> {
        self.store_dead_letters(&letters).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn check_answer(&self) -> Result<(), StoreError> {
        self.backend().select_texts("SELECT 'ok'", &[]).await.map(drop)
    }
}

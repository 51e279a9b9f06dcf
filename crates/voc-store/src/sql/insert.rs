//! Inserts, the same for every SQL engine.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use async_trait::async_trait;
use voc_events::Table;

use super::{Block, EVERY_ROW, OF_LOG, SqlBackend, SqlSession, SqlStore, ledger};
use crate::{
    DeadLetter, EventStore, InsertBatch, IsolationOutcome, LedgerEntry, Param, RecentEvent, RecentRange,
    ReinsertOutcome, Remedy, SourceRange, StoreError, isolation::Isolation,
};

#[async_trait]
impl<B: SqlBackend> EventStore for SqlStore<B> {
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError> {
        insert_parts(&mut *self.backend().session().await?, &batch).await
    }

    async fn insert_declared(&self, batch: Arc<InsertBatch>, declared_at: Instant) -> Result<(), StoreError> {
        let session = self.backend().session_open_at(declared_at).await?;
        insert_parts(&mut *session.ok_or(StoreError::NoSession)?, &batch).await
    }

    async fn reinsert(&self, batch: Arc<InsertBatch>) -> Result<ReinsertOutcome, StoreError> {
        let mut session = self.backend().session().await?;
        let mut reinserted = ReinsertOutcome::default();
        for part in 0..batch.parts.len() {
            reinserted += session.reinsert_part(&batch, part, &batch.token(&batch.parts[part])).await?;
        }
        Ok(reinserted)
    }

    async fn isolate(&self, batch: Arc<InsertBatch>) -> Result<IsolationOutcome, StoreError> {
        let mut isolation = Isolation::new(batch);
        while let Some((piece, token)) = isolation.piece() {
            // A session ends with the first refusal.
            match self.backend().session().await?.reinsert_part(&piece, 0, &token).await {
                Ok(reinserted) => isolation.stored(reinserted),
                Err(error) if error.remedy() == Remedy::Isolate => isolation.refused(&error)?,
                Err(error) => return Err(error),
            }
        }
        Ok(isolation.outcome())
    }

    async fn insert_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), StoreError> {
        self.backend().session().await?.store_dead_letters(&dead_letters).await
    }

    async fn new_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<Arc<[DeadLetter]>, StoreError> {
        self.backend().session().await?.dead_letters_not_stored(&dead_letters).await
    }

    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.backend().insert(&ledger::block_of(entry)?).await
    }

    async fn recent_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError> {
        self.newest_events(range).await
    }

    async fn stored_offsets(&self, table: &Table, range: &SourceRange) -> Result<Vec<i64>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset) FROM {} \
             WHERE {OF_LOG} AND source_offset >= {{first:Int64}} AND source_offset <= {{last:Int64}} \
             GROUP BY source_offset ORDER BY source_offset {EVERY_ROW}",
            table.name
        );
        let params = [
            Param::new("topic", &range.topic),
            Param::new("partition", range.partition),
            Param::new("epoch", range.epoch),
            Param::new("first", range.first),
            Param::new("last", range.last),
        ];
        let mut session = self.backend().session().await?;
        let rows: Vec<(i64,)> = session.select(&sql, &params).await?;
        let erased = session.erased_offsets(range, (range.first, range.last)).await?;
        let stored: BTreeSet<i64> = rows.into_iter().map(|(offset,)| offset).chain(erased).collect();
        Ok(stored.into_iter().collect())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

async fn insert_parts(session: &mut dyn SqlSession, batch: &Arc<InsertBatch>) -> Result<(), StoreError> {
    for block in (0..batch.parts.len()).filter_map(|part| Block::of_part(batch, part)) {
        session.insert(&block).await?;
    }
    Ok(())
}

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn check_answer(&self) -> Result<(), StoreError> {
        self.backend().select_texts("SELECT 'ok'", &[]).await.map(drop)
    }
}

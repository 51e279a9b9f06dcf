//! Re-inserts: the stored rows of a part are read back, and the missing ones are inserted. See
//! [`EventStore::reinsert`](crate::EventStore::reinsert) for why.
//!
//! Only the missing rows are inserted, the first time under the part's own token. If that token is no longer known,
//! the stored rows are not duplicated; if another process's attempt with the whole part is still on its way, the token
//! makes one of the two do nothing. If an insert under a known token has not produced the rows, within the time a part
//! takes to become visible, the rows were lost; then, and only then, the next token is used.
//!
//! Everything goes through one session. An engine that died after the read may have stored the missing rows while it
//! died, and forgotten their token: an insert through another session would duplicate them. This session has ended
//! with that engine.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

use voc_events::Timestamp;

use super::{Block, EVERY_ROW, OF_LOG, SqlSession, table_engine::is_replicated, time::Clock};
use crate::{InsertBatch, Param, ReinsertOutcome, RowBatch, StoreError, batch::retry_token};

/// Waits between the checks after an insert. An engine shows a part at once; only a query between the writes of
/// another process's token and of its part has to wait, and no longer than a write takes.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500)];

/// Maximum number of further tokens of a re-insert. Each one after the first stands for another kill of the engine at
/// the worst time, or an earlier re-insert that did not finish.
pub(super) const MAX_RETRIES: u32 = 8;

impl dyn SqlSession + '_ {
    /// Inserts the missing rows of a part, under its token.
    pub(super) async fn reinsert_part(
        &mut self,
        batch: &Arc<InsertBatch>,
        place: usize,
        token: &str,
    ) -> Result<ReinsertOutcome, StoreError> {
        let part = &batch.parts[place];
        let mut missing = self.missing(batch, &part.rows).await?;
        let mut outcome = ReinsertOutcome { found: part.rows.rows() - missing.len(), ..ReinsertOutcome::default() };
        for retry in 0..=MAX_RETRIES {
            if missing.is_empty() {
                break;
            }
            let token = retry_token(token, retry);
            if retry > 0 {
                self.check_not_behind(part.rows.table().name).await?;
                tracing::warn!(
                    token,
                    rows = missing.len(),
                    "rows were lost although their token is known; inserting them again"
                );
            }
            let rest = Arc::new(batch.only(place, &missing));
            let Some(block) = Block::of_part(&rest, 0) else { break };
            self.insert(&block.with_token(token)).await?;

            let rows = &rest.parts[0].rows;
            let not_there = self.missing_after_insert(batch, rows).await?;
            let merged =
                self.merged_away(&batch.range.log(), &rows.select(|offset| not_there.contains(&offset))).await?;
            outcome.add_stored(retry, missing.len() - not_there.len());
            missing = &not_there - &merged;
            outcome.resends.extend(merged);
        }
        outcome.resends.sort_unstable();
        if missing.is_empty() {
            return Ok(outcome);
        }
        Err(StoreError::Unavailable(format!(
            "{} of {} rows of {token} were inserted and are not there",
            missing.len(),
            part.rows.rows()
        )))
    }

    /// Fails instead of considering rows lost where tokens and parts are written atomically, as in replicated tables:
    /// there a part with a known token is on some replica, and this one has yet to fetch it.
    pub(super) async fn check_not_behind(&mut self, table: &str) -> Result<(), StoreError> {
        if self.engine_of(table).await?.is_some_and(|engine| is_replicated(&engine)) {
            let message = format!("rows of {table} are stored, and not visible yet on the replica that was asked");
            return Err(StoreError::Unavailable(message));
        }
        Ok(())
    }

    /// Offsets that are still missing after an insert; repeats the check for a while if there are any.
    async fn missing_after_insert(&mut self, batch: &InsertBatch, rows: &RowBatch) -> Result<HashSet<i64>, StoreError> {
        let mut missing = self.missing(batch, rows).await?;
        for wait in WAITS {
            if missing.is_empty() {
                break;
            }
            tokio::time::sleep(wait).await;
            missing = self.missing(batch, rows).await?;
        }
        Ok(missing)
    }

    /// Offsets of a part that are not stored, and were not erased.
    async fn missing(&mut self, batch: &InsertBatch, rows: &RowBatch) -> Result<HashSet<i64>, StoreError> {
        let mut stored = self.stored_offsets(batch, rows).await?;
        let duplicated: Vec<i64> = stored.iter().filter(|(_, count)| **count > 1).map(|(offset, _)| *offset).collect();
        if !duplicated.is_empty() {
            tracing::warn!(batch = %batch.range, rows = duplicated.len(), "rows are stored more than once, until they are merged");
        }
        let missing = rows.offsets().iter().copied().filter(|offset| stored.remove(offset).is_none());
        let mut missing: HashSet<i64> = missing.collect();
        if missing.is_empty() {
            return Ok(missing);
        }
        // Rows that the table removes because of their age are not missing, and would be removed again. What it
        // removed by a rule of the past is missing: this batch may not have been stored at that time.
        let retention = self.retention(batch.range.family, rows.table()).await?.current();
        if !retention.is_forever() {
            let now = Timestamp::from(SystemTime::now());
            for (offset, tenant, millis) in rows.identities() {
                if retention.is_over(tenant, Timestamp::from_millis(millis), now) {
                    missing.remove(&offset);
                }
            }
        }
        if let Some(span) = missing.iter().copied().min().zip(missing.iter().copied().max()) {
            let erased = self.erased_offsets(&batch.range, span).await?;
            missing.retain(|offset| !erased.contains(offset));
        }
        Ok(missing)
    }

    /// How often each offset in a part's range is stored.
    async fn stored_offsets(&mut self, batch: &InsertBatch, rows: &RowBatch) -> Result<HashMap<i64, u64>, StoreError> {
        let (Some(first), Some(last)) = (rows.offsets().iter().min(), rows.offsets().iter().max()) else {
            return Ok(HashMap::new());
        };
        let mut params = vec![
            Param::new("topic", &batch.range.topic),
            Param::new("partition", batch.range.partition),
            Param::new("epoch", batch.range.epoch),
            Param::new("first", first),
            Param::new("last", last),
        ];
        // Saves the engine the table partitions of other times.
        let mut within = String::new();
        let (time, clock) = (rows.table().time.name, Clock::of(rows.table()));
        if let Some((from, to)) = rows.span() {
            // The instants come from rows, so they need no conversion.
            params.extend([Param::new("from", clock.number(from)), Param::new("to", clock.number(to))]);
            within = format!("AND {time} >= {} AND {time} <= {} ", clock.instant("from"), clock.instant("to"));
        }
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset, count()) FROM {} \
             WHERE {OF_LOG} AND source_offset >= {{first:Int64}} AND source_offset <= {{last:Int64}} {within}\
             GROUP BY source_offset {EVERY_ROW}",
            rows.table().name
        );
        Ok(self.select::<(i64, u64)>(&sql, &params).await?.into_iter().collect())
    }
}

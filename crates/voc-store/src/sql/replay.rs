//! Replays: what of a part is stored is read back, and what is missing is inserted. See
//! [`EventStore::replay`](crate::EventStore::replay) for why.
//!
//! Of the rows that are missing nothing but these are ever inserted, the first time under the part's own token: if the token is not
//! known any more the rows that are stored are not doubled, and if a try of somebody else is still on its way with the whole part,
//! the token makes one of the two do nothing. An insert under a known token that has not brought the rows, within the time a part
//! takes to become visible, proves that they were lost; then, and only then, the next token is used.
//!
//! All of it goes through one session. An engine that died after the reading may have stored, while it died, what was missing, and
//! forgotten its token: an insert through another session would double it. This one has ended with the engine.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use voc_events::Timestamp;

use super::{
    Block, EVERY_ROW, OF_LOG, SqlSession,
    time::{Clock, now},
};
use crate::{InsertBatch, Param, Replayed, RowBatch, StoreError, batch::retry_token};

/// Waits between the looks after an insert. An engine shows a part at once; one that is asked at the very moment between the
/// writing of another's token and of its part needs no more than the time of a write.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500)];

/// Most further tokens a replay tries. Each one after the first stands for another kill of the engine at the worst time, or an earlier
/// replay that did not come to its end.
pub(super) const MOST_RETRIES: u32 = 8;

impl dyn SqlSession + '_ {
    /// Inserts what is missing of a part, under its token.
    pub(super) async fn replay_part(
        &mut self,
        batch: &Arc<InsertBatch>,
        place: usize,
        token: &str,
    ) -> Result<Replayed, StoreError> {
        let part = &batch.parts[place];
        let mut missing = self.missing(batch, &part.rows).await?;
        let mut replayed = Replayed { found: part.rows.rows() - missing.len(), ..Replayed::default() };
        for retry in 0..=MOST_RETRIES {
            if missing.is_empty() {
                return Ok(replayed);
            }
            let token = retry_token(token, retry);
            if retry > 0 {
                self.check_not_behind(part.rows.table().name).await?;
                tracing::warn!(
                    token,
                    rows = missing.len(),
                    "rows were lost though their token is known; inserting them again"
                );
            }
            let rest = Arc::new(batch.only(place, &missing));
            let Some(block) = Block::of_part(&rest, 0) else { break };
            self.insert(&block.with_token(token)).await?;

            let rows = &rest.parts[0].rows;
            let not_there = self.missing_after_insert(batch, rows).await?;
            let merged =
                self.merged_away(&batch.range.log(), &rows.select(|offset| not_there.contains(&offset))).await?;
            replayed.add_stored(retry, missing.len() - not_there.len());
            replayed.found += merged.len();
            missing = &not_there - &merged;
        }
        if missing.is_empty() {
            return Ok(replayed);
        }
        Err(StoreError::Unavailable(format!(
            "{} of {} rows of {token} were inserted and are not there",
            missing.len(),
            part.rows.rows()
        )))
    }

    /// Refuses to take rows for lost where tokens and parts are written at once, as replicated tables do: there a part whose token is
    /// known is on some replica, and this one has yet to fetch it.
    pub(super) async fn check_not_behind(&mut self, table: &str) -> Result<(), StoreError> {
        let sql = "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = {table:String}";
        let engines = self.select_texts(sql, &[Param::new("table", table)]).await?;
        if engines.iter().any(|engine| is_replicated(engine)) {
            let message = format!("rows of {table} are stored, and not visible yet on the replica that was asked");
            return Err(StoreError::Unavailable(message));
        }
        Ok(())
    }

    /// Offsets that are still missing after an insert: looks again for a while if there are any.
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

    /// Offsets of a part that are not stored.
    async fn missing(&mut self, batch: &InsertBatch, rows: &RowBatch) -> Result<HashSet<i64>, StoreError> {
        let mut stored = self.stored_offsets(batch, rows).await?;
        let doubled: Vec<i64> = stored.iter().filter(|(_, count)| **count > 1).map(|(offset, _)| *offset).collect();
        if !doubled.is_empty() {
            tracing::warn!(batch = %batch.range, rows = doubled.len(), "rows are stored more than once, until they are merged");
        }
        // What the table does not keep is not missing, and would be dropped again.
        let (table, now) = (rows.table(), now());
        let kept = rows
            .offsets()
            .iter()
            .zip(rows.times())
            .filter(|(_, millis)| !table.has_expired(Timestamp::from_millis(*millis), now));
        Ok(kept.map(|(offset, _)| *offset).filter(|offset| stored.remove(offset).is_none()).collect())
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
        // Spares the engine the table partitions of other times.
        let mut within = String::new();
        let (time, clock) = (rows.table().time.name, Clock::of(rows.table()));
        if let Some((from, to)) = rows.span() {
            // The instants are those of rows, so they are numbers of the clock as they are.
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

/// Whether tables of an engine keep their tokens in Keeper, written with the part in one transaction.
pub(super) fn is_replicated(engine: &str) -> bool {
    engine.starts_with("Replicated") || engine.starts_with("Shared")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_local_table_can_lose_rows_behind_their_token() {
        for engine in ["ReplicatedReplacingMergeTree", "SharedReplacingMergeTree", "ReplicatedMergeTree('/a', 'b')"] {
            assert!(is_replicated(engine), "{engine}");
        }
        for engine in ["ReplacingMergeTree", "MergeTree"] {
            assert!(!is_replicated(engine), "{engine}");
        }
    }
}

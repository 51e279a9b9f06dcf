//! Rows stored again, in memory.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use voc_events::{Table, Timestamp};

use super::{MemoryStore, State, rows::event_rows};
use crate::{InsertBatch, OffsetSpan, Revision, Revisions, StoreError, StoredRow};

#[async_trait]
impl Revisions for MemoryStore {
    async fn stored_rows(&self, table: &Table, offsets: &OffsetSpan) -> Result<Vec<StoredRow>, StoreError> {
        self.check_running()?;
        Ok(self.state().rows_of(table, offsets).into_values().map(|(_, row)| row).collect())
    }

    async fn dead_letter_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<(i64, i64)>, StoreError> {
        self.check_running()?;
        let mut dead_letters: BTreeMap<i64, i64> = BTreeMap::new();
        for dead_letter in self.state().dead_letters.iter().filter(|dead_letter| dead_letter.family == family) {
            let is_of_partition = *dead_letter.topic == *offsets.topic && dead_letter.partition == offsets.partition;
            if is_of_partition && (offsets.first..offsets.end).contains(&dead_letter.offset) {
                let epoch = dead_letters.entry(dead_letter.offset).or_insert(dead_letter.epoch);
                *epoch = dead_letter.epoch.max(*epoch);
            }
        }
        Ok(dead_letters.into_iter().collect())
    }

    /// Nothing is ever erased here.
    async fn erased_offsets(&self, _family: &str, _offsets: &OffsetSpan) -> Result<Vec<i64>, StoreError> {
        self.check_running().map(|()| Vec::new())
    }

    async fn revisions(&self) -> Result<Vec<Revision>, StoreError> {
        self.check_running()?;
        Ok(self.state().revisions.values().cloned().collect())
    }

    async fn save_revision(&self, revision: &Revision) -> Result<(), StoreError> {
        self.check_running()?;
        let mut state = self.state();
        let newer = state.revisions.get(&revision.id).is_none_or(|known| known.change <= revision.change);
        if newer {
            state.revisions.insert(revision.id.clone(), revision.clone());
        }
        drop(state);
        self.changed();
        Ok(())
    }

    async fn insert_revised(&self, batch: Arc<InsertBatch>, revision: &Revision) -> Result<(), StoreError> {
        self.begin_insert(Some(batch.range.partition)).await?;
        let mut state = self.state();
        state.check_accepted(&batch)?;
        for (place, part) in batch.parts.iter().enumerate() {
            state.insert_part(&batch, place, format!("replay/{}/{}", revision.id, batch.token(part)))?;
        }
        self.end_insert(state)
    }

    async fn merge_revised(&self, table: &Table, _: &Revision) -> Result<u64, StoreError> {
        self.check_running()?;
        self.state().merge(table);
        self.changed();
        Ok(0)
    }
}

impl State {
    /// The latest version of the rows in a span of offsets, with the time it was made.
    fn rows_of(&self, table: &Table, offsets: &OffsetSpan) -> BTreeMap<i64, ((i64, Timestamp), StoredRow)> {
        let mut found: BTreeMap<i64, ((i64, Timestamp), StoredRow)> = BTreeMap::new();
        for (batch, part) in &self.parts {
            let (range, rows) = (&batch.range, &batch.parts[*part].rows);
            if rows.table() != table || range.topic != offsets.topic || range.partition != offsets.partition {
                continue;
            }
            for (row, offset) in event_rows(batch, *part).into_iter().zip(rows.offsets()) {
                if !(offsets.first..offsets.end).contains(offset) {
                    continue;
                }
                let version = (range.epoch, batch.processed_at);
                let stored = StoredRow {
                    offset: *offset,
                    epoch: range.epoch,
                    event_id: row.event_id,
                    time: row.time,
                    sentiment: row.sentiment,
                    topic: row.topic.map(str::to_owned),
                };
                let latest = found.entry(*offset).or_insert_with(|| (version, stored.clone()));
                if latest.0 <= version {
                    *latest = (version, stored);
                }
            }
        }
        found
    }

    /// Keeps only the latest version of each event in a table.
    fn merge(&mut self, table: &Table) {
        let kept: HashSet<(usize, usize)> = self.latest_versions(table, |_| true).into_values().collect();
        let merged = self.parts.iter().enumerate().filter_map(|(place, (batch, part))| {
            let rows = &batch.parts[*part].rows;
            if rows.table() != table {
                return Some((Arc::clone(batch), *part));
            }
            let offsets = rows.offsets().iter().enumerate();
            let kept = offsets.filter(|(number, _)| kept.contains(&(place, *number))).map(|(_, offset)| *offset);
            let kept: HashSet<i64> = kept.collect();
            (!kept.is_empty()).then(|| (Arc::new(batch.only(*part, &kept)), 0))
        });
        self.parts = merged.collect();
    }
}

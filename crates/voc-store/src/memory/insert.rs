//! Inserts, with the requested failures.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, MutexGuard},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use voc_events::Table;

use super::{
    DeadLetterPlace, MemoryStore, State,
    rows::{EventKey, event_rows},
};
use crate::{
    DeadLetter, EventStore, InsertBatch, IsolationOutcome, LedgerEntry, RecentEvent, RecentRange, ReinsertOutcome,
    Remedy, SourceRange, StoreError, batch::retry_token, isolation::Isolation,
};

#[async_trait]
impl EventStore for MemoryStore {
    async fn insert(&self, batch: Arc<InsertBatch>) -> Result<(), StoreError> {
        self.begin_insert(Some(batch.range.partition)).await?;
        self.insert_new(&batch)
    }

    async fn insert_declared(&self, batch: Arc<InsertBatch>, declared_at: Instant) -> Result<(), StoreError> {
        self.begin_insert(Some(batch.range.partition)).await?;
        if self.state().sessions_since.is_some_and(|since| since > declared_at) {
            return Err(StoreError::NoSession);
        }
        self.insert_new(&batch)
    }

    async fn reinsert(&self, batch: Arc<InsertBatch>) -> Result<ReinsertOutcome, StoreError> {
        self.begin_insert(Some(batch.range.partition)).await?;
        let mut state = self.state();
        state.check_accepted(&batch)?;
        let mut reinserted = ReinsertOutcome::default();
        for place in 0..batch.parts.len() {
            let token = batch.token(&batch.parts[place]);
            reinserted += state.reinsert_part(&batch, place, &token)?;
        }
        self.end_insert(state)?;
        Ok(reinserted)
    }

    async fn isolate(&self, batch: Arc<InsertBatch>) -> Result<IsolationOutcome, StoreError> {
        let mut isolation = Isolation::new(batch);
        while let Some((piece, token)) = isolation.piece() {
            self.begin_insert(Some(piece.range.partition)).await?;
            let mut state = self.state();
            let reinserted = state.check_accepted(&piece).and_then(|()| state.reinsert_part(&piece, 0, &token));
            match reinserted {
                Ok(reinserted) => {
                    self.end_insert(state)?;
                    isolation.stored(reinserted);
                }
                Err(error) if error.remedy() == Remedy::Isolate => isolation.refused(&error)?,
                Err(error) => return Err(error),
            }
        }
        Ok(isolation.outcome())
    }

    async fn insert_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), StoreError> {
        self.begin_insert(None).await?;
        let mut state = self.state();
        refused(state.dead_letter_rejection, "the dead letters")?;
        for dead_letter in dead_letters.iter() {
            if state.dead_letter_places.insert(place_of(dead_letter)) {
                state.dead_letters.push(dead_letter.clone());
            }
        }
        self.end_insert(state)
    }

    async fn new_dead_letters(&self, dead_letters: Arc<[DeadLetter]>) -> Result<Arc<[DeadLetter]>, StoreError> {
        self.check_running()?;
        let state = self.state();
        Ok(dead_letters
            .iter()
            .filter(|dead_letter| !state.dead_letter_places.contains(&place_of(dead_letter)))
            .cloned()
            .collect())
    }

    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.check_running()?;
        let mut state = self.state();
        if state.failing_records > 0 {
            state.failing_records -= 1;
            return Err(StoreError::Unavailable("this store was set to fail".to_owned()));
        }
        refused(state.record_rejection, "the entry")?;
        state.record(entry);
        drop(state);
        self.changed();
        Ok(())
    }

    async fn recent_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError> {
        self.check_running()?;
        Ok(self.state().newest_events(range))
    }

    async fn stored_offsets(&self, table: &Table, range: &SourceRange) -> Result<Vec<i64>, StoreError> {
        self.check_running()?;
        let stored: BTreeSet<i64> = self.state().stored_offsets(table, range).collect();
        Ok(stored.range(range.first..=range.last).copied().collect())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_running()
    }
}

/// The error of a refusal with this code, if there is one.
fn refused(code: Option<i32>, what: &str) -> Result<(), StoreError> {
    code.map_or(Ok(()), |code| Err(StoreError::from_code(code, format!("this store was set to refuse {what}"))))
}

fn place_of(dead_letter: &DeadLetter) -> DeadLetterPlace {
    (dead_letter.family, dead_letter.topic.clone(), dead_letter.partition, dead_letter.epoch, dead_letter.offset)
}

impl MemoryStore {
    /// The start of every insert: counts it, waits in holds, and fails if that was requested.
    pub(super) async fn begin_insert(&self, partition: Option<i32>) -> Result<(), StoreError> {
        self.state().attempts += 1;
        self.changed();
        let is_free = |store: &Self| !store.state().holds.iter().any(|hold| hold.is_none() || *hold == partition);
        if !is_free(self) {
            let _held = HeldInsert::new(self);
            self.wait_until(is_free).await;
        }
        self.check_running()?;
        let mut state = self.state();
        if state.failing > 0 {
            state.failing -= 1;
            return Err(StoreError::Unavailable("this store was set to fail".to_owned()));
        }
        Ok(())
    }

    fn insert_new(&self, batch: &Arc<InsertBatch>) -> Result<(), StoreError> {
        let mut state = self.state();
        state.check_accepted(batch)?;
        for (place, part) in batch.parts.iter().enumerate() {
            state.insert_part(batch, place, batch.token(part))?;
        }
        self.end_insert(state)
    }

    /// The end of every insert: announces it, and loses the answer if that was requested.
    pub(super) fn end_insert(&self, mut state: MutexGuard<'_, State>) -> Result<(), StoreError> {
        let lost = state.losing_answers > 0;
        state.losing_answers -= usize::from(lost);
        drop(state);
        self.changed();
        if lost {
            return Err(StoreError::TimedOut { operation: "the insert", limit: Duration::ZERO });
        }
        Ok(())
    }
}

/// An insert waiting in a hold; subtracted again even if it is abandoned.
struct HeldInsert<'s>(&'s MemoryStore);

impl<'s> HeldInsert<'s> {
    fn new(store: &'s MemoryStore) -> Self {
        store.state().held += 1;
        store.changed();
        Self(store)
    }
}

impl Drop for HeldInsert<'_> {
    fn drop(&mut self) {
        self.0.state().held -= 1;
        self.0.changed();
    }
}

impl State {
    pub(super) fn check_accepted(&self, batch: &InsertBatch) -> Result<(), StoreError> {
        match &self.rejection {
            Some((code, rejected)) if rejected(batch) => refused(Some(*code), "the batch"),
            _ => Ok(()),
        }
    }

    pub(super) fn insert_part(
        &mut self,
        batch: &Arc<InsertBatch>,
        place: usize,
        token: String,
    ) -> Result<(), StoreError> {
        if !self.tokens.insert(token) {
            return Ok(());
        }
        if self.forgetting > 0 {
            self.forgetting -= 1;
            return Err(StoreError::Unavailable("this store was set to lose the rows".to_owned()));
        }
        self.parts.push((batch.clone(), place));
        Ok(())
    }

    fn reinsert_part(
        &mut self,
        batch: &Arc<InsertBatch>,
        place: usize,
        token: &str,
    ) -> Result<ReinsertOutcome, StoreError> {
        let part = &batch.parts[place];
        let mut missing = self.missing(batch, place);
        let mut reinserted = ReinsertOutcome { found: part.rows.rows() - missing.len(), ..ReinsertOutcome::default() };
        for retry in 0.. {
            if missing.is_empty() {
                break;
            }
            let rest = Arc::new(batch.only(place, &missing));
            self.insert_part(&rest, 0, retry_token(token, retry))?;
            let not_there = self.missing(batch, place);
            let resends = self.resends(batch, place, &not_there);
            reinserted.add_stored(retry, missing.len() - not_there.len());
            missing = &not_there - &resends;
            reinserted.resends.extend(resends);
        }
        reinserted.resends.sort_unstable();
        Ok(reinserted)
    }

    /// Offsets of a range's log at which a table has rows.
    fn stored_offsets(&self, table: &Table, range: &SourceRange) -> impl Iterator<Item = i64> {
        let is_of_log = |other: &InsertBatch| {
            let other = &other.range;
            (&other.topic, other.partition, other.epoch) == (&range.topic, range.partition, range.epoch)
        };
        self.parts
            .iter()
            .filter(move |(batch, part)| is_of_log(batch) && batch.parts[*part].rows.table() == table)
            .flat_map(|(batch, part)| batch.parts[*part].rows.offsets())
            .copied()
    }

    /// Offsets of a part that are not stored.
    fn missing(&self, batch: &InsertBatch, place: usize) -> HashSet<i64> {
        let rows = &batch.parts[place].rows;
        let stored: HashSet<i64> = self.stored_offsets(rows.table(), &batch.range).collect();
        rows.offsets().iter().copied().filter(|offset| !stored.contains(offset)).collect()
    }

    /// Those of a part's rows at these offsets of which another row of the same event is stored.
    fn resends(&self, batch: &InsertBatch, place: usize, offsets: &HashSet<i64>) -> HashSet<i64> {
        if offsets.is_empty() {
            return HashSet::new();
        }
        let rows = &batch.parts[place].rows;
        let of_table = self.parts.iter().filter(|(batch, part)| batch.parts[*part].rows.table() == rows.table());
        let stored: HashSet<EventKey> =
            of_table.flat_map(|(batch, part)| event_rows(batch, *part)).map(|row| row.key).collect();
        let wanted = event_rows(batch, place).into_iter().zip(rows.offsets());
        wanted
            .filter(|(row, offset)| offsets.contains(offset) && stored.contains(&row.key))
            .map(|(_, offset)| *offset)
            .collect()
    }
}

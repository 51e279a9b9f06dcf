//! A store in memory that fails on request, for tests of code that uses a store.

mod columns;
mod dead_letters;
mod drivers;
mod events;
mod funnel;
mod insert;
mod ledger;
mod query;
mod recent;
mod repeat_contacts;
mod revisions;
mod rows;
mod subjects;

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::watch;

use crate::{DeadLetter, InsertBatch, LedgerEntry, ReadMeter, Revision, StoreError};

/// A store in memory. A clone is another handle of the same store.
///
/// It keeps the promises of the traits, deduplication included, and fails on request the way real stores do at the
/// worst time:
///
/// ```
/// # use std::sync::Arc;
/// # use voc_store::{EventStore, InsertBatch, MemoryStore, SourceRange};
/// # use voc_events::Timestamp;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = MemoryStore::new();
/// store.fail_next(1);
/// let range = SourceRange { family: "voc", topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last: 0 };
/// let batch = Arc::new(InsertBatch { range, processed_at: Timestamp::from_millis(0), parts: Vec::new() });
/// assert!(store.insert(batch.clone()).await.is_err());
/// assert!(store.insert(batch).await.is_ok());
/// # }
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    /// Learns how many rows are folded over for questions.
    meter: ReadMeter,
}

struct Shared {
    state: Mutex<State>,
    /// Counts changes of the state, to wake waiters.
    changes: watch::Sender<u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: watch::Sender::new(0) }
    }
}

type Rejection = Box<dyn Fn(&InsertBatch) -> bool + Send + Sync>;

/// Family, topic, partition, epoch and offset of a dead letter.
type DeadLetterPlace = (&'static str, String, i32, i64, i64);

/// The code of a violated constraint.
const VIOLATED: i32 = 469;

#[derive(Default)]
struct State {
    tokens: HashSet<String>,
    /// Parts in the order they were stored.
    parts: Vec<(Arc<InsertBatch>, usize)>,
    dead_letters: Vec<DeadLetter>,
    revisions: BTreeMap<String, Revision>,
    dead_letter_places: HashSet<DeadLetterPlace>,
    ledger: Vec<LedgerEntry>,
    failing_records: usize,
    attempts: usize,
    failing: usize,
    losing_answers: usize,
    forgetting: usize,
    sessions_since: Option<Instant>,
    /// Failures by kind, for all inserts or by source partition.
    holds: Vec<Option<i32>>,
    held: usize,
    down: Option<String>,
    rejection: Option<(i32, Rejection)>,
    dead_letter_rejection: Option<i32>,
    record_rejection: Option<i32>,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("rows", &self.rows()).finish_non_exhaustive()
    }
}

/// Failures on request.
impl MemoryStore {
    /// An empty store that does not fail.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next inserts, of events or dead letters, fail as [`StoreError::Unavailable`] and store nothing.
    pub fn fail_next(&self, inserts: usize) {
        self.state().failing = inserts;
    }

    /// The next entries of the ledger fail as [`StoreError::Unavailable`] and are not stored.
    pub fn fail_next_records(&self, records: usize) {
        self.state().failing_records = records;
    }

    /// The next inserts are stored, but answered by [`StoreError::TimedOut`], as when a connection breaks at the end.
    pub fn lose_next_answers(&self, inserts: usize) {
        self.state().losing_answers = inserts;
    }

    /// The token of the next inserted parts is remembered, but their rows are lost, and the insert fails as
    /// [`StoreError::Unavailable`]: as when an engine is killed between its two writes. Only
    /// [`reinsert`](crate::EventStore::reinsert) notices.
    pub fn forget_rows_of_next(&self, parts: usize) {
        self.state().forgetting = parts;
    }

    /// Forgets all tokens, but no rows: as when an engine has accepted too many inserts since, or is killed between
    /// its two writes.
    pub fn forget_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Ends all sessions, like a store that dies: a batch declared before now is answered by [`StoreError::NoSession`]
    /// instead of being inserted.
    pub fn end_sessions(&self) {
        self.state().sessions_since = Some(Instant::now());
    }

    /// Every operation, [`ping`](crate::EventStore::ping) included, fails as [`StoreError::Unavailable`] with this
    /// reason until [`start`](Self::start).
    pub fn stop(&self, reason: impl Into<String>) {
        self.state().down = Some(reason.into());
        self.changed();
    }

    /// Ends [`stop`](Self::stop).
    pub fn start(&self) {
        self.state().down = None;
        self.changed();
    }

    /// Inserts that start from now on wait until the hold is dropped.
    #[must_use = "inserts wait only as long as the hold lives"]
    pub fn hold(&self) -> MemoryHold {
        self.hold_where(None)
    }

    /// The same for inserts of events of one source partition.
    #[must_use = "inserts wait only as long as the hold lives"]
    pub fn hold_partition(&self, partition: i32) -> MemoryHold {
        self.hold_where(Some(partition))
    }

    fn hold_where(&self, partition: Option<i32>) -> MemoryHold {
        self.state().holds.push(partition);
        MemoryHold { store: self.clone(), partition }
    }

    /// Batches that match are refused as [`StoreError::Rejected`], as a server refuses data that violates a
    /// constraint.
    pub fn reject_if(&self, rejected: impl Fn(&InsertBatch) -> bool + Send + Sync + 'static) {
        self.state().rejection = Some((VIOLATED, Box::new(rejected)));
    }

    /// Rows with these offsets are refused, together with everything inserted with them.
    pub fn reject_rows(&self, offsets: impl IntoIterator<Item = i64>) {
        let refused: HashSet<i64> = offsets.into_iter().collect();
        self.reject_if(move |batch| {
            let mut rows = batch.parts.iter().flat_map(|part| part.rows.offsets());
            rows.any(|offset| refused.contains(offset))
        });
    }

    /// Every insert of events is refused with this server's error code from now on; `None` ends that.
    pub fn reject_all(&self, code: Option<i32>) {
        self.state().rejection = code.map(|code| (code, Box::new(|_: &InsertBatch| true) as Rejection));
    }

    /// The same for inserts of dead letters.
    pub fn reject_dead_letters(&self, code: Option<i32>) {
        self.state().dead_letter_rejection = code;
    }

    /// The same for entries of the ledger.
    pub fn reject_records(&self, code: Option<i32>) {
        self.state().record_rejection = code;
    }
}

/// The stored content, and waiting for it.
impl MemoryStore {
    /// Number of stored event rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.state().parts.iter().map(|(batch, part)| batch.parts[*part].rows.rows()).sum()
    }

    /// The batches with a stored part, each once, in the order of their first part.
    #[must_use]
    pub fn batches(&self) -> Vec<Arc<InsertBatch>> {
        let mut batches: Vec<Arc<InsertBatch>> = Vec::new();
        for (batch, _) in &self.state().parts {
            if !batches.iter().any(|known| known.range == batch.range) {
                batches.push(batch.clone());
            }
        }
        batches
    }

    /// The stored offsets of a source partition, in ascending order; an offset stored twice is listed twice.
    #[must_use]
    pub fn offsets(&self, topic: &str, partition: i32) -> Vec<i64> {
        let state = self.state();
        let of_partition = |batch: &InsertBatch| *batch.range.topic == *topic && batch.range.partition == partition;
        let parts = state.parts.iter().filter(|(batch, _)| of_partition(batch));
        let mut offsets: Vec<i64> =
            parts.flat_map(|(batch, part)| batch.parts[*part].rows.offsets()).copied().collect();
        offsets.sort_unstable();
        offsets
    }

    /// The texts of a column over all rows, in the order they were stored; empty for a column that holds no text.
    #[must_use]
    pub fn texts(&self, column: &str) -> Vec<String> {
        let state = self.state();
        let texts = state.parts.iter().flat_map(|(batch, part)| batch.parts[*part].rows.texts(column));
        texts.map(str::to_owned).collect()
    }

    /// The dead letters, in the order they arrived.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.state().dead_letters.clone()
    }

    /// The entries of the ledger that count, in the order of their first recording.
    #[must_use]
    pub fn recorded(&self) -> Vec<LedgerEntry> {
        self.state().ledger.clone()
    }

    /// Number of attempted inserts, of events and dead letters, including failed ones.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.state().attempts
    }

    /// Number of inserts waiting in a [`hold`](Self::hold).
    #[must_use]
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// Waits until a condition on this store holds; checks it after every change.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !condition(self) {
            // The sender lives as long as this store.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.shared.changes.send_modify(|changes| *changes += 1);
    }

    fn check_running(&self) -> Result<(), StoreError> {
        self.state().down.clone().map_or(Ok(()), |reason| Err(StoreError::Unavailable(reason)))
    }
}

/// Keeps inserts waiting as long as it lives: see [`MemoryStore::hold`].
#[derive(Debug)]
pub struct MemoryHold {
    store: MemoryStore,
    partition: Option<i32>,
}

impl Drop for MemoryHold {
    fn drop(&mut self) {
        {
            let mut state = self.store.state();
            let place = state.holds.iter().position(|hold| *hold == self.partition);
            place.map(|place| state.holds.swap_remove(place));
        }
        self.store.changed();
    }
}

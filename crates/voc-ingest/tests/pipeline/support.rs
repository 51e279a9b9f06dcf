//! A scripted source with one partition, and events for it.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use voc_events::{Family, voc::Voc};
use voc_ingest::{
    Assignment, BatchSettings, CommitError, CommittedOffset, Committer, DeadLetterSink, Headers, LaneControl,
    LaneHandle, MemoryBudget, Pipeline, PipelineError, RecordChunk, Source, SourceError, StoreDeadLetters, Tally,
    TopicPartition,
};
use voc_nlp::{Annotator, Redactor};
use voc_store::{ColumnData, MemoryStore};

/// A source of one partition; fails afterwards if it has a reason.
struct OnePartition {
    assignment: Option<Assignment>,
    failure: Option<SourceError>,
}

#[async_trait]
impl Source for OnePartition {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        match (self.assignment.take(), self.failure.take()) {
            (Some(assignment), failure) => {
                self.failure = failure;
                Ok(Some(assignment))
            }
            (None, Some(failure)) => Err(failure),
            (None, None) => Ok(None),
        }
    }
}

/// Records commits, or refuses them.
pub(crate) struct Commits {
    /// Committed offsets with their metadata, in order.
    made: watch::Sender<Vec<(i64, Option<String>)>>,
    refusals: Mutex<Vec<CommitError>>,
}

#[async_trait]
impl Committer for Commits {
    async fn commit(&self, _: &TopicPartition, next_offset: i64, metadata: Option<&str>) -> Result<(), CommitError> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop() {
            return Err(refusal);
        }
        self.made.send_modify(|made| made.push((next_offset, metadata.map(str::to_owned))));
        Ok(())
    }
}

/// The epoch that a lane begins if the last commit of its partition carries none.
pub(crate) const NEW_EPOCH: i64 = 99;

/// Metadata of a commit without a declaration, in an epoch that the lane began.
pub(crate) const COMPLETION: &str = "voc/1 epoch 99";

/// Attempts at failures that need a repair: few, so that tests do not wait.
pub(crate) const MAX_ATTEMPTS: u32 = 5;

/// A lane under test.
pub(crate) struct LaneUnderTest {
    pub(crate) store: MemoryStore,
    pub(crate) commits: Arc<Commits>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) budget: MemoryBudget,
    pub(crate) control: watch::Sender<LaneControl>,
    records: Option<mpsc::Sender<RecordChunk>>,
    pipeline: JoinHandle<Result<(), PipelineError>>,
}

/// The setup of a lane under test.
struct Setup {
    store: MemoryStore,
    dead_letters: Arc<dyn DeadLetterSink>,
    annotator: Annotator,
    redactor: Option<Redactor>,
    refusals: Vec<CommitError>,
    failure: Option<SourceError>,
    committed: Option<CommittedOffset>,
}

impl Setup {
    /// A setup without failures.
    fn of(store: MemoryStore) -> Self {
        Self {
            dead_letters: Arc::new(StoreDeadLetters::new(Arc::new(store.clone()))),
            store,
            annotator: Annotator::default(),
            redactor: None,
            refusals: Vec::new(),
            failure: None,
            committed: None,
        }
    }

    fn start(self, batch: BatchSettings) -> LaneUnderTest {
        self.start_as::<Voc>("voc.events", batch)
    }

    fn start_as<F: Family>(self, topic: &str, batch: BatchSettings) -> LaneUnderTest {
        let Self { store, dead_letters, annotator, redactor, refusals, failure, committed } = self;
        let commits = Arc::new(Commits { made: watch::Sender::new(Vec::new()), refusals: Mutex::new(refusals) });
        let partition = TopicPartition { topic: topic.into(), partition: 0 };
        let (assignment, handle) =
            Assignment::new(partition, Arc::clone(&commits) as Arc<dyn Committer>, committed, NEW_EPOCH, 1);
        let LaneHandle { records, control, .. } = handle;
        let pipeline = Pipeline::<F>::new(Arc::new(store.clone()), Arc::new(annotator), dead_letters)
            .batch(batch)
            .max_attempts(MAX_ATTEMPTS)
            .redactor(redactor);
        let tally = pipeline.tally();
        LaneUnderTest {
            store,
            commits,
            tally,
            budget: MemoryBudget::new(1 << 20),
            control,
            records: Some(records),
            pipeline: tokio::spawn(pipeline.run(OnePartition { assignment: Some(assignment), failure })),
        }
    }
}

/// Batches that are cut only by size.
pub(crate) fn by_size(size: usize, max: usize) -> BatchSettings {
    BatchSettings { size, max, flush_after: Duration::from_secs(3600), ..BatchSettings::default() }
}

impl LaneUnderTest {
    pub(crate) fn start(batch: BatchSettings) -> Self {
        Self::with_store(MemoryStore::new(), batch, Vec::new())
    }

    /// A lane of a family's topic.
    pub(crate) fn of_family<F: Family>(topic: &str, batch: BatchSettings) -> Self {
        Setup::of(MemoryStore::new()).start_as::<F>(topic, batch)
    }

    pub(crate) fn with_store(store: MemoryStore, batch: BatchSettings, refusals: Vec<CommitError>) -> Self {
        Setup { refusals, ..Setup::of(store) }.start(batch)
    }

    /// A lane with a dead-letter sink of the test.
    pub(crate) fn with_sink(store: MemoryStore, sink: Arc<dyn DeadLetterSink>, batch: BatchSettings) -> Self {
        Setup { dead_letters: sink, ..Setup::of(store) }.start(batch)
    }

    /// A lane that takes over a partition at a committed offset with metadata.
    pub(crate) fn taking_over(
        store: MemoryStore,
        batch: BatchSettings,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Self {
        let committed = Some(CommittedOffset { next_offset, metadata: metadata.map(str::to_owned) });
        Setup { committed, ..Setup::of(store) }.start(batch)
    }

    /// A lane with another annotator.
    pub(crate) fn with_annotator(annotator: Annotator, batch: BatchSettings) -> Self {
        Setup { annotator, ..Setup::of(MemoryStore::new()) }.start(batch)
    }

    /// A lane with a redactor.
    pub(crate) fn redacting(batch: BatchSettings) -> Self {
        Setup { redactor: Some(Redactor::default()), ..Setup::of(MemoryStore::new()) }.start(batch)
    }

    /// A lane with another annotator and a redactor.
    pub(crate) fn redacting_with(annotator: Annotator, batch: BatchSettings) -> Self {
        let redactor = Some(Redactor::default());
        Setup { annotator, redactor, ..Setup::of(MemoryStore::new()) }.start(batch)
    }

    /// A lane whose source fails after handing out its partition.
    pub(crate) fn with_failing_source(batch: BatchSettings) -> Self {
        let failure = Some(SourceError::Kafka("gone".to_owned()));
        Setup { failure, ..Setup::of(MemoryStore::new()) }.start(batch)
    }

    /// A chunk of records from `first` on, charged to the budget.
    pub(crate) fn chunk<'v>(&self, first: i64, values: impl IntoIterator<Item = Option<&'v [u8]>>) -> RecordChunk {
        let mut chunk = RecordChunk::default();
        for (offset, value) in (first..).zip(values) {
            chunk.push(offset, Some(b"key"), value, Headers::new());
        }
        chunk.charge(self.budget.acquire(chunk.bytes()).now_or_never().expect("the budget is large enough"));
        chunk
    }

    pub(crate) async fn send(&self, chunk: RecordChunk) {
        self.records.as_ref().expect("records were not ended").send(chunk).await.expect("the lane takes records");
    }

    /// Sends valid events with these offsets.
    pub(crate) async fn send_events(&self, offsets: std::ops::Range<i64>) {
        let events: Vec<String> = offsets.clone().map(event).collect();
        self.send(self.chunk(offsets.start, events.iter().map(|event| Some(event.as_bytes())))).await;
    }

    /// Whether the lane accepts no more chunks at the moment.
    pub(crate) fn is_full(&self) -> bool {
        self.records.as_ref().is_some_and(|records| records.capacity() == 0)
    }

    /// Waits for the commit that completes everything below this offset.
    pub(crate) async fn committed(&self, next_offset: i64) {
        let mut made = self.commits.made.subscribe();
        let is_there = |made: &Vec<(i64, Option<String>)>| {
            made.last()
                .is_some_and(|(offset, metadata)| *offset == next_offset && declares_nothing(metadata.as_deref()))
        };
        made.wait_for(is_there).await.expect("commits are watched");
    }

    /// The offsets of commits without a declaration.
    pub(crate) fn offsets(&self) -> Vec<i64> {
        let completions = self.commits().into_iter().filter(|(_, metadata)| declares_nothing(metadata.as_deref()));
        completions.map(|(offset, _)| offset).collect()
    }

    /// All commits with their metadata.
    pub(crate) fn commits(&self) -> Vec<(i64, Option<String>)> {
        self.commits.made.borrow().clone()
    }

    /// Signals that there are no more records.
    pub(crate) fn end_records(&mut self) {
        self.records = None;
    }

    /// Waits until the pipeline has ended.
    pub(crate) async fn ended(&mut self) {
        (&mut self.pipeline).await.expect("the pipeline does not panic").expect("the pipeline does not fail");
    }

    /// Waits until the pipeline has failed; times out if it retries forever.
    pub(crate) async fn failed(&mut self) -> PipelineError {
        let ended = tokio::time::timeout(Duration::from_secs(3600), &mut self.pipeline).await;
        ended.expect("the pipeline ends").expect("the pipeline does not panic").expect_err("the pipeline fails")
    }

    /// Sends a chunk, unless the store has this many rows by now: then the lane is abandoned, as if its process had
    /// died. Returns whether it lives on.
    pub(crate) async fn send_unless_dead(&self, chunk: RecordChunk, dies_after_rows: usize) -> bool {
        if self.store.rows() >= dies_after_rows {
            self.control.send_replace(LaneControl::Abandon);
            return false;
        }
        // A lane that waits for a failed store takes time.
        self.send(chunk).await;
        true
    }

    /// Offsets of the stored rows in insertion order.
    pub(crate) fn stored_offsets(&self) -> Vec<i64> {
        offsets_of(&self.store)
    }
}

fn declares_nothing(metadata: Option<&str>) -> bool {
    metadata.is_none_or(|metadata| metadata == COMPLETION)
}

/// Offsets of the rows of a store in insertion order.
pub(crate) fn offsets_of(store: &MemoryStore) -> Vec<i64> {
    let batches = store.batches();
    let parts = batches.iter().flat_map(|batch| &batch.parts);
    parts
        .flat_map(|part| match part.rows.column("source_offset") {
            Some(ColumnData::I64(offsets)) => offsets.clone(),
            _ => Vec::new(),
        })
        .collect()
}

/// A valid event with an ID derived from `number`.
pub(crate) fn event(number: i64) -> String {
    let id = uuid::Uuid::from_u128(u128::try_from(number).expect("numbers are not negative"));
    format!(
        r#"{{"event_id":"{id}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"call","call_id":"c-{number}","transcript":"Customer: this is great!"}}"#
    )
}

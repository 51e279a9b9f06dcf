//! Lanes on an in-memory store with records from the test, and a registry whose responses are observed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use apache_avro::{Schema as AvroSchema, types::Value as Avro, writer::datum::GenericDatumWriter};
use async_trait::async_trait;
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use voc_events::{
    Family,
    encodings::{Schema, export},
};
use voc_ingest::{
    Assignment, BatchSettings, CommitError, CommittedOffset, Committer, Headers, LaneControl, LaneHandle, MemoryBudget,
    Pipeline, PipelineError, RecordChunk, Source, SourceError, StoreDeadLetters, Tally, TopicPartition,
    registry::{LookupError, Reader, RegistrySettings, SchemaRegistry, Schemas},
};
use voc_nlp::Annotator;
use voc_store::{ColumnData, DeadLetter, LedgerEntry, MemoryStore};

/// Timeout of everything that is awaited; reached only by a failing test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The epoch that a lane begins if the last commit of its partition carries none.
const NEW_EPOCH: i64 = 99;

/// Waits for a future; fails the test on timeout.
pub(crate) async fn within<T>(awaited: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, awaited).await.expect("it happens in time")
}

/// A unique subject.
pub(crate) fn subject(name: &str) -> String {
    format!("{name}-{}-value", uuid::Uuid::new_v4().simple())
}

/// A registry at a URL, with a short timeout.
pub(crate) fn registry_at(url: &str) -> SchemaRegistry {
    let mut settings = RegistrySettings::new([url]);
    settings.timeout = Duration::from_secs(2);
    SchemaRegistry::new(&settings).expect("the address is one")
}

/// A registry that counts its requests.
#[derive(Clone)]
pub(crate) struct CountingRegistry {
    pub(crate) registry: SchemaRegistry,
    asked: watch::Sender<RequestCounts>,
}

/// Number of requests, and of those without a response.
#[derive(Debug, Clone, Copy, Default)]
struct RequestCounts {
    begun: usize,
    unavailable: usize,
}

impl CountingRegistry {
    pub(crate) fn new(registry: SchemaRegistry) -> Self {
        Self { registry, asked: watch::Sender::default() }
    }

    /// Waits until this many requests were sent.
    pub(crate) async fn begun(&self, requests: usize) {
        within(self.asked.subscribe().wait_for(|asked| asked.begun >= requests)).await.expect("it is watched");
    }

    /// Waits until this many further requests failed.
    pub(crate) async fn unavailable(&self, requests: usize) {
        let so_far = self.asked.borrow().unavailable;
        let is_there = |asked: &RequestCounts| asked.unavailable >= so_far + requests;
        within(self.asked.subscribe().wait_for(is_there)).await.expect("it is watched");
    }
}

#[async_trait]
impl Schemas for CountingRegistry {
    async fn schema(&self, id: u32, reader: &Arc<Reader>) -> Result<Arc<Schema>, LookupError> {
        self.asked.send_modify(|asked| asked.begun += 1);
        let found = self.registry.schema(id, reader).await;
        let is_unavailable = matches!(found, Err(LookupError::Unavailable(_)));
        self.asked.send_modify(|asked| asked.unavailable += usize::from(is_unavailable));
        found
    }
}

/// Hands out given partitions.
struct Partitions(VecDeque<Assignment>);

#[async_trait]
impl Source for Partitions {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        Ok(self.0.pop_front())
    }
}

/// Committed offsets with their metadata, in order.
struct Commits(watch::Sender<Vec<(i64, Option<String>)>>);

#[async_trait]
impl Committer for Commits {
    async fn commit(&self, _: &TopicPartition, next_offset: i64, metadata: Option<&str>) -> Result<(), CommitError> {
        self.0.send_modify(|made| made.push((next_offset, metadata.map(str::to_owned))));
        Ok(())
    }
}

/// A pipeline with lanes that the test feeds.
pub(crate) struct RunningPipeline {
    pub(crate) store: MemoryStore,
    pub(crate) tally: Arc<Tally>,
    pub(crate) lanes: Vec<Lane>,
    pipeline: JoinHandle<Result<(), PipelineError>>,
}

/// The lane of one partition.
pub(crate) struct Lane {
    records: Option<mpsc::Sender<RecordChunk>>,
    pub(crate) control: watch::Sender<LaneControl>,
    commits: Arc<Commits>,
    budget: MemoryBudget,
}

/// One lane for a topic.
pub(crate) fn lane<F: Family>(topic: &str, schemas: Option<Arc<dyn Schemas>>) -> RunningPipeline {
    lanes::<F>(topic, 1, schemas, None)
}

/// Lanes for the partitions of a topic, each resuming at its entry in `committed`. They store after a moment, so that
/// only schemas are waited for.
pub(crate) fn lanes<F: Family>(
    topic: &str,
    partitions: i32,
    schemas: Option<Arc<dyn Schemas>>,
    committed: Option<&CommittedOffset>,
) -> RunningPipeline {
    let store = MemoryStore::new();
    let (mut lanes, mut assignments) = (Vec::new(), VecDeque::new());
    for partition in 0..partitions {
        let partition = TopicPartition { topic: topic.into(), partition };
        let commits = Arc::new(Commits(watch::Sender::default()));
        let committer = Arc::clone(&commits) as Arc<dyn Committer>;
        let (assignment, handle) = Assignment::new(partition, committer, committed.cloned(), NEW_EPOCH, 4);
        let LaneHandle { records, control, .. } = handle;
        lanes.push(Lane { records: Some(records), control, commits, budget: MemoryBudget::new(1 << 20) });
        assignments.push_back(assignment);
    }
    let batch = BatchSettings { flush_after: Duration::from_millis(1), ..BatchSettings::default() };
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::new(store.clone())));
    let pipeline = Pipeline::<F>::new(Arc::new(store.clone()), Arc::new(Annotator::default()), dead_letters)
        .batch(batch)
        .schemas(schemas);
    let tally = pipeline.tally();
    RunningPipeline { store, tally, lanes, pipeline: tokio::spawn(pipeline.run(Partitions(assignments))) }
}

impl Lane {
    /// Sends records with offsets from `first` on.
    pub(crate) async fn send(&self, first: i64, values: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        let mut chunk = RecordChunk::default();
        for (offset, value) in (first..).zip(values) {
            chunk.push(offset, Some(b"key"), Some(value.as_ref()), Headers::new());
        }
        chunk.charge(self.budget.acquire(chunk.bytes()).await);
        self.send_chunk(chunk).await;
    }

    pub(crate) async fn send_chunk(&self, chunk: RecordChunk) {
        let records = self.records.as_ref().expect("records were not ended");
        within(records.send(chunk)).await.expect("the lane takes records");
    }

    /// Waits for the commit that completes everything below this offset.
    pub(crate) async fn committed(&self, next_offset: i64) {
        let mut made = self.commits.0.subscribe();
        let is_there = |made: &Vec<(i64, Option<String>)>| {
            made.last().is_some_and(|(offset, metadata)| {
                *offset == next_offset && metadata.as_ref().is_none_or(|metadata| !metadata.contains("intent"))
            })
        };
        within(made.wait_for(is_there)).await.expect("commits are watched");
    }

    /// All commits.
    pub(crate) fn commits(&self) -> Vec<(i64, Option<String>)> {
        self.commits.0.borrow().clone()
    }

    /// Memory held by records.
    pub(crate) fn held_bytes(&self) -> usize {
        self.budget.held_bytes()
    }
}

impl RunningPipeline {
    /// Sends records from offset 0 to the first lane, and waits until all are processed and the pipeline has ended.
    pub(crate) async fn take(mut self, values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Outcome {
        self.lanes[0].send(0, values).await;
        self.end().await
    }

    /// Waits until the sent records are processed and the pipeline has ended.
    pub(crate) async fn end(&mut self) -> Outcome {
        self.lanes.iter_mut().for_each(|lane| lane.records = None);
        self.ended().await;
        let ledger = self.store.recorded();
        assert!(ledger.iter().all(LedgerEntry::is_balanced), "{ledger:?}");
        assert!(self.lanes.iter().all(|lane| lane.held_bytes() == 0));
        Outcome { dead_letters: self.store.dead_letters(), store: self.store.clone() }
    }

    /// Waits until the pipeline has ended.
    pub(crate) async fn ended(&mut self) {
        within(&mut self.pipeline).await.expect("the pipeline does not panic").expect("the pipeline does not fail");
    }

    /// Whether nothing was stored, dead-lettered or committed.
    pub(crate) fn has_done_nothing(&self) -> bool {
        let commits_nothing = self.lanes.iter().all(|lane| lane.commits().is_empty());
        self.store.rows() == 0 && self.store.dead_letters().is_empty() && commits_nothing
    }
}

/// The fates of records.
pub(crate) struct Outcome {
    pub(crate) store: MemoryStore,
    pub(crate) dead_letters: Vec<DeadLetter>,
}

impl Outcome {
    /// Offsets of the rows.
    pub(crate) fn offsets(&self) -> Vec<i64> {
        self.columns("source_offset", |column| match column {
            ColumnData::I64(values) => values.clone(),
            other => unreachable!("{other:?}"),
        })
    }

    /// A nullable numeric column.
    pub(crate) fn numbers(&self, column: &str) -> Vec<Option<f64>> {
        self.columns(column, |column| match column {
            ColumnData::OptF64(absent, values) => {
                absent.iter().zip(values).map(|(absent, value)| (*absent == 0).then_some(*value)).collect()
            }
            other => unreachable!("{other:?}"),
        })
    }

    /// The payloads as JSON.
    pub(crate) fn payloads(&self) -> Vec<Value> {
        let parse = |text: &String| serde_json::from_str(text).expect("payloads are JSON");
        self.store.texts("payload").iter().map(parse).collect()
    }

    /// Offsets, types and errors of the dead letters.
    pub(crate) fn errors(&self) -> Vec<(i64, &str, &str)> {
        self.dead_letters
            .iter()
            .map(|dead_letter| (dead_letter.offset, &*dead_letter.error_type, &*dead_letter.error))
            .collect()
    }

    fn columns<T>(&self, column: &str, read: impl Fn(&ColumnData) -> Vec<T>) -> Vec<T> {
        let batches = self.store.batches();
        let parts = batches.iter().flat_map(|batch| &batch.parts);
        parts.flat_map(|part| part.rows.column(column).map(&read).unwrap_or_default()).collect()
    }
}

/// Our Avro schema for the events of a family on a topic.
pub(crate) fn own_avro<F: Family>(topic: &str) -> String {
    export::avro_schema(F::NAME, "Event", F::FIELDS.common, &F::types_on(topic))
}

/// A record in the wire format of the registry.
pub(crate) fn record(id: u32, body: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], body].concat()
}

/// An Avro record, encoded by the library: numbers stand for times, and absent fields have their defaults.
pub(crate) fn avro(id: u32, schema: &str, event: Value) -> Vec<u8> {
    let schema = AvroSchema::parse_str(schema).expect("a schema in Avro");
    let event = avro_value(event).resolve(&schema).expect("an event of the schema");
    let writer = GenericDatumWriter::builder(&schema).build().expect("a writer");
    record(id, &writer.write_value_to_vec(event).expect("an event of the schema"))
}

fn avro_value(json: Value) -> Avro {
    match json {
        Value::Null => Avro::Null,
        Value::Bool(flag) => Avro::Boolean(flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Avro::Long(whole),
            None => Avro::Double(number.as_f64().expect("a number of 64 bits")),
        },
        Value::String(text) => Avro::String(text),
        Value::Array(elements) => Avro::Array(elements.into_iter().map(avro_value).collect()),
        Value::Object(members) => {
            Avro::Map(members.into_iter().map(|(name, value)| (name, avro_value(value))).collect())
        }
    }
}

/// 2026-02-02T12:00:00Z in milliseconds since 1970.
pub(crate) const TIME_MS: i64 = 1_770_033_600_000;

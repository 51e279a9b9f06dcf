//! Events, files of events, and their imports.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    io::ErrorKind,
    path::Path,
    pin::pin,
    sync::Arc,
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use voc_events::{Family, voc::Voc};
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, PipelineError, StoreDeadLetters, Tally,
    files::{Checkpoints, FileInput, FileSettings, FileSource, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::{MemoryHold, MemoryStore};

pub(crate) fn event(number: u128) -> String {
    let id = uuid::Uuid::from_u128(number);
    format!(
        r#"{{"event_id":"{id}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"note","n":{number}}}"#
    )
}

pub(crate) fn lines(numbers: std::ops::Range<u128>) -> String {
    numbers.map(|number| event(number) + "\n").collect()
}

/// Reads a growing file to its end; returns the totals and the number of lines left.
pub(crate) async fn read(file: &Path, data: &Path, store: &MemoryStore) -> (Arc<Tally>, u64) {
    let (tally, skipped, outcome) = run(file, UnfinishedTail::Leave, data, store).await;
    outcome.unwrap();
    (tally, skipped)
}

/// The same with an unterminated last line.
pub(crate) async fn read_whole(file: &Path, data: &Path, store: &MemoryStore) -> (Arc<Tally>, u64) {
    let (tally, skipped, outcome) = run(file, UnfinishedTail::Take, data, store).await;
    outcome.unwrap();
    (tally, skipped)
}

pub(crate) fn open(file: &Path, unfinished: UnfinishedTail, data: &Path, chunk_records: usize) -> FileSource {
    open_until(file, unfinished, data, chunk_records, CancellationToken::new())
}

pub(crate) fn open_until(
    file: &Path,
    unfinished: UnfinishedTail,
    data: &Path,
    chunk_records: usize,
    stop: CancellationToken,
) -> FileSource {
    open_as(Voc::NAME, file, unfinished, data, chunk_records, stop)
}

fn open_as(
    family: &str,
    file: &Path,
    unfinished: UnfinishedTail,
    data: &Path,
    chunk_records: usize,
    stop: CancellationToken,
) -> FileSource {
    let checkpoints = checkpoints(data, family);
    let settings = FileSettings { unfinished, chunk_records, budget: MemoryBudget::new(1 << 20) };
    FileSource::start(vec![FileInput::File(file.to_owned())], settings, &checkpoints, stop).unwrap()
}

/// Opens the checkpoints. The threads of a source that was stopped hold the lock until they notice.
fn checkpoints(data: &Path, family: &str) -> Checkpoints {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match Checkpoints::open(data.join("checkpoints.ndjson"), family) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(1));
            }
            opened => return opened.unwrap(),
        }
    }
}

/// Starts an import in batches of 10, and holds it while its first batch is stored.
pub(crate) async fn import_until_held(
    source: FileSource,
    store: &MemoryStore,
) -> (MemoryHold, JoinHandle<Result<(), PipelineError>>) {
    let shared = Arc::new(store.clone());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&shared) as Arc<_>));
    let batch = BatchSettings { size: 10, max: 10, ..BatchSettings::default() };
    let pipeline = Pipeline::<Voc>::new(shared, Arc::new(Annotator::default()), dead_letters).batch(batch);
    let hold = store.hold();
    let running = tokio::spawn(pipeline.run(source));
    store.wait_until(|store| store.held() == 1).await;
    (hold, running)
}

pub(crate) async fn run(
    file: &Path,
    unfinished: UnfinishedTail,
    data: &Path,
    store: &MemoryStore,
) -> (Arc<Tally>, u64, Result<(), PipelineError>) {
    run_as::<Voc>(file, unfinished, data, store).await
}

/// The same with events of any family.
pub(crate) async fn run_as<F: Family>(
    file: &Path,
    unfinished: UnfinishedTail,
    data: &Path,
    store: &MemoryStore,
) -> (Arc<Tally>, u64, Result<(), PipelineError>) {
    let store = Arc::new(store.clone());
    let batch = BatchSettings { size: 10, ..BatchSettings::default() };
    let source = open_as(F::NAME, file, unfinished, data, batch.chunk_records(), CancellationToken::new());
    let files = source.tally();
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let pipeline = Pipeline::<F>::new(store, Arc::new(Annotator::default()), dead_letters).batch(batch);
    let tally = pipeline.tally();
    let outcome = pipeline.run(source).await;
    (tally, files.skipped(), outcome)
}

/// Imports a file like a process that is killed after this many steps.
pub(crate) fn import_in_a_process(
    file: &Path,
    unfinished: UnfinishedTail,
    data: &Path,
    store: &MemoryStore,
    size: usize,
    killed_after: Option<usize>,
) -> Result<(), PipelineError> {
    let work = async {
        let batch = BatchSettings { size, max: 2 * size, ..BatchSettings::default() };
        let source = open(file, unfinished, data, size);
        let store: Arc<MemoryStore> = Arc::new(store.clone());
        let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
        let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), dead_letters).batch(batch);
        let mut running = pin!(pipeline.run(source));
        let mut polls = 0;
        poll_fn(|context| {
            if killed_after.is_some_and(|killed_after| polls >= killed_after) {
                return Poll::Ready(Ok(()));
            }
            polls += 1;
            running.as_mut().poll(context)
        })
        .await
    };
    // A runtime of its own ends with all its tasks, whatever they were doing.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work)
}

/// The stored events by ID, and how often.
pub(crate) fn stored_ids(store: &MemoryStore) -> Vec<String> {
    let id = |payload: &String| {
        let event: serde_json::Value = serde_json::from_str(payload).unwrap();
        event["event_id"].as_str().unwrap().to_owned()
    };
    let mut ids: Vec<String> = store.texts("payload").iter().map(id).collect();
    ids.sort_unstable();
    ids
}

/// The IDs of events by number.
pub(crate) fn ids(numbers: std::ops::Range<u128>) -> Vec<String> {
    let ids: BTreeSet<String> = numbers.map(|number| uuid::Uuid::from_u128(number).to_string()).collect();
    ids.into_iter().collect()
}

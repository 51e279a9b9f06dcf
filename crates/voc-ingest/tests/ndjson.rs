//! NDJSON input: lines, checkpoints, and what happens when a file is read again.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{fs, path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, SourceError, StoreDeadLetters, Tally,
    ndjson::{Checkpoints, NdjsonInput, NdjsonSource},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

fn event(number: u128) -> String {
    let id = uuid::Uuid::from_u128(number);
    format!(
        r#"{{"event_id":"{id}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"note","n":{number}}}"#
    )
}

fn lines(numbers: std::ops::Range<u128>) -> String {
    numbers.map(|number| event(number) + "\n").collect()
}

/// Reads a file to its end; gives the totals and the number of lines left out.
async fn read(file: &Path, data: &Path, store: &MemoryStore) -> (Arc<Tally>, i64) {
    let store = Arc::new(store.clone());
    let checkpoints = Checkpoints::open(data.join("checkpoints.ndjson")).unwrap();
    let batch = BatchSettings { size: 10, ..BatchSettings::default() };
    let input = NdjsonInput::File(file.to_owned());
    let source = NdjsonSource::open(
        &input,
        &checkpoints,
        MemoryBudget::new(1 << 20),
        batch.chunk_records(),
        CancellationToken::new(),
    )
    .unwrap();
    let skipped = source.skipped();
    let letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), letters).batch(batch);
    let tally = pipeline.tally();
    pipeline.run(source).await.unwrap();
    (tally, skipped)
}

#[tokio::test]
async fn every_line_is_an_event() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, format!("\u{feff}{}\r\n\n  \n{}{}", event(0), lines(1..35), event(35))).unwrap();
    let store = MemoryStore::new();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.consumed(), tally.stored(), skipped), (36, 36, 0));
    assert_eq!(store.texts("payload")[0], event(0));
}

#[tokio::test]
async fn a_file_read_again_adds_nothing() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..35)).unwrap();
    let store = MemoryStore::new();
    read(&file, data.path(), &store).await;
    let renamed = data.path().join("renamed.ndjson");
    fs::rename(&file, &renamed).unwrap();
    let (tally, skipped) = read(&renamed, data.path(), &store).await;
    assert_eq!((tally.consumed(), skipped, store.rows()), (0, 35, 35));
}

#[tokio::test]
async fn a_file_that_grew_is_read_on() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..20)).unwrap();
    let store = MemoryStore::new();
    read(&file, data.path(), &store).await;
    fs::write(&file, lines(0..50)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.stored(), skipped, store.rows()), (30, 20, 50));
}

#[tokio::test]
async fn other_content_under_an_old_name_is_another_file() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    fs::write(&file, lines(0..20)).unwrap();
    read(&file, data.path(), &store).await;
    // The first line is the same, the others are not.
    fs::write(&file, lines(0..1) + &lines(100..130)).unwrap();
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((tally.consumed(), skipped), (31, 0));
    assert_eq!(store.rows(), 20 + 31, "equal line numbers of two files are different records");
}

#[tokio::test]
async fn an_empty_file_is_no_event() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("empty.ndjson");
    fs::write(&file, "").unwrap();
    let (tally, _) = read(&file, data.path(), &MemoryStore::new()).await;
    assert_eq!(tally.consumed(), 0);
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(data.path().join("checkpoints.ndjson")).unwrap();
    let input = NdjsonInput::File(data.path().join("nowhere.ndjson"));
    let opened = NdjsonSource::open(&input, &checkpoints, MemoryBudget::new(1024), 10, CancellationToken::new());
    match opened.err() {
        Some(SourceError::Misconfigured(reason)) => assert!(reason.contains("nowhere.ndjson"), "{reason}"),
        other => panic!("not the expected error: {other:?}"),
    }
}

#[tokio::test]
async fn a_stopped_import_goes_on_where_it_stopped() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    fs::write(&file, lines(0..1000)).unwrap();
    let store = MemoryStore::new();
    let checkpoints = Checkpoints::open(data.path().join("checkpoints.ndjson")).unwrap();
    let stop = CancellationToken::new();
    let source = NdjsonSource::open(
        &NdjsonInput::File(file.clone()),
        &checkpoints,
        MemoryBudget::new(1 << 20),
        10,
        stop.clone(),
    )
    .unwrap();
    let shared = Arc::new(store.clone());
    let letters = Arc::new(StoreDeadLetters::new(Arc::clone(&shared) as Arc<_>));
    let batch = BatchSettings { size: 10, max: 10, ..BatchSettings::default() };
    let pipeline = Pipeline::<Voc>::new(shared, Arc::new(Annotator::default()), letters).batch(batch);
    let hold = store.hold();
    let running = tokio::spawn(pipeline.run(source));
    store.wait_until(|store| store.held() == 1).await;
    stop.cancel();
    drop(hold);
    running.await.unwrap().unwrap();
    let stored = store.rows();
    assert!(stored < 1000, "the import was stopped too late to show anything");
    let (tally, skipped) = read(&file, data.path(), &store).await;
    assert_eq!((usize::try_from(skipped).unwrap(), store.rows()), (stored, 1000));
    assert_eq!(tally.stored(), 1000 - stored as u64);
}

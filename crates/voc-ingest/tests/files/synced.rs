//! Checkpoints that wait for the disk.

use std::{fs, path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;
use voc_events::{Family as _, voc::Voc};
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, StoreDeadLetters,
    files::{Checkpoints, FileInput, FileSettings, FileSource, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

use crate::stage::{ids, lines, stored_ids};

/// Imports a file in batches of ten events; returns how many events it skipped.
async fn import(file: &Path, data: &Path, store: &MemoryStore) -> u64 {
    let checkpoints = Checkpoints::open(data.join("checkpoints.ndjson"), Voc::NAME).unwrap().synced();
    let batch = BatchSettings { size: 10, ..BatchSettings::default() };
    let settings = FileSettings {
        unfinished: UnfinishedTail::Take,
        chunk_records: batch.chunk_records(),
        budget: MemoryBudget::new(1 << 20),
    };
    let inputs = vec![FileInput::File(file.to_owned())];
    let source = FileSource::start(inputs, settings, &checkpoints, CancellationToken::new()).unwrap();
    let files = source.tally();
    let store: Arc<MemoryStore> = Arc::new(store.clone());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
    let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), dead_letters).batch(batch);
    pipeline.run(source).await.unwrap();
    files.skipped()
}

#[tokio::test]
async fn synced_checkpoints_are_continued() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let store = MemoryStore::new();
    for (events, skipped) in [(50, 0), (50, 50), (80, 50)] {
        fs::write(&file, lines(0..events)).unwrap();
        assert_eq!(import(&file, data.path(), &store).await, skipped);
        assert_eq!(stored_ids(&store), ids(0..events));
    }
}

//! Whole standalone ingestion: from a file of events to rows in the embedded engine.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, StoreDeadLetters,
    ndjson::{Checkpoints, NdjsonInput, NdjsonSource},
};
use voc_nlp::Annotator;
use voc_store::{
    EventStore, Migrator, PartitionBy,
    embedded::{EmbeddedOptions, EmbeddedStore},
};

use crate::measure::Measured;

/// Memory for records under way in bytes; the processor's default.
const MEMORY_BYTES: usize = 256 << 20;

pub(crate) fn measure(events: &[String], rounds: usize) -> anyhow::Result<Vec<Measured>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("events.ndjson");
    let content = events.join("\n");
    fs::write(&file, &content).context("cannot write the events")?;
    let runtime = Runtime::new()?;
    let default = BatchSettings::default();
    let large = BatchSettings { size: 50_000, max: 100_000, ..default };
    // One store for all rounds, as the engine opens one directory a process; each round's checkpoints are new, so each round
    // adds all its events.
    let store = Arc::new(runtime.block_on(open(&directory.path().join("data")))?);
    let mut measured = Vec::new();
    for (name, batch) in [("ingest, default batches", default), ("ingest, large batches", large)] {
        measured.push(Measured::best_of(
            name,
            rounds,
            (events.len(), content.len()),
            || Ok(tempfile::tempdir()?),
            |checkpoints| {
                let stored = runtime.block_on(ingest(&file, checkpoints.path(), Arc::clone(&store), batch))?;
                ensure!(stored == events.len() as u64, "stored {stored} of {} events", events.len());
                Ok(())
            },
        )?);
    }
    Ok(measured)
}

async fn open(directory: &Path) -> anyhow::Result<EmbeddedStore> {
    let store = EmbeddedStore::open(directory, EmbeddedOptions::default()).await?;
    Migrator::new(&store, PartitionBy::Month).up().await?;
    Ok(store)
}

async fn ingest(file: &Path, directory: &Path, store: Arc<EmbeddedStore>, batch: BatchSettings) -> anyhow::Result<u64> {
    let checkpoints = Checkpoints::open(directory.join("checkpoints.json"))?;
    let source = NdjsonSource::open(
        &NdjsonInput::File(file.to_owned()),
        &checkpoints,
        MemoryBudget::new(MEMORY_BYTES),
        batch.chunk_records(),
        CancellationToken::new(),
    )?;
    let store: Arc<dyn EventStore> = store;
    let letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store)));
    let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), letters).batch(batch);
    let tally = pipeline.tally();
    pipeline.run(source).await?;
    Ok(tally.stored())
}

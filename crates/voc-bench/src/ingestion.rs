//! Complete standalone ingestion: from a file of events to rows in the embedded engine.

mod unrecorded;

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use voc_events::{Family as _, voc::Voc};
use voc_ingest::{
    Assignment, BatchSettings, CommitError, Committer, MemoryBudget, Pipeline, Source, SourceError, StoreDeadLetters,
    TopicPartition,
    files::{Checkpoints, FileInput, FileSettings, FileSource, UnfinishedTail},
};
use voc_nlp::Annotator;
use voc_store::{
    EventStore, Migrator, PartitionBy, SqlBackend as _,
    embedded::{EmbeddedOptions, EmbeddedStore},
};

use self::unrecorded::Unrecorded;
use crate::measure::Figure;

/// Memory for records in progress in bytes; the processor's default.
const MEMORY_BYTES: usize = 256 << 20;

pub(crate) fn measure(events: &[String], rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("events.ndjson");
    let content = events.join("\n");
    fs::write(&file, &content).context("cannot write the events")?;
    let runtime = Runtime::new()?;
    let default = BatchSettings::default();
    let large = BatchSettings { size: 50_000, max: 100_000, ..default };
    // One store for all rounds, because the engine opens one directory per process; each round has new checkpoints, so
    // that it stores all its events.
    let store = Arc::new(runtime.block_on(open(&directory.path().join("data")))?);
    let figure = |name| Figure::unmeasured(name, (events.len(), content.len()));
    let mut cases = [
        (figure("ingest, default batches"), default, Commits::All),
        (figure("the same, at least once"), default, Commits::NotAwaited),
        (figure("the same, without a ledger"), default, Commits::Unrecorded),
        (figure("ingest, large batches"), large, Commits::All),
    ];
    // Round by round, so that a disturbance of the machine does not affect only one case, and each round in another
    // order, so that none is always first or after the same one. The first round warms up and does not count.
    for round in 0..=rounds.max(1) {
        let middle = round % cases.len();
        let (later, first) = cases.split_at_mut(middle);
        for (measured, batch, commits) in first.iter_mut().chain(later) {
            let checkpoints = tempfile::tempdir()?;
            runtime.block_on(empty(&store))?;
            let work = || {
                let work = ingest(&file, checkpoints.path(), Arc::clone(&store), *batch, *commits);
                let stored = runtime.block_on(work)?;
                ensure!(stored == events.len() as u64, "stored {stored} of {} events", events.len());
                Ok(())
            };
            if round == 0 { work()? } else { measured.round(work)? }
        }
    }
    Ok(cases.map(|(measured, ..)| measured).into())
}

/// What is recorded about a batch in addition to its rows.
#[derive(Clone, Copy)]
pub(crate) enum Commits {
    /// All: a crash loses and duplicates nothing.
    All,
    /// All, except the ledger.
    Unrecorded,
    /// In the background and without intents, as in a service that accepts duplicates after a crash.
    NotAwaited,
}

/// A source whose lanes neither declare their batches nor wait for commits.
struct AtLeastOnce(FileSource);

#[async_trait]
impl Source for AtLeastOnce {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        let assignment = self.0.next_assignment().await?;
        Ok(assignment.map(|assignment| Assignment {
            committer: Arc::new(BackgroundCommits(Arc::clone(&assignment.committer))),
            ..assignment
        }))
    }
}

struct BackgroundCommits(Arc<dyn Committer>);

#[async_trait]
impl Committer for BackgroundCommits {
    async fn commit(
        &self,
        partition: &TopicPartition,
        next_offset: i64,
        note: Option<&str>,
    ) -> Result<(), CommitError> {
        let (committer, partition) = (Arc::clone(&self.0), partition.clone());
        let commit = async move { committer.commit(&partition, next_offset, None).await };
        if note.is_some() {
            tokio::spawn(commit);
            return Ok(());
        }
        commit.await
    }
}

/// A store in a folder, with its tables.
pub(crate) async fn open(directory: &Path) -> anyhow::Result<EmbeddedStore> {
    let store = EmbeddedStore::open(directory, EmbeddedOptions::default()).await?;
    Migrator::new(&store, PartitionBy::Month).up().await?;
    Ok(store)
}

/// Empties the tables, so that no measurement pays for earlier rows.
async fn empty(store: &EmbeddedStore) -> anyhow::Result<()> {
    for table in ["voc_events", "ledger", "dead_letters"] {
        let sql = format!("TRUNCATE TABLE {table}");
        store.backend().execute(&sql, &[]).await.with_context(|| format!("cannot empty {table}"))?;
    }
    Ok(())
}

/// Ingests a file as the processor does. Returns the number of stored events.
pub(crate) async fn ingest(
    file: &Path,
    directory: &Path,
    store: Arc<EmbeddedStore>,
    batch: BatchSettings,
    commits: Commits,
) -> anyhow::Result<u64> {
    let checkpoints = Checkpoints::open(directory.join("checkpoints.ndjson"), Voc::NAME)?;
    let settings = FileSettings {
        unfinished: UnfinishedTail::Take,
        chunk_records: batch.chunk_records(),
        budget: MemoryBudget::new(MEMORY_BYTES),
    };
    let inputs = vec![FileInput::File(file.to_owned())];
    let source = FileSource::start(inputs, settings, &checkpoints, CancellationToken::new())?;
    let store: Arc<dyn EventStore> = match commits {
        Commits::Unrecorded => Arc::new(Unrecorded(store)),
        Commits::All | Commits::NotAwaited => store,
    };
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store)));
    let pipeline = Pipeline::<Voc>::new(store, Arc::new(Annotator::default()), dead_letters).batch(batch);
    let tally = pipeline.tally();
    match commits {
        Commits::All | Commits::Unrecorded => pipeline.run(source).await?,
        Commits::NotAwaited => pipeline.run(AtLeastOnce(source)).await?,
    }
    Ok(tally.stored())
}

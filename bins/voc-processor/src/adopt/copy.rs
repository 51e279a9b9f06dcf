//! Storing the events of a table that was set aside.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tokio_util::sync::CancellationToken;
use voc_events::{Family, families::FamilyVisitor};
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, RecentSettings, StoreDeadLetters, Tally, adoption::AdoptionSource,
};
use voc_nlp::Annotator;
use voc_service::config::lifecycle::LifecycleSettings;
use voc_store::{
    adoption::{Contents, PredecessorTable},
    clickhouse::ClickHouse,
};

use crate::{annotation, config::AdoptTask, store::Store};

/// How often progress is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// The work of storing a table's events.
pub(super) struct Copying<'c> {
    pub(super) task: &'c AdoptTask,
    pub(super) lifecycle: &'c LifecycleSettings,
    pub(super) table: &'c PredecessorTable<ClickHouse>,
    pub(super) contents: &'c Contents,
    pub(super) batch: BatchSettings,
    pub(super) store: &'c Store,
    pub(super) annotator: &'c Arc<Annotator>,
    pub(super) shutdown: &'c CancellationToken,
}

/// What was done.
pub(super) struct Copied {
    /// The topic in the coordinates of the rows.
    pub(super) topic: String,
    /// Values that were accepted although they are written differently than they should be, by field.
    pub(super) coerced: BTreeMap<&'static str, u64>,
}

impl<'c> FamilyVisitor for Copying<'c> {
    /// `None` if the process is to end before all events are stored.
    type Output = Pin<Box<dyn Future<Output = anyhow::Result<Option<Copied>>> + 'c>>;

    fn visit<F: Family>(self) -> Self::Output {
        Box::pin(self.run::<F>())
    }
}

impl Copying<'_> {
    async fn run<F: Family>(self) -> anyhow::Result<Option<Copied>> {
        let Self { task, table, contents, store, shutdown, .. } = self;
        let start = table.claim(contents).await?;
        let topic = start.claim.topic.clone();
        let done_before = u64::try_from(start.next_offset).unwrap_or(0);
        if done_before > 0 {
            tracing::info!(table = table.name(), events = done_before, of = contents.events, "continuing");
        }
        let batch = BatchSettings { size: self.batch.max, flush_after: LOG_INTERVAL, ..self.batch };
        let budget = MemoryBudget::new(task.memory_bytes);
        let source = AdoptionSource::start(table, contents, start, budget, batch.chunk_records(), shutdown.clone());
        let dead_letters = StoreDeadLetters::new(Arc::clone(&store.events));
        let pipeline =
            Pipeline::<F>::new(Arc::clone(&store.events), Arc::clone(self.annotator), Arc::new(dead_letters))
                .batch(batch)
                // Each event is read once. Another one with its identifier is another event if it has another time.
                .recent(RecentSettings { events: 0, ..RecentSettings::default() })
                .options(task.options.clone())
                .partition_by(self.lifecycle.partition_by)
                .tenant_metrics(0)
                .redactor(annotation::redactor(&task.annotation));
        let tally = pipeline.tally();
        let run = pipeline.run(source);
        let deadline = async {
            shutdown.cancelled().await;
            tokio::time::sleep(self.lifecycle.shutdown_deadline).await;
        };
        tokio::select! {
            outcome = run => outcome.with_context(|| format!("the events of {} cannot be adopted", table.kept_as()))?,
            () = self.log_progress(&tally, done_before) => {}
            // None of it is committed, so the next start reads it again.
            () = deadline => tracing::warn!("unfinished work did not end in time; it is left to the next start"),
        }
        if shutdown.is_cancelled() {
            return Ok(None);
        }
        let committed = table.committed().await?.map_or(0, |(_, next_offset)| next_offset);
        ensure!(
            u64::try_from(committed) == Ok(contents.events),
            "{} of {} events of {} are done, and another process continues: it has claimed the adoption",
            committed,
            contents.events,
            table.kept_as()
        );
        Ok(Some(Copied { topic, coerced: tally.coerced() }))
    }

    /// Logs the progress, and never ends.
    async fn log_progress(&self, tally: &Tally, done_before: u64) {
        let started_at = Instant::now();
        let mut interval = tokio::time::interval(LOG_INTERVAL);
        interval.tick().await;
        loop {
            interval.tick().await;
            let done = tally.stored() + tally.dead_lettered();
            let left = self.contents.events.saturating_sub(done_before + done);
            let seconds = started_at.elapsed().as_secs().max(1);
            let per_second = done / seconds;
            tracing::info!(
                events = done_before + done,
                of = self.contents.events,
                per_second,
                seconds_left = left.checked_div(per_second),
                "adopting {}",
                self.table.name()
            );
        }
    }
}

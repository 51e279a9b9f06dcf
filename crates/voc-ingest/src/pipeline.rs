//! The pipeline: a lane for every partition a source hands out.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use tokio::task::{JoinError, JoinSet};
use voc_events::{DecodeOptions, Family, TableError};
use voc_nlp::{Annotator, Redactor};
use voc_store::{EventStore, PartitionBy, Retention};

use crate::{
    BatchSettings, DeadLetterSink, InsertSlots, RecentSettings, Source, SourceError,
    clock::now_utc,
    event_times::EventTimes,
    event_types::EventTypes,
    freshness::Freshness,
    lane::{self, LaneContext, LaneError},
    meter::{Meter, Tally},
    misdirected::MisdirectedRecords,
    registry::Schemas,
};

/// How often the lag of tenants is reported.
const TENANT_LAG_INTERVAL: Duration = Duration::from_secs(1);

/// Default number of concurrent inserts.
const DEFAULT_INSERT_SLOTS: usize = 4;

/// Default number of tenants with a metric series of their own.
const DEFAULT_TENANTS: usize = 100;

/// Runs the lanes of one family.
pub struct Pipeline<F> {
    context: LaneContext,
    family: PhantomData<fn() -> F>,
}

impl<F: Family> Pipeline<F> {
    /// A pipeline with default settings.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, annotator: Arc<Annotator>, dead_letters: Arc<dyn DeadLetterSink>) -> Self {
        let context = LaneContext {
            store,
            annotator,
            redactor: None,
            dead_letters,
            options: DecodeOptions::default(),
            schemas: None,
            table: F::TABLE,
            batch: BatchSettings::default(),
            recent: RecentSettings::default(),
            partition_by: PartitionBy::default(),
            insert_queue: InsertSlots::new(DEFAULT_INSERT_SLOTS).queue(),
            max_attempts: 20,
            meter: Meter::new(F::NAME, F::PRESETS.metrics_prefix),
            misdirected: MisdirectedRecords::of::<F>(),
            event_times: EventTimes::new(F::NAME, F::TABLE),
            event_types: EventTypes::new(F::NAME, F::TYPES),
            freshness: Freshness::new(F::NAME, DEFAULT_TENANTS),
        };
        Self { context, family: PhantomData }
    }

    /// Sets when batches are cut.
    #[must_use]
    pub fn batch(mut self, settings: BatchSettings) -> Self {
        self.context.batch = settings;
        self
    }

    /// Sets the window in which resent events are recognised.
    #[must_use]
    pub fn recent(mut self, settings: RecentSettings) -> Self {
        self.context.recent = settings;
        self
    }

    /// Sets how records are decoded: their limits, and whether values in a non-standard form are accepted.
    #[must_use]
    pub fn options(mut self, options: DecodeOptions) -> Self {
        self.context.options = options;
        self
    }

    /// Sets the source of writer schemas. Without one, records in the wire format of a schema registry are invalid.
    #[must_use]
    pub fn schemas(mut self, schemas: Option<Arc<dyn Schemas>>) -> Self {
        self.context.schemas = schemas;
        self
    }

    /// Removes personal data from stored payloads, with each tenant's own choice if the annotator knows one
    /// ([`Annotator::redactor_for`]). Dead letters keep records as they were received.
    #[must_use]
    pub fn redactor(mut self, redactor: Option<Redactor>) -> Self {
        self.context.redactor = redactor;
        self
    }

    /// Sets how batches are split; must match the partitioning of the tables.
    #[must_use]
    pub fn partition_by(mut self, partition_by: PartitionBy) -> Self {
        self.context.partition_by = partition_by;
        self
    }

    /// Sets how long the store keeps rows, to count events that are older. By default, as the table is created.
    #[must_use]
    pub fn retention(mut self, retention: Option<&Retention>) -> Self {
        if let Some(retention) = retention {
            self.context.event_times.keep(retention);
        }
        self
    }

    /// Sets the number of concurrent inserts, at least one. Default 4.
    #[must_use]
    pub fn insert_slots(self, slots: usize) -> Self {
        self.shared_insert_slots(&InsertSlots::new(slots))
    }

    /// Shares insert slots with other pipelines.
    #[must_use]
    pub fn shared_insert_slots(mut self, slots: &InsertSlots) -> Self {
        self.context.insert_queue = slots.queue();
        self
    }

    /// Sets how often rows, dead letters or ledger entries are attempted if they are refused for a reason that an
    /// operator must repair, such as a missing column or a revoked permission. After that the pipeline stops. Default
    /// 20, which takes about a minute with back-off.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.context.max_attempts = attempts;
        self
    }

    /// Sets how many tenants have a series of their own in `voc_tenant_lag_seconds`. The others share one, and 0
    /// disables the metric. Default 100.
    #[must_use]
    pub fn tenant_metrics(mut self, tenants: usize) -> Self {
        self.context.freshness = Freshness::new(F::NAME, tenants);
        self
    }

    /// The running totals.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.context.meter.tally)
    }

    /// Processes everything that the source hands out, until it has no more and every lane has ended.
    ///
    /// # Errors
    /// [`PipelineError`] if the source cannot continue or a lane fails. Everything committed before is stored.
    pub async fn run(self, mut source: impl Source) -> Result<(), PipelineError> {
        const { &F::TABLE }.check()?;
        let context = Arc::new(self.context);
        let mut lanes = JoinSet::new();
        let mut lag_reports = tokio::time::interval(TENANT_LAG_INTERVAL);
        let outcome = loop {
            tokio::select! {
                assignment = source.next_assignment() => match assignment {
                    Ok(Some(assignment)) => {
                        lanes.spawn(lane::run::<F>(Arc::clone(&context), assignment));
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(PipelineError::Source(error)),
                },
                Some(ended) = lanes.join_next() => lane_outcome(ended)?,
                _ = lag_reports.tick() => context.freshness.report(now_utc()),
            }
        };
        // Records taken before the source failed are still delivered: the channels of its lanes are closed by now.
        while let Some(ended) = lanes.join_next().await {
            lane_outcome(ended)?;
        }
        context.freshness.report(now_utc());
        outcome
    }
}

fn lane_outcome(ended: Result<Result<(), LaneError>, JoinError>) -> Result<(), PipelineError> {
    // Lanes are never aborted here, so a task without an outcome has panicked.
    ended.map_err(|_| PipelineError::Panic)?.map_err(PipelineError::Lane)
}

/// Why a pipeline cannot continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A lane cannot continue; its records were not committed.
    #[error(transparent)]
    Lane(#[from] LaneError),
    /// The family's table cannot hold its events.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A lane panicked, which is a defect in this program; its records were not committed.
    #[error("a lane failed; its records were not committed")]
    Panic,
}

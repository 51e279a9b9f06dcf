//! The pipeline: a lane for every partition a source hands out.

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{Counter, Histogram};
use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
};
use voc_events::{Family, Limits, MAX_CLOCK_SKEW_MILLIS, Timestamp};
use voc_nlp::{Annotator, Redactor};
use voc_store::{EventStore, PartitionBy};

use crate::{
    BatchSettings, DeadLetterSink, RecentSettings, Source, SourceError,
    clock::now_utc,
    event_types::EventTypes,
    freshness::Freshness,
    lane::{self, LaneContext, LaneError},
    telemetry,
};

/// How often tenants' lag is told.
const TENANT_LAG_INTERVAL: Duration = Duration::from_secs(1);

/// Tenants with a series of their own.
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
            limits: Limits::default(),
            batch: BatchSettings::default(),
            recent: RecentSettings::default(),
            partition_by: PartitionBy::default(),
            insert_slots: Arc::new(Semaphore::new(4)),
            most_tries: 20,
            meter: Meter::new(),
            event_types: EventTypes::new(F::TYPES),
            freshness: Freshness::new(DEFAULT_TENANTS),
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

    /// Sets the bounds on records and events.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.context.limits = limits;
        self
    }

    /// Takes personal data out of the payloads that are stored. Dead letters keep records as they were received.
    #[must_use]
    pub fn redactor(mut self, redactor: Option<Redactor>) -> Self {
        self.context.redactor = redactor;
        self
    }

    /// Sets how batches are split; must be how the tables are partitioned.
    #[must_use]
    pub fn partition_by(mut self, partition_by: PartitionBy) -> Self {
        self.context.partition_by = partition_by;
        self
    }

    /// Sets how many inserts may run at the same time, at least one. Default 4.
    #[must_use]
    pub fn insert_slots(mut self, slots: usize) -> Self {
        self.context.insert_slots = Arc::new(Semaphore::new(slots.max(1)));
        self
    }

    /// Sets how often rows, dead letters or an entry of the ledger are tried that are refused for what somebody must
    /// repair, such as a missing column or a right withdrawn, before the pipeline stops. Default 20, which with the
    /// waits between them take about a minute.
    #[must_use]
    pub fn most_tries(mut self, tries: u32) -> Self {
        self.context.most_tries = tries;
        self
    }

    /// Sets how many tenants have a series of their own in `voc_tenant_lag_seconds`; the others share one, and 0 turns it off. Default
    /// 100.
    #[must_use]
    pub fn tenant_metrics(mut self, tenants: usize) -> Self {
        self.context.freshness = Freshness::new(tenants);
        self
    }

    /// The running totals.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.context.meter.tally)
    }

    /// Processes what the source hands out until it has no more, and every lane has ended.
    ///
    /// # Errors
    /// [`PipelineError`] if the source cannot go on or a lane fails; what was committed until then is stored.
    pub async fn run(self, mut source: impl Source) -> Result<(), PipelineError> {
        let context = Arc::new(self.context);
        let mut lanes = JoinSet::new();
        let mut lag_told = tokio::time::interval(TENANT_LAG_INTERVAL);
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
                _ = lag_told.tick() => context.freshness.tell(now_utc()),
            }
        };
        // What was taken before the source failed is still delivered: its lanes' channels are closed by now.
        while let Some(ended) = lanes.join_next().await {
            lane_outcome(ended)?;
        }
        context.freshness.tell(now_utc());
        outcome
    }
}

fn lane_outcome(ended: Result<Result<(), LaneError>, JoinError>) -> Result<(), PipelineError> {
    // Lanes are never aborted here, so a task without an outcome has panicked.
    ended.map_err(|_| PipelineError::Panic)?.map_err(|error| PipelineError::Lane(error.to_string()))
}

/// A pipeline that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A lane cannot go on, for the reason given; its records were not committed.
    #[error("{0}")]
    Lane(String),
    /// A lane failed because of a defect in this program; its records were not committed.
    #[error("a lane failed; its records were not committed")]
    Panic,
}

/// Running totals of a pipeline. When every lane has ended in peace, `consumed` is the sum of the others.
#[derive(Debug, Default)]
pub struct Tally {
    consumed: AtomicU64,
    stored: AtomicU64,
    dead_lettered: AtomicU64,
    duplicates: AtomicU64,
}

impl Tally {
    /// Records taken from the source.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Events whose rows are stored.
    #[must_use]
    pub fn stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Records kept as dead letters.
    #[must_use]
    pub fn dead_lettered(&self) -> u64 {
        self.dead_lettered.load(Ordering::Relaxed)
    }

    /// Resent events dropped.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }
}

/// Counts for the totals and for the metrics alike.
pub(crate) struct Meter {
    tally: Arc<Tally>,
    consumed: Counter,
    processed: Counter,
    dead_lettered: Counter,
    duplicates: Counter,
    future: Counter,
    replayed: Counter,
    healed: Counter,
    imbalance: Counter,
    gap_offsets: Counter,
    batch_seconds: Histogram,
    batch_size: Histogram,
}

impl Meter {
    fn new() -> Self {
        Self {
            tally: Arc::default(),
            consumed: metrics::counter!(telemetry::EVENTS_CONSUMED),
            processed: metrics::counter!(telemetry::EVENTS_PROCESSED),
            dead_lettered: metrics::counter!(telemetry::EVENTS_DEAD_LETTERED),
            duplicates: metrics::counter!(telemetry::EVENTS_DUPLICATE),
            future: metrics::counter!(telemetry::EVENTS_FUTURE),
            replayed: metrics::counter!(telemetry::BATCHES_REPLAYED),
            healed: metrics::counter!(telemetry::ROWS_HEALED),
            imbalance: metrics::counter!(telemetry::LEDGER_IMBALANCE),
            gap_offsets: metrics::counter!(telemetry::GAP_OFFSETS),
            batch_seconds: metrics::histogram!(telemetry::BATCH_PROCESS_SECONDS),
            batch_size: metrics::histogram!(telemetry::BATCH_SIZE),
        }
    }

    pub(crate) fn consumed(&self, records: usize) {
        add(&self.tally.consumed, &self.consumed, records);
    }

    pub(crate) fn processed(&self, rows: usize) {
        add(&self.tally.stored, &self.processed, rows);
    }

    pub(crate) fn dead_lettered(&self, letters: usize) {
        add(&self.tally.dead_lettered, &self.dead_lettered, letters);
    }

    pub(crate) fn duplicates(&self, events: usize) {
        add(&self.tally.duplicates, &self.duplicates, events);
    }

    /// Counts those of events' times that no clock should tell yet.
    pub(crate) fn future(&self, times: impl Iterator<Item = Timestamp>) {
        let end = now_utc().as_millis() + MAX_CLOCK_SKEW_MILLIS;
        self.future.increment(times.filter(|time| time.as_millis() >= end).count() as u64);
    }

    pub(crate) fn replayed(&self) {
        self.replayed.increment(1);
    }

    pub(crate) fn healed(&self, rows: usize) {
        self.healed.increment(rows as u64);
    }

    pub(crate) fn imbalance(&self) {
        self.imbalance.increment(1);
    }

    pub(crate) fn gap_offsets(&self, offsets: u64) {
        self.gap_offsets.increment(offsets);
    }

    pub(crate) fn batch(&self, records: usize, elapsed: Duration) {
        self.batch_seconds.record(elapsed);
        #[expect(clippy::cast_precision_loss, reason = "batches are far smaller than 2^52")]
        self.batch_size.record(records as f64);
    }

    #[expect(clippy::unused_self, reason = "all counting goes through the meter")]
    pub(crate) fn reset(&self, reason: &'static str) {
        metrics::counter!(telemetry::SOURCE_RESETS, "reason" => reason).increment(1);
    }

    #[expect(clippy::unused_self, reason = "all counting goes through the meter")]
    pub(crate) fn error(&self, error_type: &'static str) {
        metrics::counter!(telemetry::PROCESSING_ERRORS, "error_type" => error_type).increment(1);
    }
}

fn add(total: &AtomicU64, counter: &Counter, count: usize) {
    let count = count as u64;
    total.fetch_add(count, Ordering::Relaxed);
    counter.increment(count);
}

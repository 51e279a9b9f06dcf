//! Counting, for both the totals and the metrics.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{Counter, Histogram};

use crate::{telemetry, waiting::WaitingDeliveries};

/// Running totals of a pipeline. When every lane has ended normally, `consumed` is the sum of the others.
#[derive(Debug, Default)]
pub struct Tally {
    consumed: AtomicU64,
    stored: AtomicU64,
    dead_lettered: AtomicU64,
    duplicates: AtomicU64,
    /// By field.
    coerced: Mutex<BTreeMap<&'static str, u64>>,
    pub(crate) waiting: WaitingDeliveries,
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

    /// Values that were accepted although they are written differently than they should be, by field.
    #[must_use]
    pub fn coerced(&self) -> BTreeMap<&'static str, u64> {
        self.coerced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which delivery has been failing, attempt after attempt, for at least `patience`, and why.
    #[must_use]
    pub fn failing_for(&self, patience: Duration) -> Option<String> {
        self.waiting.longer_than(patience)
    }
}

/// Counts for both the totals and the metrics.
pub(crate) struct Meter {
    /// The same numbers under the names of a replaced system.
    aliases: Option<Aliases>,
    family: &'static str,
    pub(crate) tally: Arc<Tally>,
    consumed: Counter,
    processed: Counter,
    dead_lettered: Counter,
    duplicates: Counter,
    reinserted: Counter,
    healed: Counter,
    imbalance: Counter,
    gap_offsets: Counter,
    batch_seconds: Histogram,
    batch_size: Histogram,
}

impl Meter {
    pub(crate) fn new(family: &'static str, prefix: Option<&'static str>) -> Self {
        let counter = |name| metrics::counter!(name, "family" => family);
        let histogram = |name| metrics::histogram!(name, "family" => family);
        Self {
            aliases: prefix.map(Aliases::new),
            family,
            tally: Arc::default(),
            consumed: counter(telemetry::EVENTS_CONSUMED),
            processed: counter(telemetry::EVENTS_PROCESSED),
            dead_lettered: counter(telemetry::EVENTS_DEAD_LETTERED),
            duplicates: counter(telemetry::EVENTS_DUPLICATE),
            reinserted: counter(telemetry::BATCHES_REINSERTED),
            healed: counter(telemetry::ROWS_HEALED),
            imbalance: counter(telemetry::LEDGER_IMBALANCE),
            gap_offsets: counter(telemetry::GAP_OFFSETS),
            batch_seconds: histogram(telemetry::BATCH_PROCESS_SECONDS),
            batch_size: histogram(telemetry::BATCH_SIZE),
        }
    }

    pub(crate) fn consumed(&self, records: usize) {
        add(&self.tally.consumed, &self.consumed, records);
        self.alias(|aliases| aliases.consumed.increment(records as u64));
    }

    pub(crate) fn processed(&self, rows: usize) {
        add(&self.tally.stored, &self.processed, rows);
        self.alias(|aliases| aliases.inserted.increment(rows as u64));
    }

    pub(crate) fn dead_lettered(&self, dead_letters: usize) {
        add(&self.tally.dead_lettered, &self.dead_lettered, dead_letters);
    }

    pub(crate) fn duplicates(&self, events: usize) {
        add(&self.tally.duplicates, &self.duplicates, events);
    }

    /// Counts field values that were accepted in a non-standard form.
    pub(crate) fn coerced(&self, field: &'static str) {
        metrics::counter!(telemetry::EVENTS_COERCED, "family" => self.family, "field" => field).increment(1);
        *self.tally.coerced.lock().unwrap_or_else(PoisonError::into_inner).entry(field).or_default() += 1;
    }

    pub(crate) fn reinserted(&self) {
        self.reinserted.increment(1);
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
        self.alias(|aliases| aliases.flush_seconds.record(elapsed));
        #[expect(clippy::cast_precision_loss, reason = "batches are far smaller than 2^52")]
        self.batch_size.record(records as f64);
    }

    pub(crate) fn reset(&self, reason: &'static str) {
        metrics::counter!(telemetry::SOURCE_RESETS, "family" => self.family, "reason" => reason).increment(1);
    }

    pub(crate) fn error(&self, error_type: &'static str) {
        metrics::counter!(telemetry::PROCESSING_ERRORS, "family" => self.family, "error_type" => error_type)
            .increment(1);
        self.alias(|aliases| aliases.errors.increment(1));
    }

    fn alias(&self, count: impl FnOnce(&Aliases)) {
        if let Some(aliases) = &self.aliases {
            count(aliases);
        }
    }
}

fn add(total: &AtomicU64, counter: &Counter, count: usize) {
    let count = count as u64;
    total.fetch_add(count, Ordering::Relaxed);
    counter.increment(count);
}

/// Metrics under the names of a replaced system; see [`Presets::metrics_as`](voc_events::Presets::metrics_as).
struct Aliases {
    consumed: Counter,
    inserted: Counter,
    errors: Counter,
    flush_seconds: Histogram,
}

impl Aliases {
    fn new(prefix: &'static str) -> Self {
        let [consumed, inserted, errors] = telemetry::alias_counters(prefix).map(|(name, _)| metrics::counter!(name));
        let (flush_seconds, _) = telemetry::alias_histogram(prefix);
        Self { consumed, inserted, errors, flush_seconds: metrics::histogram!(flush_seconds) }
    }
}

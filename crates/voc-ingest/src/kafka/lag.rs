//! The lag of the group, per partition.
//!
//! The statistics of librdkafka know the end of a partition only from the last fetch, so they stall exactly when a
//! lane does and nothing is fetched. So a thread queries the brokers.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::Thread,
    time::Duration,
};

use super::{
    observer::Observer,
    ownership::Ownership,
    settings::{KafkaSettings, OffsetReset},
};
use crate::{SourceError, TopicPartition, telemetry};

/// Pause between two rounds.
const INTERVAL: Duration = Duration::from_secs(5);
/// Timeout per partition.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Keeps the lag gauges of owned partitions up to date until dropped.
pub(super) struct LagWatch {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    family: &'static str,
    partitions: Mutex<BTreeMap<TopicPartition, Weak<Ownership>>>,
    /// Determines the lag of a partition from which nothing was committed or read yet.
    reset: OffsetReset,
    brokers_answer: AtomicBool,
    ended: AtomicBool,
}

impl LagWatch {
    /// Starts the thread.
    pub(super) fn start(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Observer::new(settings, "-lag")?;
        let shared = Arc::new(Shared {
            family: settings.family,
            partitions: Mutex::default(),
            reset: settings.auto_offset_reset,
            brokers_answer: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        let watched = Arc::clone(&shared);
        let started = std::thread::Builder::new().name("kafka-lag".to_owned()).spawn(move || watched.run(&observer));
        let started =
            started.map_err(|source| SourceError::Io { context: "cannot start a thread".to_owned(), source })?;
        Ok(Self { shared, thread: started.thread().clone() })
    }

    /// Starts watching a partition.
    pub(super) fn watch(&self, partition: TopicPartition, ownership: &Arc<Ownership>) {
        self.shared.partitions().insert(partition, Arc::downgrade(ownership));
        self.thread.unpark();
    }

    /// Stops watching a partition: its next owner reports its lag, and the gauge here becomes 0.
    pub(super) fn forget(&self, partition: &TopicPartition) {
        let mut partitions = self.shared.partitions();
        if partitions.remove(partition).is_some() {
            self.shared.set_gauge(partition, 0);
        }
    }

    /// Counts a lane that could not resume where the group had left off.
    pub(super) fn count_reset(&self, reason: &'static str) {
        self.shared.count_reset(reason);
    }

    /// Whether a broker has answered since the last call.
    pub(super) fn brokers_answered(&self) -> bool {
        self.shared.brokers_answer.swap(false, Ordering::Relaxed)
    }
}

impl Drop for LagWatch {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }
}

impl Shared {
    fn partitions(&self) -> MutexGuard<'_, BTreeMap<TopicPartition, Weak<Ownership>>> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, observer: &Observer) {
        while !self.ended.load(Ordering::Relaxed) {
            let partitions: Vec<TopicPartition> = self.partitions().keys().cloned().collect();
            for partition in partitions {
                if self.ended.load(Ordering::Relaxed) {
                    return;
                }
                match observer.offsets(&partition, TIMEOUT) {
                    Ok(range) => {
                        self.brokers_answer.store(true, Ordering::Relaxed);
                        self.report(&partition, range);
                    }
                    Err(error) => tracing::debug!(%partition, %error, "lag unknown"),
                }
            }
            observer.serve();
            std::thread::park_timeout(INTERVAL);
        }
    }

    fn report(&self, partition: &TopicPartition, (oldest, end): (i64, i64)) {
        let partitions = self.partitions();
        let Some(ownership) = partitions.get(partition).and_then(Weak::upgrade) else { return };
        ownership.log_begins_at(oldest);
        if let Some(gap) = ownership.take_gap() {
            self.report_missing(partition, gap.start..gap.end.min(oldest));
        }
        let done_before = ownership.done_before().unwrap_or(match self.reset {
            OffsetReset::Earliest => oldest,
            OffsetReset::Latest => end,
        });
        drop(ownership);
        self.set_gauge(partition, end - done_before.max(oldest));
    }

    fn set_gauge(&self, partition: &TopicPartition, lag: i64) {
        let labels = [
            ("family", self.family.to_owned()),
            ("topic", partition.topic.to_string()),
            ("partition", partition.partition.to_string()),
        ];
        #[expect(clippy::cast_precision_loss, reason = "partitions hold fewer than 2^52 records")]
        metrics::gauge!(telemetry::CONSUMER_LAG, &labels).set(lag.max(0) as f64);
    }

    fn count_reset(&self, reason: &'static str) {
        metrics::counter!(telemetry::SOURCE_RESETS, "family" => self.family, "reason" => reason).increment(1);
    }

    /// Reports skipped offsets that are older than the oldest record.
    fn report_missing(&self, partition: &TopicPartition, missing: Range<i64>) {
        // Other skipped offsets have no record or were compacted away.
        if missing.is_empty() {
            return;
        }
        tracing::warn!(
            %partition,
            first = missing.start,
            last = missing.end - 1,
            "records were deleted before they were read; reading resumes at the oldest one"
        );
        self.count_reset("below_oldest");
        metrics::counter!(telemetry::OFFSETS_MISSING, "family" => self.family)
            .increment((missing.end - missing.start).unsigned_abs());
    }
}

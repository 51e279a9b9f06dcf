//! Counts events whose times make them missing from answers: future ones, and those that the table no longer keeps.

use std::sync::atomic::{AtomicBool, Ordering};

use metrics::Counter;
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Table, Timestamp};

use crate::{clock::now_utc, telemetry};

/// Counts the events of a family by their times, and warns once if the table removes rows as old as theirs.
pub(crate) struct EventTimes {
    table: Table,
    future: Counter,
    expired: Counter,
    is_reported: AtomicBool,
}

impl EventTimes {
    pub(crate) fn new(family: &'static str, table: Table) -> Self {
        let counter = |name| metrics::counter!(name, "family" => family);
        Self {
            table,
            future: counter(telemetry::EVENTS_FUTURE),
            expired: counter(telemetry::EVENTS_EXPIRED),
            is_reported: AtomicBool::new(false),
        }
    }

    /// Counts accepted events of a topic by their times.
    pub(crate) fn count(&self, topic: &str, times: impl Iterator<Item = Timestamp>) {
        let now = now_utc();
        let end_of_present = now.as_millis() + MAX_CLOCK_SKEW_MILLIS;
        let (mut future, mut expired) = (0, 0);
        for time in times {
            future += u64::from(time.as_millis() >= end_of_present);
            expired += u64::from(self.table.has_expired(time, now));
        }
        self.future.increment(future);
        self.expired.increment(expired);
        if expired > 0 {
            self.report(topic);
        }
    }

    fn report(&self, topic: &str) {
        let Some(days) = self.table.retention_days else { return };
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                topic,
                "events of {topic} are older than {days} days, for which the table {} keeps rows: they are stored and \
                 soon removed; {} counts them",
                self.table.name,
                telemetry::EVENTS_EXPIRED,
            );
        }
    }
}

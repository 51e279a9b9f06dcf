//! Counts events whose times make them missing from answers: future ones, and those that the table no longer keeps.

use std::sync::atomic::{AtomicBool, Ordering};

use metrics::Counter;
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Table, Timestamp};
use voc_store::{CurrentRetention, Retention};

use crate::{clock::now_utc, telemetry};

/// Counts the events of a family by their times, and warns once if the table removes rows as old as theirs.
pub(crate) struct EventTimes {
    table: Table,
    kept: CurrentRetention,
    /// The same, in words.
    kept_for: String,
    future: Counter,
    expired: Counter,
    is_reported: AtomicBool,
}

impl EventTimes {
    pub(crate) fn new(family: &'static str, table: Table) -> Self {
        let counter = |name| metrics::counter!(name, "family" => family);
        let mut times = Self {
            table,
            kept: CurrentRetention::default(),
            kept_for: String::new(),
            future: counter(telemetry::EVENTS_FUTURE),
            expired: counter(telemetry::EVENTS_EXPIRED),
            is_reported: AtomicBool::new(false),
        };
        times.keep(&Retention::of(&times.table));
        times
    }

    /// Sets how long rows are kept; by default, as the table is created.
    pub(crate) fn keep(&mut self, retention: &Retention) {
        (self.kept, self.kept_for) = (retention.current(), retention.to_string());
    }

    /// Counts accepted events of a topic by their tenants and times.
    pub(crate) fn count<'e>(&self, topic: &str, events: impl Iterator<Item = (Option<&'e str>, Timestamp)>) {
        let now = now_utc();
        let end_of_present = now.as_millis() + MAX_CLOCK_SKEW_MILLIS;
        let (mut future, mut expired) = (0, 0);
        let is_forever = self.kept.is_forever();
        for (tenant, time) in events {
            future += u64::from(time.as_millis() >= end_of_present);
            expired += u64::from(!is_forever && self.kept.is_over(tenant.unwrap_or_default(), time, now));
        }
        self.future.increment(future);
        self.expired.increment(expired);
        if expired > 0 {
            self.report(topic);
        }
    }

    fn report(&self, topic: &str) {
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                topic,
                "events of {topic} are older than the table {} keeps rows ({}): they are stored and soon removed; {} counts them",
                self.table.name,
                self.kept_for,
                telemetry::EVENTS_EXPIRED,
            );
        }
    }
}

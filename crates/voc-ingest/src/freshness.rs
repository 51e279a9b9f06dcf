//! How far the store lags behind: the age of records when they are stored, and of waiting records by tenant.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::{Gauge, Histogram};
use voc_events::Timestamp;

use crate::telemetry;

/// The label for tenants without a series of their own.
const OTHERS: &str = "other";

/// Resolution of record ages in milliseconds.
const GRAIN: i64 = 100;

/// Records of the same age per histogram sample: a distribution needs no more, and samples cost memory until they are
/// scraped.
const RECORDS_PER_SAMPLE: usize = 64;

/// Sentinel for "no record".
const NEVER: i64 = i64::MAX;

/// Tracks records from being taken to being stored. Clones share their state.
#[derive(Clone)]
pub(crate) struct Freshness {
    shared: Arc<Shared>,
}

struct Shared {
    family: &'static str,
    max_tenants: usize,
    ages: Histogram,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Index of each tenant's series; the shared series comes last.
    places: HashMap<Box<str>, usize>,
    series: Vec<Gauge>,
    others: Option<Gauge>,
    /// For each waiting batch, the time of its oldest record by series.
    waiting: HashMap<u64, Vec<i64>>,
    next_batch: u64,
}

impl Freshness {
    /// Tracks the first `max_tenants` tenants in a series each; 0 disables the series.
    pub(crate) fn new(family: &'static str, max_tenants: usize) -> Self {
        let ages = metrics::histogram!(telemetry::FRESHNESS_SECONDS, "family" => family);
        Self { shared: Arc::new(Shared { family, max_tenants, ages, state: Mutex::default() }) }
    }

    /// Begins tracking a batch.
    pub(crate) fn batch(&self) -> LagTracker {
        let mut state = self.shared.lock();
        let number = state.next_batch;
        state.next_batch += 1;
        LagTracker {
            shared: Arc::clone(&self.shared),
            number,
            ages: Vec::new(),
            oldest: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Reports the lag of every tenant: the age of its oldest waiting record, or 0.
    pub(crate) fn report(&self, now: Timestamp) {
        let state = self.shared.lock();
        let series = state.series.iter().chain(&state.others);
        for (place, gauge) in series.enumerate() {
            let times = state.waiting.values().filter_map(|oldest| oldest.get(place));
            let oldest = times.min().filter(|oldest| **oldest != NEVER);
            gauge.set(oldest.map_or(0.0, |oldest| seconds(now.as_millis() - oldest)));
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Index of a tenant's series, which never changes.
    fn place(&self, tenant_id: &str) -> usize {
        let mut state = self.lock();
        if let Some(place) = state.places.get(tenant_id) {
            return *place;
        }
        let family = self.family;
        let gauge = |tenant: &str| metrics::gauge!(telemetry::TENANT_LAG_SECONDS, "family" => family, "tenant" => tenant.to_owned());
        if state.series.len() < self.max_tenants {
            let place = state.series.len();
            state.places.insert(tenant_id.into(), place);
            state.series.push(gauge(tenant_id));
            return place;
        }
        state.others.get_or_insert_with(|| gauge(OTHERS));
        self.max_tenants
    }
}

/// Tracks the records of one batch until it is stored or abandoned, which is when the tracker is dropped.
pub(crate) struct LagTracker {
    shared: Arc<Shared>,
    number: u64,
    /// Runs of records of the same age: time and count.
    ages: Vec<(i64, usize)>,
    /// Time of the oldest record by series.
    oldest: Vec<i64>,
    /// Cache of series indexes by tenant.
    places: HashMap<Box<str>, usize>,
}

impl LagTracker {
    /// Adds a record; `tenant_id` is empty if it has none.
    pub(crate) fn add(&mut self, tenant_id: &str, time: Timestamp) {
        let millis = time.as_millis();
        match self.ages.last_mut() {
            Some((run, count)) if *run / GRAIN == millis / GRAIN => *count += 1,
            _ => self.ages.push((millis, 1)),
        }
        if self.shared.max_tenants == 0 {
            return;
        }
        let place = match self.places.get(tenant_id) {
            Some(place) => *place,
            None => {
                let place = self.shared.place(tenant_id);
                self.places.insert(tenant_id.into(), place);
                place
            }
        };
        if self.oldest.len() <= place {
            self.oldest.resize(place + 1, NEVER);
        }
        self.oldest[place] = self.oldest[place].min(millis);
    }

    /// Publishes the added records to the lag of the tenants.
    pub(crate) fn publish(&self) {
        if !self.oldest.is_empty() {
            self.shared.lock().waiting.insert(self.number, self.oldest.clone());
        }
    }

    /// All records are stored.
    pub(crate) fn stored(self, now: Timestamp) {
        for (time, count) in &self.ages {
            self.shared.ages.record_many(seconds(now.as_millis() - time), count.div_ceil(RECORDS_PER_SAMPLE));
        }
    }
}

impl Drop for LagTracker {
    fn drop(&mut self) {
        self.shared.lock().waiting.remove(&self.number);
    }
}

/// Converts an age to seconds; negative ages, from a clock that is ahead, count as 0.
fn seconds(millis: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ages are far below 2^52 milliseconds")]
    let seconds = millis.max(0) as f64 / 1000.0;
    seconds
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_770_000_000_000 + seconds * 1000)
    }

    fn lag(page: &PrometheusHandle, tenant: &str) -> Option<f64> {
        let series = format!("voc_tenant_lag_seconds{{family=\"voc\",tenant=\"{tenant}\"}} ");
        page.render().lines().find_map(|line| line.strip_prefix(&series)?.parse().ok())
    }

    #[test]
    fn the_lag_of_a_tenant_is_the_age_of_its_oldest_waiting_record() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let page = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            let freshness = Freshness::new("voc", 2);
            let (mut first, mut second) = (freshness.batch(), freshness.batch());
            for (tenant, time) in [("acme", 5), ("acme", 3), ("globex", 8), ("initech", 1), ("umbrella", 9)] {
                first.add(tenant, at(time));
            }
            second.add("acme", at(7));
            first.publish();
            second.publish();
            let reported = |now| {
                freshness.report(at(now));
                ["acme", "globex", "other", "initech"].map(|tenant| lag(&page, tenant))
            };
            assert_eq!(reported(10), [Some(7.0), Some(2.0), Some(9.0), None]);
            assert_eq!(reported(20), [Some(17.0), Some(12.0), Some(19.0), None], "lag grows without new records");
            first.stored(at(20));
            assert_eq!(reported(20), [Some(13.0), Some(0.0), Some(0.0), None]);
            // An abandoned batch belongs to its next owner.
            drop(second);
            assert_eq!(reported(30), [Some(0.0), Some(0.0), Some(0.0), None]);
        });
    }

    #[test]
    fn ages_are_counted_when_records_are_stored() {
        let recorder = PrometheusBuilder::new().set_buckets(&[1.0, 10.0]).unwrap().build_recorder();
        let page = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            let freshness = Freshness::new("voc", 0);
            let mut batch = freshness.batch();
            (0..100).for_each(|_| batch.add("acme", at(0)));
            batch.add("acme", at(9));
            // The clock of the producer is ahead.
            batch.add("acme", at(12));
            batch.publish();
            batch.stored(at(10));
            freshness.report(at(10));
        });
        let page = page.render();
        for line in
            ["bucket{family=\"voc\",le=\"1\"} 2", "bucket{family=\"voc\",le=\"10\"} 4", "count{family=\"voc\"} 4"]
        {
            assert!(page.contains(&format!("voc_freshness_seconds_{line}")), "{line}: {page}");
        }
        assert!(!page.contains("tenant"), "{page}");
    }
}

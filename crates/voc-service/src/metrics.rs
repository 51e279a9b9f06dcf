//! The process's metrics, rendered in Prometheus' text format.
//!
//! The code that measures owns the names and emits through the `metrics` facade. A binary describes them here once, so
//! that each has a help text and buckets, and so that counters and histograms are on the page with 0 before their
//! first sample.
//!
//! ```
//! use voc_service::metrics::{Metric, install};
//! let page = install(&[
//!     Metric::counter("voc_events_consumed_total", "Events read from the source").by("family", ["voc"]),
//!     Metric::histogram("voc_batch_size", "Events in a batch", &[10.0, 50.0, 100.0]),
//!     Metric::gauge("voc_consumer_lag", "Records not yet read"),
//! ])?;
//! assert!(page.render().contains("voc_events_consumed_total{family=\"voc\"} 0\n"));
//! metrics::counter!("voc_events_consumed_total", "family" => "voc").increment(2);
//! assert!(page.render().contains("voc_events_consumed_total{family=\"voc\"} 2\n"));
//! # Ok::<(), voc_service::metrics::MetricsError>(())
//! ```

use std::{
    future::Future,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use metrics::Label;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Buckets of `voc_batch_process_seconds` in seconds: 0.1 to 10, with finer ones below.
pub const BATCH_PROCESS_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets of `voc_freshness_seconds` in seconds: finest around the few seconds of a healthy pipeline, up to the hours
/// of an outage.
pub const FRESHNESS_SECONDS: &[f64] =
    &[0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 43_200.0];
/// Buckets of `voc_batch_size` in events.
pub const BATCH_SIZES: &[f64] =
    &[10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0, 25_000.0, 50_000.0];

/// The name by which Prometheus' own libraries export it.
const START_TIME: &str = "process_start_time_seconds";

/// Samples wait in memory until they are aggregated; this is how often that happens while the page is not scraped.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The description of a metric.
#[derive(Debug, Clone)]
pub struct Metric {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    /// The labels of each series that is known in advance.
    series: Vec<Vec<Label>>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram { buckets: &'static [f64] },
}

impl Metric {
    /// A counter, 0 from the start. Its name must end in `_total`.
    #[must_use]
    pub fn counter(name: &'static str, help: &'static str) -> Self {
        Self::new(name, help, Kind::Counter)
    }

    /// A gauge. It is on the page once it has a value.
    #[must_use]
    pub fn gauge(name: &'static str, help: &'static str) -> Self {
        Self::new(name, help, Kind::Gauge)
    }

    /// A histogram with these upper bounds, at least one. It starts without samples.
    #[must_use]
    pub fn histogram(name: &'static str, help: &'static str, buckets: &'static [f64]) -> Self {
        Self::new(name, help, Kind::Histogram { buckets })
    }

    /// Declares the values of a label, so that each is on the page from the start. Call it once for every label; pass
    /// none for a label whose values are not known in advance.
    #[must_use]
    pub fn by(mut self, label: &'static str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let labels: Vec<Label> = values.into_iter().map(|value| Label::new(label, value.into())).collect();
        let with_each = |series: &Vec<Label>| -> Vec<Vec<Label>> {
            labels.iter().map(|label| series.iter().chain([label]).cloned().collect()).collect()
        };
        self.series = self.series.iter().flat_map(with_each).collect();
        self
    }

    /// The same for labels whose values go together.
    #[must_use]
    pub fn by_each<const N: usize>(
        mut self,
        series: impl IntoIterator<Item = [(&'static str, &'static str); N]>,
    ) -> Self {
        let sets: Vec<Vec<Label>> = series.into_iter().map(|set| set.iter().map(Label::from).collect()).collect();
        let with_each = |series: &Vec<Label>| -> Vec<Vec<Label>> {
            sets.iter().map(|set| series.iter().chain(set).cloned().collect()).collect()
        };
        self.series = self.series.iter().flat_map(with_each).collect();
        self
    }

    fn new(name: &'static str, help: &'static str, kind: Kind) -> Self {
        Self { name, help, kind, series: vec![Vec::new()] }
    }

    fn register(&self) {
        let (name, help) = (self.name, self.help);
        match self.kind {
            Kind::Counter => {
                metrics::describe_counter!(name, help);
                self.series.iter().for_each(|labels| metrics::counter!(name, labels.clone()).increment(0));
            }
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram { .. } => {
                metrics::describe_histogram!(name, help);
                // Looking up the histogram is what puts it on the page.
                self.series.iter().for_each(|labels| drop(metrics::histogram!(name, labels.clone())));
            }
        }
    }
}

/// Metrics could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be installed")]
pub struct MetricsError(#[from] BuildError);

/// The page that Prometheus scrapes.
#[derive(Clone)]
pub struct MetricsPage {
    handle: PrometheusHandle,
}

/// Collects the process's metrics on one page and registers `metrics` there, and the time of this call as
/// `process_start_time_seconds`. Opens no port.
///
/// # Errors
/// [`MetricsError`] if metrics were already installed in this process, or a histogram has no buckets.
pub fn install(metrics: &[Metric]) -> Result<MetricsPage, MetricsError> {
    let mut builder = PrometheusBuilder::new();
    for metric in metrics {
        if let Kind::Histogram { buckets } = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
        }
    }
    let handle = builder.install_recorder()?;
    metrics.iter().for_each(Metric::register);
    metrics::describe_gauge!(START_TIME, "Time at which the process started, in seconds since 1970");
    // Before 1970 there were no such processes.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    metrics::gauge!(START_TIME).set(now.as_secs_f64());
    Ok(MetricsPage { handle })
}

impl MetricsPage {
    /// The page in Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Keeps memory bounded while the page is not scraped. Never returns; a service spawns it.
    pub fn upkeep(&self) -> impl Future<Output = ()> + Send + 'static {
        let handle = self.handle.clone();
        async move {
            let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
            loop {
                ticks.tick().await;
                handle.run_upkeep();
            }
        }
    }
}

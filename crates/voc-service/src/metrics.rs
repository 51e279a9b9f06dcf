//! The process's metrics, rendered in Prometheus' text format.
//!
//! Whoever measures owns the names and emits through the `metrics` facade; a binary describes them here once, so that each has
//! its help text and its buckets, and that a counter is on the page with 0 before it first counts.
//!
//! ```
//! use voc_service::metrics::{Metric, install};
//! let page = install(&[
//!     Metric::counter("voc_events_consumed_total", "Events read from the source."),
//!     Metric::counter_by("voc_processing_errors_total", "Records that failed.", "error_type", &["decode", "store"]),
//!     Metric::histogram("voc_batch_size", "Events in a batch.", &[10.0, 50.0, 100.0]),
//! ])?;
//! metrics::counter!("voc_events_consumed_total").increment(2);
//! let text = page.render();
//! assert!(text.contains("voc_events_consumed_total 2\n"));
//! assert!(text.contains("voc_processing_errors_total{error_type=\"decode\"} 0\n"));
//! # Ok::<(), voc_service::metrics::MetricsError>(())
//! ```

use std::{future::Future, time::Duration};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Buckets of `voc_batch_process_seconds` in seconds: 0.1 to 10, and finer ones below.
pub const BATCH_PROCESS_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets of `voc_batch_size` in events.
pub const BATCH_SIZES: &[f64] =
    &[10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0, 25_000.0, 50_000.0];

/// Samples wait in memory until they are counted; this is how often that happens when nobody asks for the page.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The description of a metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    name: &'static str,
    help: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Counter,
    CounterBy { label: &'static str, values: &'static [&'static str] },
    Gauge,
    Histogram { buckets: &'static [f64] },
}

impl Metric {
    /// A counter without labels; starts at 0. Its name ends in `_total`.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: Kind::Counter }
    }

    /// A counter by one label whose `values` are known, each starting at 0; none where they are not known.
    #[must_use]
    pub const fn counter_by(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: &'static [&'static str],
    ) -> Self {
        Self { name, help, kind: Kind::CounterBy { label, values } }
    }

    /// A gauge; on the page once it has a value.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: Kind::Gauge }
    }

    /// A histogram with these upper bounds, at least one; on the page once it has a sample.
    #[must_use]
    pub const fn histogram(name: &'static str, help: &'static str, buckets: &'static [f64]) -> Self {
        Self { name, help, kind: Kind::Histogram { buckets } }
    }

    fn register(&self) {
        let Self { name, help, kind } = *self;
        match kind {
            Kind::Counter => {
                metrics::describe_counter!(name, help);
                metrics::counter!(name).increment(0);
            }
            Kind::CounterBy { label, values } => {
                metrics::describe_counter!(name, help);
                values.iter().for_each(|value| metrics::counter!(name, label => *value).increment(0));
            }
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram { .. } => metrics::describe_histogram!(name, help),
        }
    }
}

/// Metrics could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be installed: {0}")]
pub struct MetricsError(#[from] BuildError);

/// The page that Prometheus reads.
#[derive(Clone)]
pub struct MetricsPage {
    handle: PrometheusHandle,
}

/// Makes the process's metrics go to one page, and registers `metrics` there. No port is opened.
///
/// # Errors
/// [`MetricsError`] if it was called before in this process, or a histogram has no buckets.
pub fn install(metrics: &[Metric]) -> Result<MetricsPage, MetricsError> {
    let mut builder = PrometheusBuilder::new();
    for metric in metrics {
        if let Kind::Histogram { buckets } = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
        }
    }
    let handle = builder.install_recorder()?;
    metrics.iter().for_each(Metric::register);
    Ok(MetricsPage { handle })
}

impl MetricsPage {
    /// The page in Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Keeps memory bounded while nobody renders the page. Never ends; a service spawns it.
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

//! The settings of a service's startup and shutdown.

use std::time::Duration;

use voc_store::PartitionBy;

use super::{Expected, Rejected, Setting, Spec, Values, parse};

const GROUP: &str = "Start and end";

/// Name of the deployment.
pub const ENVIRONMENT: Setting<String> = Setting::new(
    "environment",
    &["ENVIRONMENT"],
    "Name of the deployment, such as production; logged at start",
    parse::text,
)
.group(GROUP)
.value_name("NAME")
.default("development");
/// Whether migrations are applied at start.
pub const MIGRATE: Setting<bool> =
    Setting::switch("migrate", &["VOC_MIGRATE"], "Apply missing migrations of the store before starting").group(GROUP);
/// How the tables are partitioned.
pub const PARTITION_BY: Setting<PartitionBy> = Setting::new(
    "partition-by",
    &["VOC_PARTITION_BY"],
    "Partitions of the tables: month, or tenant-month for few tenants; fixed when the tables are created",
    partition_by,
)
.group(GROUP)
.value_name("WHAT")
.default("month");
/// Retries to reach a server at start.
pub const MAX_RETRIES: Setting<u32> = Setting::new(
    "max-retries",
    &["MAX_RETRIES"],
    "Retries to reach a server at start; a running service waits for the end of an outage, however long",
    parse::whole::<u32, 0, 1_000_000>,
)
.group(GROUP)
.value_name("RETRIES")
.default("5");
/// Time between those retries.
pub const RETRY_DELAY: Setting<Duration> =
    Setting::new("retry-delay", &["RETRY_DELAY"], "Time between retries at start", parse::seconds)
        .group(GROUP)
        .value_name("SECONDS")
        .default("10");
/// Time in which a service that is about to end still takes requests.
pub const DRAIN: Setting<Duration> = Setting::new(
    "drain-seconds",
    &["VOC_DRAIN_SECONDS"],
    "How long requests are still taken after SIGTERM or SIGINT, while /readyz answers 503",
    parse::seconds_or_none,
)
.group(GROUP)
.value_name("SECONDS")
.default("0");
/// Timeout of the shutdown.
pub const SHUTDOWN: Setting<Duration> = Setting::new(
    "shutdown-seconds",
    &["VOC_SHUTDOWN_SECONDS"],
    "Longest time to finish work in progress after SIGTERM or SIGINT, with --drain-seconds",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("30");

/// How a service starts and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleSettings {
    /// Name of the deployment, such as `production`.
    pub environment: String,
    /// Whether missing migrations are applied before starting.
    pub migrate: bool,
    /// How the tables are partitioned, or will be when they are created.
    pub partition_by: PartitionBy,
    /// Retries to reach a server at start.
    pub max_retries: u32,
    /// Time between those retries.
    pub retry_delay: Duration,
    /// How long requests are still taken after a signal.
    pub drain: Duration,
    /// Longest time to finish work in progress after a signal.
    pub shutdown_deadline: Duration,
}

impl LifecycleSettings {
    /// The settings of this group.
    #[must_use]
    pub fn specs() -> Vec<Spec> {
        vec![
            ENVIRONMENT.spec(),
            MIGRATE.spec(),
            PARTITION_BY.spec(),
            MAX_RETRIES.spec(),
            RETRY_DELAY.spec(),
            DRAIN.spec(),
            SHUTDOWN.spec(),
        ]
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let environment = values.get(&ENVIRONMENT);
        let (migrate, max_retries) = (values.get(&MIGRATE), values.get(&MAX_RETRIES));
        let partition_by = values.get(&PARTITION_BY);
        let retry_delay = values.get(&RETRY_DELAY);
        let (drain, shutdown_deadline) = (values.get(&DRAIN), values.get(&SHUTDOWN)?);
        let drain = drain?;
        if drain > shutdown_deadline {
            return Err(values.reject(&DRAIN, "at most --shutdown-seconds, which it is a part of"));
        }
        Ok(Self {
            environment: environment?,
            migrate: migrate?,
            partition_by: partition_by?,
            max_retries: max_retries?,
            retry_delay: retry_delay?,
            drain,
            shutdown_deadline,
        })
    }
}

fn partition_by(value: &str) -> Result<PartitionBy, Expected> {
    parse::one_of(value, &[("month", PartitionBy::Month), ("tenant-month", PartitionBy::TenantMonth)])
}

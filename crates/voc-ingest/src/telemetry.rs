//! Names of the metrics this crate emits through the `metrics` facade.

/// Counter: records taken from the source, per `family`.
pub const EVENTS_CONSUMED: &str = "voc_events_consumed_total";
/// Counter: events whose rows are stored, per `family`.
pub const EVENTS_PROCESSED: &str = "voc_events_processed_total";
/// Counter: records kept as dead letters, per `family`.
pub const EVENTS_DEAD_LETTERED: &str = "voc_events_dead_lettered_total";
/// Counter: resent events dropped, per `family`.
pub const EVENTS_DUPLICATE: &str = "voc_events_duplicate_total";
/// Counter: errors by `error_type`: the classes of invalid records, of store errors, and of commits.
pub const PROCESSING_ERRORS: &str = "voc_processing_errors_total";
/// Histogram: seconds from cutting a batch to having committed it, per `family`.
pub const BATCH_PROCESS_SECONDS: &str = "voc_batch_process_seconds";
/// Histogram: records per batch, per `family`.
pub const BATCH_SIZE: &str = "voc_batch_size";
/// Gauge: records between the committed offset and the partition's end, per `topic` and `partition`.
pub const CONSUMER_LAG: &str = "voc_consumer_lag";

/// Counters with their help texts.
pub const COUNTERS: [(&str, &str); 5] = [
    (EVENTS_CONSUMED, "Records taken from the source"),
    (EVENTS_PROCESSED, "Events processed and stored"),
    (EVENTS_DEAD_LETTERED, "Records kept as dead letters"),
    (EVENTS_DUPLICATE, "Resent events dropped"),
    (PROCESSING_ERRORS, "Processing errors by type"),
];

/// Histograms with their help texts.
pub const HISTOGRAMS: [(&str, &str); 2] = [
    (BATCH_PROCESS_SECONDS, "Time from cutting a batch to having committed it, in seconds"),
    (BATCH_SIZE, "Records per batch"),
];

/// Gauges with their help texts.
pub const GAUGES: [(&str, &str); 1] =
    [(CONSUMER_LAG, "Records between the committed offset and the end of the partition")];

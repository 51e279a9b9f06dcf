//! Names of the metrics this crate emits through the `metrics` facade. All of them have the label `family`.

/// Counter: records taken from the source.
pub const EVENTS_CONSUMED: &str = "voc_events_consumed_total";
/// Counter: events whose rows are stored.
pub const EVENTS_PROCESSED: &str = "voc_events_processed_total";
/// Counter: records kept as dead letters.
pub const EVENTS_DEAD_LETTERED: &str = "voc_events_dead_lettered_total";
/// Counter: resent events dropped.
pub const EVENTS_DUPLICATE: &str = "voc_events_duplicate_total";
/// Counter: events dated later than [`MAX_CLOCK_SKEW_MILLIS`](voc_events::MAX_CLOCK_SKEW_MILLIS) from now.
pub const EVENTS_FUTURE: &str = "voc_events_future_total";
/// Counter: events older than their table keeps rows, which are stored and soon removed.
pub const EVENTS_EXPIRED: &str = "voc_events_expired_total";
/// Counter: attempts to store a batch that an earlier attempt may have stored in part.
pub const BATCHES_REINSERTED: &str = "voc_batches_reinserted_total";
/// Counter: rows that such an attempt found missing although their insert had been accepted.
pub const ROWS_HEALED: &str = "voc_rows_healed_total";
/// Counter: lanes that could not resume where the group had left off, by `reason`, one of [`RESET_REASONS`].
pub const SOURCE_RESETS: &str = "voc_source_resets_total";
/// Counter: offsets that were deleted before they were read.
pub const OFFSETS_MISSING: &str = "voc_source_offsets_missing_total";
/// Counter: batches whose ledger entry does not balance. Anything but 0 is a defect.
pub const LEDGER_IMBALANCE: &str = "voc_ledger_imbalance_total";
/// Counter: offsets within a batch, or between two batches of a lane, for which the source had no record.
pub const GAP_OFFSETS: &str = "voc_ledger_gap_offsets_total";
/// Counter: errors by `error_type`, one of [`ERROR_TYPES`].
pub const PROCESSING_ERRORS: &str = "voc_processing_errors_total";
/// Histogram: seconds from cutting a batch to storing it.
pub const BATCH_PROCESS_SECONDS: &str = "voc_batch_process_seconds";
/// Histogram: records per batch.
pub const BATCH_SIZE: &str = "voc_batch_size";
/// Histogram: seconds from a record's timestamp in the source to its being stored.
pub const FRESHNESS_SECONDS: &str = "voc_freshness_seconds";
/// Gauge: age in seconds of the oldest record that was taken but is not stored, per `tenant`; 0 if there is none.
pub const TENANT_LAG_SECONDS: &str = "voc_tenant_lag_seconds";
/// Gauge: records between the committed offset and the partition's end, per `topic` and `partition`.
pub const CONSUMER_LAG: &str = "voc_consumer_lag";

/// Counters without labels of their own, and their help texts.
pub const COUNTERS: [(&str, &str); 11] = [
    (EVENTS_CONSUMED, "Records taken from the source"),
    (EVENTS_PROCESSED, "Events processed and stored"),
    (EVENTS_DEAD_LETTERED, "Records kept as dead letters"),
    (EVENTS_DUPLICATE, "Resent events dropped"),
    (EVENTS_FUTURE, "Events dated in the future, beyond what a clock may be ahead"),
    (EVENTS_EXPIRED, "Events older than their table keeps rows, stored and soon removed"),
    (BATCHES_REINSERTED, "Attempts to store a batch that may be stored in part"),
    (ROWS_HEALED, "Rows found missing although their insert had been accepted, and stored"),
    (OFFSETS_MISSING, "Offsets deleted before they were read"),
    (LEDGER_IMBALANCE, "Batches whose consumed records are not the stored, dead-lettered and duplicate ones"),
    (GAP_OFFSETS, "Offsets for which the source had no record: compacted, aborted, or a transaction's marker"),
];

/// Counter: accepted events by `type_class`, one of [`TYPE_CLASSES`].
pub const EVENTS_BY_TYPE_CLASS: &str = "voc_events_by_type_class_total";

/// Counter: values accepted in a non-standard form, by `field`.
pub const EVENTS_COERCED: &str = "voc_events_coerced_total";

/// Values of the `type_class` label: types with fields of their own; types spelt almost like one of these; all others.
pub const TYPE_CLASSES: [&str; 3] = ["known", "resembling", "other"];

/// Values of the `reason` label: the oldest record is newer than the committed offset; offsets went back, or the
/// committed one is past the end of the log; the topic was deleted and recreated; the log ends before the last record
/// of a declared batch.
pub const RESET_REASONS: [&str; 4] = ["below_oldest", "went_back", "topic_recreated", "log_ends_early"];

/// Values of the `error_type` label: classes of records without a row, then failures of dead letters, the store and
/// commits. Every attempt of a failing delivery is counted.
pub const ERROR_TYPES: [&str; 23] = [
    "tombstone",
    "empty",
    "too_large",
    "invalid_utf8",
    "invalid_json",
    "too_deep",
    "invalid_event",
    "invalid_encoding",
    "unknown_schema",
    "decoder_failed",
    "annotator_failed",
    "row_failed",
    "schema_registry",
    "dead_letter",
    "store_unavailable",
    "store_timeout",
    "store_rejected",
    "store_misconfigured",
    "store_migration",
    "store_no_session",
    "store_query",
    "commit",
    "commit_fenced",
];

/// Names and help texts of the counters that a family also has under a second name, which begins with `prefix`.
#[must_use]
pub fn alias_counters(prefix: &str) -> [(String, &'static str); 3] {
    [
        (format!("{prefix}_events_consumed_total"), "Total Kafka messages read"),
        (format!("{prefix}_events_inserted_total"), "Total events written to the store"),
        (format!("{prefix}_pipeline_errors_total"), "Errors encountered"),
    ]
}

/// Name and help text of the histogram, in seconds, that a family also has under a second name.
#[must_use]
pub fn alias_histogram(prefix: &str) -> (String, &'static str) {
    (format!("{prefix}_batch_flush_seconds"), "Time taken to write a batch to the store, in seconds")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use voc_store::{QueryError, StoreError};

    use super::*;

    /// A counter that is not on the page before its first error hides that error from alerts on its increase.
    #[test]
    fn every_failure_of_the_store_is_a_known_error_type() {
        let message = || "no".to_owned();
        let failures = [
            StoreError::Unavailable(message()),
            StoreError::TimedOut { operation: "insert", limit: Duration::ZERO },
            StoreError::NoSession,
            StoreError::Rejected { code: 60, message: message() },
            StoreError::RefusesAll { attempts: 1, message: message() },
            StoreError::Denied(message()),
            StoreError::Misconfigured(message()),
            StoreError::Migration(message()),
            StoreError::Query(QueryError::Unknown { what: "field", name: message(), known: Vec::new() }),
        ];
        for failure in failures {
            assert!(ERROR_TYPES.contains(&failure.kind()), "{} is not among the error types", failure.kind());
        }
    }
}

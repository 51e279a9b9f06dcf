-- Records that could not become rows, with all that is needed to send them again.
--
-- A record is refused again when its batch is re-inserted: rows with the same coordinates are the same dead letter,
-- and a merge keeps one of them. Read with FINAL.
CREATE TABLE IF NOT EXISTS dead_letters
(
    source_topic LowCardinality(String),
    source_partition Int32,
    source_offset Int64,
    family LowCardinality(String),
    tenant_id String,
    error_type LowCardinality(String),
    error String,
    path String,

    -- The record's key, value and headers as they were received; a NULL payload is a tombstone.
    key Nullable(String),
    payload Nullable(String),
    header_names Array(String),
    header_values Array(Nullable(String)),

    failed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(failed_at)
ORDER BY (source_topic, source_partition, source_offset)
SETTINGS non_replicated_deduplication_window = 10000;

-- Events of the quality family: what happens on a chip quality platform, one row per event.
--
-- Not every event has an identifier: rows of the same record are the same event, and a merge keeps the one with the
-- latest processed_at.
CREATE TABLE IF NOT EXISTS quality_events
(
    event_type String,
    timestamp DateTime64(3, 'UTC'),

    -- The record as it was received.
    payload String,

    -- Promoted from the payload; an absent text or list is empty, an absent number or boolean is NULL.
    source String,
    source_service String,
    correlation_id String,
    inspection_id String,
    batch_id String,
    chip_id String,
    inspection_type String,
    quality_score Nullable(Float64),
    error_type String,
    lot_id String,
    milestone String,
    threshold_name String,
    threshold_value Nullable(Float64),
    actual_value Nullable(Float64),
    severity String,
    alert_id String,
    standard String,
    passed Nullable(Bool),
    user_id String,
    session_id String,
    ip_address String,
    action String,
    resource String,
    permission String,
    granted_by String,
    service_name String,
    service_version String,
    status String,
    event_id String,
    -- Both have one element per defect; it is empty if the defect has no type or severity.
    defect_types Array(String),
    defect_severities Array(String),

    processed_at DateTime64(3, 'UTC'),

    -- The record's coordinates in its source.
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64,

    -- Queries ask for all events of an inspection, a batch or a chip, which the sorting key does not help to find.
    INDEX idx_inspection_id inspection_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_batch_id batch_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_chip_id chip_id TYPE bloom_filter GRANULARITY 1,
    -- Finds the offsets of a batch that are stored, when it must be re-inserted.
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,

    -- Hourly rollups. They live in the rows' own parts, so they are exactly as complete as the rows. Queries use them
    -- only with exactly these expressions.
    PROJECTION hourly
    (
        SELECT
            event_type,
            toStartOfHour(timestamp),
            count(),
            min(timestamp),
            max(timestamp)
        GROUP BY event_type, toStartOfHour(timestamp)
    ),
    PROJECTION hourly_scores
    (
        SELECT
            inspection_type,
            batch_id,
            toStartOfHour(timestamp),
            count(quality_score),
            sum(quality_score),
            min(quality_score),
            max(quality_score)
        GROUP BY inspection_type, batch_id, toStartOfHour(timestamp)
    ),
    -- Defects by type and severity: the keys of the map are pairs of type and severity, its values numbers of defects.
    PROJECTION hourly_defects
    (
        SELECT
            inspection_type,
            toStartOfHour(timestamp),
            sumMap(arrayZip(defect_types, defect_severities), arrayWithConstant(length(defect_types), 1))
        GROUP BY inspection_type, toStartOfHour(timestamp)
    )
)
ENGINE = ReplacingMergeTree(processed_at)
PARTITION BY {{partition_by(timestamp)}}
ORDER BY (event_type, timestamp, source_topic, source_partition, source_epoch, source_offset)
SETTINGS
    -- A part of many small files costs more to create than to write: up to this size a part has one data file, not one
    -- per column.
    min_bytes_for_wide_part = 134217728,
    -- A reader needs memory for a granule of each compact part, and for a block of each column of the others, and an
    -- export reads all parts at the same time. By rows alone, a granule with texts would have several megabytes.
    index_granularity_bytes = 1048576,
    min_compress_block_size = 16384,
    max_compress_block_size = 65536,
    -- How many tokens of inserts a table remembers if it is not replicated.
    non_replicated_deduplication_window = 10000,
    -- When a merge drops duplicate rows, the rollups drop them, too.
    deduplicate_merge_projection_mode = 'rebuild';

-- Events of the product family: what users did in a product, one row per event. Kept for 90 days.
--
-- Events have no identifier: rows of the same record are the same event, and a merge keeps the one with the latest
-- processed_at.
CREATE TABLE IF NOT EXISTS ai_analytics_events
(
    -- In seconds; fractions are cut. In UTC, whatever the time zone of the server.
    timestamp DateTime('UTC') CODEC(Delta, ZSTD),
    app_id String CODEC(ZSTD),
    event_name String CODEC(ZSTD),
    user_id String CODEC(ZSTD),
    -- A JSON object, {} if the event has none. Members of the event other than its fields are in its member _extra.
    properties String CODEC(ZSTD),

    processed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),

    -- The record's coordinates in its source.
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64 CODEC(Delta, ZSTD),

    -- Finds the offsets of a batch that are stored, when it must be re-inserted.
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,

    -- Hourly rollups. They live in the rows' own parts, so they are exactly as complete as the rows. Queries use them
    -- only with exactly these expressions.
    PROJECTION hourly
    (
        SELECT
            app_id,
            event_name,
            toStartOfHour(timestamp),
            count(),
            min(timestamp),
            max(timestamp)
        GROUP BY app_id, event_name, toStartOfHour(timestamp)
    )
)
ENGINE = ReplacingMergeTree(processed_at)
PARTITION BY {{partition_by(timestamp, app_id)}}
ORDER BY (app_id, event_name, timestamp, source_topic, source_partition, source_epoch, source_offset)
TTL timestamp + INTERVAL 90 DAY
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

-- Events of the product family: what users did in a product, one row an event. Kept for 90 days.
--
-- Events have no identifier: rows of the same record are the same event, and a merge keeps the one with the latest processed_at.
CREATE TABLE IF NOT EXISTS ai_analytics_events
(
    -- In seconds: what is below a second is cut.
    timestamp DateTime('UTC') CODEC(Delta, ZSTD),
    app_id String CODEC(ZSTD),
    event_name String CODEC(ZSTD),
    user_id String CODEC(ZSTD),
    -- A JSON object, {} where the event has none. Members that the event has beside its fields are in its member _extra.
    properties String CODEC(ZSTD),

    processed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),

    -- The record's place in its source.
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64 CODEC(Delta, ZSTD),

    -- Answers which offsets of a batch are stored, when it must be replayed.
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,

    -- Hourly rollups. They live in the rows' own parts, so they are exactly as complete as the rows. Queries use them by these
    -- expressions, word for word.
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
    -- A part of many small files costs more to create than to write: up to this size a part has one data file, not one a column.
    min_bytes_for_wide_part = 134217728,
    -- Tokens of so many inserts are remembered per table where the table is not replicated.
    non_replicated_deduplication_window = 10000,
    -- Rollups heal with the rows when a merge drops duplicates.
    deduplicate_merge_projection_mode = 'rebuild';

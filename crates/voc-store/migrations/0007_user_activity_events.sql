-- Events of the activity family: what users did in an application, one row per event.
--
-- Rows with the same (event_type, timestamp, event_id) are the same event; a merge keeps the one with the latest
-- processed_at.
CREATE TABLE IF NOT EXISTS user_activity_events
(
    event_id UUID,
    event_type String,
    timestamp DateTime64(3, 'UTC'),

    -- The record as it was received.
    payload String,

    -- Promoted from the payload; an absent text is empty, an absent number or time is NULL.
    request_id String,
    user_id String,
    session_id String,
    page_url String,
    -- From service_info: the service that received the event.
    service_name String,
    service_version String,
    environment String,
    -- From processing_info: when that service received the event, when it passed it on, and how long that took.
    service_received_at Nullable(DateTime64(3, 'UTC')),
    service_processed_at Nullable(DateTime64(3, 'UTC')),
    processing_ms Nullable(Int64),

    processed_at DateTime64(3, 'UTC'),

    -- The record's coordinates in its source.
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64,

    -- Queries ask for single users and sessions, which the sorting key does not help to find.
    INDEX idx_user_id user_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_session_id session_id TYPE bloom_filter GRANULARITY 1,
    -- Finds the offsets of a batch that are stored, when it must be re-inserted.
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,

    -- Hourly rollups. They live in the rows' own parts, so they are exactly as complete as the rows. Queries use them
    -- only with exactly these expressions.
    PROJECTION hourly
    (
        SELECT
            event_type,
            service_name,
            toStartOfHour(timestamp),
            count(),
            sum(processing_ms),
            count(processing_ms),
            min(timestamp),
            max(timestamp)
        GROUP BY event_type, service_name, toStartOfHour(timestamp)
    )
)
ENGINE = ReplacingMergeTree(processed_at)
PARTITION BY {{partition_by(timestamp)}}
ORDER BY (event_type, timestamp, event_id)
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

-- Events of the voc family, one row per event.
--
-- Rows with the same (tenant_id, ts, event_id) are the same event; a merge keeps the one with the latest processed_at.
CREATE TABLE IF NOT EXISTS voc_events
(
    event_id UUID,
    tenant_id String,
    event_type String,
    ts DateTime64(3, 'UTC'),

    -- The record as it was received. Compressed with LZ4, the default: ZSTD(1) takes a third less disk, but a fifth
    -- more CPU time per insert.
    payload String,

    -- Promoted from the payload; an absent text is empty, an absent number is NULL.
    call_id String,
    agent_id String,
    customer_id String,
    action String,
    target_id String,
    tool_name String,
    metric_name String,
    duration_ms Nullable(Int64),
    success Nullable(Bool),
    value Nullable(Float64),

    -- What the annotator found, and its stage and version that decided.
    sentiment Nullable(Float32),
    topic Nullable(String),
    confidence Nullable(Float32),
    language LowCardinality(String),
    decided_by LowCardinality(String),

    processed_at DateTime64(3, 'UTC'),

    -- The record's coordinates in its source.
    source_topic LowCardinality(String),
    source_partition Int32,
    source_offset Int64,

    INDEX idx_event_type event_type TYPE set(100) GRANULARITY 1,
    INDEX idx_sentiment sentiment TYPE minmax GRANULARITY 1,
    -- Finds the offsets of a batch that are stored, when it must be re-inserted.
    INDEX idx_source_offset source_offset TYPE minmax GRANULARITY 1,

    -- Hourly rollups. They live in the rows' own parts, so they are exactly as complete as the rows. Queries use them
    -- only with exactly these expressions.
    PROJECTION hourly
    (
        SELECT
            tenant_id,
            event_type,
            topic,
            toStartOfHour(ts),
            count(),
            sum(sentiment),
            count(sentiment),
            min(ts),
            max(ts)
        GROUP BY tenant_id, event_type, topic, toStartOfHour(ts)
    )
)
ENGINE = ReplacingMergeTree(processed_at)
PARTITION BY {{partition_by}}
ORDER BY (tenant_id, ts, event_id)
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

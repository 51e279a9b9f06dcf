-- Replays, which store rows again with newer annotations. While a replay is open, both versions of a row may be
-- stored: queries read the rows in its span of event time one by one, and take the latest version of each.
--
-- A row is written again whenever it changes; the latest change counts. Read with FINAL.
CREATE TABLE IF NOT EXISTS revisions
(
    id String,
    source_topic LowCardinality(String),
    source_partition Int32,
    -- The offsets to replay, and the next one to be replayed; the end is exclusive.
    first_offset Int64,
    end_offset Int64,
    next_offset Int64,
    -- The span of event time in UTC milliseconds, both ends inclusive. Empty if the first is after the last.
    first_ms Int64,
    last_ms Int64,
    is_open Bool,
    -- Grows with every change of the span, and when the replay is closed or opened again.
    generation UInt64,
    change UInt64
)
ENGINE = ReplacingMergeTree(change)
ORDER BY id;

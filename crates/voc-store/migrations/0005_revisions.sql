-- Replays that store rows again with later values. While one is open, both versions of a row may be stored: what lies in its span of
-- event time is read row by row, the latest version of each.
--
-- A record is written again whenever it changes; the latest change counts. Read with FINAL.
CREATE TABLE IF NOT EXISTS revisions
(
    id String,
    source_topic LowCardinality(String),
    source_partition Int32,
    -- The offsets to replay, and how far that has come; an end is outside.
    first_offset Int64,
    end_offset Int64,
    next_offset Int64,
    -- The span of event time in UTC milliseconds; both ends are inside. Nothing if the first is after the last.
    first_ms Int64,
    last_ms Int64,
    is_open Bool,
    -- Grows with every change of the span, and when the record is closed or opened again.
    generation UInt64,
    change UInt64
)
ENGINE = ReplacingMergeTree(change)
ORDER BY id;

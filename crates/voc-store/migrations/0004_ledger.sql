-- What became of the records of every batch: for each tenant, consumed = stored + dead-lettered + duplicates.
--
-- One row per batch, written after its rows and dead letters are stored and before the commit that completes it. A
-- batch that is attempted again writes its row again; a merge keeps the row of a range with the most stored rows,
-- because stored rows are never removed. Read with FINAL.
CREATE TABLE IF NOT EXISTS ledger
(
    family LowCardinality(String),
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    first_offset Int64,
    last_offset Int64,

    -- Number of records that the source had in the range, and of rows stored.
    records UInt32,
    rows UInt32,

    -- By tenant, all in the same order; '' stands for records whose tenant could not be read.
    tenant_ids Array(String),
    consumed Array(Int64),
    stored Array(Int64),
    dead_lettered Array(Int64),
    duplicates Array(Int64),

    -- Offsets in the range without a record: compacted, aborted, or the marker of a transaction.
    gap_firsts Array(Int64),
    gap_lasts Array(Int64),

    processed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(rows)
ORDER BY (source_topic, source_partition, source_epoch, first_offset, last_offset, family);

-- What became of the records of every batch: per tenant consumed = stored + dead-lettered + duplicates.
--
-- One row a batch, written when its rows and letters are stored and before the commit that completes it. A batch that is tried again
-- writes its row again; of rows of one range a merge keeps the one that has more rows stored, as rows are never taken back. Read with
-- FINAL.
CREATE TABLE IF NOT EXISTS ledger
(
    family LowCardinality(String),
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    first_offset Int64,
    last_offset Int64,

    -- Records the source had in the range, and rows stored of them.
    records UInt32,
    rows UInt32,

    -- By tenant, in one order; '' stands for records whose tenant could not be read.
    tenant_ids Array(String),
    consumed Array(Int64),
    stored Array(Int64),
    dead_lettered Array(Int64),
    duplicates Array(Int64),

    -- Offsets in the range for which the source had no record: compacted, aborted, or a transaction's marker.
    gap_firsts Array(Int64),
    gap_lasts Array(Int64),

    processed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(rows)
ORDER BY (source_topic, source_partition, source_epoch, first_offset, last_offset, family);

-- What was erased at someone's request: the events of a customer, or of a tenant.
--
-- A row is written again when the erasure ends; the latest change counts. Read with FINAL.
--
-- works with: 10
CREATE TABLE IF NOT EXISTS erasures
(
    id String,
    -- Whose events; empty for a family without tenants.
    tenant_id String,
    -- SHA-256 of the tenant, a zero byte and the customer, in hexadecimal digits; empty if all of the tenant's events
    -- were erased.
    customer_hash String,
    families Array(String),
    requested_by String,
    reason String,
    requested_at DateTime64(3, 'UTC'),
    -- NULL until every row is gone.
    finished_at Nullable(DateTime64(3, 'UTC')),
    -- Rows and dead letters that were erased.
    rows UInt64,
    dead_letters UInt64,
    change UInt64
)
ENGINE = ReplacingMergeTree(change)
ORDER BY id;

-- The records whose rows or dead letters were erased. They stay erased: a batch that is inserted again after a crash
-- does not bring them back, and they do not count as missing.
--
-- Nothing here tells who it was about, except to somebody who has the event.
CREATE TABLE IF NOT EXISTS erased_records
(
    family LowCardinality(String),
    source_topic LowCardinality(String),
    source_partition Int32,
    source_epoch Int64,
    source_offset Int64 CODEC(Delta, ZSTD(1)),
    is_dead_letter Bool,

    -- Under which tenant the ledger counts the record.
    tenant_id String,
    -- The partition of the family's table that had the row; empty for dead letters.
    partition_id LowCardinality(String),
    -- SipHash of the row's sorting key: another row with this key was the same event. Zeros for dead letters.
    event_hash FixedString(16),

    erasure_id String,
    erased_at DateTime64(3, 'UTC'),

    -- Finds the event of a row that is missing.
    INDEX idx_event_hash event_hash TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (family, source_topic, source_partition, source_epoch, source_offset, is_dead_letter);

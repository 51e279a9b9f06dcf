-- How long rows and dead letters are kept: every change, so that a row which is missing can be explained by the time
-- that was in force when it was removed.
--
-- What removes rows are the TTLs of the tables. A change is recorded, the tables are altered, and the change is
-- recorded again as applied; the later record counts. Read with FINAL.
--
-- works with: 10
CREATE TABLE IF NOT EXISTS retention
(
    family LowCardinality(String),
    -- Empty for all tenants that have no time of their own, and for a family without tenants.
    tenant_id String,
    changed_at DateTime64(3, 'UTC'),
    -- The beginning of 1970 until the tables are altered: the times before and after the change are then both in
    -- force.
    applied_at DateTime64(3, 'UTC'),
    -- NULL: forever.
    days Nullable(UInt16),
    -- Whether the entry has no effect any more: a tenant is kept as long as the others, or a family as its table was
    -- created.
    is_withdrawn Bool,
    changed_by String
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (family, tenant_id, changed_at);

-- Distinguishes families in the tables that they share.
--
-- Dead letters with the same coordinates are distinct if two families have read the topic. A sorting key accepts a
-- column only when the column is added, so the table is recreated: a new table is filled and takes the name of the old
-- one, and rows that the old one has received in the meantime follow. Every statement can be repeated, and two
-- processes may run it at the same time: a statement is run while its condition holds, and if it fails and its
-- condition no longer holds, another process has run it.

-- only if:
--   SELECT toString(count()) FROM system.tables WHERE database = currentDatabase()
--   AND name = 'dead_letters' AND NOT startsWith(sorting_key, 'family')
CREATE TABLE IF NOT EXISTS dead_letters_by_family
(
    family LowCardinality(String),
    source_topic LowCardinality(String),
    source_partition Int32,
    -- Which of the partition's logs the offset belongs to: a topic that is deleted and recreated counts from 0 again.
    source_epoch Int64,
    source_offset Int64,
    tenant_id String,
    error_type LowCardinality(String),
    error String,
    path String,

    -- The record's key, value and headers as they were received; a NULL payload is a tombstone.
    key Nullable(String),
    payload Nullable(String),
    header_names Array(String),
    header_values Array(Nullable(String)),

    failed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(failed_at)
ORDER BY (family, source_topic, source_partition, source_offset, source_epoch)
SETTINGS non_replicated_deduplication_window = 10000;

-- only if:
--   SELECT toString(count()) FROM system.tables WHERE database = currentDatabase()
--   AND name = 'dead_letters' AND NOT startsWith(sorting_key, 'family')
INSERT INTO dead_letters_by_family
    (family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key,
    payload, header_names, header_values, failed_at)
SELECT family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key,
    payload, header_names, header_values, failed_at
FROM dead_letters
WHERE (family, source_topic, source_partition, source_offset, source_epoch) NOT IN
    (SELECT family, source_topic, source_partition, source_offset, source_epoch FROM dead_letters_by_family);

-- Fails while the old table exists under its second name, so a late process cannot rename the new table.
-- only if:
--   SELECT toString(count()) FROM system.tables WHERE database = currentDatabase()
--   AND name = 'dead_letters' AND NOT startsWith(sorting_key, 'family')
RENAME TABLE dead_letters TO dead_letters_without_family, dead_letters_by_family TO dead_letters;

-- For a process that was killed between the two renames.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters') = 0 AND countIf(name = 'dead_letters_by_family') = 1)
--   FROM system.tables WHERE database = currentDatabase()
RENAME TABLE dead_letters_by_family TO dead_letters;

-- For a very late process that has renamed the new table after the old one was dropped.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters') = 0 AND countIf(name = 'dead_letters_without_family') = 1)
--   FROM system.tables WHERE database = currentDatabase()
RENAME TABLE dead_letters_without_family TO dead_letters;

-- Rows that arrived between the copy and the rename.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_without_family') = 1) FROM system.tables WHERE database = currentDatabase()
INSERT INTO dead_letters
    (family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key,
    payload, header_names, header_values, failed_at)
SELECT family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key,
    payload, header_names, header_values, failed_at
FROM dead_letters_without_family
WHERE (family, source_topic, source_partition, source_offset, source_epoch) NOT IN
    (SELECT family, source_topic, source_partition, source_offset, source_epoch FROM dead_letters);

-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_without_family') = 1) FROM system.tables WHERE database = currentDatabase()
DROP TABLE IF EXISTS dead_letters_without_family;

-- Created by a late process.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_by_family') = 1) FROM system.tables WHERE database = currentDatabase()
DROP TABLE IF EXISTS dead_letters_by_family;

-- Which table's rows a replay stores again: other tables have one version of each row.
ALTER TABLE revisions
    ADD COLUMN IF NOT EXISTS family LowCardinality(String) DEFAULT 'voc' AFTER id,
    ADD COLUMN IF NOT EXISTS table_name LowCardinality(String) DEFAULT 'voc_events' AFTER family;

-- A family without tenants has one account, that of the tenant '', which otherwise stands for records whose tenant
-- could not be read.
ALTER TABLE ledger
    ADD COLUMN IF NOT EXISTS has_tenants Bool DEFAULT true AFTER rows;

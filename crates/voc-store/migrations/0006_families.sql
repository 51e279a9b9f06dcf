-- Several families: what one has in these tables is apart from what another has.
--
-- Dead letters of the same coordinates are two if two families have read the topic. A sorting key takes a column only
-- when the column is added, so the table is made anew: a new one is filled and takes the name of the old one, and
-- what came into the old one meanwhile follows. Every step can be repeated, and two processes may be at it at the
-- same time: a statement is run as long as the condition before it holds, and one that fails is done by somebody else
-- if its condition holds no longer.

-- only if:
--   SELECT toString(count()) FROM system.tables WHERE database = currentDatabase()
--   AND name = 'dead_letters' AND NOT startsWith(sorting_key, 'family')
CREATE TABLE IF NOT EXISTS dead_letters_by_family
(
    family LowCardinality(String),
    source_topic LowCardinality(String),
    source_partition Int32,
    -- Which of the partition's logs the offset is of: a topic that is deleted and made anew counts from 0 again.
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
    (family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key, payload,
    header_names, header_values, failed_at)
SELECT family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key, payload,
    header_names, header_values, failed_at
FROM dead_letters
WHERE (family, source_topic, source_partition, source_offset, source_epoch) NOT IN
    (SELECT family, source_topic, source_partition, source_offset, source_epoch FROM dead_letters_by_family);

-- Fails as long as there is an old table, so nobody who comes late puts the new one aside.
-- only if:
--   SELECT toString(count()) FROM system.tables WHERE database = currentDatabase()
--   AND name = 'dead_letters' AND NOT startsWith(sorting_key, 'family')
RENAME TABLE dead_letters TO dead_letters_without_family, dead_letters_by_family TO dead_letters;

-- Killed between the two names.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters') = 0 AND countIf(name = 'dead_letters_by_family') = 1)
--   FROM system.tables WHERE database = currentDatabase()
RENAME TABLE dead_letters_by_family TO dead_letters;

-- Somebody who came very late has put the new table aside when the old one was gone.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters') = 0 AND countIf(name = 'dead_letters_without_family') = 1)
--   FROM system.tables WHERE database = currentDatabase()
RENAME TABLE dead_letters_without_family TO dead_letters;

-- What came in between the copy and the new name.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_without_family') = 1) FROM system.tables WHERE database = currentDatabase()
INSERT INTO dead_letters
    (family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key, payload,
    header_names, header_values, failed_at)
SELECT family, source_topic, source_partition, source_epoch, source_offset, tenant_id, error_type, error, path, key, payload,
    header_names, header_values, failed_at
FROM dead_letters_without_family
WHERE (family, source_topic, source_partition, source_offset, source_epoch) NOT IN
    (SELECT family, source_topic, source_partition, source_offset, source_epoch FROM dead_letters);

-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_without_family') = 1) FROM system.tables WHERE database = currentDatabase()
DROP TABLE IF EXISTS dead_letters_without_family;

-- Made by somebody who came late.
-- only if:
--   SELECT toString(countIf(name = 'dead_letters' AND startsWith(sorting_key, 'family')) = 1
--   AND countIf(name = 'dead_letters_by_family') = 1) FROM system.tables WHERE database = currentDatabase()
DROP TABLE IF EXISTS dead_letters_by_family;

-- Whose rows a replay stores again: rows of another family's table are not in two versions.
ALTER TABLE revisions
    ADD COLUMN IF NOT EXISTS family LowCardinality(String) DEFAULT 'voc' AFTER id,
    ADD COLUMN IF NOT EXISTS table_name LowCardinality(String) DEFAULT 'voc_events' AFTER family;

-- A family without tenants has one account, of tenant '', which otherwise stands for records whose tenant could not
-- be read.
ALTER TABLE ledger
    ADD COLUMN IF NOT EXISTS has_tenants Bool DEFAULT true AFTER rows;

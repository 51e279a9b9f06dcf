-- Which of a partition's logs an offset belongs to: a topic that is deleted and recreated counts from 0 again. 0 if
-- unknown.
ALTER TABLE voc_events
    ADD COLUMN IF NOT EXISTS source_epoch Int64 AFTER source_partition;

-- Dead letters of the same offset in two logs are distinct. A sorting key accepts only columns that are added in the
-- same statement.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS source_epoch Int64 AFTER source_partition,
    MODIFY ORDER BY (source_topic, source_partition, source_offset, source_epoch);

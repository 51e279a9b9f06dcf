-- Which of a partition's logs an offset is of: a topic that is deleted and made anew counts from 0 again. 0 where it was never told.
ALTER TABLE voc_events
    ADD COLUMN IF NOT EXISTS source_epoch Int64 AFTER source_partition;

-- Letters of one offset in two logs are two letters. A sorting key takes only columns that are added in the same statement.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS source_epoch Int64 AFTER source_partition,
    MODIFY ORDER BY (source_topic, source_partition, source_offset, source_epoch);

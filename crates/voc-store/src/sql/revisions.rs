//! Rows stored again, in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use voc_events::{Table, Timestamp};

use super::{Block, EVERY_ROW, SqlBackend, SqlStore, quoted, time::millis_of};
use crate::{InsertBatch, OffsetSpan, Param, Revision, Revisions, StoreError, StoredRow};

/// The rows in a span of offsets.
const OFFSETS: &str = "source_topic = {topic:String} AND source_partition = {partition:Int32} \
    AND source_offset >= {first:Int64} AND source_offset < {end:Int64}";

/// ClickHouse's code for a table that does not exist.
const UNKNOWN_TABLE: i32 = 60;

#[async_trait]
impl<B: SqlBackend> Revisions for SqlStore<B> {
    async fn stored_rows(&self, table: &Table, offsets: &OffsetSpan) -> Result<Vec<StoredRow>, StoreError> {
        let identifier = table.identifier.map_or("NULL", |column| column.name);
        let annotation = if table.annotated { "sentiment, topic" } else { "NULL, NULL" };
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset, source_epoch, {identifier}, \
             {time}, {annotation}) FROM {} WHERE {OFFSETS} \
             ORDER BY source_offset, source_epoch DESC, processed_at DESC LIMIT 1 BY source_offset \
             {EVERY_ROW}",
            table.name,
            time = millis_of(table, table.time.name),
        );
        let rows: Vec<(i64, i64, Option<Uuid>, i64, Option<f32>, Option<String>)> =
            self.select(&sql, &params_of(offsets)).await?;
        let stored = |(offset, epoch, event_id, millis, sentiment, topic)| StoredRow {
            offset,
            epoch,
            event_id,
            time: Timestamp::from_millis(millis),
            sentiment,
            topic,
        };
        Ok(rows.into_iter().map(stored).collect())
    }

    async fn dead_letter_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset, max(source_epoch)) FROM dead_letters \
             WHERE family = {{family:String}} AND {OFFSETS} GROUP BY source_offset ORDER BY source_offset \
             {EVERY_ROW}"
        );
        let mut params = params_of(offsets);
        params.push(Param::new("family", family));
        self.select(&sql, &params).await
    }

    async fn erased_offsets(&self, family: &str, offsets: &OffsetSpan) -> Result<Vec<i64>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT toString(source_offset) FROM erased_records WHERE family = {{family:String}} AND {OFFSETS} {EVERY_ROW}"
        );
        let mut params = params_of(offsets);
        params.push(Param::new("family", family));
        self.select(&sql, &params).await
    }

    async fn revisions(&self) -> Result<Vec<Revision>, StoreError> {
        // A profile that forces projections is meant for the events; this table has none.
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', id, (family, table_name), source_topic, source_partition, \
            first_offset, end_offset, next_offset, is_open, change) \
            FROM revisions FINAL ORDER BY id \
            SETTINGS output_format_json_quote_64bit_integers = 0, force_optimize_projection = 0";
        type Row = (String, (String, String), String, i32, i64, i64, i64, bool, u64);
        let rows: Vec<Row> = match self.select(sql, &[]).await {
            // Before the migration, rows cannot have been stored again.
            Err(StoreError::Rejected { code: UNKNOWN_TABLE, .. }) => return Ok(Vec::new()),
            rows => rows?,
        };
        let revision = |row: Row| {
            let (id, (family, table), topic, partition, first, end, next_offset, is_open, change) = row;
            Revision {
                id,
                family,
                table,
                offsets: OffsetSpan { topic: topic.into(), partition, first, end },
                next_offset,
                is_open,
                change,
            }
        };
        Ok(rows.into_iter().map(revision).collect())
    }

    async fn save_revision(&self, revision: &Revision) -> Result<(), StoreError> {
        let sql = "INSERT INTO revisions (id, family, table_name, source_topic, source_partition, first_offset, end_offset, \
            next_offset, is_open, change) SELECT {id:String}, {family:String}, {table:String}, {topic:String}, \
            {partition:Int32}, {first:Int64}, {end:Int64}, {next:Int64}, {is_open:UInt8}, {change:UInt64} \
            SETTINGS async_insert = 0";
        let mut params = params_of(&revision.offsets);
        params.extend([
            Param::new("id", &revision.id),
            Param::new("family", &revision.family),
            Param::new("table", &revision.table),
            Param::new("next", revision.next_offset),
            Param::new("is_open", u8::from(revision.is_open)),
            Param::new("change", revision.change),
        ]);
        self.backend().execute(sql, &params).await
    }

    async fn insert_revised(&self, batch: Arc<InsertBatch>, revision: &Revision) -> Result<(), StoreError> {
        let mut session = self.backend().session().await?;
        for block in (0..batch.parts.len()).filter_map(|part| Block::of_part(&batch, part)) {
            let token = format!("replay/{}/{}", revision.id, block.token());
            session.insert(&block.with_token(token)).await?;
        }
        Ok(())
    }

    async fn merge_revised(&self, table: &Table, revision: &Revision) -> Result<u64, StoreError> {
        let name = table.name;
        let params = params_of(&revision.offsets);
        let partitions = format!("SELECT DISTINCT _partition_id FROM {name} WHERE {OFFSETS} {EVERY_ROW}");
        if self.earlier_versions(table, &params).await? > 0 {
            for partition in self.backend().select_texts(&partitions, &params).await? {
                // A partition's name takes no parameter. This one comes from the engine itself.
                let sql = format!("OPTIMIZE TABLE {name} PARTITION ID {} FINAL", quoted(&partition));
                self.backend().execute(&sql, &[]).await?;
            }
        }
        self.earlier_versions(table, &params).await
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// Rows that a merge would drop. Counted by the sorting key, as in a merge: a row stored again under another key,
    /// such as another tenant, replaces none, and both remain.
    async fn earlier_versions(&self, table: &Table, params: &[Param]) -> Result<u64, StoreError> {
        let key = self.backend().session().await?.replacing_key(table.name).await?;
        let key = key.as_deref().unwrap_or("source_epoch, source_offset");
        let sql =
            format!("SELECT toString(count() - uniqExact({key})) FROM {} WHERE {OFFSETS} {EVERY_ROW}", table.name);
        Ok(self.select::<u64>(&sql, params).await?.into_iter().sum())
    }
}

fn params_of(offsets: &OffsetSpan) -> Vec<Param> {
    vec![
        Param::new("topic", &offsets.topic),
        Param::new("partition", offsets.partition),
        Param::new("first", offsets.first),
        Param::new("end", offsets.end),
    ]
}

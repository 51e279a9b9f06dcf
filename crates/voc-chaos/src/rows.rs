//! What the store has, asked for in its own language: the oracle trusts no code of the product for that.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use uuid::Uuid;
use voc_store::{
    Param, SqlBackend as _,
    clickhouse::{ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts},
};

use crate::{label::number_of, truth::Letters};

/// Queries read whole partitions on a machine that does much else.
const QUERY: Duration = Duration::from_secs(300);

/// Keeps doubled rows where they are until they are looked for: a merge would drop them. It survives the engine's restarts.
const KEEP_ROWS: &str = "ALTER TABLE voc_events MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, \
     parts_to_delay_insert = 20000, parts_to_throw_insert = 30000";
/// Lets merges go on.
const LET_MERGE: &str = "ALTER TABLE voc_events RESET SETTING max_bytes_to_merge_at_max_space_in_pool";

/// A row, as far as it interests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Offset of its record.
    pub(crate) offset: i64,
    /// Its tenant.
    pub(crate) tenant: String,
    /// Number of its event; none if the event is not one of ours.
    pub(crate) number: Option<u32>,
}

/// Number of events by tenant, type and hour (`tenant/type/hour`).
pub(crate) type Rollup = BTreeMap<String, u64>;

/// The tables, asked directly.
pub(crate) struct Tables {
    store: ClickHouseStore,
}

impl Tables {
    pub(crate) fn new(config: ClickHouseConfig) -> Self {
        let timeouts = ClickHouseTimeouts { query: QUERY, ..ClickHouseTimeouts::default() };
        Self { store: ClickHouseStore::connect(config.with_timeouts(timeouts)) }
    }

    /// Makes the database if it is not there.
    pub(crate) async fn create_database(&self) -> Result<()> {
        self.store.backend().create_database().await.context("cannot make the database")
    }

    /// From now on no merge drops a row.
    pub(crate) async fn keep_rows(&self) -> Result<()> {
        self.store.backend().execute(KEEP_ROWS, &[]).await.context("cannot keep merges from voc_events")
    }

    /// Lets merges go on.
    pub(crate) async fn let_merge(&self) -> Result<()> {
        self.store.backend().execute(LET_MERGE, &[]).await.context("cannot let merges go on")
    }

    /// Parts of the table.
    pub(crate) async fn parts(&self) -> Result<u64> {
        let sql = "SELECT toString(count()) FROM system.parts \
            WHERE active AND database = currentDatabase() AND table = 'voc_events'";
        let answer = self.ask(sql, &[]).await?;
        answer.first().and_then(|count| count.parse().ok()).context("no number of parts")
    }

    /// Every row of a partition's records from an offset on, also those that a merge would drop.
    pub(crate) async fn rows(&self, topic: &str, partition: i32, from: i64) -> Result<Vec<Row>> {
        let sql = "SELECT concat(toString(source_offset), '\\t', toString(event_id), '\\t', tenant_id) FROM voc_events \
            WHERE source_topic = {topic:String} AND source_partition = {partition:Int32} AND source_offset >= {from:Int64}";
        let params = [Param::new("topic", topic), Param::new("partition", partition), Param::new("from", from)];
        self.read(sql, &params, Row::parse).await
    }

    /// Number of rows by partition.
    pub(crate) async fn rows_by_partition(&self, topic: &str) -> Result<BTreeMap<i32, u64>> {
        let sql = "SELECT concat(toString(source_partition), '\\t', toString(count())) FROM voc_events \
            WHERE source_topic = {topic:String} GROUP BY source_partition";
        let parse = |row: &str| {
            let (partition, count) = row.split_once('\t')?;
            Some((partition.parse().ok()?, count.parse().ok()?))
        };
        self.read(sql, &[Param::new("topic", topic)], parse).await
    }

    /// How often each record of the topic is in the table of dead letters, by partition and offset.
    pub(crate) async fn letters(&self, topic: &str) -> Result<Letters> {
        let sql = "SELECT concat(toString(source_partition), '\\t', toString(source_offset)) FROM dead_letters FINAL \
            WHERE source_topic = {topic:String}";
        let parse = |row: &str| {
            let (partition, offset) = row.split_once('\t')?;
            Some((partition.parse().ok()?, offset.parse().ok()?))
        };
        let coordinates: Vec<_> = self.read(sql, &[Param::new("topic", topic)], parse).await?;
        let mut letters = Letters::new();
        for coordinates in coordinates {
            *letters.entry(coordinates).or_default() += 1;
        }
        Ok(letters)
    }

    /// Rows that are of other topics or partitions than these.
    pub(crate) async fn rows_elsewhere(&self, topic: &str, partitions: i32) -> Result<u64> {
        let sql = "SELECT toString(count()) FROM voc_events WHERE source_topic != {topic:String} \
            OR source_partition < 0 OR source_partition >= {partitions:Int32}";
        let params = [Param::new("topic", topic), Param::new("partitions", partitions)];
        let answer = self.ask(sql, &params).await?;
        answer.first().and_then(|count| count.parse().ok()).context("no number of rows")
    }

    /// Rows and distinct events by tenant, with what a merge would drop left out.
    pub(crate) async fn merged(&self) -> Result<BTreeMap<String, (u64, u64)>> {
        let sql = "SELECT concat(toString(count()), '\\t', toString(uniqExact(event_id)), '\\t', tenant_id) \
            FROM voc_events FINAL GROUP BY tenant_id";
        let parse = |row: &str| {
            let (count, rest) = row.split_once('\t')?;
            let (distinct, tenant) = rest.split_once('\t')?;
            Some((tenant.to_owned(), (count.parse().ok()?, distinct.parse().ok()?)))
        };
        self.read(sql, &[], parse).await
    }

    /// Events by tenant, type and hour: from the projection, which the engine must use, or from the rows themselves.
    pub(crate) async fn rollup(&self, from_projection: bool) -> Result<Rollup> {
        const BY_HOUR: &str = "SELECT concat(tenant_id, '/', event_type, '/', toString(toStartOfHour(ts)), '\\t', \
            toString(count())) FROM voc_events GROUP BY tenant_id, event_type, toStartOfHour(ts) SETTINGS ";
        const PROJECTION: &str = "optimize_use_projections = 1, force_optimize_projection = 1, \
            force_optimize_projection_name = 'hourly'";
        const ROWS: &str = "optimize_use_projections = 0";
        let sql = format!("{BY_HOUR}{}", if from_projection { PROJECTION } else { ROWS });
        let parse = |row: &str| {
            let (name, count) = row.rsplit_once('\t')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        self.read(&sql, &[], parse).await
    }

    /// Asks, and reads each row.
    async fn read<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        params: &[Param],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<C> {
        let rows = self.ask(sql, params).await?;
        rows.iter().map(|row| parse(row).with_context(|| format!("cannot understand the row {row:?}"))).collect()
    }

    async fn ask(&self, sql: &str, params: &[Param]) -> Result<Vec<String>> {
        self.store.backend().select_texts(sql, params).await.with_context(|| format!("the store does not answer {sql}"))
    }
}

impl Row {
    fn parse(text: &str) -> Option<Self> {
        let (offset, rest) = text.split_once('\t')?;
        let (id, tenant) = rest.split_once('\t')?;
        let number = number_of(Uuid::parse_str(id).ok()?);
        Some(Self { offset: offset.parse().ok()?, tenant: tenant.to_owned(), number })
    }
}

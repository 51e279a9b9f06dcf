//! The contents of the store, queried in SQL: the oracle does not trust the code of the product for this.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use uuid::Uuid;
use voc_store::{
    Param, SqlBackend as _,
    clickhouse::{ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts},
};

use crate::{
    family::{Family, Partition},
    label::number_of,
    truth::DeadLetters,
};

/// Query timeout: queries read whole partitions on a busy machine.
const QUERY: Duration = Duration::from_secs(300);

/// Keeps doubled rows until they are checked, because a merge would drop them. The setting survives restarts of the
/// engine.
const KEEP_ROWS: &str = "MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, \
     parts_to_delay_insert = 20000, parts_to_throw_insert = 30000";
/// Allows merges again.
const LET_MERGE: &str = "RESET SETTING max_bytes_to_merge_at_max_space_in_pool";

/// The relevant columns of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Offset of its record.
    pub(crate) offset: i64,
    /// The series according to its columns.
    pub(crate) series: String,
    /// Number of its event; `None` if it is not one of ours.
    pub(crate) number: Option<u32>,
}

/// Number of rows by partition, including topics that the family does not have.
pub(crate) type Counts = BTreeMap<(String, i32), u64>;

/// Rows and distinct events by partition and series.
pub(crate) type MergedCounts = BTreeMap<(Partition, String), (u64, u64)>;

/// Number of events by series and hour (`series/hour`).
pub(crate) type Rollup = BTreeMap<String, u64>;

/// The totals of the ledger for a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Account {
    /// Records, counted by batches and by accounts.
    pub(crate) records: u64,
    pub(crate) consumed: u64,
    /// Their fates.
    pub(crate) stored: u64,
    pub(crate) dead_lettered: u64,
    pub(crate) duplicates: u64,
    /// Accounts in which some record has no fate or several.
    pub(crate) unbalanced: u64,
}

impl Account {
    /// The total difference to another account.
    pub(crate) fn differences(&self, other: &Self) -> u64 {
        self.records.abs_diff(other.records)
            + self.consumed.abs_diff(other.consumed)
            + self.stored.abs_diff(other.stored)
            + self.dead_lettered.abs_diff(other.dead_lettered)
            + self.duplicates.abs_diff(other.duplicates)
            + self.unbalanced.abs_diff(other.unbalanced)
    }
}

/// The tables, queried directly.
pub(crate) struct Tables {
    store: ClickHouseStore,
}

impl Tables {
    pub(crate) fn new(config: ClickHouseConfig) -> Self {
        let timeouts = ClickHouseTimeouts { query: QUERY, ..ClickHouseTimeouts::default() };
        Self { store: ClickHouseStore::connect(config.with_timeouts(timeouts)) }
    }

    /// Creates the database if it does not exist.
    pub(crate) async fn create_database(&self) -> Result<()> {
        self.store.backend().create_database().await.context("cannot create the database")
    }

    /// Prevents merges from dropping rows.
    pub(crate) async fn keep_rows(&self, family: &Family) -> Result<()> {
        self.alter(family, KEEP_ROWS).await
    }

    /// Allows merges again.
    pub(crate) async fn let_merge(&self, family: &Family) -> Result<()> {
        self.alter(family, LET_MERGE).await
    }

    async fn alter(&self, family: &Family, change: &str) -> Result<()> {
        let sql = format!("ALTER TABLE {} {change}", family.table);
        self.store.backend().execute(&sql, &[]).await.with_context(|| format!("the store refuses {sql}"))
    }

    /// Number of parts of the table.
    pub(crate) async fn parts(&self, family: &Family) -> Result<u64> {
        let sql = "SELECT toString(count()) FROM system.parts \
            WHERE active AND database = currentDatabase() AND table = {table:String}";
        let answer = self.query(sql, &[Param::new("table", family.table)]).await?;
        answer.first().and_then(|count| count.parse().ok()).context("no number of parts")
    }

    /// Every row of a partition from an offset on, including rows that a merge would drop.
    pub(crate) async fn rows(&self, family: &Family, partition: Partition, from: i64) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT concat(toString(source_offset), '\\t', toString(event_id), '\\t', {}) FROM {} \
             WHERE source_topic = {{topic:String}} AND source_partition = {{partition:Int32}} \
             AND source_offset >= {{from:Int64}}",
            family.series, family.table
        );
        let params =
            [Param::new("topic", partition.topic), Param::new("partition", partition.number), Param::new("from", from)];
        self.read(&sql, &params, Row::parse).await
    }

    /// Number of rows by partition.
    pub(crate) async fn counts(&self, family: &Family) -> Result<Counts> {
        let sql = format!(
            "SELECT concat(toString(source_partition), '\\t', toString(count()), '\\t', source_topic) FROM {} \
             GROUP BY source_topic, source_partition",
            family.table
        );
        let parse = |row: &str| {
            let [partition, count, topic] = columns(row)?;
            Some(((topic.to_owned(), partition.parse().ok()?), count.parse().ok()?))
        };
        self.read(&sql, &[], parse).await
    }

    /// Number of copies of each dead letter in the table, by partition and offset; and the number of dead letters of
    /// topics that the family does not have.
    pub(crate) async fn dead_letters(&self, family: &Family) -> Result<(DeadLetters, u64)> {
        let sql = "SELECT concat(toString(source_partition), '\\t', toString(source_offset), '\\t', source_topic) \
            FROM dead_letters FINAL WHERE family = {family:String}";
        let parse = |row: &str| {
            let [partition, offset, topic] = columns(row)?;
            Some((family.partition(topic, partition.parse().ok()?), offset.parse().ok()?))
        };
        let found: Vec<(Option<Partition>, i64)> = self.read(sql, &[Param::new("family", family.name)], parse).await?;
        let mut dead_letters = DeadLetters::new();
        let mut elsewhere = 0;
        for (partition, offset) in found {
            match partition {
                Some(partition) => *dead_letters.entry((partition, offset)).or_default() += 1,
                None => elsewhere += 1,
            }
        }
        Ok((dead_letters, elsewhere))
    }

    /// Rows and distinct events by partition and series, without rows that a merge would drop.
    pub(crate) async fn merged(&self, family: &Family) -> Result<MergedCounts> {
        let sql = format!(
            "SELECT concat(toString(source_partition), '\\t', toString(count()), '\\t', \
             toString(uniqExact(event_id)), '\\t', source_topic, '\\t', {series}) \
             FROM {table} FINAL GROUP BY source_topic, source_partition, {keys}",
            series = family.series,
            table = family.table,
            keys = family.keys,
        );
        let parse =
            |row: &str| {
                let [partition, count, distinct, topic, series] = columns(row)?;
                // Rows of other topics were counted before.
                let partition = family.partition(topic, partition.parse().ok()?);
                Some(partition.map(|partition| {
                    Some(((partition, series.to_owned()), (count.parse().ok()?, distinct.parse().ok()?)))
                }))
            };
        let found: Vec<_> = self.read(&sql, &[], parse).await?;
        found.into_iter().flatten().map(|entry| entry.context("a count is not a number")).collect()
    }

    /// Events by series and hour, from the projection, which the engine must use, or from the rows.
    pub(crate) async fn rollup(&self, family: &Family, from_projection: bool) -> Result<Rollup> {
        const PROJECTION: &str = "optimize_use_projections = 1, force_optimize_projection = 1, \
            force_optimize_projection_name = 'hourly'";
        const ROWS: &str = "optimize_use_projections = 0";
        let Family { series, table, keys, time, .. } = family;
        let sql = format!(
            "SELECT concat({series}, '/', toString(toStartOfHour({time})), '\\t', toString(count())) FROM {table} \
             GROUP BY {keys}, toStartOfHour({time}) SETTINGS {}",
            if from_projection { PROJECTION } else { ROWS }
        );
        let parse = |row: &str| {
            let (name, count) = row.rsplit_once('\t')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        self.read(&sql, &[], parse).await
    }

    /// The totals of the ledger by partition.
    pub(crate) async fn ledger(&self, family: &Family) -> Result<BTreeMap<Partition, Account>> {
        let sql = "SELECT concat(toString(source_partition), '\\t', toString(sum(records)), '\\t', \
            toString(sum(arraySum(consumed))), '\\t', toString(sum(arraySum(stored))), '\\t', \
            toString(sum(arraySum(dead_lettered))), '\\t', toString(sum(arraySum(duplicates))), '\\t', \
            toString(sum(arrayCount((c, s, l, d) -> c != s + l + d, consumed, stored, dead_lettered, duplicates))), \
            '\\t', source_topic) FROM ledger FINAL WHERE family = {family:String} \
            GROUP BY source_topic, source_partition";
        let parse = |row: &str| {
            let [partition, records, consumed, stored, dead_lettered, duplicates, unbalanced, topic] = columns(row)?;
            let account = Account {
                records: records.parse().ok()?,
                consumed: consumed.parse().ok()?,
                stored: stored.parse().ok()?,
                dead_lettered: dead_lettered.parse().ok()?,
                duplicates: duplicates.parse().ok()?,
                unbalanced: unbalanced.parse().ok()?,
            };
            Some((family.partition(topic, partition.parse().ok()?)?, account))
        };
        self.read(sql, &[Param::new("family", family.name)], parse).await
    }

    /// Runs a query and parses each row.
    async fn read<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        params: &[Param],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<C> {
        let rows = self.query(sql, params).await?;
        rows.iter().map(|row| parse(row).with_context(|| format!("cannot parse the row {row:?}"))).collect()
    }

    async fn query(&self, sql: &str, params: &[Param]) -> Result<Vec<String>> {
        self.store.backend().select_texts(sql, params).await.with_context(|| format!("the store does not answer {sql}"))
    }
}

impl Row {
    fn parse(text: &str) -> Option<Self> {
        let [offset, id, series] = columns(text)?;
        let number = Uuid::parse_str(id).ok().and_then(number_of);
        Some(Self { offset: offset.parse().ok()?, series: series.to_owned(), number })
    }
}

/// The columns of a row; the last one may contain tabs.
fn columns<const N: usize>(row: &str) -> Option<[&str; N]> {
    row.splitn(N, '\t').collect::<Vec<_>>().try_into().ok()
}

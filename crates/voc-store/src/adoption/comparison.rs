//! Looking up every event of a table that was set aside in the table that adopted it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    contents::{Contents, of_slice},
    error::AdoptionError,
    predecessor::Predecessor,
    table::{AdoptionState, PredecessorTable},
};
use crate::{Param, SqlBackend, StoreError, sql::EVERY_ROW};

/// How many missing events are named.
const EXAMPLES: usize = 10;

/// Offsets whose rows are counted at once, which bounds the memory.
const OFFSETS_PER_SLICE: u64 = 2_000_000;

/// Rows of an event that is about to expire may be gone or not.
const DAYS_OF_EXPIRY: u16 = 1;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// What became of the events of a table that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Comparison {
    /// By tenant.
    pub tenants: BTreeMap<String, TenantComparison>,
    /// The first missing events: time in UTC milliseconds, tenant, and identifier.
    pub missing_events: Vec<String>,
    /// Rows in the table that adopted the events which another program has written since.
    pub foreign_rows: u64,
}

/// What became of a tenant's events: `events` is the sum of `stored`, `at_another_time`, `dead_lettered`, `expired`
/// and `missing`, less `surplus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TenantComparison {
    /// Rows in the table that was set aside.
    pub rows: u64,
    /// Events in it.
    pub events: u64,
    /// Events that are stored, with the same time.
    pub stored: u64,
    /// Events that are stored with the time that their payload has, which is not that of the row.
    pub at_another_time: u64,
    /// Events that could not be read, and are dead letters.
    pub dead_lettered: u64,
    /// Events so old that the table drops them.
    pub expired: u64,
    /// Events that are nowhere.
    pub missing: u64,
    /// Rows too many.
    pub surplus: u64,
}

impl Comparison {
    /// The sums of all tenants.
    #[must_use]
    pub fn total(&self) -> TenantComparison {
        self.tenants.values().fold(TenantComparison::default(), |mut total, tenant| {
            total.add(tenant);
            total
        })
    }

    /// Whether every event is where it should be, and nothing else is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let total = self.total();
        (total.missing, total.surplus, self.foreign_rows) == (0, 0, 0)
    }
}

impl TenantComparison {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.events += other.events;
        self.stored += other.stored;
        self.at_another_time += other.at_another_time;
        self.dead_lettered += other.dead_lettered;
        self.expired += other.expired;
        self.missing += other.missing;
        self.surplus += other.surplus;
    }
}

impl<B: SqlBackend> PredecessorTable<B> {
    /// Compares the table that was set aside with the one that adopted it: `topic` is that of the adopted rows,
    /// `family` the one whose dead letters count, and `now` the time in UTC milliseconds.
    ///
    /// # Errors
    /// [`AdoptionError`] if the store cannot answer.
    pub async fn compare(
        &self,
        contents: &Contents,
        family: &str,
        topic: &str,
        now: i64,
    ) -> Result<Comparison, AdoptionError> {
        let source = [Param::new("family", family), Param::new("topic", topic)];
        let mut comparison = match self.predecessor.identifier {
            Some(identifier) => self.compare_keys(contents, identifier, &source).await?,
            None => self.compare_counts(contents, &source, now).await?,
        };
        let foreign = format!("SELECT toString(count()) FROM {} WHERE source_topic = '' {EVERY_ROW}", self.name());
        comparison.foreign_rows = self.store.select::<u64>(&foreign, &[]).await?.into_iter().sum();
        Ok(comparison)
    }

    /// Looks up each event by its key.
    async fn compare_keys(
        &self,
        contents: &Contents,
        identifier: &str,
        source: &[Param],
    ) -> Result<Comparison, StoreError> {
        let mut comparison = Comparison::default();
        for part in &contents.parts {
            for slice in 0..part.slices() {
                let mut params = part.params(slice);
                params.extend_from_slice(source);
                self.compare_slice(identifier, &params, &mut comparison).await?;
            }
        }
        Ok(comparison)
    }

    async fn compare_slice(
        &self,
        identifier: &str,
        params: &[Param],
        comparison: &mut Comparison,
    ) -> Result<(), StoreError> {
        let Predecessor { table, tenant, .. } = self.predecessor;
        let slice = of_slice(identifier);
        let time = self.predecessor.time.0;
        let events = format!(
            "SELECT {tenant}, {time}, {identifier}, {identity} AS identity, count() AS event_rows FROM {kept_as} \
             WHERE _partition_id = {{part:String}} AND {slice} GROUP BY {tenant}, {time}, {identifier}",
            identity = self.predecessor.identity(),
            kept_as = self.name_in(AdoptionState::SetAside),
        );
        let is_stored = format!(
            "({tenant}, {time}, {identifier}) IN (SELECT {tenant}, {time}, {identifier} FROM {table} \
             WHERE {time} >= fromUnixTimestamp64Milli({{first:Int64}}) \
             AND {time} <= fromUnixTimestamp64Milli({{last:Int64}}) AND {slice})"
        );
        let is_dead_letter = "identity IN (SELECT assumeNotNull(key) FROM dead_letters \
            WHERE family = {family:String} AND source_topic = {topic:String})";
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {tenant}, sum(event_rows), count(), countIf(place = 1), \
             countIf(place = 2)) FROM (SELECT {tenant}, event_rows, multiIf({is_stored}, 1, {is_dead_letter}, 2, 3) \
             AS place FROM ({events})) GROUP BY {tenant} {EVERY_ROW}"
        );
        let tenants: Vec<(String, u64, u64, u64, u64)> = self.store.select(&sql, params).await?;
        let mut has_others = false;
        for (name, rows, events, stored, dead_lettered) in tenants {
            has_others |= stored + dead_lettered < events;
            let found = TenantComparison { rows, events, stored, dead_lettered, ..TenantComparison::default() };
            comparison.tenants.entry(name).or_default().add(&found);
        }
        if !has_others {
            return Ok(());
        }
        // Rarely needed, and reads the identifiers of all months.
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {tenant}, countIf(is_there), countIf(NOT is_there), \
             groupArrayIf({EXAMPLES})(identity, NOT is_there)) FROM (SELECT {tenant}, identity, \
             ({tenant}, {identifier}) IN (SELECT {tenant}, {identifier} FROM {table} WHERE {slice}) AS is_there \
             FROM ({events}) WHERE NOT ({is_stored}) AND NOT ({is_dead_letter})) GROUP BY {tenant} {EVERY_ROW}"
        );
        let others: Vec<(String, u64, u64, Vec<String>)> = self.store.select(&sql, params).await?;
        for (name, at_another_time, missing, examples) in others {
            let found = TenantComparison { at_another_time, missing, ..TenantComparison::default() };
            comparison.tenants.entry(name).or_default().add(&found);
            let room = EXAMPLES.saturating_sub(comparison.missing_events.len());
            comparison.missing_events.extend(examples.into_iter().take(room));
        }
        Ok(())
    }

    /// Counts events by tenant, because nothing identifies them; those that the table may have dropped do not count.
    async fn compare_counts(&self, contents: &Contents, source: &[Param], now: i64) -> Result<Comparison, StoreError> {
        let oldest = self
            .retention_days
            .map_or(i64::MIN / 2, |days| now - i64::from(days.saturating_sub(DAYS_OF_EXPIRY)) * MILLIS_PER_DAY);
        let mut params = source.to_vec();
        params.push(Param::new("oldest", oldest));
        let Predecessor { table, tenant, time, .. } = self.predecessor;
        let is_kept = format!("{} >= {{oldest:Int64}}", self.predecessor.millis_of(time.0));
        let mut comparison = Comparison::default();
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {tenant}, count(), countIf({is_kept})) FROM {} \
             GROUP BY {tenant} {EVERY_ROW}",
            self.name_in(AdoptionState::SetAside)
        );
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for (name, rows, kept) in self.store.select::<(String, u64, u64)>(&sql, &params).await? {
            expected.insert(name.clone(), kept);
            let found = TenantComparison { rows, events: rows, expired: rows - kept, ..TenantComparison::default() };
            comparison.tenants.insert(name, found);
        }
        let stored = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {tenant}, uniqExact(source_offset)) FROM {table} \
             WHERE source_topic = {{topic:String}} AND source_offset >= {{first:Int64}} \
             AND source_offset < {{end:Int64}} AND {is_kept} GROUP BY {tenant} {EVERY_ROW}"
        );
        for first in (0..contents.events).step_by(usize::try_from(OFFSETS_PER_SLICE).unwrap_or(usize::MAX)) {
            let mut params = params.clone();
            params.extend([Param::new("first", first), Param::new("end", first + OFFSETS_PER_SLICE)]);
            for (name, stored) in self.store.select::<(String, u64)>(&stored, &params).await? {
                comparison.tenants.entry(name).or_default().stored += stored;
            }
        }
        let dead_letters = "SELECT formatRowNoNewline('JSONCompactEachRow', tenant, count()) FROM \
            (SELECT assumeNotNull(key) AS identity, substringIndex(identity, '/', 1) AS millis, \
            substring(identity, length(millis) + 2) AS tenant FROM dead_letters FINAL \
            WHERE family = {family:String} AND source_topic = {topic:String}) \
            WHERE toInt64OrZero(millis) >= {oldest:Int64} GROUP BY tenant \
            SETTINGS output_format_json_quote_64bit_integers = 0";
        for (name, dead_lettered) in self.store.select::<(String, u64)>(dead_letters, &params).await? {
            comparison.tenants.entry(name).or_default().dead_lettered += dead_lettered;
        }
        for (name, tenant) in &mut comparison.tenants {
            let expected = expected.get(name).copied().unwrap_or_default();
            let found = tenant.stored + tenant.dead_lettered;
            (tenant.missing, tenant.surplus) = (expected.saturating_sub(found), found.saturating_sub(expected));
        }
        Ok(comparison)
    }
}

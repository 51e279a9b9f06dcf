//! How long rows and dead letters are kept, in SQL: changes are recorded in `retention`, and the TTLs of the tables
//! follow from all that is recorded.
//!
//! A table has one TTL that removes rows, which computes the end of each row. With a TTL for each tenant (`DELETE
//! WHERE`), the engine would merge a part again and again while it has rows that are old and of another tenant.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use voc_events::{ColumnKind, Table, Timestamp, families::FamilyInfo};

use super::{EVERY_ROW, MAX_STATEMENT_BYTES, SqlBackend, SqlSession, SqlStore, block::quoted};
use crate::{
    Keep, Param, StoreError,
    retention::{Retention, RetentionChange, WantedRetention},
    ttl,
};

const DEAD_LETTERS: &str = "dead_letters";

/// The end of rows that are kept forever, and of times that leave no room for a retention before it: a TTL is a
/// `DateTime`, which begins in 1970, and again in 2106.
const NEVER: &str = "toDateTime('2106-01-01 00:00:00', 'UTC')";
const LATEST: &str = "2050-01-01 00:00:00";

/// How often tables are altered until nobody else has recorded a change meanwhile.
const MAX_PASSES: usize = 10;

/// The changes of each family, by its name, the oldest first.
type Recorded = BTreeMap<String, Vec<RetentionChange>>;

impl dyn SqlSession + '_ {
    /// How long a family's rows are kept.
    pub(super) async fn retention(&mut self, family: &str, table: &Table) -> Result<Retention, StoreError> {
        let recorded = self.recorded_retention().await?.remove(family);
        Ok(Retention::of(table).after(recorded.unwrap_or_default()))
    }

    async fn recorded_retention(&mut self) -> Result<Recorded, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', family, tenant_id, days, is_withdrawn, \
             toUnixTimestamp64Milli(changed_at), toUnixTimestamp64Milli(applied_at), changed_by) \
             FROM retention FINAL ORDER BY changed_at {EVERY_ROW}"
        );
        type Row = (String, String, Option<u16>, bool, i64, i64, String);
        let rows: Vec<Row> = self.select(&sql, &[]).await?;
        let mut recorded = Recorded::new();
        for (family, tenant_id, days, is_withdrawn, changed_at, applied_at, changed_by) in rows {
            let keep = match days {
                _ if is_withdrawn => Keep::Default,
                None => Keep::Forever,
                Some(days) => Keep::Days(days),
            };
            let changed_at = Timestamp::from_millis(changed_at);
            let applied_at = (applied_at > 0).then(|| Timestamp::from_millis(applied_at));
            let change = RetentionChange { tenant_id, keep, changed_at, applied_at, changed_by };
            recorded.entry(family).or_default().push(change);
        }
        Ok(recorded)
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// How long a family's rows are kept.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn retention(&self, family: &str, table: &Table) -> Result<Retention, StoreError> {
        self.backend().session().await?.retention(family, table).await
    }

    /// The statements by which [`change_retention`](Self::change_retention) would alter tables.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer; [`StoreError::Misconfigured`] if a table has a TTL that
    /// sums up rows, which is not understood, or if there are so many tenants that a server would not read the
    /// statement.
    pub async fn plan_retention(&self, wanted: &WantedRetention) -> Result<Vec<String>, StoreError> {
        let recorded = self.recorded().await?;
        let changed = with(&recorded, wanted, after(&recorded));
        self.statements(&wanted.families, &changed).await
    }

    /// Records a change, and alters the tables accordingly; rows that are to be removed by it are removed by the
    /// engine, some time later. May be interrupted, and made again. Returns the statements.
    ///
    /// # Errors
    /// As [`plan_retention`](Self::plan_retention).
    pub async fn change_retention(&self, wanted: &WantedRetention) -> Result<Vec<String>, StoreError> {
        let recorded = self.recorded().await?;
        let changed_at = after(&recorded);
        let changed = with(&recorded, wanted, changed_at);
        // What cannot be applied is not recorded.
        self.statements(&wanted.families, &changed).await?;
        self.record_retention(wanted, changed_at).await?;
        self.apply_retention(&wanted.families, changed).await
    }

    /// Alters the tables of families as it is recorded, for tables that were altered otherwise, or restored. Returns
    /// the statements.
    ///
    /// # Errors
    /// As [`plan_retention`](Self::plan_retention).
    pub async fn repeat_retention(&self, families: &[FamilyInfo]) -> Result<Vec<String>, StoreError> {
        let recorded = self.recorded().await?;
        self.apply_retention(families, recorded).await
    }

    async fn recorded(&self) -> Result<Recorded, StoreError> {
        self.backend().session().await?.recorded_retention().await
    }

    async fn record_retention(&self, wanted: &WantedRetention, changed_at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO retention (family, tenant_id, changed_at, applied_at, days, is_withdrawn, changed_by) \
            SELECT family, tenant, fromUnixTimestamp64Milli({at:Int64}, 'UTC'), fromUnixTimestamp64Milli(toInt64(0), 'UTC'), \
            nullIf({days:UInt16}, 0), {withdrawn:Bool}, {by:String} \
            FROM (SELECT arrayJoin(JSONExtract({families:String}, 'Array(String)')) AS family) AS families \
            CROSS JOIN (SELECT arrayJoin(JSONExtract({tenants:String}, 'Array(String)')) AS tenant) AS tenants \
            SETTINGS async_insert = 0";
        let days = match wanted.keep {
            Keep::Days(days) => days,
            Keep::Forever | Keep::Default => 0,
        };
        let params = [
            Param::new("families", names(&wanted.families)),
            Param::new("tenants", serde_json::Value::from(wanted.tenant_ids.clone())),
            Param::new("at", changed_at.as_millis()),
            Param::new("days", days),
            Param::new("withdrawn", wanted.keep == Keep::Default),
            Param::new("by", &wanted.by),
        ];
        self.backend().execute(sql, &params).await
    }

    /// Alters tables until they are as it is recorded, whoever records something meanwhile.
    async fn apply_retention(
        &self,
        families: &[FamilyInfo],
        mut recorded: Recorded,
    ) -> Result<Vec<String>, StoreError> {
        for _ in 0..MAX_PASSES {
            let statements = self.statements(families, &recorded).await?;
            for statement in &statements {
                self.backend().execute(statement, &[]).await?;
            }
            self.record_application(families, &recorded).await?;
            let now = self.recorded().await?;
            if keys(&now).is_subset(&keys(&recorded)) {
                return Ok(statements);
            }
            recorded = now;
        }
        Err(StoreError::Unavailable("others keep changing the retention; try again".to_owned()))
    }

    /// Records that the tables of families are as these changes say.
    async fn record_application(&self, families: &[FamilyInfo], recorded: &Recorded) -> Result<(), StoreError> {
        let last = recorded.values().flatten().map(|change| change.changed_at.as_millis()).max().unwrap_or_default();
        let sql = "INSERT INTO retention (family, tenant_id, changed_at, applied_at, days, is_withdrawn, changed_by) \
            SELECT family, tenant_id, changed_at, greatest(now64(3), changed_at), days, is_withdrawn, changed_by FROM retention FINAL \
            WHERE toUnixTimestamp64Milli(applied_at) = 0 AND toUnixTimestamp64Milli(changed_at) <= {last:Int64} \
            AND has(JSONExtract({families:String}, 'Array(String)'), family) SETTINGS final = 0, async_insert = 0";
        let params = [Param::new("last", last), Param::new("families", names(families))];
        self.backend().execute(sql, &params).await
    }

    async fn statements(&self, families: &[FamilyInfo], recorded: &Recorded) -> Result<Vec<String>, StoreError> {
        let mut statements = Vec::new();
        for family in families {
            let table = &family.table;
            let changes = recorded.get(family.name).cloned().unwrap_or_default();
            let retention = Retention::of(table).after(changes);
            let time = match table.time.kind {
                ColumnKind::Seconds => format!("least({}, toDateTime('{LATEST}', 'UTC'))", table.time.name),
                _ => seconds_of(table.time.name),
            };
            let mut ends = Ends::default();
            if let Some(tenant) = table.tenant {
                ends.add_tenants(&retention, tenant.name, "");
            }
            let end = ends.expression(&time, retention.default_days());
            statements.extend(self.statement(table.name, end).await?);
        }
        let mut ends = Ends::default();
        for (family, changes) in recorded {
            let retention = Retention::of(&Table::new(DEAD_LETTERS, "failed_at")).after(changes.clone());
            ends.add_tenants(&retention, "tenant_id", family);
            ends.add_family(family, retention.default_days());
        }
        let end = ends.expression(&seconds_of("failed_at"), None);
        statements.extend(self.statement(DEAD_LETTERS, end).await?);
        Ok(statements)
    }

    /// The statement after which rows of a table are removed at this end, and moved and compressed as before; `None`
    /// if there is nothing to alter.
    async fn statement(&self, table: &str, end: Option<String>) -> Result<Option<String>, StoreError> {
        let engine = self.backend().session().await?.engine_of(table).await?.unwrap_or_default();
        let present = ttl::clauses(&engine);
        if present.iter().any(|clause| ttl::sums_up(clause)) {
            return Err(StoreError::Misconfigured(format!(
                "the table {table} has a TTL with GROUP BY, which has to be removed first: ALTER TABLE {table} REMOVE TTL"
            )));
        }
        let others = present.iter().filter(|clause| !ttl::removes(clause)).map(|clause| (*clause).to_owned());
        let clauses: Vec<String> = end.into_iter().chain(others).collect();
        let statement = match (clauses.is_empty(), present.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => format!("ALTER TABLE {table} REMOVE TTL"),
            (false, _) => format!("ALTER TABLE {table} MODIFY TTL {}", clauses.join(", ")),
        };
        if statement.len() > MAX_STATEMENT_BYTES {
            return Err(StoreError::Misconfigured(format!(
                "so many tenants have a time of their own that the statement for {table} has {} bytes, of which a server reads \
                 {MAX_STATEMENT_BYTES}; give more of them the same time, or withdraw some",
                statement.len()
            )));
        }
        Ok(Some(statement))
    }
}

/// The recorded changes and one more.
fn with(recorded: &Recorded, wanted: &WantedRetention, changed_at: Timestamp) -> Recorded {
    let mut changed = recorded.clone();
    for family in &wanted.families {
        let changes = wanted.tenant_ids.iter().map(|tenant_id| RetentionChange {
            tenant_id: tenant_id.clone(),
            keep: wanted.keep,
            changed_at,
            applied_at: None,
            changed_by: wanted.by.clone(),
        });
        changed.entry(family.name.to_owned()).or_default().extend(changes);
    }
    changed
}

/// The time of a change after all that are recorded, whatever the clocks of those who recorded them said.
fn after(recorded: &Recorded) -> Timestamp {
    let last = recorded.values().flatten().map(|change| change.changed_at.as_millis()).max();
    let now = Timestamp::from(SystemTime::now()).as_millis();
    Timestamp::from_millis(last.map_or(now, |last| now.max(last + 1)))
}

/// What identifies each change.
fn keys(recorded: &Recorded) -> BTreeSet<(&str, &str, i64)> {
    let mut keys = BTreeSet::new();
    for (family, changes) in recorded {
        keys.extend(
            changes.iter().map(|change| (family.as_str(), change.tenant_id.as_str(), change.changed_at.as_millis())),
        );
    }
    keys
}

/// The names of families as a JSON array.
fn names(families: &[FamilyInfo]) -> serde_json::Value {
    families.iter().map(|family| family.name).collect()
}

/// A column with milliseconds as seconds within the range of a TTL.
fn seconds_of(column: &str) -> String {
    format!(
        "toDateTime(greatest(least({column}, toDateTime64('{LATEST}', 3, 'UTC')), toDateTime64(0, 3, 'UTC')), 'UTC')"
    )
}

/// How many days rows under conditions are kept; the first condition that holds counts.
#[derive(Default)]
struct Ends {
    /// Lists of tenants, as literals, in the order of their days, with the families for which they are the same.
    of_tenants: BTreeMap<(String, Option<u16>), Vec<String>>,
    of_families: Vec<(String, Option<u16>)>,
}

impl Ends {
    /// Adds the tenants with times of their own, of a family or, if that is empty, of the only family in the table.
    fn add_tenants(&mut self, retention: &Retention, column: &str, family: &str) {
        let mut tenants: BTreeMap<Option<u16>, Vec<String>> = BTreeMap::new();
        for (tenant, days) in retention.tenants() {
            tenants.entry(days).or_default().push(quoted(tenant));
        }
        for (days, tenants) in tenants {
            let condition = format!("{column} IN ({})", tenants.join(", "));
            let families = self.of_tenants.entry((condition, days)).or_default();
            families.extend((!family.is_empty()).then(|| quoted(family)));
        }
    }

    fn add_family(&mut self, family: &str, days: Option<u16>) {
        self.of_families.push((format!("family = {}", quoted(family)), days));
    }

    /// The end of a row; `None` if all are kept forever.
    fn expression(self, time: &str, otherwise: Option<u16>) -> Option<String> {
        let of_tenants = self.of_tenants.into_iter().map(|((condition, days), families)| match families.is_empty() {
            true => (condition, days),
            false => (format!("family IN ({}) AND {condition}", families.join(", ")), days),
        });
        let ends: Vec<(String, Option<u16>)> = of_tenants.chain(self.of_families).collect();
        if otherwise.is_none() && ends.iter().all(|(_, days)| days.is_none()) {
            return None;
        }
        let end = |days: Option<u16>| days.map_or(NEVER.to_owned(), |days| format!("{time} + toIntervalDay({days})"));
        if ends.is_empty() {
            return Some(end(otherwise));
        }
        let branches: Vec<String> =
            ends.into_iter().map(|(condition, days)| format!("{condition}, {}", end(days))).collect();
        Some(format!("multiIf({}, {})", branches.join(", "), end(otherwise)))
    }
}

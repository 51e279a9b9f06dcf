//! The latest of the stored events.

use std::time::SystemTime;

use voc_events::{Table, Timestamp};

use super::{
    conditions::{of_rows, of_tenants},
    expression::Params,
    reading::Scope,
};
use crate::{
    Freshness, Period, StoreError, TenantScope,
    sql::{EVERY_ROW, SqlBackend, SqlStore, time::millis_of},
};

const MILLIS_PER_DAY: i64 = 86_400_000;

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn latest_of(
        &self,
        table: &Table,
        tenants: &TenantScope,
    ) -> Result<Option<Freshness>, StoreError> {
        if tenants.is_none_of(table) {
            return Ok(None);
        }
        // Few events are dated ahead, and without a condition parts know their latest times.
        let now = Timestamp::from(SystemTime::now()).as_millis();
        let latest = self.latest_in(table, tenants, None).await?;
        if latest.is_none_or(|latest| latest.latest_event.as_millis() <= now) {
            return Ok(latest);
        }
        let until_now = |since| Period { since: Timestamp::from_millis(since), until: Timestamp::from_millis(now + 1) };
        // A day is a small part of the table.
        match self.latest_in(table, tenants, Some(until_now(now - MILLIS_PER_DAY))).await? {
            None => self.latest_in(table, tenants, Some(until_now(0))).await,
            latest => Ok(latest),
        }
    }

    /// The latest event of a period, or of all events.
    async fn latest_in(
        &self,
        table: &Table,
        tenants: &TenantScope,
        period: Option<Period>,
    ) -> Result<Option<Freshness>, StoreError> {
        let mut params = Params::default();
        let time = table.time.name;
        let conditions = match period {
            Some(period) => of_rows(Scope { table, tenants, period }, &[], &mut params).unwrap_or_default(),
            None => of_tenants(table, tenants, &mut params).into_iter().collect(),
        };
        let condition = (!conditions.is_empty()).then(|| conditions.join(" AND "));
        let wanted = condition.as_ref().map_or(String::new(), |condition| format!(" WHERE {condition}"));
        // Of one tenant, the latest event is the last row of the sorting key; of all, each part knows its latest time.
        let latest = match (tenants, table.sorting_key) {
            (TenantScope::Only(only), [first, second, ..]) if only.len() == 1 && *second == time => {
                format!("SELECT {time}, processed_at FROM {}{wanted} ORDER BY {first} DESC, {time} DESC", table.name)
            }
            _ => format!(
                "SELECT {time}, processed_at FROM {} WHERE {time} = (SELECT max({time}) FROM {}{wanted}){}",
                table.name,
                table.name,
                condition.map_or(String::new(), |condition| format!(" AND {condition}"))
            ),
        };
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {}, toUnixTimestamp64Milli(processed_at)) \
             FROM ({latest} LIMIT 1) {EVERY_ROW}",
            millis_of(table, time),
        );
        let rows: Vec<(i64, i64)> = self.select_about(tenants, &sql, &params.0).await?;
        Ok(rows.first().map(|(latest, stored)| Freshness {
            latest_event: Timestamp::from_millis(*latest),
            stored_at: Timestamp::from_millis(*stored),
        }))
    }
}

//! The latest of the stored events.

use std::time::SystemTime;

use voc_events::{Table, Timestamp};

use super::{conditions::of_tenants, expression::Params};
use crate::{
    Freshness, StoreError, TenantScope,
    sql::{EVERY_ROW, SqlBackend, SqlStore, time::millis_of},
};

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn latest_of(
        &self,
        table: &Table,
        tenants: &TenantScope,
    ) -> Result<Option<Freshness>, StoreError> {
        if tenants.is_none_of(table) {
            return Ok(None);
        }
        let now = Timestamp::from(SystemTime::now());
        // Few events are dated ahead, and without a condition parts know their latest times.
        match self.latest_until(table, tenants, None).await? {
            Some(latest) if latest.latest_event > now => self.latest_until(table, tenants, Some(now)).await,
            latest => Ok(latest),
        }
    }

    async fn latest_until(
        &self,
        table: &Table,
        tenants: &TenantScope,
        until: Option<Timestamp>,
    ) -> Result<Option<Freshness>, StoreError> {
        let mut params = Params::default();
        let time = table.time.name;
        let until =
            until.map(|until| format!("{} <= {}", millis_of(table, time), params.bind("Int64", until.as_millis())));
        let conditions: Vec<String> = of_tenants(table, tenants, &mut params).into_iter().chain(until).collect();
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

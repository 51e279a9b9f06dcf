//! The ledger summed up by partition and tenant.

use std::collections::BTreeMap;

use super::{EVERY_ROW, SqlBackend, SqlStore};
use crate::{
    Account, Erased, Gaps, LedgerExtent, LedgerFilter, OffsetRange, Param, PartitionLedger, StoreError, TenantAccount,
    TenantScope,
};

/// Identifies a log as read by a family: family, topic, partition, epoch.
type Log = (String, String, i32, i64);

const LOG: &str = "family, source_topic, source_partition, source_epoch";

/// Every offset without a record between the first and the last batch of a log, as ranges in the columns `first` and
/// `last`: those inside batches and those between two. `conditions` select the batches.
pub(super) fn gaps_sql(conditions: &str) -> String {
    format!(
        "SELECT {LOG}, gap.1 AS first, gap.2 AS last FROM \
         (SELECT {LOG}, arrayJoin(arrayZip(gap_firsts, gap_lasts)) AS gap FROM ledger FINAL WHERE {conditions}) \
         UNION ALL \
         SELECT {LOG}, before + 1 AS first, first_offset - 1 AS last FROM \
         (SELECT {LOG}, first_offset, row_number() OVER log AS place, \
         max(last_offset) OVER (log ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before \
         FROM ledger FINAL WHERE {conditions} \
         WINDOW log AS (PARTITION BY {LOG} ORDER BY first_offset, last_offset)) \
         WHERE place > 1 AND first_offset > before + 1"
    )
}

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn partition_ledgers(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        let mut params = Vec::new();
        let mut conditions = vec!["1"];
        if let Some(family) = &filter.family {
            params.push(Param::new("family", family));
            conditions.push("family = {family:String}");
        }
        if let Some(topic) = &filter.topic {
            params.push(Param::new("topic", topic));
            conditions.push("source_topic = {topic:String}");
        }
        if let Some(partition) = filter.partition {
            params.push(Param::new("partition", partition));
            conditions.push("source_partition = {partition:Int32}");
        }
        let conditions = conditions.join(" AND ");
        let mut ledgers = BTreeMap::new();
        if filter.tenant.is_none() {
            for (log, extent) in self.extents(&conditions, &params).await? {
                ledger_of(&mut ledgers, log).extent = Some(extent);
            }
        }
        let erased = self.erased_accounts(&conditions, filter, params.clone()).await?;
        for row in self.accounts(&conditions, filter, params).await? {
            let (log, (has_tenants, tenant_id), numbers, totals, tenant_count, unbalanced) = row;
            let ledger = ledger_of(&mut ledgers, log);
            ledger.account = account(totals);
            ledger.balanced = unbalanced == 0;
            ledger.tenant_count = tenant_count;
            if !has_tenants {
                continue;
            }
            let account = account(numbers);
            let erased = Erased::default();
            ledger.tenants.push(TenantAccount { tenant_id, account, erased, balanced: account.is_balanced() });
        }
        for (log, tenant_id, rows, dead_letters) in erased {
            let Some(ledger) = ledgers.get_mut(&log) else { continue };
            let erased = Erased { rows, dead_letters };
            ledger.erased += erased;
            if let Some(tenant) = ledger.tenants.iter_mut().find(|tenant| tenant.tenant_id == tenant_id) {
                tenant.erased = erased;
            }
        }
        Ok(ledgers.into_values().collect())
    }

    async fn accounts(
        &self,
        conditions: &str,
        filter: &LedgerFilter,
        mut params: Vec<Param>,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let mut of_tenant = "";
        if let Some(tenant) = &filter.tenant {
            params.push(Param::new("tenant", tenant));
            of_tenant = "WHERE has_tenants AND entry.1 = {tenant:String}";
        }
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', ({LOG}), (has_tenants, tenant), (c, s, d, u), totals, \
             tenant_count, unbalanced) FROM \
             (SELECT *, (sum(c) OVER log, sum(s) OVER log, sum(d) OVER log, sum(u) OVER log) AS totals, \
             countIf(has_tenants) OVER log AS tenant_count, countIf(c != s + d + u) OVER log AS unbalanced FROM \
             (SELECT {LOG}, has_tenants, entry.1 AS tenant, \
             sum(entry.2) AS c, sum(entry.3) AS s, sum(entry.4) AS d, sum(entry.5) AS u FROM \
             (SELECT {LOG}, has_tenants, arrayJoin(arrayZip(tenant_ids, consumed, stored, dead_lettered, duplicates)) AS entry \
             FROM ledger FINAL WHERE {conditions}) {of_tenant} GROUP BY {LOG}, has_tenants, tenant) \
             WINDOW log AS (PARTITION BY {LOG})) \
             ORDER BY {LOG}, c != s + d + u DESC, c DESC, tenant LIMIT {most} BY {LOG} {EVERY_ROW}",
            most = PartitionLedger::MAX_TENANTS
        );
        self.select_about(&filter.tenant.clone().into(), &sql, &params).await
    }

    /// How many records of each log and tenant were erased.
    async fn erased_accounts(
        &self,
        conditions: &str,
        filter: &LedgerFilter,
        mut params: Vec<Param>,
    ) -> Result<Vec<(Log, String, u64, u64)>, StoreError> {
        let mut of_tenant = "";
        if let Some(tenant) = &filter.tenant {
            params.push(Param::new("tenant", tenant));
            of_tenant = "AND tenant_id = {tenant:String}";
        }
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', ({LOG}), tenant_id, countIf(NOT is_dead_letter), \
             countIf(is_dead_letter)) FROM erased_records FINAL WHERE {conditions} {of_tenant} \
             GROUP BY {LOG}, tenant_id {EVERY_ROW}"
        );
        self.select_about(&filter.tenant.clone().into(), &sql, &params).await
    }

    async fn extents(&self, conditions: &str, params: &[Param]) -> Result<BTreeMap<Log, LedgerExtent>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', ({LOG}), min(first_offset), max(last_offset), count(), \
             sum(records)) FROM ledger FINAL WHERE {conditions} GROUP BY {LOG} {EVERY_ROW}"
        );
        let rows: Vec<(Log, i64, i64, u64, u64)> = self.select_about(&TenantScope::All, &sql, params).await?;
        let extent = |(log, first_offset, last_offset, batches, records)| {
            (log, LedgerExtent { first_offset, last_offset, batches, records, gaps: Gaps::default() })
        };
        let mut extents: BTreeMap<Log, LedgerExtent> = rows.into_iter().map(extent).collect();

        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', ({LOG}), \
             (sum(last - first + 1), count(), groupArraySorted({most})((first, last)))) FROM ({gaps}) GROUP BY {LOG} {EVERY_ROW}",
            most = PartitionLedger::MAX_GAPS,
            gaps = gaps_sql(conditions)
        );
        let rows: Vec<(Log, GapNumbers)> = self.select_about(&TenantScope::All, &sql, params).await?;
        for (log, numbers) in rows {
            if let Some(extent) = extents.get_mut(&log) {
                extent.gaps = gaps(numbers);
            }
        }
        Ok(extents)
    }
}

/// Consumed, stored, dead-lettered, duplicates.
pub(super) type Numbers = (u64, u64, u64, u64);

/// Offsets, ranges, and the first ranges by their first and last offset.
pub(super) type GapNumbers = (u64, u64, Vec<(i64, i64)>);

/// Log, tenant (if there are tenants) and its numbers; all tenants' numbers, how many there are, and how many do not
/// balance.
type AccountRow = (Log, (bool, String), Numbers, Numbers, u64, u64);

pub(super) fn account((consumed, stored, dead_lettered, duplicates): Numbers) -> Account {
    Account { consumed, stored, dead_lettered, duplicates }
}

pub(super) fn gaps((offsets, ranges, first): GapNumbers) -> Gaps {
    Gaps { offsets, ranges, first: first.into_iter().map(|(first, last)| OffsetRange { first, last }).collect() }
}

fn ledger_of(ledgers: &mut BTreeMap<Log, PartitionLedger>, log: Log) -> &mut PartitionLedger {
    ledgers.entry(log.clone()).or_insert_with(|| PartitionLedger {
        family: log.0,
        topic: log.1,
        partition: log.2,
        epoch: log.3,
        extent: None,
        account: Account::default(),
        erased: Erased::default(),
        balanced: true,
        tenant_count: 0,
        tenants: Vec::new(),
    })
}

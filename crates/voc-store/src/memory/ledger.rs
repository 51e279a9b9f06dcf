//! The ledger, summed up over its entries.

use std::{cmp::Reverse, collections::BTreeMap};

use super::State;
use crate::{
    Account, Erased, Gaps, LedgerEntry, LedgerExtent, LedgerFilter, OffsetRange, PartitionLedger, TenantAccount,
};

impl State {
    /// Records the outcome of a batch: among the entries of one range the one with more rows counts.
    pub(super) fn record(&mut self, entry: &LedgerEntry) {
        match self.ledger.iter_mut().find(|known| known.range == entry.range) {
            Some(known) if known.total().stored > entry.total().stored => {}
            Some(known) => known.clone_from(entry),
            None => self.ledger.push(entry.clone()),
        }
    }
}

/// The outcome of the records of every partition that matches the filter.
pub(super) fn partition_ledgers(entries: &[LedgerEntry], filter: &LedgerFilter) -> Vec<PartitionLedger> {
    let mut logs: BTreeMap<(&str, &str, i32, i64), Vec<&LedgerEntry>> = BTreeMap::new();
    for entry in entries {
        let range = &entry.range;
        let is_family = filter.family.as_ref().is_none_or(|family| family == range.family);
        let is_topic = filter.topic.as_ref().is_none_or(|topic| **topic == *range.topic);
        let is_partition = filter.partition.is_none_or(|partition| partition == range.partition);
        if is_family && is_topic && is_partition {
            logs.entry((range.family, &range.topic, range.partition, range.epoch)).or_default().push(entry);
        }
    }
    let ledgers = logs.into_iter().filter_map(|((family, topic, partition, epoch), entries)| {
        // By whether the family has tenants, and the tenant.
        let mut accounts: BTreeMap<(bool, &str), Account> = BTreeMap::new();
        for entry in &entries {
            let of_tenant = |tenant: &str| filter.tenant.as_ref().is_none_or(|only| only.as_str() == tenant);
            if filter.tenant.is_some() && !entry.has_tenants {
                continue;
            }
            for (tenant, account) in entry.tenants.iter().filter(|(tenant, _)| of_tenant(tenant)) {
                *accounts.entry((entry.has_tenants, tenant)).or_default() += *account;
            }
        }
        if filter.tenant.is_some() && accounts.is_empty() {
            return None;
        }
        let mut account = Account::default();
        accounts.values().for_each(|tenant| account += *tenant);
        let balanced = accounts.values().all(Account::is_balanced);
        let mut tenants: Vec<TenantAccount> = accounts
            .into_iter()
            .filter(|((has_tenants, _), _)| *has_tenants)
            .map(|((_, tenant_id), account)| TenantAccount {
                tenant_id: tenant_id.to_owned(),
                account,
                erased: Erased::default(),
                balanced: account.is_balanced(),
            })
            .collect();
        tenants.sort_by_key(|tenant| (tenant.balanced, Reverse(tenant.account.consumed)));
        let tenant_count = tenants.len() as u64;
        tenants.truncate(PartitionLedger::MAX_TENANTS);
        let extent = filter.tenant.is_none().then(|| extent(&entries));
        Some(PartitionLedger {
            family: family.to_owned(),
            topic: topic.to_owned(),
            partition,
            epoch,
            extent: extent.flatten(),
            account,
            // Nothing is ever erased here.
            erased: Erased::default(),
            balanced,
            tenant_count,
            tenants,
        })
    });
    ledgers.collect()
}

fn extent(entries: &[&LedgerEntry]) -> Option<LedgerExtent> {
    let mut ranges: Vec<OffsetRange> =
        entries.iter().map(|entry| OffsetRange { first: entry.range.first, last: entry.range.last }).collect();
    ranges.sort_unstable();
    let mut gaps: Vec<OffsetRange> = entries.iter().flat_map(|entry| entry.gaps.clone()).collect();
    let mut last = ranges.first()?.last;
    for range in &ranges {
        if range.first > last + 1 {
            gaps.push(OffsetRange { first: last + 1, last: range.first - 1 });
        }
        last = last.max(range.last);
    }
    gaps.sort_unstable();
    Some(LedgerExtent {
        first_offset: ranges.first()?.first,
        last_offset: last,
        batches: entries.len() as u64,
        records: entries.iter().map(|entry| entry.records).sum(),
        gaps: Gaps {
            offsets: gaps.iter().map(OffsetRange::offsets).sum(),
            ranges: gaps.len() as u64,
            first: gaps.into_iter().take(PartitionLedger::MAX_GAPS).collect(),
        },
    })
}

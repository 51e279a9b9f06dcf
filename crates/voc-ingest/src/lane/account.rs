//! Accounting: collects the ledger entry of the current batch.

use std::collections::{BTreeMap, HashMap, HashSet};

use voc_store::{Account, DeadLetter, InsertBatch, LedgerEntry, OffsetRange, TablePart};

use crate::{Intent, RecordChunk};

/// Accounts for the records taken for a batch.
///
/// Counts only what is known when a record is decoded. Stored and dead-lettered records are counted from what was
/// handed over, so that a record lost in between shows.
#[derive(Debug, Default)]
pub(super) struct BatchAccount {
    tenants: HashMap<Box<str>, TenantCounts>,
    /// Offsets and tenants of the records that were dropped as duplicates.
    dropped: Vec<(i64, Box<str>)>,
    records: u64,
    gaps: Vec<OffsetRange>,
    /// The first record's offset, if the batch was not known in advance to begin elsewhere.
    first_offset: Option<i64>,
    /// The offset after the last record.
    next_offset: Option<i64>,
}

/// Counts of one tenant's records.
#[derive(Debug, Default)]
struct TenantCounts {
    records: u64,
    /// Records dropped as duplicates.
    duplicates: u64,
    /// Records dropped as resends although an earlier attempt has stored them.
    stored: u64,
}

impl BatchAccount {
    /// Accounts for a batch that is known to begin at `first`.
    pub(super) fn from(first: i64) -> Self {
        Self { next_offset: Some(first), ..Self::default() }
    }

    /// Records the offsets of a chunk.
    pub(super) fn offsets(&mut self, chunk: &RecordChunk) {
        self.records += chunk.len() as u64;
        for record in chunk.iter() {
            if self.next_offset.is_none() {
                self.first_offset = Some(record.offset);
            }
            self.skip_to(record.offset);
            self.next_offset = Some(record.offset + 1);
        }
    }

    /// Notes a gap if the source has no record before `offset`.
    fn skip_to(&mut self, offset: i64) {
        if let Some(next) = self.next_offset.filter(|next| *next < offset) {
            self.gaps.push(OffsetRange { first: next, last: offset - 1 });
        }
    }

    /// Counts a record of a tenant. The name is empty if the tenant could not be read or the family has none.
    pub(super) fn record(&mut self, tenant_id: &str) {
        self.count(tenant_id, |counts| counts.records += 1);
    }

    /// Counts a record that is dropped as a duplicate.
    pub(super) fn duplicate(&mut self, tenant_id: &str, offset: i64) {
        self.count(tenant_id, |counts| {
            counts.records += 1;
            counts.duplicates += 1;
        });
        self.dropped.push((offset, tenant_id.into()));
    }

    /// Whether any record was dropped as a duplicate.
    pub(super) fn has_duplicates(&self) -> bool {
        !self.dropped.is_empty()
    }

    /// Counts dropped records as stored if their offsets are in `stored`. Returns their number.
    pub(super) fn found_stored(&mut self, stored: &HashSet<i64>) -> usize {
        let found: Vec<_> = self.dropped.extract_if(.., |(offset, _)| stored.contains(offset)).collect();
        for (_, tenant_id) in &found {
            self.count(tenant_id, |counts| {
                counts.duplicates -= 1;
                counts.stored += 1;
            });
        }
        found.len()
    }

    fn count(&mut self, tenant_id: &str, count: impl FnOnce(&mut TenantCounts)) {
        match self.tenants.get_mut(tenant_id) {
            Some(counts) => count(counts),
            None => count(self.tenants.entry(tenant_id.into()).or_default()),
        }
    }

    /// Closes the account when the batch is sealed.
    pub(super) fn close(&mut self, intent: Intent) {
        // A batch may begin with offsets that have no record.
        if let Some(first) = self.first_offset.filter(|first| *first > intent.first) {
            self.gaps.insert(0, OffsetRange { first: intent.first, last: first - 1 });
        }
        self.next_offset.get_or_insert(intent.first);
        self.skip_to(intent.last + 1);
    }

    /// Number of offsets in gaps.
    pub(super) fn gap_offsets(&self) -> u64 {
        self.gaps.iter().map(OffsetRange::offsets).sum()
    }

    /// The ledger entry for a batch whose rows and dead letters are stored. Of the rows, those in `refused` became
    /// dead letters too, and those at the offsets in `resends` were dropped.
    pub(super) fn entry(
        self,
        insert: &InsertBatch,
        has_tenants: bool,
        dead_letters: &[DeadLetter],
        refused: &[DeadLetter],
        resends: &[i64],
    ) -> LedgerEntry {
        let refused_offsets: HashSet<i64> = refused.iter().map(|dead_letter| dead_letter.offset).collect();
        let resends: HashSet<i64> = resends.iter().copied().collect();
        let account = |counts: TenantCounts| Account {
            consumed: counts.records,
            duplicates: counts.duplicates,
            stored: counts.stored,
            ..Account::default()
        };
        let mut tenants: BTreeMap<String, Account> =
            self.tenants.into_iter().map(|(tenant, counts)| (tenant.into_string(), account(counts))).collect();
        let mut of = |tenant: &str, count: fn(&mut Account)| match tenants.get_mut(tenant) {
            Some(account) => count(account),
            None => count(tenants.entry(tenant.to_owned()).or_default()),
        };
        let mut count_row = |tenant: &str, offset: &i64| {
            if resends.contains(offset) {
                of(tenant, |account| account.duplicates += 1);
            } else if !refused_offsets.contains(offset) {
                of(tenant, |account| account.stored += 1);
            }
        };
        for TablePart { rows, .. } in &insert.parts {
            match rows.table().tenant {
                Some(tenant) => {
                    rows.texts(tenant.name).zip(rows.offsets()).for_each(|(tenant, offset)| count_row(tenant, offset));
                }
                None => rows.offsets().iter().for_each(|offset| count_row("", offset)),
            }
        }
        dead_letters
            .iter()
            .chain(refused)
            .for_each(|dead_letter| of(&dead_letter.tenant_id, |account| account.dead_lettered += 1));
        LedgerEntry {
            range: insert.range.clone(),
            records: self.records,
            has_tenants,
            tenants,
            gaps: self.gaps,
            processed_at: insert.processed_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_of_a_batch_is_a_record_or_in_a_gap() {
        let range = |first, last| OffsetRange { first, last };
        let mut chunk = RecordChunk::default();
        for offset in [3, 4, 7] {
            chunk.push(offset, None, None, Vec::new());
        }
        for mut account in [BatchAccount::default(), BatchAccount::from(2)] {
            account.offsets(&chunk);
            account.close(Intent { first: 2, last: 9 });
            assert_eq!(account.gaps, [range(2, 2), range(5, 6), range(8, 9)]);
        }
        let mut nothing = BatchAccount::default();
        nothing.close(Intent { first: 2, last: 9 });
        assert_eq!(nothing.gaps, [range(2, 9)]);
    }
}

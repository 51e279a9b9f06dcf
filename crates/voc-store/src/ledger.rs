//! The ledger: what became of every record of a batch.

use std::{collections::BTreeMap, ops::AddAssign};

use serde::Serialize;
use voc_events::{TenantId, Timestamp};

use crate::SourceRange;

/// What became of a tenant's records; they balance if each was stored, dead-lettered, or dropped as a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Account {
    /// Records taken from the source.
    pub consumed: u64,
    /// Rows stored of them.
    pub stored: u64,
    /// Records kept as dead letters.
    pub dead_lettered: u64,
    /// Resent events dropped.
    pub duplicates: u64,
}

impl Account {
    /// Whether every record has become something, and one thing only.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.consumed == self.stored + self.dead_lettered + self.duplicates
    }
}

impl AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.consumed += other.consumed;
        self.stored += other.stored;
        self.dead_lettered += other.dead_lettered;
        self.duplicates += other.duplicates;
    }
}

/// Consecutive offsets of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OffsetRange {
    /// The first.
    pub first: i64,
    /// The last; at least `first`.
    pub last: i64,
}

impl OffsetRange {
    /// Number of offsets.
    #[must_use]
    pub fn offsets(&self) -> u64 {
        self.last.abs_diff(self.first) + 1
    }
}

impl std::fmt::Display for OffsetRange {
    /// `7`, or `7-9`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last > self.first { write!(f, "-{}", self.last) } else { Ok(()) }
    }
}

/// What became of the records of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The records the batch stands for.
    pub range: SourceRange,
    /// Records the source had in the range.
    pub records: u64,
    /// Whether the family has tenants.
    pub has_tenants: bool,
    /// What became of them, by tenant; the empty name stands for records whose tenant could not be read. Of a family
    /// without tenants everything is under the empty name.
    pub tenants: BTreeMap<String, Account>,
    /// Offsets of the range for which the source had no record, in order.
    pub gaps: Vec<OffsetRange>,
    /// When the batch was sealed.
    pub processed_at: Timestamp,
}

impl LedgerEntry {
    /// All tenants' accounts together.
    #[must_use]
    pub fn total(&self) -> Account {
        let mut total = Account::default();
        self.tenants.values().for_each(|account| total += *account);
        total
    }

    /// Whether every tenant's account balances, and every offset of the range is a record's or in a gap.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let range = OffsetRange { first: self.range.first, last: self.range.last };
        let in_gaps: u64 = self.gaps.iter().map(OffsetRange::offsets).sum();
        self.tenants.values().all(Account::is_balanced)
            && self.total().consumed == self.records
            && self.records + in_gaps == range.offsets()
    }
}

/// Which part of the ledger is asked for; all of it by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerFilter {
    /// One family, by its name.
    pub family: Option<String>,
    /// One topic.
    pub topic: Option<String>,
    /// One partition, of each topic.
    pub partition: Option<i32>,
    /// One tenant. Nothing of the answer then depends on other tenants' records, and families without tenants have
    /// none.
    pub tenant: Option<TenantId>,
}

/// What became of a partition's records in one family, since its ledger began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionLedger {
    /// The family's name.
    pub family: String,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Which of the partition's logs.
    pub epoch: i64,
    /// How far the ledger reaches; not told to a single tenant, as it counts others' records.
    pub extent: Option<LedgerExtent>,
    /// All tenants' records, or the one tenant's.
    pub account: Account,
    /// Whether each tenant's account balances.
    pub balanced: bool,
    /// Number of tenants; 0 of a family without tenants.
    pub tenant_count: u64,
    /// Tenants, those that do not balance first, then those with most records; at most
    /// [`MOST_TENANTS`](Self::MOST_TENANTS).
    pub tenants: Vec<TenantAccount>,
}

impl PartitionLedger {
    /// Most tenants named of a partition.
    pub const MOST_TENANTS: usize = 1000;
    /// Most gaps named of a partition.
    pub const MOST_GAPS: usize = 20;
}

/// What became of one tenant's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantAccount {
    /// The tenant; empty for records whose tenant could not be read.
    pub tenant_id: String,
    /// Its records.
    #[serde(flatten)]
    pub account: Account,
    /// Whether they balance.
    pub balanced: bool,
}

/// How far a partition's ledger reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerExtent {
    /// First offset recorded.
    pub first_offset: i64,
    /// Last offset recorded.
    pub last_offset: i64,
    /// Batches recorded.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Offsets between the first and the last that are no record's.
    pub gaps: Gaps,
}

/// Offsets that are no record's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gaps {
    /// Number of offsets.
    pub offsets: u64,
    /// Number of ranges.
    pub ranges: u64,
    /// The first ranges: of a [`PartitionLedger`] at most [`MOST_GAPS`](PartitionLedger::MOST_GAPS), else as many as were asked for.
    pub first: Vec<OffsetRange>,
}

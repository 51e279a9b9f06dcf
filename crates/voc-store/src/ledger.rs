//! The ledger: the outcome of every record of a batch.

use std::{collections::BTreeMap, ops::AddAssign};

use serde::Serialize;
use voc_events::{TenantId, Timestamp};

use crate::{Erased, SourceRange};

/// The outcome of a tenant's records. They balance if each one was stored, dead-lettered, or dropped as a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Account {
    /// Records read from the source.
    pub consumed: u64,
    /// Records stored as rows.
    pub stored: u64,
    /// Records kept as dead letters.
    pub dead_lettered: u64,
    /// Resent events that were dropped.
    pub duplicates: u64,
}

impl Account {
    /// Whether every record has exactly one outcome.
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
    /// The last, at least `first`.
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

/// The outcome of the records of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The records the batch covers.
    pub range: SourceRange,
    /// Records the source had in the range.
    pub records: u64,
    /// Whether the family has tenants.
    pub has_tenants: bool,
    /// Their outcome by tenant; the empty name stands for records whose tenant could not be read. In a family without
    /// tenants, all records are under the empty name.
    pub tenants: BTreeMap<String, Account>,
    /// Offsets of the range without a record in the source, in order.
    pub gaps: Vec<OffsetRange>,
    /// When the batch was sealed.
    pub processed_at: Timestamp,
}

impl LedgerEntry {
    /// The sum of all tenants' accounts.
    #[must_use]
    pub fn total(&self) -> Account {
        let mut total = Account::default();
        self.tenants.values().for_each(|account| total += *account);
        total
    }

    /// Whether every tenant's account balances, and every offset of the range belongs to a record or a gap.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let range = OffsetRange { first: self.range.first, last: self.range.last };
        let in_gaps: u64 = self.gaps.iter().map(OffsetRange::offsets).sum();
        self.tenants.values().all(Account::is_balanced)
            && self.total().consumed == self.records
            && self.records + in_gaps == range.offsets()
    }
}

/// Selects a part of the ledger; by default all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerFilter {
    /// One family, by its name.
    pub family: Option<String>,
    /// One topic.
    pub topic: Option<String>,
    /// One partition, of every topic.
    pub partition: Option<i32>,
    /// One tenant. The answer then does not depend on other tenants' records, and excludes families without tenants.
    pub tenant: Option<TenantId>,
}

/// The outcome of a partition's records in one family, since its ledger began.
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
    /// The extent of the ledger; hidden from a single tenant, because it counts others' records.
    pub extent: Option<LedgerExtent>,
    /// All tenants' records, or those of the one tenant.
    pub account: Account,
    /// How many of them were erased since, of all tenants or the one tenant.
    pub erased: Erased,
    /// Whether each tenant's account balances.
    pub balanced: bool,
    /// Number of tenants; 0 for a family without tenants.
    pub tenant_count: u64,
    /// Tenants, those that do not balance first, then by number of records; at most
    /// [`MAX_TENANTS`](Self::MAX_TENANTS).
    pub tenants: Vec<TenantAccount>,
}

impl PartitionLedger {
    /// Maximum number of tenants listed for a partition.
    pub const MAX_TENANTS: usize = 1000;
    /// Maximum number of gaps listed for a partition.
    pub const MAX_GAPS: usize = 20;
}

/// The outcome of one tenant's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantAccount {
    /// The tenant; empty for records whose tenant could not be read.
    pub tenant_id: String,
    /// Its records.
    #[serde(flatten)]
    pub account: Account,
    /// How many of them were erased since.
    pub erased: Erased,
    /// Whether they balance.
    pub balanced: bool,
}

/// The extent of a partition's ledger.
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
    /// Offsets between the first and the last without a record.
    pub gaps: Gaps,
}

/// Offsets without a record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gaps {
    /// Number of offsets.
    pub offsets: u64,
    /// Number of ranges.
    pub ranges: u64,
    /// The first ranges: for a [`PartitionLedger`] at most [`MAX_GAPS`](PartitionLedger::MAX_GAPS), else up to the
    /// requested number.
    pub first: Vec<OffsetRange>,
}

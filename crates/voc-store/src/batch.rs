//! Batches to insert: consecutive records of one source partition, split by table partition.

use std::{collections::HashSet, fmt, str::FromStr, sync::Arc};

use voc_events::{FamilyEvent, Table, Timestamp};

use crate::{RowAnnotation, RowBatch, RowError, StoreError};

/// How the tables are partitioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartitionBy {
    /// By month, for any number of tenants.
    #[default]
    Month,
    /// By tenant and month, for a few tenants whose partitions are dropped one by one. A table without tenants is
    /// partitioned by month.
    TenantMonth,
}

impl fmt::Display for PartitionBy {
    /// The setting's value: `month` or `tenant-month`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Month => "month",
            Self::TenantMonth => "tenant-month",
        })
    }
}

impl FromStr for PartitionBy {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text {
            "month" => Ok(Self::Month),
            "tenant-month" => Ok(Self::TenantMonth),
            other => Err(StoreError::Misconfigured(format!(
                "tables can be partitioned by month or tenant-month, not by {other:?}"
            ))),
        }
    }
}

impl PartitionBy {
    fn key(self, tenant_id: Option<&str>, timestamp: Timestamp) -> (u32, Option<&str>) {
        match self {
            Self::Month => (timestamp.month(), None),
            Self::TenantMonth => (timestamp.month(), tenant_id),
        }
    }
}

/// A table partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartitionKey {
    /// Month in UTC as `YYYYMM`.
    pub month: u32,
    /// The tenant, if tables are also partitioned by tenant.
    pub tenant_id: Option<Arc<str>>,
}

impl fmt::Display for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tenant_id {
            Some(tenant_id) => write!(f, "{}/{tenant_id}", self.month),
            None => write!(f, "{}", self.month),
        }
    }
}

/// The consecutive records that a batch covers.
///
/// Two batches with the same range are the same batch: the store drops the second one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceRange {
    /// Family name, such as `voc`.
    pub family: &'static str,
    /// Topic, or its equivalent in another source.
    pub topic: Arc<str>,
    /// Partition of the topic.
    pub partition: i32,
    /// Which of the partition's logs the offsets belong to: a recreated topic counts from 0 again. 0 if unknown.
    pub epoch: i64,
    /// Offset of the first record.
    pub first: i64,
    /// Offset of the last record, at least `first`.
    pub last: i64,
}

impl fmt::Display for SourceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.family, self.topic, self.partition)?;
        if self.epoch != 0 {
            write!(f, "@{}", self.epoch)?;
        }
        write!(f, "/{}-{}", self.first, self.last)
    }
}

/// One of a partition's logs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceLog<'r> {
    pub(crate) topic: &'r str,
    pub(crate) partition: i32,
    pub(crate) epoch: i64,
}

impl SourceRange {
    /// The log that the range belongs to.
    pub(crate) fn log(&self) -> SourceLog<'_> {
        SourceLog { topic: &self.topic, partition: self.partition, epoch: self.epoch }
    }
}

/// Rows of a batch in one table partition; inserted at once as one part.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePart {
    /// The table partition.
    pub key: PartitionKey,
    /// Its rows, at least one.
    pub rows: RowBatch,
}

/// A sealed batch, the input of [`EventStore::insert`](crate::EventStore::insert), for any number of attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct InsertBatch {
    /// The records the batch covers.
    pub range: SourceRange,
    /// When the batch was sealed. This is the rows' `processed_at`, which decides between versions of a row.
    pub processed_at: Timestamp,
    /// The rows by table partition; empty if no record of the range became a row.
    pub parts: Vec<TablePart>,
}

impl InsertBatch {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.parts.iter().map(|part| part.rows.rows()).sum()
    }

    /// Memory held by the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.rows.bytes()).sum()
    }

    /// The deduplication token of a part: the batch's range and the table partition.
    #[must_use]
    pub fn token(&self, part: &TablePart) -> String {
        format!("{}/{}", self.range, part.key)
    }
}

impl InsertBatch {
    /// The batch reduced to the rows of one part at these offsets.
    pub(crate) fn only(&self, part: usize, offsets: &HashSet<i64>) -> Self {
        self.only_part(part, self.parts[part].rows.select(|offset| offsets.contains(&offset)))
    }

    /// The batch reduced to these rows of one part.
    pub(crate) fn only_part(&self, part: usize, rows: RowBatch) -> Self {
        let key = self.parts[part].key.clone();
        Self { parts: vec![TablePart { key, rows }], range: self.range.clone(), ..*self }
    }
}

/// The token for the n-th retry of inserting missing rows; retry 0 uses the part's own token.
///
/// It does not depend on which rows are missing, because only one of two concurrent re-inserts may insert.
pub(crate) fn retry_token(token: &str, retry: u32) -> String {
    if retry == 0 { token.to_owned() } else { format!("{token}/retry-{retry}") }
}

/// Collects rows until they are sealed into an [`InsertBatch`].
#[derive(Debug)]
pub struct BatchBuilder {
    table: Table,
    partition_by: PartitionBy,
    parts: Vec<TablePart>,
    /// Part of the previous row. Events come roughly in time order, so the next row usually goes there, too.
    current: usize,
    rows: usize,
}

impl BatchBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new(table: Table, partition_by: PartitionBy) -> Self {
        Self { table, partition_by, parts: Vec::new(), current: 0, rows: 0 }
    }

    /// Appends an event's row. `payload` is the decoded text, `offset` its position in the source partition.
    ///
    /// # Errors
    /// [`RowError`] if the event's values do not fit the table's columns; the rows are then unchanged.
    pub fn push<E: FamilyEvent>(
        &mut self,
        event: &E,
        payload: &str,
        annotation: &RowAnnotation<'_>,
        offset: i64,
    ) -> Result<(), RowError> {
        let tenant_id = self.table.tenant.and(event.tenant_id());
        let part = self.part_of(self.partition_by.key(tenant_id, event.timestamp()));
        let rows = &mut self.parts[part].rows;
        let pushed = rows.push(event, payload, annotation, offset);
        if rows.rows() == 0 {
            // The part was created for this row, so it is the last one.
            self.parts.pop();
        }
        pushed?;
        self.current = part;
        self.rows += 1;
        Ok(())
    }

    fn part_of(&mut self, (month, tenant_id): (u32, Option<&str>)) -> usize {
        let is_part = |part: &TablePart| part.key.month == month && part.key.tenant_id.as_deref() == tenant_id;
        if self.parts.get(self.current).is_some_and(is_part) {
            return self.current;
        }
        self.parts.iter().position(is_part).unwrap_or_else(|| {
            let key = PartitionKey { month, tenant_id: tenant_id.map(Arc::from) };
            self.parts.push(TablePart { key, rows: RowBatch::new(self.table) });
            self.parts.len() - 1
        })
    }

    /// Number of rows so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Memory held by the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.rows.bytes()).sum()
    }

    /// Seals the collected rows, and starts over.
    pub fn seal(&mut self, range: SourceRange, processed_at: Timestamp) -> InsertBatch {
        self.current = 0;
        self.rows = 0;
        InsertBatch { range, processed_at, parts: std::mem::take(&mut self.parts) }
    }
}

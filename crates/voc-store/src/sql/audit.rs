//! Compares the ledger with the stored rows: first in windows of whole batches, then offset by offset in windows that
//! differ.
//!
//! Memory is bounded by one bit per offset, plus the offsets of one window.

use std::collections::HashSet;

use voc_events::Timestamp;

use super::{
    EVERY_ROW, OF_LOG, SqlBackend, SqlStore,
    ledger_queries::{GapNumbers, Numbers, account, gaps, gaps_sql},
};
use crate::{Account, Erased, Gaps, OffsetRange, Param, RowBatch, StoreError, TenantAccount, batch::SourceLog};

/// One log of a partition, as one family reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedLog {
    /// The family's name.
    pub family: &'static str,
    /// The family's table.
    pub table: &'static str,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Which of the partition's logs.
    pub epoch: i64,
}

/// Consecutive batches: the ledger's numbers for them, and what is stored at their offsets, up to the start of the
/// next window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditWindow {
    /// The batches' offsets.
    pub range: OffsetRange,
    /// Number of batches.
    pub batches: u64,
    /// The ledger's numbers.
    pub account: Account,
    /// Stored rows.
    pub rows: u64,
    /// Distinct offsets of the rows.
    pub row_offsets: u64,
    /// Distinct offsets of dead letters.
    pub dead_letter_offsets: u64,
    /// Records whose rows or dead letters were erased.
    pub erased: Erased,
}

impl AuditWindow {
    /// Whether the store agrees with the ledger, as far as counts can show.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.rows == self.row_offsets
            && self.row_offsets + self.erased.rows == self.account.stored
            && self.dead_letter_offsets + self.erased.dead_letters == self.account.dead_lettered
    }
}

/// What a window lacks of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingOfTenant {
    /// First offset of the window.
    pub first: i64,
    /// The tenant; empty in a family without tenants, and for records whose tenant is not known.
    pub tenant_id: String,
    /// Rows that the ledger counts as stored, and that are neither there nor erased. Negative if there are too many.
    pub rows: i64,
    /// The same of dead letters.
    pub dead_letters: i64,
    /// When the last batch of the window was stored, or a little before.
    pub processed_at: Timestamp,
}

/// A batch in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedBatch {
    /// Its offsets.
    pub range: OffsetRange,
    /// When it was stored, or a little before.
    pub processed_at: Timestamp,
    /// The outcome of its records.
    pub account: Account,
    /// Offsets without a record.
    pub gaps: Vec<OffsetRange>,
}

/// The content of a window, offset by offset, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditedOffsets {
    /// The ledger's batches.
    pub batches: Vec<AuditedBatch>,
    /// Offsets of rows, and how often each is stored.
    pub rows: Vec<(i64, u64)>,
    /// Offsets of dead letters.
    pub dead_letters: Vec<i64>,
    /// Offsets whose rows were erased.
    pub erased_rows: Vec<i64>,
    /// Offsets whose dead letters were erased.
    pub erased_dead_letters: Vec<i64>,
}

/// The family's batches of a log that end before an offset.
const BATCHES: &str = "family = {family:String} AND last_offset < {before:Int64}";

impl AuditedLog {
    fn params(&self) -> Vec<Param> {
        vec![
            Param::new("family", self.family),
            Param::new("topic", &self.topic),
            Param::new("partition", self.partition),
            Param::new("epoch", self.epoch),
        ]
    }

    fn before(&self, before: i64) -> Vec<Param> {
        let mut params = self.params();
        params.push(Param::new("before", before));
        params
    }

    /// The table, the dead letters, and what was erased of both, as row sources with the columns `source_offset` and
    /// those used by [`OF_LOG`].
    fn sources(&self) -> [String; 4] {
        let of_family = "WHERE family = {family:String}";
        let erased = |is_dead_letter: bool| {
            format!("(SELECT * FROM erased_records FINAL {of_family} AND is_dead_letter = {is_dead_letter})")
        };
        let dead_letters = format!("(SELECT * FROM dead_letters FINAL {of_family})");
        [self.table.to_owned(), dead_letters, erased(false), erased(true)]
    }
}

/// Batches with the number of their window, with about `size` records in each.
fn windows_sql() -> String {
    format!(
        "SELECT first_offset, last_offset, arraySum(consumed) AS c, arraySum(stored) AS s, arraySum(dead_lettered) AS d, \
         arraySum(duplicates) AS u, toUnixTimestamp64Milli(processed_at) AS millis, intDiv(sum(records) OVER (ORDER BY first_offset, last_offset \
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), {{size:UInt64}}) AS window \
         FROM ledger FINAL WHERE {OF_LOG} AND {BATCHES}"
    )
}

impl<B: SqlBackend> SqlStore<B> {
    /// The partitions of a topic for which a family's ledger has entries, in order.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn recorded_partitions(&self, family: &str, topic: &str) -> Result<Vec<i32>, StoreError> {
        let params = [Param::new("family", family), Param::new("topic", topic)];
        let sql = format!(
            "SELECT DISTINCT formatRowNoNewline('JSONCompactEachRow', source_partition) FROM ledger \
             WHERE family = {{family:String}} AND source_topic = {{topic:String}} {EVERY_ROW}"
        );
        let partitions: Vec<(i32,)> = self.select(&sql, &params).await?;
        let mut partitions: Vec<i32> = partitions.into_iter().map(|(partition,)| partition).collect();
        partitions.sort_unstable();
        Ok(partitions)
    }

    /// The epochs for which a family's ledger has entries of a partition, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn recorded_epochs(&self, family: &str, topic: &str, partition: i32) -> Result<Vec<i64>, StoreError> {
        let params = [Param::new("family", family), Param::new("topic", topic), Param::new("partition", partition)];
        let sql = format!(
            "SELECT DISTINCT formatRowNoNewline('JSONCompactEachRow', source_epoch) FROM ledger \
             WHERE family = {{family:String}} AND source_topic = {{topic:String}} \
             AND source_partition = {{partition:Int32}} {EVERY_ROW}"
        );
        let epochs: Vec<(i64,)> = self.select(&sql, &params).await?;
        let mut epochs: Vec<i64> = epochs.into_iter().map(|(epoch,)| epoch).collect();
        epochs.sort_unstable();
        Ok(epochs)
    }

    /// Compares a log's batches that end before an offset with what is stored, in windows of about `size` records.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit(&self, log: &AuditedLog, before: i64, size: u64) -> Result<Vec<AuditWindow>, StoreError> {
        let mut params = log.before(before);
        params.push(Param::new("size", size.max(1)));
        let windows = windows_sql();
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', min(first_offset) AS first, max(last_offset), count(), \
             (sum(c), sum(s), sum(d), sum(u))) FROM ({windows}) GROUP BY window ORDER BY first {EVERY_ROW}"
        );
        let rows: Vec<(i64, i64, u64, Numbers)> = self.select(&sql, &params).await?;
        let window = |(first, last, batches, numbers)| AuditWindow {
            range: OffsetRange { first, last },
            batches,
            account: account(numbers),
            rows: 0,
            row_offsets: 0,
            dead_letter_offsets: 0,
            erased: Erased::default(),
        };
        let mut audited: Vec<AuditWindow> = rows.into_iter().map(window).collect();
        let Some(begin) = audited.first().map(|window| window.range.first) else { return Ok(audited) };
        params.push(Param::new("begin", begin));
        for (place, source) in log.sources().iter().enumerate() {
            let sql = format!(
                "SELECT formatRowNoNewline('JSONCompactEachRow', first, count(), groupBitmap(toUInt64(source_offset))) FROM \
                 (SELECT source_offset, 1 AS one FROM {source} WHERE {OF_LOG} \
                 AND source_offset >= {{begin:Int64}} AND source_offset < {{before:Int64}}) AS stored \
                 ASOF JOIN (SELECT min(first_offset) AS first, 1 AS one FROM ({windows}) GROUP BY window) AS batches \
                 ON stored.one = batches.one AND stored.source_offset >= batches.first GROUP BY first {EVERY_ROW}"
            );
            for (first, rows, offsets) in self.select::<(i64, u64, u64)>(&sql, &params).await? {
                let window = audited.binary_search_by_key(&first, |window| window.range.first);
                let Some(window) = window.ok().and_then(|window| audited.get_mut(window)) else { continue };
                match place {
                    0 => (window.rows, window.row_offsets) = (rows, offsets),
                    1 => window.dead_letter_offsets = offsets,
                    2 => window.erased.rows = offsets,
                    _ => window.erased.dead_letters = offsets,
                }
            }
        }
        Ok(audited)
    }

    /// What windows of about `size` records lack of the batches within a range, by tenant, in no order. With a size
    /// of 1 each batch is a window; with the whole log as the range they are those of [`audit`](Self::audit).
    /// `tenant` is the column of the tenant in the log's table.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit_missing(
        &self,
        log: &AuditedLog,
        range: OffsetRange,
        size: u64,
        tenant: Option<&str>,
    ) -> Result<Vec<MissingOfTenant>, StoreError> {
        let mut params = log.before(range.last.saturating_add(1));
        params.extend([Param::new("size", size.max(1)), Param::new("begin", range.first)]);
        let windows = format!(
            "(SELECT min(first_offset) AS first, max(millis) AS processed, 1 AS one FROM ({} AND first_offset >= {{begin:Int64}}) \
             GROUP BY window)",
            windows_sql()
        );
        let [rows, dead_letters, erased_rows, erased_dead_letters] = log.sources();
        // Distinct offsets, because rows may be stored twice until they are merged.
        let there = |source: &str, tenant: &str, is_dead_letter: bool| {
            let count = "-toInt64(groupBitmap(toUInt64(source_offset)))";
            let (r, d) = if is_dead_letter { ("toInt64(0)", count) } else { (count, "toInt64(0)") };
            format!(
                "SELECT first, toString(tenant) AS tenant, {r} AS r, {d} AS d, max(processed) AS processed FROM \
                 (SELECT source_offset, {tenant} AS tenant, 1 AS one FROM {source} WHERE {OF_LOG} \
                 AND source_offset >= {{begin:Int64}} AND source_offset < {{before:Int64}}) AS stored \
                 ASOF JOIN {windows} AS batches ON stored.one = batches.one AND stored.source_offset >= batches.first \
                 GROUP BY first, tenant"
            )
        };
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', first, tenant, sum(r) AS rows, sum(d) AS dead_letters, \
             max(processed)) FROM \
             (SELECT first, entry.1 AS tenant, sum(entry.2) AS r, sum(entry.3) AS d, max(processed) AS processed FROM \
             (SELECT first_offset AS source_offset, \
             arrayJoin(arrayZip(tenant_ids, stored, dead_lettered)) AS entry, 1 AS one FROM ledger FINAL \
             WHERE {OF_LOG} AND {BATCHES} AND first_offset >= {{begin:Int64}}) AS recorded \
             ASOF JOIN {windows} AS batches ON recorded.one = batches.one AND recorded.source_offset >= batches.first \
             GROUP BY first, tenant UNION ALL {} UNION ALL {} UNION ALL {} UNION ALL {}) \
             GROUP BY first, tenant HAVING rows != 0 OR dead_letters != 0 {EVERY_ROW}",
            there(&rows, tenant.unwrap_or("''"), false),
            there(&dead_letters, "tenant_id", true),
            there(&erased_rows, "tenant_id", false),
            there(&erased_dead_letters, "tenant_id", true),
        );
        let missing: Vec<(i64, String, i64, i64, i64)> = self.select(&sql, &params).await?;
        let of_tenant = |(first, tenant_id, rows, dead_letters, millis)| MissingOfTenant {
            first,
            tenant_id,
            rows,
            dead_letters,
            processed_at: Timestamp::from_millis(millis),
        };
        Ok(missing.into_iter().map(of_tenant).collect())
    }

    /// What exists at these offsets of a log.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit_offsets(&self, log: &AuditedLog, range: OffsetRange) -> Result<AuditedOffsets, StoreError> {
        let mut params = log.before(range.last + 1);
        params.push(Param::new("begin", range.first));
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', first_offset, last_offset, toUnixTimestamp64Milli(processed_at), \
             (arraySum(consumed), arraySum(stored), arraySum(dead_lettered), arraySum(duplicates)), \
             arrayZip(gap_firsts, gap_lasts)) FROM ledger FINAL WHERE {OF_LOG} AND {BATCHES} AND first_offset >= {{begin:Int64}} \
             ORDER BY first_offset, last_offset {EVERY_ROW}"
        );
        type BatchRow = (i64, i64, i64, Numbers, Vec<(i64, i64)>);
        let batches: Vec<BatchRow> = self.select(&sql, &params).await?;
        let mut found: [Vec<(i64, u64)>; 4] = Default::default();
        for (source, found) in log.sources().iter().zip(&mut found) {
            let sql = format!(
                "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset, count()) FROM {source} WHERE {OF_LOG} \
                 AND source_offset >= {{begin:Int64}} AND source_offset < {{before:Int64}} \
                 GROUP BY source_offset ORDER BY source_offset {EVERY_ROW}"
            );
            *found = self.select(&sql, &params).await?;
        }
        let [rows, dead_letters, erased_rows, erased_dead_letters] = found;
        let offsets = |found: Vec<(i64, u64)>| found.into_iter().map(|(offset, _)| offset).collect();
        let batch = |(first, last, millis, numbers, gaps): BatchRow| AuditedBatch {
            range: OffsetRange { first, last },
            processed_at: Timestamp::from_millis(millis),
            account: account(numbers),
            gaps: gaps.into_iter().map(|(first, last)| OffsetRange { first, last }).collect(),
        };
        let batches = batches.into_iter().map(batch).collect();
        Ok(AuditedOffsets {
            batches,
            rows,
            dead_letters: offsets(dead_letters),
            erased_rows: offsets(erased_rows),
            erased_dead_letters: offsets(erased_dead_letters),
        })
    }

    /// The offsets without a record in a log, between its first batch and its last that ends before an offset. The
    /// number of listed ranges is limited.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit_gaps(&self, log: &AuditedLog, before: i64, most: usize) -> Result<Gaps, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', sum(last - first + 1), count(), \
             groupArraySorted({most})((first, last))) FROM ({}) {EVERY_ROW}",
            gaps_sql(&format!("{OF_LOG} AND {BATCHES}"))
        );
        let found: Vec<GapNumbers> = self.select(&sql, &log.before(before)).await?;
        Ok(found.into_iter().next().map(gaps).unwrap_or_default())
    }

    /// Offsets covered by more than one batch of a log; the first ranges.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit_overlaps(
        &self,
        log: &AuditedLog,
        before: i64,
        most: usize,
    ) -> Result<Vec<OffsetRange>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', first_offset, least(last_offset, reached)) FROM \
             (SELECT first_offset, last_offset, row_number() OVER log AS place, \
             max(last_offset) OVER (log ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached \
             FROM ledger FINAL WHERE {OF_LOG} AND {BATCHES} WINDOW log AS (ORDER BY first_offset, last_offset)) \
             WHERE place > 1 AND first_offset <= reached ORDER BY first_offset LIMIT {most} {EVERY_ROW}"
        );
        let found: Vec<(i64, i64)> = self.select(&sql, &log.before(before)).await?;
        Ok(found.into_iter().map(|(first, last)| OffsetRange { first, last }).collect())
    }

    /// Tenants of a log whose account does not balance, at most a hundred. In a family without tenants the only
    /// account has an empty name.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn audit_tenants(&self, log: &AuditedLog, before: i64) -> Result<Vec<TenantAccount>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', tenant, (c, s, d, u)) FROM \
             (SELECT entry.1 AS tenant, sum(entry.2) AS c, sum(entry.3) AS s, sum(entry.4) AS d, sum(entry.5) AS u FROM \
             (SELECT arrayJoin(arrayZip(tenant_ids, consumed, stored, dead_lettered, duplicates)) AS entry \
             FROM ledger FINAL WHERE {OF_LOG} AND {BATCHES}) GROUP BY tenant) \
             WHERE c != s + d + u ORDER BY tenant LIMIT 100 {EVERY_ROW}"
        );
        let found: Vec<(String, Numbers)> = self.select(&sql, &log.before(before)).await?;
        let tenant = |(tenant_id, numbers)| TenantAccount {
            tenant_id,
            account: account(numbers),
            erased: Erased::default(),
            balanced: false,
        };
        Ok(found.into_iter().map(tenant).collect())
    }

    /// Number of rows and dead letters of a log before an offset, erased ones included.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn stored_before(&self, log: &AuditedLog, before: i64) -> Result<u64, StoreError> {
        let mut stored = 0;
        for source in log.sources() {
            let sql = format!(
                "SELECT formatRowNoNewline('JSONCompactEachRow', count()) FROM {source} \
                 WHERE {OF_LOG} AND source_offset < {{before:Int64}} {EVERY_ROW}"
            );
            let counts: Vec<(u64,)> = self.select(&sql, &log.before(before)).await?;
            stored += counts.iter().map(|(count,)| count).sum::<u64>();
        }
        Ok(stored)
    }

    /// Which of these rows of a log have their event in the table, at any offset: a producer sends an event twice, and
    /// a merge keeps one row.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn with_event_stored(&self, log: &AuditedLog, rows: &RowBatch) -> Result<HashSet<i64>, StoreError> {
        let log = SourceLog { topic: &log.topic, partition: log.partition, epoch: log.epoch };
        self.backend().session().await?.merged_away(&log, rows).await
    }
}

//! Rows that are gone because of their age, among those of which Kafka has no record any more.

use std::collections::{BTreeMap, BTreeSet};

use voc_events::Timestamp;
use voc_store::{AuditWindow, AuditedLog, MissingOfTenant, OffsetRange, Retention, SqlBackend, SqlStore, StoreError};

/// A window or a batch that lacks only rows and dead letters of tenants whose rows are removed after a time, and is
/// older than that.
pub(super) struct AgedWindow {
    /// Number of rows and dead letters that are missing.
    pub(super) missing: u64,
    /// Whether that is all in which it differs, as far as counts can show.
    pub(super) lacks_only_rows: bool,
    /// The first offsets of its batches of which this is true; `None` if it is true of all.
    batches: Option<BTreeSet<i64>>,
}

impl AgedWindow {
    /// Whether what a batch lacks may have been removed.
    pub(super) fn explains(&self, first: i64) -> bool {
        self.batches.as_ref().is_none_or(|batches| batches.contains(&first))
    }
}

/// Finds out which windows of a log have aged.
pub(super) struct Aging<'a, B> {
    pub(super) store: &'a SqlStore<B>,
    pub(super) log: &'a AuditedLog,
    /// The column of the tenant in the log's table.
    pub(super) tenant: Option<&'a str>,
    pub(super) retention: &'a Retention,
    pub(super) now: Timestamp,
}

impl<B: SqlBackend> Aging<'_, B> {
    /// Those of the windows, which have about `size` records and end before an offset, that have aged, by their first
    /// offset. Of at most `most` that have not as a whole, the batches are looked at.
    pub(super) async fn of(
        &self,
        windows: &BTreeMap<i64, &AuditWindow>,
        before: i64,
        size: u64,
        most: usize,
    ) -> Result<BTreeMap<i64, AgedWindow>, StoreError> {
        let mut aged = BTreeMap::new();
        if windows.is_empty() || !self.retention.ever_removes() {
            return Ok(aged);
        }
        let everything = OffsetRange { first: i64::MIN, last: before - 1 };
        let (explained, unexplained) = self.judge(everything, size).await?;
        let is_plain = |window: &AuditWindow| window.rows == window.row_offsets && window.erased.is_empty();
        for (first, window) in windows {
            if let Some(missing) = explained.get(first) {
                let (missing, lacks_only_rows) = (*missing, is_plain(window));
                aged.insert(*first, AgedWindow { missing, lacks_only_rows, batches: None });
            }
        }
        // Their youngest batches may be younger than the rows are kept.
        for (first, window) in windows.iter().filter(|(first, _)| unexplained.contains(first)).take(most) {
            let (batches, _) = self.judge(window.range, 1).await?;
            let missing = batches.values().sum();
            if missing > 0 {
                let batches = Some(batches.into_keys().collect());
                aged.insert(*first, AgedWindow { missing, lacks_only_rows: false, batches });
            }
        }
        Ok(aged)
    }

    /// How much windows lack that have aged, and the others that lack something, by their first offset.
    async fn judge(&self, range: OffsetRange, size: u64) -> Result<(BTreeMap<i64, u64>, BTreeSet<i64>), StoreError> {
        let of_dead_letters = self.retention.of_dead_letters();
        let (mut explained, mut unexplained) = (BTreeMap::new(), BTreeSet::new());
        for missing in self.store.audit_missing(self.log, range, size, self.tenant).await? {
            let MissingOfTenant { first, tenant_id, rows, dead_letters, processed_at } = missing;
            // The events were older still.
            let is_explained = |missing: i64, retention: &Retention| {
                missing == 0 || missing > 0 && retention.may_be_gone(&tenant_id, processed_at, processed_at, self.now)
            };
            if is_explained(rows, self.retention) && is_explained(dead_letters, &of_dead_letters) {
                *explained.entry(first).or_insert(0) += (rows + dead_letters).unsigned_abs();
            } else {
                unexplained.insert(first);
            }
        }
        explained.retain(|first, _| !unexplained.contains(first));
        Ok((explained, unexplained))
    }
}

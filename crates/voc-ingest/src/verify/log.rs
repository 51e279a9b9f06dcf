//! Comparing one log.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use voc_events::{Envelope, Family, FamilyEvent as _, Timestamp};
use voc_store::{
    Account, AuditWindow, AuditedBatch, AuditedLog, AuditedOffsets, BatchBuilder, Gaps, OffsetRange, PartitionBy,
    Retention, RowAnnotation, SourceRange, SqlBackend, SqlStore,
};

use super::{
    VerifyError,
    aged::{AgedWindow, Aging},
    report::{Difference, DifferenceKind, LogReport, ranges},
};
use crate::{
    TopicPartition,
    clock::now_utc,
    kafka::{AddressedReader, AddressedRecord},
    lane::{DecodedRecord, TopicDecoder},
    registry::TopicSchemas,
};

/// Records per window; a window that differs is compared offset by offset.
const WINDOW_RECORDS: u64 = 10_000;
/// Maximum number of windows to compare offset by offset.
const MAX_WINDOWS: usize = 100;
/// Maximum number of gaps to look up in Kafka.
const MAX_GAPS: usize = 200;
/// Gaps closer together than this are looked up in one read, because another client costs more than reading the
/// records in between.
const NEARBY: i64 = 10_000;
/// Maximum number of ranges to list per difference.
const MAX_RANGES: usize = 1000;

/// The comparison of one log.
pub(super) struct LogCheck<'c, B, F> {
    pub(super) store: &'c SqlStore<B>,
    pub(super) reader: &'c AddressedReader,
    pub(super) decoder: &'c TopicDecoder<F>,
    pub(super) schemas: &'c TopicSchemas,
    pub(super) partition: &'c TopicPartition,
    pub(super) log: AuditedLog,
    /// The offsets of this log that Kafka has: none if Kafka's log is another one, whose records say nothing of the
    /// offsets of this one.
    pub(super) in_kafka: Range<i64>,
    /// The committed offset of the group; `None` for the log of an earlier epoch.
    pub(super) committed: Option<i64>,
}

impl<B: SqlBackend, F: Family> LogCheck<'_, B, F> {
    /// `None` if there is nothing to report.
    pub(super) async fn run(&self) -> Result<Option<LogReport>, VerifyError> {
        let mut report = LogReport { epoch: self.log.epoch, ..LogReport::default() };
        let windows = self.store.audit(&self.log, self.bound(), WINDOW_RECORDS).await?;
        let (Some(first), Some(last)) = (windows.first(), windows.iter().map(|window| window.range.last).max()) else {
            return self.unrecorded(report).await;
        };
        let recorded = OffsetRange { first: first.range.first, last };
        report.recorded = Some(recorded);
        report.batches = windows.iter().map(|window| window.batches).sum();
        for window in &windows {
            report.account += window.account;
            report.erased += window.erased;
        }

        let earlier = self.store.stored_before(&self.log, recorded.first).await?;
        if earlier > 0 {
            report
                .remarks
                .push(format!("{earlier} rows and dead letters before offset {} predate the ledger", recorded.first));
        }
        self.check_ledger(recorded, &mut report).await?;
        self.check_gaps(recorded, &mut report).await?;
        // Records after the last batch of an earlier epoch belong to a batch that was never completed.
        let windows = match self.committed {
            Some(_) => windows,
            None => self.store.audit(&self.log, last + 1, WINDOW_RECORDS).await?,
        };
        let bound = self.committed.unwrap_or(last + 1);
        self.check_windows(&windows, bound, &mut report).await?;
        Ok(Some(report))
    }

    /// Offsets from here on are not compared.
    fn bound(&self) -> i64 {
        self.committed.unwrap_or(i64::MAX)
    }

    /// Reports on a log without a batch in the ledger.
    async fn unrecorded(&self, mut report: LogReport) -> Result<Option<LogReport>, VerifyError> {
        let Some(committed) = self.committed else { return Ok(None) };
        let stored = self.store.stored_before(&self.log, committed).await?;
        if stored > 0 {
            report.remarks.push(format!("{stored} rows and dead letters predate the ledger"));
        } else {
            let passed = OffsetRange { first: self.in_kafka.start, last: committed - 1 };
            self.check_passed(&[passed], &mut report).await?;
        }
        Ok(Some(report))
    }

    /// Checks that the ledger is consistent.
    async fn check_ledger(&self, recorded: OffsetRange, report: &mut LogReport) -> Result<(), VerifyError> {
        for tenant in self.store.audit_tenants(&self.log, self.bound()).await? {
            let Account { consumed, stored, dead_lettered, duplicates } = tenant.account;
            let meaning = format!(
                "tenant {:?}: {consumed} consumed, but {stored} stored + {dead_lettered} dead-lettered + {duplicates} duplicates",
                tenant.tenant_id
            );
            report.differences.push(Difference { kind: DifferenceKind::Unbalanced, offsets: vec![recorded], meaning });
        }
        let overlaps = self.store.audit_overlaps(&self.log, self.bound(), MAX_RANGES).await?;
        if !overlaps.is_empty() {
            let meaning = "more than one batch has these records; were they read twice?".to_owned();
            report.differences.push(Difference { kind: DifferenceKind::Overlap, offsets: overlaps, meaning });
        }
        Ok(())
    }

    /// Checks that offsets without a record have none in Kafka either.
    async fn check_gaps(&self, recorded: OffsetRange, report: &mut LogReport) -> Result<(), VerifyError> {
        let Gaps { ranges: count, offsets, first: mut gaps } =
            self.store.audit_gaps(&self.log, self.bound(), MAX_GAPS).await?;
        (report.gap_ranges, report.gap_offsets) = (count, offsets);
        let Some(committed) = self.committed else { return Ok(()) };
        if count > gaps.len() as u64 {
            report.remarks.push(format!("only the first {} of {count} gaps were looked up in Kafka", gaps.len()));
        }
        if committed > recorded.last + 1 {
            gaps.push(OffsetRange { first: recorded.last + 1, last: committed - 1 });
        }
        self.check_passed(&gaps, report).await
    }

    /// Checks that ranges which the commit passed without a trace hold no record.
    async fn check_passed(&self, passed: &[OffsetRange], report: &mut LogReport) -> Result<(), VerifyError> {
        let mut found = Vec::new();
        for near in passed.chunk_by(|gap, next| next.first - gap.last < NEARBY) {
            let (Some(first), Some(last)) = (near.first(), near.last()) else { continue };
            let is_passed = |offset: i64| {
                let gap = near.get(near.partition_point(|gap| gap.last < offset));
                gap.is_some_and(|gap| gap.first <= offset)
            };
            let span = OffsetRange { first: first.first, last: last.last };
            let look = |record: AddressedRecord| {
                if is_passed(record.offset) {
                    found.push(record.offset);
                }
            };
            self.read_again(span, look).await?;
        }
        if !found.is_empty() {
            let meaning = format!("kafka has {} records there that were committed without a trace: lost", found.len());
            report.differences.push(difference(DifferenceKind::NotRecorded, found, meaning));
        }
        Ok(())
    }

    /// Visits the committed records of a range that Kafka still has.
    async fn read_again(&self, range: OffsetRange, mut look: impl FnMut(AddressedRecord)) -> Result<(), VerifyError> {
        let offsets = range.first.max(self.in_kafka.start)..(range.last + 1).min(self.in_kafka.end);
        if !offsets.is_empty() {
            let mut records = self.reader.read_committed(self.partition, offsets);
            while let Some(records) = records.next().await? {
                records.into_iter().for_each(&mut look);
            }
        }
        Ok(())
    }

    /// Checks that the store has what the ledger says.
    async fn check_windows(
        &self,
        windows: &[AuditWindow],
        bound: i64,
        report: &mut LogReport,
    ) -> Result<(), VerifyError> {
        let next = windows.iter().skip(1).map(|window| window.range.first - 1).chain([match self.committed {
            Some(committed) => committed - 1,
            None => windows.last().map_or(0, |window| window.range.last),
        }]);
        let mut differing: Vec<OffsetRange> = windows
            .iter()
            .zip(next)
            .filter(|(window, _)| !window.agrees())
            .map(|(window, last)| OffsetRange { first: window.range.first, last })
            .collect();
        let mut found = Findings::default();
        // After the windows were compared: what was removed meanwhile is explained.
        let retention = self.store.retention(F::NAME, &F::TABLE).await?;
        // Of records that Kafka has, the age is known; but only so many windows are compared.
        let are_many = differing.len() > MAX_WINDOWS;
        let is_candidate = |window: &&AuditWindow| {
            let is_differing = differing.binary_search_by_key(&window.range.first, |range| range.first).is_ok();
            is_differing && (are_many || self.is_gone(window.range.first))
        };
        let candidates: BTreeMap<i64, &AuditWindow> =
            windows.iter().filter(is_candidate).map(|window| (window.range.first, window)).collect();
        let tenant = F::TABLE.tenant.map(|column| column.name);
        let aging = Aging { store: self.store, log: &self.log, tenant, retention: &retention, now: now_utc() };
        let aged = aging.of(&candidates, bound, WINDOW_RECORDS, MAX_WINDOWS).await?;
        differing.retain(|range| match aged.get(&range.first) {
            Some(aged) if aged.lacks_only_rows && (are_many || self.is_gone(range.last)) => {
                found.expired += aged.missing;
                false
            }
            _ => true,
        });
        for range in differing.iter().take(MAX_WINDOWS) {
            let offsets = self.store.audit_offsets(&self.log, *range).await?;
            found.compare(&offsets, aged.get(&range.first));
        }
        if differing.len() > MAX_WINDOWS {
            let rest = differing.iter().skip(MAX_WINDOWS).copied().take(MAX_RANGES).collect();
            let meaning = "counts differ in these offsets too; they were not compared one by one".to_owned();
            report.differences.push(Difference { kind: DifferenceKind::MissingOrMerged, offsets: rest, meaning });
        }
        for unaccounted in std::mem::take(&mut found.unaccounted) {
            self.explain(unaccounted, &retention, &mut found).await?;
        }
        found.report(report, &retention);
        Ok(())
    }

    /// Whether Kafka has no record any more up to an offset.
    fn is_gone(&self, offset: i64) -> bool {
        self.in_kafka.is_empty() || offset < self.in_kafka.start
    }

    /// Distinguishes lost records of a batch from those whose event is stored at another offset.
    async fn explain(
        &self,
        unaccounted: UnaccountedOffsets,
        retention: &Retention,
        found: &mut Findings,
    ) -> Result<(), VerifyError> {
        let (Some(first), Some(last)) = (unaccounted.offsets.first(), unaccounted.offsets.last()) else {
            return Ok(());
        };
        let mut records = BTreeMap::new();
        let look = |record: AddressedRecord| {
            if unaccounted.offsets.binary_search(&record.offset).is_ok() {
                records.insert(record.offset, record);
            }
        };
        self.read_again(OffsetRange { first: *first, last: *last }, look).await?;
        let schema_ids =
            TopicSchemas::schema_ids(records.values().map(|record: &AddressedRecord| record.value.as_deref()));
        let schemas = self.schemas.look_up(&schema_ids).await.map_err(VerifyError::Registry)?;
        let mut rows = BatchBuilder::new(F::TABLE, PartitionBy::Month);
        let mut lost = BTreeSet::new();
        let mut gone = BTreeSet::new();
        let (of_dead_letters, stored, now) = (retention.of_dead_letters(), unaccounted.processed_at, now_utc());
        for offset in &unaccounted.offsets {
            let Some(record) = records.get(offset) else {
                gone.insert(*offset);
                continue;
            };
            let value = record.value.as_deref();
            let text = self.decoder.text(value, value.map_or(0, <[u8]>::len), &schemas);
            let envelope = Envelope::new(record.key.as_deref(), &record.headers, Some(record.time));
            match self.decoder.decode(*offset, &text, &envelope) {
                Ok(DecodedRecord { event, .. })
                    if retention.may_be_gone(event.tenant_id().unwrap_or_default(), event.timestamp(), stored, now) =>
                {
                    found.expired += 1;
                }
                Ok(DecodedRecord { event, payload, .. }) => {
                    lost.insert(*offset);
                    // A record without a row cannot be compared, so it counts as lost.
                    if let Err(error) = rows.push(&event, payload, &RowAnnotation::default(), *offset) {
                        tracing::debug!(offset, %error, "no row");
                    }
                }
                // A record that cannot be decoded should be a dead letter.
                Err(unusable)
                    if unaccounted.dead_letters > 0
                        && of_dead_letters.may_be_gone(&unusable.tenant_id, stored, stored, now) =>
                {
                    found.expired += 1;
                }
                Err(_) if unaccounted.dead_letters > 0 => {
                    found.lost_dead_letters.insert(*offset);
                }
                Err(_) => {
                    lost.insert(*offset);
                }
            }
        }
        let range = SourceRange {
            family: F::NAME,
            topic: self.partition.topic.clone(),
            partition: self.partition.partition,
            epoch: self.log.epoch,
            first: *first,
            last: *last,
        };
        for part in rows.seal(range, Timestamp::from_millis(0)).parts {
            for offset in self.store.with_event_stored(&self.log, &part.rows).await? {
                lost.remove(&offset);
            }
        }
        // Duplicates are among these offsets too, and their events may be stored with another time.
        found.lost.extend(lost);
        if unaccounted.may_be_removed {
            // Among them may be duplicates, which have no row.
            found.expired += (unaccounted.rows + unaccounted.dead_letters).min(gone.len() as u64);
        } else if unaccounted.rows > 0 || unaccounted.dead_letters > 0 {
            found.gone.extend(gone);
        }
        Ok(())
    }
}

/// Offsets of a batch without a row or a dead letter, more than there were duplicates.
struct UnaccountedOffsets {
    offsets: Vec<i64>,
    /// Number of rows that must be among them.
    rows: u64,
    /// Number of dead letters that must be among them.
    dead_letters: u64,
    /// When the batch was stored, or a little before.
    processed_at: Timestamp,
    /// Whether they may have been removed because of their age.
    may_be_removed: bool,
}

/// Findings in windows that differ, by offset.
#[derive(Default)]
struct Findings {
    unaccounted: Vec<UnaccountedOffsets>,
    lost: BTreeSet<i64>,
    lost_dead_letters: BTreeSet<i64>,
    gone: BTreeSet<i64>,
    /// Records whose rows or dead letters were removed because of their age, or may have been.
    expired: u64,
    doubled: BTreeSet<i64>,
    back: BTreeSet<i64>,
    both: BTreeSet<i64>,
    unknown: BTreeSet<i64>,
    /// Batches with more rows or dead letters than the ledger says.
    too_many: Vec<OffsetRange>,
}

impl Findings {
    fn compare(&mut self, found: &AuditedOffsets, aged: Option<&AgedWindow>) {
        let mut rows: BTreeSet<i64> = found.rows.iter().map(|(offset, _)| *offset).collect();
        let mut dead_letters: BTreeSet<i64> = found.dead_letters.iter().copied().collect();
        for (stored, erased) in [(&mut rows, &found.erased_rows), (&mut dead_letters, &found.erased_dead_letters)] {
            self.back.extend(erased.iter().filter(|offset| stored.contains(offset)));
            stored.extend(erased);
        }
        self.doubled.extend(found.rows.iter().filter(|(_, count)| *count > 1).map(|(offset, _)| *offset));
        self.both.extend(rows.intersection(&dead_letters));
        let mut known = BTreeSet::new();
        for batch in &found.batches {
            let AuditedBatch { range, processed_at, account, gaps } = batch;
            let is_gap = |offset: &i64| gaps.iter().any(|gap| (gap.first..=gap.last).contains(offset));
            let of_batch: BTreeSet<i64> = (range.first..=range.last).filter(|offset| !is_gap(offset)).collect();
            let (row_count, dead_letter_count) =
                (of_batch.intersection(&rows).count() as u64, of_batch.intersection(&dead_letters).count() as u64);
            let (missing_rows, missing_dead_letters) =
                (account.stored.saturating_sub(row_count), account.dead_lettered.saturating_sub(dead_letter_count));
            if missing_rows > 0 || missing_dead_letters > 0 {
                let offsets = of_batch.iter().filter(|offset| !rows.contains(offset) && !dead_letters.contains(offset));
                let offsets = offsets.copied().collect();
                self.unaccounted.push(UnaccountedOffsets {
                    offsets,
                    rows: missing_rows,
                    dead_letters: missing_dead_letters,
                    processed_at: *processed_at,
                    may_be_removed: aged.is_some_and(|aged| aged.explains(range.first)),
                });
            }
            if row_count > account.stored || dead_letter_count > account.dead_lettered {
                self.too_many.push(*range);
            }
            known.extend(of_batch);
        }
        self.unknown.extend(rows.union(&dead_letters).filter(|offset| !known.contains(offset)));
    }

    fn report(self, report: &mut LogReport, retention: &Retention) {
        let Self { lost, lost_dead_letters, gone, expired, doubled, back, both, unknown, too_many, .. } = self;
        if expired > 0 {
            report
                .remarks
                .push(format!("{expired} rows or dead letters are gone because of their age (kept now: {retention})"));
        }
        let named = [
            (DifferenceKind::Lost, lost, "in the ledger as stored, but these events have no row"),
            (DifferenceKind::Lost, lost_dead_letters, "in the ledger as dead letters, which are missing"),
            (
                DifferenceKind::MissingOrMerged,
                gone,
                "rows are missing: lost, or merged with another row of their event; kafka no longer has the records",
            ),
            (DifferenceKind::Doubled, doubled, "stored more than once, until they are merged"),
            (
                DifferenceKind::NotErased,
                back,
                "erased, and stored again; erase them again with `voc-query erase --again`",
            ),
            (DifferenceKind::Unknown, both, "stored as rows and as dead letters"),
            (DifferenceKind::Unknown, unknown, "stored, but in no batch of the ledger"),
        ];
        for (kind, offsets, meaning) in named {
            if !offsets.is_empty() {
                report.differences.push(difference(kind, offsets, meaning.to_owned()));
            }
        }
        if !too_many.is_empty() {
            let meaning = "these batches have more rows or dead letters than the ledger says".to_owned();
            report.differences.push(Difference { kind: DifferenceKind::Unknown, offsets: too_many, meaning });
        }
    }
}

fn difference(kind: DifferenceKind, offsets: impl IntoIterator<Item = i64>, meaning: String) -> Difference {
    let mut offsets = ranges(offsets);
    offsets.truncate(MAX_RANGES);
    Difference { kind, offsets, meaning }
}

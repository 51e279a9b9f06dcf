//! Replaying a range of a partition: decodes and annotates its records again, with this version.
//!
//! A replay is not a member of the group and commits nothing. It stores the rows of the range again, and dead letters
//! that can be decoded today. Records unknown to the store were dropped on purpose (a resent event, an aborted
//! transaction) or are still to be consumed, so they are skipped unless requested. Rows are written under a
//! [`Revision`], which keeps query results correct while two versions are stored.

mod records;
mod report;
mod retry;
mod stored_range;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, Table};
use voc_nlp::{Annotator, Redactor};
use voc_store::{
    BatchBuilder, InsertBatch, OffsetSpan, PartitionBy, Revision, Revisions, SourceRange, StoreError, StoredRow,
};

pub use self::report::ReplayReport;
use self::{
    records::{Records, chunks},
    retry::{MAX_ATTEMPTS, with_retries},
    stored_range::StoredRange,
};
use crate::{
    SourceError, TopicPartition,
    backoff::Backoff,
    clock::now_utc,
    kafka::{AddressedReader, AddressedRecord},
    lane::{DecodedRecord, RecordText, RowMaker, TopicDecoder, UnusableRecord},
    registry::{KnownSchemas, Schemas, TopicSchemas},
};

/// Maximum time to wait for merges.
const MERGE_PATIENCE: Duration = Duration::from_secs(900);

/// Why a replay cannot continue. Finished parts stay, and running the same replay again resumes there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The records cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schema registry cannot be queried.
    #[error("the schema registry is unavailable: {0}")]
    Registry(String),
    /// Two versions of some rows are still stored after the maximum wait.
    #[error(
        "{0} rows are still stored in an earlier version too: query results stay correct, and the same replay resumes merging"
    )]
    NotMerged(u64),
}

/// Replays ranges with this version of decoder and annotator.
pub struct Replayer<F: Family> {
    store: Arc<dyn Revisions>,
    rows: RowMaker<F>,
    schemas: TopicSchemas,
    topic: String,
    partition_by: PartitionBy,
    include_unknown: bool,
}

impl<F: Family> Replayer<F> {
    /// Creates a replayer for a topic that writes to `store`. The tables must be partitioned by `partition_by`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Revisions>,
        annotator: Arc<Annotator>,
        topic: &str,
        options: &DecodeOptions,
        partition_by: PartitionBy,
    ) -> Self {
        let rows = RowMaker::new(annotator, TopicDecoder::new(topic, options));
        let schemas = TopicSchemas::of::<F>(topic, None);
        Self { store, rows, schemas, topic: topic.to_owned(), partition_by, include_unknown: false }
    }

    /// Sets the source of writer schemas.
    #[must_use]
    pub fn schemas(mut self, schemas: Option<Arc<dyn Schemas>>) -> Self {
        self.schemas = TopicSchemas::of::<F>(&self.topic, schemas);
        self
    }

    /// Removes personal data from stored payloads, as [`Pipeline::redactor`](crate::Pipeline::redactor) does.
    #[must_use]
    pub fn redactor(mut self, redactor: Option<Redactor>) -> Self {
        self.rows = self.rows.with_redactor(redactor);
        self
    }

    /// Includes records that the store does not know, among them resent events.
    #[must_use]
    pub fn with_unknown(mut self, include_unknown: bool) -> Self {
        self.include_unknown = include_unknown;
        self
    }

    /// Reads, decodes and annotates a range, and reports what would change.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn plan(&self, reader: &AddressedReader, offsets: &OffsetSpan) -> Result<ReplayReport, ReplayError> {
        let mut report = ReplayReport::default();
        let mut progress = Progress::new(offsets);
        let mut records = self.records(reader, offsets, offsets.first).await?;
        for chunk in chunks(offsets, offsets.first) {
            self.rows_of(&mut records, &chunk, &mut report).await?;
            progress.log(chunk.end);
        }
        Ok(report)
    }

    /// Replays the rest of a revision's range and saves its progress. Returns the revision, which is still open.
    ///
    /// # Errors
    /// [`ReplayError`]; the revision records the progress.
    pub async fn run(
        &self,
        reader: &AddressedReader,
        revision: &Revision,
    ) -> Result<(Revision, ReplayReport), ReplayError> {
        let mut report = ReplayReport::default();
        let mut revision = revision.clone();
        with_retries(|| self.store.save_revision(&revision)).await?;
        let mut progress = Progress::new(&revision.offsets);
        let mut records = self.records(reader, &revision.offsets, revision.next_offset).await?;
        for chunk in chunks(&revision.offsets, revision.next_offset) {
            for batch in self.rows_of(&mut records, &chunk, &mut report).await? {
                with_retries(|| self.store.insert_revised(Arc::clone(&batch), &revision)).await?;
            }
            revision = revision.done_until(chunk.end);
            with_retries(|| self.store.save_revision(&revision)).await?;
            progress.log(chunk.end);
        }
        Ok((revision, report))
    }

    /// Merges rows that are stored in two versions and closes the revision.
    ///
    /// # Errors
    /// [`ReplayError`]; the revision stays open as long as two versions are stored.
    pub async fn finish(&self, revision: &Revision) -> Result<Revision, ReplayError> {
        let begun = Instant::now();
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10));
        loop {
            let left = match self.store.merge_revised(&F::TABLE, revision).await {
                Ok(0) => break,
                Ok(left) => Ok(left),
                // A merge may take long, and continues on the server.
                Err(error) if error.is_retryable() => Err(error),
                Err(error) => return Err(error.into()),
            };
            if begun.elapsed() > MERGE_PATIENCE {
                return Err(left.map_or_else(ReplayError::Store, ReplayError::NotMerged));
            }
            tracing::info!(?left, "waiting for merges");
            tokio::time::sleep(backoff.next_wait()).await;
        }
        let closed = revision.opened(false);
        with_retries(|| self.store.save_revision(&closed)).await?;
        Ok(closed)
    }

    /// The records of the range, from the beginning of the first chunk, as far as retention has kept them.
    async fn records(&self, reader: &AddressedReader, offsets: &OffsetSpan, from: i64) -> Result<Records, SourceError> {
        let partition = TopicPartition { topic: Arc::clone(&offsets.topic), partition: offsets.partition };
        let first = chunks(offsets, from).next().map_or(offsets.end, |chunk| chunk.first);
        let mut range = first..offsets.end;
        if !range.is_empty() {
            let oldest = reader.offsets(&partition).await?.start;
            if range.start < oldest {
                tracing::warn!(
                    from = range.start,
                    oldest,
                    "the oldest records of the range are deleted; their rows stay"
                );
                range.start = oldest;
            }
        }
        let records = match self.include_unknown {
            // The store does not record which records belong to aborted transactions.
            true => reader.read_committed(&partition, range),
            false => reader.read(&partition, range),
        };
        Ok(Records::of(records))
    }

    /// Builds the rows of a chunk by epoch and reports what they change.
    async fn rows_of(
        &self,
        records: &mut Records,
        offsets: &OffsetSpan,
        report: &mut ReplayReport,
    ) -> Result<Vec<Arc<InsertBatch>>, ReplayError> {
        let records = records.before(offsets.end).await?;
        report.read += records.len() as u64;
        let stored = StoredRange {
            rows: with_retries(|| self.store.stored_rows(&F::TABLE, offsets))
                .await?
                .into_iter()
                .map(|row| (row.offset, row))
                .collect(),
            dead_letters: with_retries(|| self.store.dead_letter_offsets(F::NAME, offsets))
                .await?
                .into_iter()
                .collect(),
            erased: with_retries(|| self.store.erased_offsets(F::NAME, offsets)).await?.into_iter().collect(),
        };
        let schemas = self.schemas_of(&records).await?;
        let length = |record: &AddressedRecord| record.value.as_ref().map_or(0, Vec::len);
        let texts: Vec<_> = records
            .iter()
            .map(|record| self.rows.decoder().text(record.value.as_deref(), length(record), &schemas))
            .collect();
        let mut by_epoch: BTreeMap<i64, Vec<DecodedRecord<'_, F>>> = BTreeMap::new();
        for (record, text) in records.iter().zip(&texts) {
            if let Some((epoch, decoded)) = self.take(record, text, &stored, report) {
                by_epoch.entry(epoch).or_default().push(decoded);
            }
        }
        let mut batches = Vec::new();
        for (epoch, events) in by_epoch {
            let mut builder = BatchBuilder::new(F::TABLE, self.partition_by);
            for (offset, unusable) in self.rows.push(&events, &mut builder) {
                report.refused(offset, &unusable.error, &stored);
            }
            let range = SourceRange {
                family: F::NAME,
                topic: Arc::clone(&offsets.topic),
                partition: offsets.partition,
                epoch,
                first: offsets.first,
                last: offsets.end - 1,
            };
            let batch = builder.seal(range, now_utc());
            batch.parts.iter().for_each(|part| report.compare(&part.rows, &stored));
            batches.push(Arc::new(batch));
        }
        Ok(batches)
    }

    /// The schemas that the records were written with.
    async fn schemas_of(&self, records: &[AddressedRecord]) -> Result<KnownSchemas, ReplayError> {
        let schema_ids = TopicSchemas::schema_ids(records.iter().map(|record| record.value.as_deref()));
        let mut backoff = Backoff::default();
        for _ in 0..MAX_ATTEMPTS {
            match self.schemas.look_up(&schema_ids).await {
                Ok(schemas) => return Ok(schemas),
                Err(error) => {
                    tracing::warn!(error, "retrying the schema registry");
                    tokio::time::sleep(backoff.next_wait()).await;
                }
            }
        }
        self.schemas.look_up(&schema_ids).await.map_err(ReplayError::Registry)
    }

    /// The event of a record and the epoch to store it under, if it is to be stored.
    fn take<'r>(
        &self,
        record: &AddressedRecord,
        text: &'r Result<RecordText<'_>, UnusableRecord>,
        stored: &StoredRange,
        report: &mut ReplayReport,
    ) -> Option<(i64, DecodedRecord<'r, F>)> {
        let offset = record.offset;
        let row = stored.rows.get(&offset);
        let dead_letter = stored.dead_letters.get(&offset);
        if row.is_none() && dead_letter.is_none() {
            let is_erased = stored.erased.contains(&offset);
            if is_erased || !self.include_unknown {
                *if is_erased { &mut report.erased } else { &mut report.unknown } += 1;
                return None;
            }
        }
        let envelope = Envelope::new(record.key.as_deref(), &record.headers, Some(record.time));
        let decoded = match self.rows.decoder().decode(offset, text, &envelope) {
            Ok(decoded) => decoded,
            Err(unusable) => {
                report.refused(offset, &unusable.error, stored);
                return None;
            }
        };
        match (row, dead_letter) {
            (Some(row), _) if is_another(row, &decoded.event, &F::TABLE) => {
                report.another += 1;
                None
            }
            (None, Some(epoch)) if stored.is_of_earlier_log(offset, *epoch) => {
                report.another += 1;
                None
            }
            (Some(row), _) => Some((row.epoch, decoded)),
            (None, Some(epoch)) => Some((*epoch, decoded)),
            (None, None) => Some((stored.newest_epoch(), decoded)),
        }
    }
}

/// Whether a row is of another event than the record at its offset: the topic was recreated since. Events without an
/// identifier are told apart by their times, as precise as the table stores them.
fn is_another(row: &StoredRow, event: &impl FamilyEvent, table: &Table) -> bool {
    if row.event_id.is_some() {
        return event.event_id() != row.event_id;
    }
    row.time != table.stored_time(event.timestamp())
}

/// Periodically logs the progress of a replay.
struct Progress {
    offsets: OffsetSpan,
    logged_at: Instant,
}

impl Progress {
    fn new(offsets: &OffsetSpan) -> Self {
        Self { offsets: offsets.clone(), logged_at: Instant::now() }
    }

    fn log(&mut self, next_offset: i64) {
        const EVERY: Duration = Duration::from_secs(5);
        if self.logged_at.elapsed() >= EVERY {
            self.logged_at = Instant::now();
            tracing::info!(next_offset, end = self.offsets.end, "replaying");
        }
    }
}

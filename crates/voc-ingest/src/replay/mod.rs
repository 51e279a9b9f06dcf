//! Replaying a range of a partition: its records become rows once more, by this version's decoder and annotator.
//!
//! A replay takes no part in the group and commits nothing. It stores again what the store has of the range, and what it has as dead
//! dead letters and can be read today. Records that the store does not know were dropped on purpose (an event sent twice, a transaction
//! aborted) or are still to be consumed, so they are left alone unless they are asked for. Rows go in under a [`Revision`], which keeps
//! every answer right while two versions are stored.

mod records;
mod report;
mod retry;
mod stored_range;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent as _, Timestamp};
use voc_nlp::{Annotator, Redactor};
use voc_store::{BatchBuilder, InsertBatch, OffsetSpan, PartitionBy, Revision, Revisions, SourceRange, StoreError};

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
    lane::{DecodedRecord, RowMaker, TopicDecoder, UnusableRecord},
    registry::{KnownSchemas, Schemas, TopicSchemas},
};

/// Longest wait for merges.
const MERGE_PATIENCE: Duration = Duration::from_secs(900);

/// A replay that cannot go on. What is done stays, and the same replay goes on there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The records cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The schemas that records were written with cannot be asked for.
    #[error("the schema registry is unavailable: {0}")]
    Registry(String),
    /// Rows are there in two versions for too long.
    #[error(
        "{0} rows are still stored in an earlier version, too: answers stay right, and the same replay goes on with merging"
    )]
    NotMerged(u64),
}

/// Replays ranges with a version of decoder and annotator.
pub struct Replayer<F: Family> {
    store: Arc<dyn Revisions>,
    rows: RowMaker<F>,
    schemas: TopicSchemas,
    topic: String,
    partition_by: PartitionBy,
    unknown_too: bool,
}

impl<F: Family> Replayer<F> {
    /// A replayer of a topic that writes to `store`; the tables must be partitioned as given.
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
        Self { store, rows, schemas, topic: topic.to_owned(), partition_by, unknown_too: false }
    }

    /// Sets where the schemas are that records were written with.
    #[must_use]
    pub fn schemas(mut self, schemas: Option<Arc<dyn Schemas>>) -> Self {
        self.schemas = TopicSchemas::of::<F>(&self.topic, schemas);
        self
    }

    /// Takes personal data out of the payloads that are stored, as [`Pipeline::redactor`](crate::Pipeline::redactor) does.
    #[must_use]
    pub fn redactor(mut self, redactor: Option<Redactor>) -> Self {
        self.rows = self.rows.with_redactor(redactor);
        self
    }

    /// Takes records, too, that the store does not know: events sent twice among them.
    #[must_use]
    pub fn with_unknown(mut self, unknown_too: bool) -> Self {
        self.unknown_too = unknown_too;
        self
    }

    /// Reads, decodes and annotates a range, and says what would change.
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

    /// Replays the rest of a record's range, saving how far it has come. Gives the record as it is then, still open.
    ///
    /// # Errors
    /// [`ReplayError`]; the record says how far it has come.
    pub async fn run(
        &self,
        reader: &AddressedReader,
        revision: &Revision,
    ) -> Result<(Revision, ReplayReport), ReplayError> {
        let mut report = ReplayReport::default();
        let mut revision = revision.clone();
        // Known from the start, so that questions meanwhile need not be asked again.
        if let Some((first, last)) = with_retries(|| self.store.stored_times(&F::TABLE, &revision.offsets)).await? {
            revision = revision.covering(first, last).unwrap_or(revision);
        }
        with_retries(|| self.store.save_revision(&revision)).await?;
        let mut progress = Progress::new(&revision.offsets);
        let mut records = self.records(reader, &revision.offsets, revision.next_offset).await?;
        for chunk in chunks(&revision.offsets, revision.next_offset) {
            for batch in self.rows_of(&mut records, &chunk, &mut report).await? {
                if let Some(wider) = times_of(&batch).and_then(|(first, last)| revision.covering(first, last)) {
                    revision = wider;
                    with_retries(|| self.store.save_revision(&revision)).await?;
                }
                with_retries(|| self.store.insert_revised(Arc::clone(&batch), &revision)).await?;
            }
            revision = revision.done_until(chunk.end);
            with_retries(|| self.store.save_revision(&revision)).await?;
            progress.log(chunk.end);
        }
        Ok((revision, report))
    }

    /// Has the rows merged that are there in two versions, and closes the record.
    ///
    /// # Errors
    /// [`ReplayError`]; the record is open as long as rows are there in two versions.
    pub async fn finish(&self, revision: &Revision) -> Result<Revision, ReplayError> {
        let begun = Instant::now();
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10));
        loop {
            let left = match self.store.merge_revised(&F::TABLE, revision).await {
                Ok(0) => break,
                Ok(left) => Ok(left),
                // A merge takes its time, and goes on without us.
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

    /// The range's records from where the first piece begins, as far as retention has left them.
    async fn records(&self, reader: &AddressedReader, offsets: &OffsetSpan, from: i64) -> Result<Records, SourceError> {
        let partition = TopicPartition { topic: Arc::clone(&offsets.topic), partition: offsets.partition };
        let first = chunks(offsets, from).next().map_or(offsets.end, |chunk| chunk.first);
        let mut range = first..offsets.end;
        if !range.is_empty() {
            let oldest = reader.offsets(&partition).await?.start;
            if range.start < oldest {
                tracing::warn!(from = range.start, oldest, "the oldest records of the range are gone; their rows stay");
                range.start = oldest;
            }
        }
        let records = match self.unknown_too {
            // The store does not tell which records are of aborted transactions.
            true => reader.read_committed(&partition, range),
            false => reader.read(&partition, range),
        };
        Ok(Records::of(records))
    }

    /// The rows of a part of the range, by epoch, and what they change.
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

    /// The schemas that records were written with.
    async fn schemas_of(&self, records: &[AddressedRecord]) -> Result<KnownSchemas, ReplayError> {
        let numbers = TopicSchemas::numbers(records.iter().map(|record| record.value.as_deref()));
        let mut backoff = Backoff::default();
        for _ in 0..MAX_ATTEMPTS {
            match self.schemas.look_up(&numbers).await {
                Ok(schemas) => return Ok(schemas),
                Err(error) => {
                    tracing::warn!(error, "the schema registry is asked again");
                    tokio::time::sleep(backoff.next_wait()).await;
                }
            }
        }
        self.schemas.look_up(&numbers).await.map_err(ReplayError::Registry)
    }

    /// A record's event and the epoch to store it under, if it is to be stored.
    fn take<'r>(
        &self,
        record: &AddressedRecord,
        text: &'r Result<Cow<'_, str>, UnusableRecord>,
        stored: &StoredRange,
        report: &mut ReplayReport,
    ) -> Option<(i64, DecodedRecord<'r, F>)> {
        let offset = record.offset;
        let row = stored.rows.get(&offset);
        let dead_letter = stored.dead_letters.get(&offset);
        if row.is_none() && dead_letter.is_none() && !self.unknown_too {
            report.unknown += 1;
            return None;
        }
        let text = text.as_deref().map_err(Clone::clone);
        let envelope = Envelope::new(record.key.as_deref(), &record.headers, Some(record.time));
        let decoded = match self.rows.decoder().decode(offset, text, &envelope) {
            Ok(decoded) => decoded,
            Err(unusable) => {
                report.refused(offset, &unusable.error, stored);
                return None;
            }
        };
        match (row, dead_letter) {
            (Some(row), _) if row.event_id.is_some() && decoded.event.event_id() != row.event_id => {
                report.another += 1;
                None
            }
            (Some(row), _) => Some((row.epoch, decoded)),
            (None, Some(epoch)) => Some((*epoch, decoded)),
            (None, None) => Some((stored.newest_epoch(), decoded)),
        }
    }
}

/// Times of a batch's earliest and latest event.
fn times_of(batch: &InsertBatch) -> Option<(Timestamp, Timestamp)> {
    let spans = batch.parts.iter().filter_map(|part| part.rows.span());
    let (first, last) = spans.reduce(|all, more| (all.0.min(more.0), all.1.max(more.1)))?;
    Some((Timestamp::from_millis(first), Timestamp::from_millis(last)))
}

/// Tells in the log how far a replay is, now and then.
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

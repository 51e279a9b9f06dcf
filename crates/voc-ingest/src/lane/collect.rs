//! Collecting: records become rows and dead letters until the batch is sealed.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use voc_events::{Family, FamilyEvent, Timestamp};
use voc_store::{BatchBuilder, DeadLetter, InsertBatch, SourceRange};

use super::{
    LaneContext,
    rows::{RowMaker, Unusable},
};
use crate::{Intent, MemoryPermit, RecentEvents, Record, RecordChunk, TopicPartition};

/// A batch ready to be delivered.
pub(super) struct SealedBatch {
    /// The rows, for the store.
    pub(super) insert: Arc<InsertBatch>,
    /// The records that could not become rows.
    pub(super) letters: Arc<[DeadLetter]>,
    /// Keys and headers of the records, for those whose rows the store will refuse.
    pub(super) envelopes: Vec<RecordChunk>,
    /// The exact range of records the batch stands for.
    pub(super) intent: Intent,
    /// Records in it.
    pub(super) records: usize,
    /// Resent events among them.
    pub(super) duplicates: usize,
    /// Memory of the budget that the records hold.
    pub(super) permit: MemoryPermit,
}

/// Collects the records of one partition.
pub(super) struct Collector<F: Family> {
    context: Arc<LaneContext>,
    partition: TopicPartition,
    epoch: i64,
    recent: RecentEvents,
    rows: RowMaker<F>,
    builder: BatchBuilder,
    letters: Vec<DeadLetter>,
    open: Option<OpenBatch>,
    owed: Option<Owed>,
}

/// What is known of the batch being collected once it holds a record.
struct OpenBatch {
    first: i64,
    last: i64,
    records: usize,
    duplicates: usize,
    opened_at: Instant,
    envelopes: Vec<RecordChunk>,
    permit: MemoryPermit,
}

/// The batch that an earlier owner declared: it must be cut at exactly the same place.
struct Owed {
    intent: Intent,
    /// Set once all its records are here: those of the chunk that come after it.
    rest: Option<RecordChunk>,
}

impl OpenBatch {
    fn new(first: i64) -> Self {
        Self {
            first,
            last: first,
            records: 0,
            duplicates: 0,
            opened_at: Instant::now(),
            envelopes: Vec::new(),
            permit: MemoryPermit::default(),
        }
    }
}

impl<F: Family> Collector<F> {
    /// Collects from the beginning; `owed` is the range of the first batch, where that is given.
    pub(super) fn new(context: Arc<LaneContext>, partition: TopicPartition, epoch: i64, owed: Option<Intent>) -> Self {
        Self {
            owed: owed.map(|intent| Owed { intent, rest: None }),
            recent: RecentEvents::new(context.recent, Instant::now()),
            rows: RowMaker::new(Arc::clone(&context.annotator), context.limits.clone()),
            builder: BatchBuilder::new(F::TABLE, context.partition_by),
            letters: Vec::new(),
            open: None,
            context,
            partition,
            epoch,
        }
    }

    /// The batch of an earlier owner that is still to be sealed.
    pub(super) fn owed(&self) -> Option<Intent> {
        self.owed.as_ref().map(|owed| owed.intent)
    }

    /// Whether a further chunk may be taken before the batch is sealed.
    pub(super) fn has_room(&self) -> bool {
        if let Some(owed) = &self.owed {
            return owed.rest.is_none();
        }
        let batch = &self.context.batch;
        self.open.as_ref().is_none_or(|open| {
            open.records + batch.chunk_records() <= batch.max.max(batch.size) && self.builder.bytes() < batch.max_bytes
        })
    }

    /// When the batch being collected has waited long enough.
    pub(super) fn due_at(&self) -> Option<Instant> {
        if self.owed.is_some() {
            return None;
        }
        self.open.as_ref().map(|open| open.opened_at + self.context.batch.flush_after)
    }

    /// Whether the batch should be sealed now, given that no other is under way.
    pub(super) fn is_due(&self, taking: bool, now: Instant) -> bool {
        if let Some(owed) = &self.owed {
            // In part it must not be sent: its end is what its token stands for.
            return owed.rest.is_some();
        }
        self.open.as_ref().is_some_and(|open| {
            !taking
                || open.records >= self.context.batch.size
                || now >= open.opened_at + self.context.batch.flush_after
                || !self.has_room()
        })
    }

    /// Takes a chunk's records.
    pub(super) fn take(&mut self, mut chunk: RecordChunk) {
        if let Some(owed) = &mut self.owed {
            let last = owed.intent.last;
            if chunk.last_offset().is_some_and(|offset| offset >= last) {
                owed.rest = Some(chunk.split_off_after(last));
            }
            // An owed batch is needed whole before any of it can be stored, so it must not wait for memory that other owed
            // batches hold.
            drop(chunk.take_permit());
        }
        let (Some(first), Some(last)) = (chunk.first_offset(), chunk.last_offset()) else { return };
        let permit = chunk.take_permit();
        let duplicates = self.take_records(&chunk);
        let open = self.open.get_or_insert_with(|| OpenBatch::new(first));
        open.last = last;
        open.records += chunk.len();
        open.duplicates += duplicates;
        open.permit.merge(permit);
        self.context.meter.consumed(chunk.len());
        open.envelopes.extend(chunk.into_envelopes());
    }

    /// Makes rows and dead letters of a chunk's records; gives the number of resent events dropped.
    fn take_records(&mut self, chunk: &RecordChunk) -> usize {
        let now = Instant::now();
        let mut duplicates = 0;
        let mut accepted = Vec::with_capacity(chunk.len());
        for record in chunk.iter() {
            match self.rows.decode(record.offset, record.value) {
                Ok(decoded) => {
                    let event = &decoded.event;
                    let resent = event.event_id().is_some_and(|id| self.recent.is_resend(event.tenant_id(), id, now));
                    if resent {
                        duplicates += 1;
                    } else {
                        accepted.push(decoded);
                    }
                }
                Err(unusable) => self.give_up(&record, unusable),
            }
        }
        for (offset, unusable) in self.rows.push(&accepted, &mut self.builder) {
            tracing::error!(partition = %self.partition, offset, error = unusable.error, "a record is given up");
            if let Some(record) = chunk.find(offset) {
                self.give_up(&record, unusable);
            }
        }
        duplicates
    }

    fn give_up(&mut self, record: &Record<'_>, unusable: Unusable) {
        self.context.meter.error(unusable.error_type);
        self.letters.push(DeadLetter {
            family: F::NAME,
            error_type: unusable.error_type.to_owned(),
            error: unusable.error,
            path: unusable.path,
            tenant_id: unusable.tenant_id,
            topic: self.partition.topic.to_string(),
            partition: self.partition.partition,
            epoch: self.epoch,
            offset: record.offset,
            key: record.key.map(<[u8]>::to_vec),
            payload: record.value.map(<[u8]>::to_vec),
            headers: record.headers.to_vec(),
            failed_at: now_utc(),
        });
    }

    /// Seals what was collected, and starts anew; to be called when [it is due](Self::is_due).
    pub(super) fn seal(&mut self) -> SealedBatch {
        let owed = self.owed.take();
        // Of an owed batch all records may be gone from the source by now.
        let open = self.open.take().unwrap_or_else(|| OpenBatch::new(0));
        let intent = owed.as_ref().map_or(Intent { first: open.first, last: open.last }, |owed| owed.intent);
        let range = SourceRange {
            family: F::NAME,
            topic: Arc::clone(&self.partition.topic),
            partition: self.partition.partition,
            epoch: self.epoch,
            first: intent.first,
            last: intent.last,
        };
        let sealed = SealedBatch {
            insert: Arc::new(self.builder.seal(range, now_utc())),
            letters: std::mem::take(&mut self.letters).into(),
            intent,
            records: open.records,
            duplicates: open.duplicates,
            envelopes: open.envelopes,
            permit: open.permit,
        };
        if let Some(rest) = owed.and_then(|owed| owed.rest) {
            self.take(rest);
        }
        sealed
    }
}

pub(super) fn now_utc() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

//! Collecting: turns records into rows and dead letters until the batch is sealed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use voc_events::{Family, FamilyEvent};
use voc_store::{BatchBuilder, DeadLetter, InsertBatch, RecentEvent, SourceRange};

use super::{
    LaneContext,
    account::BatchAccount,
    rows::{RowMaker, TopicDecoder, UnusableRecord},
};
use crate::{
    Intent, MemoryPermit, Record, RecordChunk, TopicPartition,
    clock::now_utc,
    freshness::LagTracker,
    recent::{BatchIds, RecentEvents},
    registry::KnownSchemas,
};

/// A batch ready to be delivered.
pub(super) struct SealedBatch {
    /// The rows, for the store.
    pub(super) insert: Arc<InsertBatch>,
    /// The records that could not become rows.
    pub(super) dead_letters: Arc<[DeadLetter]>,
    /// Keys and headers of the records, for rows that the store refuses.
    pub(super) envelopes: Vec<RecordChunk>,
    /// The exact range of records that the batch covers.
    pub(super) intent: Intent,
    /// Number of records in it.
    pub(super) records: usize,
    /// Number of resent events among them.
    pub(super) duplicates: usize,
    /// The account for the ledger.
    pub(super) account: BatchAccount,
    /// The events to be forgotten if their records become dead letters.
    pub(super) ids: BatchIds,
    /// Tracks the age of its records.
    pub(super) lag: LagTracker,
    /// Memory of the budget held by the records.
    pub(super) permit: MemoryPermit,
}

/// Collects the records of one partition.
pub(super) struct Collector<F: Family> {
    context: Arc<LaneContext>,
    partition: TopicPartition,
    epoch: i64,
    recent: RecentEvents,
    ids: BatchIds,
    rows: RowMaker<F>,
    builder: BatchBuilder,
    dead_letters: Vec<DeadLetter>,
    account: BatchAccount,
    lag: LagTracker,
    open: Option<OpenBatch>,
    /// The offset after the last record taken, once known.
    next: Option<i64>,
    inherited: Option<InheritedBatch>,
}

/// The batch being collected, once it holds a record.
struct OpenBatch {
    first: i64,
    last: i64,
    records: usize,
    duplicates: usize,
    opened_at: Instant,
    envelopes: Vec<RecordChunk>,
    permit: MemoryPermit,
}

/// A batch that an earlier owner declared: it must be cut at exactly the same place.
struct InheritedBatch {
    intent: Intent,
    /// Set once all its records have arrived: the records of the last chunk that follow it, with their schemas.
    rest: Option<(RecordChunk, KnownSchemas)>,
    /// Set while the log seems to end before the batch: when it counts as lost.
    lost_at: Option<Instant>,
}

/// How long a log must end before the last record of a declared batch until the batch counts as lost. A new partition
/// leader may not know the end of its log for a moment.
const LOG_END_GRACE: Duration = Duration::from_secs(5);

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
    /// Collects from `next` on, if known. `inherited` is the range of an inherited batch, which comes first.
    pub(super) fn new(
        context: Arc<LaneContext>,
        partition: TopicPartition,
        epoch: i64,
        next: Option<i64>,
        inherited: Option<Intent>,
    ) -> Self {
        let recent = RecentEvents::new(context.recent, Instant::now());
        Self {
            account: inherited.map_or_else(BatchAccount::default, |intent| BatchAccount::from(intent.first)),
            inherited: inherited.map(|intent| InheritedBatch { intent, rest: None, lost_at: None }),
            next,
            ids: recent.batch(),
            recent,
            rows: RowMaker::new(Arc::clone(&context.annotator), TopicDecoder::new(&partition.topic, &context.options))
                .with_redactor(context.redactor),
            builder: BatchBuilder::new(F::TABLE, context.partition_by),
            dead_letters: Vec::new(),
            lag: context.freshness.batch(),
            open: None,
            context,
            partition,
            epoch,
        }
    }

    /// Adds events that earlier owners have stored to the recent window, oldest first.
    pub(super) fn remember(&mut self, stored: Vec<RecentEvent>) {
        let now = Instant::now();
        for RecentEvent { tenant_id, event_id } in stored {
            if let Some(key) = self.recent.key(&tenant_id, event_id) {
                let _known = self.recent.is_resend(key, now);
            }
        }
    }

    /// The inherited batch, if it is not sealed yet.
    pub(super) fn inherited(&self) -> Option<Intent> {
        self.inherited.as_ref().map(|inherited| inherited.intent)
    }

    /// Whether a further chunk may be taken before the batch is sealed.
    pub(super) fn has_room(&self) -> bool {
        if let Some(inherited) = &self.inherited {
            return inherited.rest.is_none();
        }
        let batch = &self.context.batch;
        self.open.as_ref().is_none_or(|open| {
            open.records + batch.chunk_records() <= batch.max.max(batch.size) && self.builder.bytes() < batch.max_bytes
        })
    }

    /// When the current batch has waited long enough.
    pub(super) fn due_at(&self) -> Option<Instant> {
        if let Some(inherited) = &self.inherited {
            return inherited.lost_at;
        }
        self.open.as_ref().map(|open| open.opened_at + self.context.batch.flush_after)
    }

    /// Whether the batch should be sealed now, given that no other is in flight.
    pub(super) fn is_due(&self, taking: bool, now: Instant) -> bool {
        if let Some(inherited) = &self.inherited {
            // It must not be sent in part: its end is part of its token.
            return inherited.rest.is_some();
        }
        self.open.as_ref().is_some_and(|open| {
            !taking
                || open.records >= self.context.batch.size
                || now >= open.opened_at + self.context.batch.flush_after
                || !self.has_room()
        })
    }

    /// Whether the inherited batch cannot be completed, because the log ends before its last record.
    pub(super) fn has_lost_inherited(&self, now: Instant) -> bool {
        self.inherited.as_ref().and_then(|inherited| inherited.lost_at).is_some_and(|lost_at| now >= lost_at)
    }

    /// Continues in another epoch with the records collected so far, and drops the inherited batch.
    pub(super) fn begin_epoch(&mut self, epoch: i64) {
        self.epoch = epoch;
        self.inherited = None;
        for dead_letter in &mut self.dead_letters {
            dead_letter.epoch = epoch;
        }
    }

    /// Notes that records have arrived whose schemas are still being looked up, so the log does not end here.
    pub(super) fn await_records(&mut self) {
        if let Some(inherited) = &mut self.inherited {
            inherited.lost_at = None;
        }
    }

    /// Takes a chunk whose records were written with `schemas`.
    pub(super) fn take(&mut self, chunk: RecordChunk, schemas: &KnownSchemas) {
        let reach = chunk.reach();
        self.take_chunk(chunk, schemas);
        if let Some(reach) = reach {
            self.reach(reach);
        }
    }

    /// Handles the fact that no records remain below `reach`. A batch without any records stands for missing ones, so
    /// that their offsets are committed.
    fn reach(&mut self, reach: i64) {
        if let Some(inherited) = &mut self.inherited {
            if reach > inherited.intent.last {
                inherited.rest = Some((RecordChunk::reaching(reach), KnownSchemas::default()));
            } else {
                inherited.lost_at = Some(Instant::now() + LOG_END_GRACE);
            }
            return;
        }
        let first = self.next.unwrap_or(reach - 1);
        if first < reach {
            self.open.get_or_insert_with(|| OpenBatch::new(first)).last = reach - 1;
            self.next = Some(reach);
        }
    }

    fn take_chunk(&mut self, mut chunk: RecordChunk, schemas: &KnownSchemas) {
        if let Some(inherited) = &mut self.inherited {
            inherited.lost_at = None;
            let last = inherited.intent.last;
            if chunk.last_offset().is_some_and(|offset| offset >= last) {
                inherited.rest = Some((chunk.split_off_after(last), schemas.clone()));
            }
            // An inherited batch must be complete before any of it is stored, so it must not wait for memory held by
            // other inherited batches.
            drop(chunk.take_permit());
        }
        let (Some(first), Some(last)) = (chunk.first_offset(), chunk.last_offset()) else { return };
        let permit = chunk.take_permit();
        self.account.offsets(&chunk);
        let duplicates = self.take_records(&chunk, schemas);
        if self.open.is_none() && self.inherited.is_none() {
            let passed = self.next.and_then(|next| u64::try_from(first - next).ok());
            self.context.meter.gap_offsets(passed.unwrap_or(0));
        }
        let open = self.open.get_or_insert_with(|| OpenBatch::new(first));
        open.last = last;
        self.next = Some(last + 1);
        open.records += chunk.len();
        open.duplicates += duplicates;
        open.permit.merge(permit);
        self.context.meter.consumed(chunk.len());
        self.lag.publish();
        // The dead letter of a row that the store refuses needs what the row does not keep.
        let keeps_values = F::TABLE.payload.is_none() || !schemas.is_empty();
        open.envelopes.extend(chunk.into_envelopes(keeps_values));
    }

    /// Makes rows and dead letters of a chunk's records; returns the number of resent events dropped.
    fn take_records(&mut self, chunk: &RecordChunk, schemas: &KnownSchemas) -> usize {
        let now = Instant::now();
        self.recent.forget_dead_letters();
        let mut duplicates = 0;
        let decoder = self.rows.decoder();
        let texts: Vec<_> =
            chunk.iter().map(|record| decoder.text(record.value, record.value_length, schemas)).collect();
        let (mut accepted, mut other_events) = (Vec::with_capacity(chunk.len()), Vec::new());
        for (record, text) in chunk.iter().zip(&texts) {
            match self.rows.decoder().decode(record.offset, text, &record.envelope()) {
                Ok(decoded) => {
                    let event = &decoded.event;
                    // A family without tenants uses the empty name.
                    let tenant_id = event.tenant_id().unwrap_or_default();
                    let key = event.event_id().and_then(|id| self.recent.key(tenant_id, id));
                    if key.is_some_and(|key| self.recent.is_resend(key, now)) {
                        duplicates += 1;
                        self.account.duplicate(tenant_id, record.offset);
                    } else {
                        self.account.record(tenant_id);
                        if let Some(key) = key {
                            self.ids.add(record.offset, key);
                        }
                        if let Some(time) = record.time {
                            self.lag.add(tenant_id, time);
                        }
                        tracing::debug!(partition = %self.partition, "Processing event: {}", event.event_type());
                        decoded.coerced.iter().for_each(|field| self.context.meter.coerced(field));
                        accepted.push(decoded);
                    }
                }
                Err(unusable) => {
                    if let (true, Ok(text)) = (unusable.is_another_event(), text) {
                        other_events.push(&*text.json);
                    }
                    self.account.record(&unusable.tenant_id);
                    self.add_dead_letter(&record, unusable);
                }
            }
        }
        let (topic, misdirected) = (&self.partition.topic, &self.context.misdirected);
        misdirected.inspect_refused(topic, other_events.into_iter());
        let accepted_events = accepted.iter().map(|decoded| (decoded.event.event_type(), decoded.payload));
        misdirected.inspect_accepted(topic, accepted_events);
        self.context.event_types.count(accepted.iter().map(|decoded| decoded.event.event_type()));
        let times = accepted.iter().map(|decoded| (decoded.event.tenant_id(), decoded.event.timestamp()));
        self.context.event_times.count(topic, times);
        for (offset, unusable) in self.rows.push(&accepted, &mut self.builder) {
            tracing::error!(partition = %self.partition, offset, error = unusable.error, "a record becomes a dead letter because of a defect");
            if let Some(record) = chunk.find(offset) {
                self.add_dead_letter(&record, unusable);
            }
        }
        duplicates
    }

    fn add_dead_letter(&mut self, record: &Record<'_>, unusable: UnusableRecord) {
        self.context.meter.error(unusable.error_type);
        self.dead_letters.push(DeadLetter {
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

    /// Seals the current batch and starts a new one. Call when [it is due](Self::is_due).
    pub(super) fn seal(&mut self) -> SealedBatch {
        let inherited = self.inherited.take();
        // All records of an inherited batch may be gone from the source by now.
        let open = self.open.take().unwrap_or_else(|| OpenBatch::new(0));
        let intent =
            inherited.as_ref().map_or(Intent { first: open.first, last: open.last }, |inherited| inherited.intent);
        let range = SourceRange {
            family: F::NAME,
            topic: Arc::clone(&self.partition.topic),
            partition: self.partition.partition,
            epoch: self.epoch,
            first: intent.first,
            last: intent.last,
        };
        let mut account = std::mem::take(&mut self.account);
        account.close(intent);
        self.context.meter.gap_offsets(account.gap_offsets());
        let sealed = SealedBatch {
            insert: Arc::new(self.builder.seal(range, now_utc())),
            dead_letters: std::mem::take(&mut self.dead_letters).into(),
            intent,
            records: open.records,
            duplicates: open.duplicates,
            envelopes: open.envelopes,
            account,
            ids: std::mem::replace(&mut self.ids, self.recent.batch()),
            lag: std::mem::replace(&mut self.lag, self.context.freshness.batch()),
            permit: open.permit,
        };
        if let Some(inherited) = inherited {
            self.next = Some(inherited.intent.last + 1);
            let (rest, schemas) = inherited.rest.unwrap_or_default();
            self.take(rest, &schemas);
        }
        sealed
    }
}

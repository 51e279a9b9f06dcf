//! Moves the records of a partition from the queue of librdkafka to the lane.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    Message as _,
    consumer::base_consumer::PartitionQueue,
    error::KafkaError,
    message::{BorrowedMessage, Headers as _},
};
use tokio::sync::mpsc::error::TrySendError;
use voc_events::Timestamp;

use super::{group::GroupContext, ownership::Ownership};
use crate::{
    Headers, LaneHandle, RecordChunk, TopicPartition,
    memory::{MemoryLimit, MemoryShare},
};

/// Size at which a chunk is full.
const CHUNK_BYTES: usize = 256 * 1024;
/// Memory overhead of a record.
const RECORD_OVERHEAD: usize = 64;
/// Maximum number of chunks waiting for a lane.
pub(super) const QUEUE_CHUNKS: usize = 4;

/// A partition being read.
pub(super) struct Feed {
    pub(super) partition: TopicPartition,
    pub(super) lane: LaneHandle,
    pub(super) ownership: Arc<Ownership>,
    queue: PartitionQueue<GroupContext>,
    memory: MemoryShare,
    chunk_records: usize,
    chunk: RecordChunk,
    /// Memory of the chunk, including all overhead of its records.
    weight: usize,
    /// Weight of the previous chunk, which determines the capacity of the next one.
    expected_weight: usize,
    /// The offset after the last record, or where reading begins, once known.
    next: Option<i64>,
    /// Whether the end of the log was reached, with nothing read since.
    at_end: bool,
    /// The last position reported to the lane.
    reported_reach: Option<i64>,
    lane_ended: bool,
}

/// The outcome of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There was nothing to read.
    Idle,
    /// Records were handed to the lane.
    Moved,
    /// The lane has no room for the current chunk, or holds its share of the memory.
    LaneFull,
    /// The memory budget has no room for the current chunk.
    MemoryFull,
    /// The topic was recreated; the current chunk belongs to another lane.
    TopicRecreated,
    /// An offset is not above the previous one. A lane cannot continue then, because rows stored under old offsets do
    /// not match the new records. This happens if a topic is deleted and recreated, or if a broker lost records that
    /// it had delivered.
    WentBack {
        /// The lowest expected offset.
        expected: i64,
        /// The offset received.
        found: i64,
    },
}

impl Feed {
    /// `start` is where reading begins, if known.
    pub(super) fn new(
        partition: TopicPartition,
        lane: LaneHandle,
        ownership: Arc<Ownership>,
        queue: PartitionQueue<GroupContext>,
        memory: MemoryShare,
        start: Option<i64>,
        chunk_records: usize,
    ) -> Self {
        Self {
            partition,
            lane,
            ownership,
            queue,
            memory,
            chunk_records,
            chunk: RecordChunk::default(),
            weight: 0,
            expected_weight: 0,
            next: start,
            at_end: false,
            reported_reach: None,
            lane_ended: false,
        }
    }

    /// Whether the current chunk has records.
    pub(super) fn has_records(&self) -> bool {
        !self.chunk.is_empty()
    }

    /// Whether all available records were handed over.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end && self.chunk.is_empty() && !self.lane_ended
    }

    /// Reports to the lane that no records remain below an offset: the position of the client, the start of reading,
    /// or the current start of the log. Call only [at the end](Self::is_at_end) of the log.
    pub(super) fn report_reach(&mut self, position: Option<i64>) {
        let oldest = self.ownership.oldest();
        let reach = position.max(self.next).max(oldest.filter(|_| self.next.is_some()));
        let Some(offset) = reach.filter(|_| reach != self.reported_reach) else { return };
        // A lane without room does not wait for this.
        if self.lane.records.try_send(RecordChunk::reaching(offset)).is_ok() {
            if let (Some(next), Some(oldest)) = (self.next, oldest)
                && next < oldest
            {
                self.ownership.jumped(next..oldest);
            }
            self.reported_reach = reach;
            self.next = reach;
        }
    }

    /// Reads until the chunk is full, which returns `true`, or nothing is available.
    ///
    /// # Errors
    /// [`Turn::WentBack`] if the records cannot follow the previous ones.
    pub(super) fn fill(&mut self) -> Result<bool, Turn> {
        while !self.lane_ended && self.weight < CHUNK_BYTES && self.chunk.len() < self.chunk_records {
            match self.queue.poll(Duration::ZERO) {
                Some(Ok(message)) => {
                    let offset = message.offset();
                    match self.next {
                        Some(expected) if offset < expected => {
                            return Err(Turn::WentBack { expected, found: offset });
                        }
                        Some(expected) if offset > expected => self.ownership.jumped(expected..offset),
                        Some(_) => {}
                        None => self.ownership.began_at(offset),
                    }
                    self.next = Some(offset + 1);
                    self.at_end = false;
                    let headers = headers_of(&message, &self.partition);
                    let bytes = message.payload_len() + message.key_len();
                    self.weight += bytes + RECORD_OVERHEAD + weight_of(&headers);
                    if self.chunk.is_empty() {
                        self.chunk = RecordChunk::with_capacity(bytes.max(self.expected_weight));
                    }
                    let time = message.timestamp().to_millis().map(Timestamp::from_millis);
                    self.chunk.push_at(offset, time, message.key(), message.payload(), headers);
                }
                Some(Err(KafkaError::PartitionEOF(_))) => self.at_end = true,
                // Also reported to the context.
                Some(Err(_)) => {}
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Hands the current chunk to the lane.
    pub(super) fn hand_over(&mut self, another_waits: bool) -> Turn {
        match self.lane.records.try_reserve() {
            Ok(place) => {
                let permit = match self.memory.try_acquire(self.weight, another_waits) {
                    Ok(permit) => permit,
                    Err(MemoryLimit::OwnShare) => return Turn::LaneFull,
                    Err(MemoryLimit::Budget) => return Turn::MemoryFull,
                };
                let mut chunk = std::mem::take(&mut self.chunk);
                chunk.charge(permit);
                place.send(chunk);
                self.expected_weight = std::mem::take(&mut self.weight);
                Turn::Moved
            }
            Err(TrySendError::Full(())) => Turn::LaneFull,
            Err(TrySendError::Closed(())) => {
                tracing::warn!(partition = %self.partition, "the lane has ended; reading waits for the next assignment");
                self.lane_ended = true;
                self.chunk = RecordChunk::default();
                Turn::Idle
            }
        }
    }
}

pub(super) fn headers_of(message: &BorrowedMessage<'_>, partition: &TopicPartition) -> Headers {
    let Some(headers) = message.headers() else { return Headers::new() };
    let header = |index: usize| {
        // The client library panics on names that are not UTF-8, and any producer may send such names.
        let read = catch_unwind(AssertUnwindSafe(|| headers.get(index)));
        let Ok(header) = read else {
            tracing::warn!(%partition, offset = message.offset(), index, "dropped a header whose name is not UTF-8");
            return None;
        };
        Some((header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
    };
    (0..headers.count()).filter_map(header).collect()
}

fn weight_of(headers: &Headers) -> usize {
    headers.iter().map(|(name, value)| RECORD_OVERHEAD + name.len() + value.as_ref().map_or(0, Vec::len)).sum()
}

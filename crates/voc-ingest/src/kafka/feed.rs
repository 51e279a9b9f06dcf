//! A partition's records on their way from librdkafka's queue to the lane.

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

/// A chunk is full at this many bytes.
const CHUNK_BYTES: usize = 256 * 1024;
/// What a record costs beside its bytes.
const RECORD_OVERHEAD: usize = 64;
/// Chunks that may wait for a lane.
pub(super) const QUEUE_CHUNKS: usize = 4;
/// Chunks taken from a partition before the next one has its turn.
const CHUNKS_PER_TURN: usize = 4;

/// A partition being read.
pub(super) struct Feed {
    pub(super) partition: TopicPartition,
    pub(super) lane: LaneHandle,
    pub(super) ownership: Arc<Ownership>,
    queue: PartitionQueue<GroupContext>,
    memory: MemoryShare,
    chunk_records: usize,
    chunk: RecordChunk,
    /// Bytes of the chunk with everything that belongs to its records.
    weight: usize,
    /// The weight of the chunk before: how much room the next one is given.
    expected_weight: usize,
    /// The offset after the last record, or where reading begins, once known.
    next: Option<i64>,
    /// Whether the end of the log was reached, with nothing read since.
    at_end: bool,
    /// The last word to the lane on where reading has got to.
    reported_reach: Option<i64>,
    lane_ended: bool,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There was nothing to read.
    Idle,
    /// Records went to the lane.
    Moved,
    /// The lane has not room for the chunk at hand, or holds its share of the memory.
    LaneFull,
    /// The memory budget has not room for the chunk at hand.
    MemoryFull,
    /// A record came whose offset is not above the one before. A lane cannot go on then: what is stored under the old offsets is not
    /// what they stand for now. Offsets fall when a topic is deleted and made anew, or a broker lost records it had handed out.
    WentBack {
        /// The offset that was to come at the least.
        expected: i64,
        /// The offset that came.
        found: i64,
    },
}

impl Feed {
    /// `start` is where reading begins, where that is known.
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

    /// Moves records on, as long as there are some and there is room for them. Where another lane waits for the memory budget, only
    /// what a lane gets that has nothing.
    pub(super) fn turn(&mut self, another_waits: bool) -> Turn {
        let mut turn = Turn::Idle;
        for _ in 0..CHUNKS_PER_TURN {
            if self.lane_ended {
                break;
            }
            let is_full = match self.fill() {
                Ok(is_full) => is_full,
                Err(went_back) => return went_back,
            };
            if self.chunk.is_empty() {
                break;
            }
            match self.hand_over(another_waits) {
                Turn::Moved => turn = Turn::Moved,
                blocked => return blocked,
            }
            if !is_full {
                break;
            }
        }
        turn
    }

    /// Whether everything there was to read is handed over.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end && self.chunk.is_empty() && !self.lane_ended
    }

    /// Tells the lane that no record is left before an offset: the client's position, where reading began, or where the log begins
    /// by now. To be called only [at the end](Self::is_at_end) of the log.
    pub(super) fn report_reach(&mut self, position: Option<i64>) {
        let oldest = self.ownership.oldest();
        let reach = position.max(self.next).max(oldest.filter(|_| self.next.is_some()));
        let Some(offset) = reach.filter(|_| reach != self.reported_reach) else { return };
        // A lane that has no room is not waiting for this.
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

    /// Reads until the chunk is full, which gives `true`, or nothing is at hand.
    fn fill(&mut self) -> Result<bool, Turn> {
        while self.weight < CHUNK_BYTES && self.chunk.len() < self.chunk_records {
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
                // Reported to the context as well.
                Some(Err(_)) => {}
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn hand_over(&mut self, another_waits: bool) -> Turn {
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
        // The client library panics on a name that is not UTF-8, which any producer may send.
        let read = catch_unwind(AssertUnwindSafe(|| headers.get(index)));
        let Ok(header) = read else {
            tracing::warn!(%partition, offset = message.offset(), index, "left out a header whose name is not UTF-8");
            return None;
        };
        Some((header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
    };
    (0..headers.count()).filter_map(header).collect()
}

fn weight_of(headers: &Headers) -> usize {
    headers.iter().map(|(name, value)| RECORD_OVERHEAD + name.len() + value.as_ref().map_or(0, Vec::len)).sum()
}

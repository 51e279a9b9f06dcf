//! A partition's records on their way from librdkafka's queue to the lane.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    Message as _,
    consumer::base_consumer::PartitionQueue,
    message::{BorrowedMessage, Headers as _},
};
use tokio::sync::mpsc::error::TrySendError;

use super::{commit::Ownership, group::GroupContext};
use crate::{Headers, LaneHandle, MemoryBudget, RecordChunk, SourceError, TopicPartition};

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
    chunk_records: usize,
    chunk: RecordChunk,
    /// Bytes of the chunk with everything that belongs to its records.
    weight: usize,
    /// The weight of the chunk before: how much room the next one is given.
    expected_weight: usize,
    last_offset: Option<i64>,
    lane_ended: bool,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There was nothing to read.
    Idle,
    /// Records went to the lane.
    Moved,
    /// The lane has not room for the chunk at hand.
    LaneFull,
    /// The memory budget has not room for the chunk at hand.
    MemoryFull,
}

impl Feed {
    pub(super) fn new(
        partition: TopicPartition,
        lane: LaneHandle,
        ownership: Arc<Ownership>,
        queue: PartitionQueue<GroupContext>,
        chunk_records: usize,
    ) -> Self {
        Self {
            partition,
            lane,
            ownership,
            queue,
            chunk_records,
            chunk: RecordChunk::default(),
            weight: 0,
            expected_weight: 0,
            last_offset: None,
            lane_ended: false,
        }
    }

    /// Moves records on, as long as there are some and there is room for them.
    ///
    /// # Errors
    /// [`SourceError::Kafka`] if the partition went back to an offset that was read before.
    pub(super) fn turn(&mut self, budget: &MemoryBudget) -> Result<Turn, SourceError> {
        let mut turn = Turn::Idle;
        for _ in 0..CHUNKS_PER_TURN {
            if self.lane_ended {
                break;
            }
            let is_full = self.fill()?;
            if self.chunk.is_empty() {
                break;
            }
            match self.hand_over(budget) {
                Turn::Moved => turn = Turn::Moved,
                blocked => return Ok(blocked),
            }
            if !is_full {
                break;
            }
        }
        Ok(turn)
    }

    /// Reads until the chunk is full, which gives `true`, or nothing is at hand.
    fn fill(&mut self) -> Result<bool, SourceError> {
        while self.weight < CHUNK_BYTES && self.chunk.len() < self.chunk_records {
            match self.queue.poll(Duration::ZERO) {
                Some(Ok(message)) => {
                    let offset = message.offset();
                    if let Some(last) = self.last_offset.filter(|last| *last >= offset) {
                        return Err(went_back(&self.partition, last, offset));
                    }
                    if self.last_offset.is_none() {
                        self.ownership.began_at(offset);
                    }
                    self.last_offset = Some(offset);
                    let headers = headers_of(&message, &self.partition);
                    let bytes = message.payload_len() + message.key_len();
                    self.weight += bytes + RECORD_OVERHEAD + weight_of(&headers);
                    if self.chunk.is_empty() {
                        self.chunk = RecordChunk::with_capacity(bytes.max(self.expected_weight));
                    }
                    self.chunk.push(offset, message.key(), message.payload(), headers);
                }
                // Reported to the context as well.
                Some(Err(_)) => {}
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn hand_over(&mut self, budget: &MemoryBudget) -> Turn {
        match self.lane.records.try_reserve() {
            Ok(place) => {
                let Some(permit) = budget.try_acquire(self.weight) else { return Turn::MemoryFull };
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

/// Offsets fall when a topic is deleted and made anew, or a broker lost records it had handed out. A lane cannot go on then:
/// what is stored under the old offsets is not what they stand for now.
fn went_back(partition: &TopicPartition, last: i64, offset: i64) -> SourceError {
    SourceError::Kafka(format!(
        "offsets of {partition} went back from {last} to {offset}: the topic was made anew or the broker lost records; \
         a restart begins at the committed offset, or by auto.offset.reset if that is gone"
    ))
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

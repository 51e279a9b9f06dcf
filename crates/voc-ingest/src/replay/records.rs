//! The records of a range, chunk by chunk.

use std::{collections::VecDeque, sync::Arc};

use voc_store::OffsetSpan;

use super::retry::MAX_ATTEMPTS;
use crate::{
    SourceError,
    backoff::Backoff,
    kafka::{AddressedRecord, AddressedRecords},
};

/// Offsets per chunk. Tokens are derived from it: a range that is replayed again must be cut at the same places.
const CHUNK_OFFSETS: i64 = 1000;

/// The chunks of a range from an offset on.
pub(super) fn chunks(offsets: &OffsetSpan, from: i64) -> impl Iterator<Item = OffsetSpan> + use<> {
    let OffsetSpan { topic, partition, first, end } = offsets.clone();
    let done = (from - first).div_euclid(CHUNK_OFFSETS);
    (done..)
        .map(move |number| first + number * CHUNK_OFFSETS)
        .take_while(move |start| *start < end)
        .filter(move |start| (*start + CHUNK_OFFSETS).min(end) > from)
        .map(move |start| OffsetSpan {
            topic: Arc::clone(&topic),
            partition,
            first: start,
            end: (start + CHUNK_OFFSETS).min(end),
        })
}

/// The records of a range, chunk by chunk.
pub(super) struct Records {
    records: AddressedRecords,
    /// Records that were read but belong to later chunks.
    ahead: VecDeque<AddressedRecord>,
}

impl Records {
    /// Wraps the records of a range.
    pub(super) fn of(records: AddressedRecords) -> Self {
        Self { records, ahead: VecDeque::new() }
    }

    /// The next records, up to an offset.
    pub(super) async fn before(&mut self, end: i64) -> Result<Vec<AddressedRecord>, SourceError> {
        let (mut chunk, mut attempts, mut backoff) = (Vec::new(), 0, Backoff::default());
        loop {
            while let Some(record) = self.ahead.pop_front_if(|record| record.offset < end) {
                chunk.push(record);
            }
            if !self.ahead.is_empty() || self.records.position() >= end {
                return Ok(chunk);
            }
            match self.records.next().await {
                Ok(Some(more)) => self.ahead.extend(more),
                Ok(None) => return Ok(chunk),
                Err(error @ SourceError::Kafka(_)) if attempts < MAX_ATTEMPTS => {
                    attempts += 1;
                    tracing::warn!(%error, "retrying the read");
                    tokio::time::sleep(backoff.next_wait()).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_same_places_wherever_it_resumes() {
        let offsets = OffsetSpan { topic: "t".into(), partition: 0, first: 500, end: 3200 };
        let cut = |from| chunks(&offsets, from).map(|chunk| (chunk.first, chunk.end)).collect::<Vec<_>>();
        assert_eq!(cut(500), [(500, 1500), (1500, 2500), (2500, 3200)]);
        assert_eq!(cut(1500), [(1500, 2500), (2500, 3200)]);
        assert_eq!(cut(1600), [(1500, 2500), (2500, 3200)]);
        assert_eq!(cut(3200), []);
    }
}

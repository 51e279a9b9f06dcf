//! The outcome of a fetch.

use voc_events::Timestamp;

use crate::{Headers, SourceError, TopicPartition};

/// A record with its offset and timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressedRecord {
    /// Offset in the partition.
    pub offset: i64,
    /// When it was produced or appended, as the topic is configured.
    pub time: Timestamp,
    /// The key's bytes, if the record has one.
    pub key: Option<Vec<u8>>,
    /// The value's bytes; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers; duplicates of a name may be reduced to the last one.
    pub headers: Headers,
}

/// The outcome of a fetch.
pub(super) enum FetchOutcome {
    /// Records from the offset on. Empty if there is no record at this offset.
    Records(Vec<AddressedRecord>),
    /// The last records before the end, if any.
    Last(Vec<AddressedRecord>),
    /// This client cannot read on here.
    Unreadable(String),
}

/// The log of the leader ends before the end of the range, so the rest is unknown.
pub(super) fn ends_early(partition: &TopicPartition, high: i64, end: i64) -> SourceError {
    SourceError::Kafka(format!("the log of {partition} ends at {high} now, before {end}"))
}

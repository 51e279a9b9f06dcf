//! What a fetch gives.

use voc_events::Timestamp;

use crate::{Headers, SourceError, TopicPartition};

/// A record with its place and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressedRecord {
    /// Place in the partition.
    pub offset: i64,
    /// When it was produced or appended, as the topic is configured.
    pub time: Timestamp,
    /// The key's bytes, if the record has one.
    pub key: Option<Vec<u8>>,
    /// The value's bytes; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers; of several with the same name there may be the last only.
    pub headers: Headers,
}

/// What a fetch gives.
pub(super) enum FetchOutcome {
    /// Records from the offset on. If there are none, there is no record at this offset.
    Records(Vec<AddressedRecord>),
    /// The last records before the end, if there are any left.
    Last(Vec<AddressedRecord>),
    /// This client cannot read on here.
    Unreadable(String),
}

/// The leader's log does not reach to the end of what is read: nothing is known of the rest.
pub(super) fn ends_early(partition: &TopicPartition, high: i64, end: i64) -> SourceError {
    SourceError::Kafka(format!("the log of {partition} ends at {high} now, before {end}"))
}

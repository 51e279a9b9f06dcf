//! Dead letters as stored in their topics.

use std::{collections::BTreeMap, fmt, str::FromStr};

use voc_events::Timestamp;

use crate::{
    Headers, TopicPartition,
    kafka::{
        AddressedRecord,
        dead_letter_headers::{self, DEAD_LETTER_ID, PREFIX, REDRIVEN, REDRIVEN_AT},
    },
};

/// A dead letter as stored in its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedDeadLetter {
    /// Its ID: see [`DeadLetter::id`](voc_store::DeadLetter::id).
    pub id: String,
    /// The event family that could not use the record; empty in dead letters of older versions.
    pub family: String,
    /// Source topic.
    pub topic: String,
    /// Source partition.
    pub partition: i32,
    /// Which log of the partition the offset belongs to; 0 if unknown.
    pub epoch: i64,
    /// Source offset.
    pub offset: i64,
    /// Partition of the dead letter itself.
    pub own_partition: TopicPartition,
    /// Offset of the dead letter itself.
    pub own_offset: i64,
    /// Class of the error.
    pub error_type: String,
    /// The full error.
    pub error: String,
    /// JSON path of the first violation.
    pub path: String,
    /// The tenant of the event if it could be read, else empty.
    pub tenant_id: String,
    /// When the record was refused.
    pub failed_at: Timestamp,
    /// The record's key.
    pub key: Option<Vec<u8>>,
    /// The record's value; `None` is a tombstone, unless it was omitted.
    pub value: Option<Vec<u8>>,
    /// The record's headers in order.
    pub headers: Headers,
    /// The parts that the dead letter was too large to include.
    pub omitted: Option<Omitted>,
    /// When the record was redriven, in order.
    pub redrives: Vec<Redrive>,
}

/// The parts of a record that its dead letter omits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omitted {
    /// The parts, such as `value`.
    pub parts: String,
    /// Bytes of the value, if there was one.
    pub value_bytes: Option<u64>,
    /// The value's SHA-256 in hexadecimal, if there was one.
    pub value_sha256: Option<String>,
}

/// A redrive of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// When.
    pub at: Timestamp,
    /// Number of the attempt at this record, from 1.
    pub attempt: u32,
}

impl PublishedDeadLetter {
    /// Whether the record was redriven.
    #[must_use]
    pub fn is_redriven(&self) -> bool {
        !self.redrives.is_empty()
    }

    /// The attempt that produced the refused record: 0 if it was sent by its producer, otherwise the number of the
    /// redrive.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        let mark = self.headers.iter().rev().find(|(name, _)| name == REDRIVEN).and_then(|(_, value)| value.as_deref());
        mark.and_then(attempt_of).unwrap_or(0)
    }

    pub(super) fn next_attempt(&self) -> u32 {
        self.redrives.iter().map(|redrive| redrive.attempt).chain([self.attempt()]).max().unwrap_or(0) + 1
    }

    pub(super) fn is_at(&self, address: &DeadLetterAddress) -> bool {
        let DeadLetterAddress { topic, partition, epoch, offset } = address;
        let is_source = self.topic == *topic
            && (self.partition, self.offset) == (*partition, *offset)
            && epoch.is_none_or(|epoch| epoch == self.epoch);
        is_source
            || (*self.own_partition.topic == **topic
                && (self.own_partition.partition, self.own_offset) == (*partition, *offset))
    }
}

fn attempt_of(mark: &[u8]) -> Option<u32> {
    std::str::from_utf8(mark).ok()?.rsplit_once('#')?.1.parse().ok()
}

/// Address of the source record of a dead letter, or of the dead letter itself: `topic/partition/offset` or
/// `topic/partition@epoch/offset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterAddress {
    /// Topic of the source or the dead letter.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Which log of the source partition, if given.
    pub epoch: Option<i64>,
    /// Offset.
    pub offset: i64,
}

impl fmt::Display for DeadLetterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)?;
        self.epoch.map_or(Ok(()), |epoch| write!(f, "@{epoch}"))?;
        write!(f, "/{}", self.offset)
    }
}

/// A text that is not an address of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("TOPIC/PARTITION/OFFSET, such as voc.events/3/1042")]
pub struct ParseDeadLetterAddressError;

impl FromStr for DeadLetterAddress {
    type Err = ParseDeadLetterAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (rest, offset) = text.rsplit_once('/')?;
            let (topic, partition) = rest.rsplit_once('/')?;
            let (partition, epoch) = match partition.split_once('@') {
                Some((partition, epoch)) => (partition, Some(epoch.parse().ok()?)),
                None => (partition, None),
            };
            let (partition, offset) = (partition.parse().ok()?, offset.parse().ok()?);
            (!topic.is_empty() && partition >= 0 && offset >= 0).then(|| Self {
                topic: topic.to_owned(),
                partition,
                epoch,
                offset,
            })
        };
        read().ok_or(ParseDeadLetterAddressError)
    }
}

/// A record of a dead-letter topic.
pub(super) enum DeadLetterRecord {
    DeadLetter(Box<PublishedDeadLetter>),
    /// A marker that the record of a dead letter was redriven.
    Marker {
        family: String,
        dead_letter_id: String,
        redrive: Redrive,
    },
    /// Not written by this program.
    Unknown,
}

impl DeadLetterRecord {
    pub(super) fn read(place: &TopicPartition, record: AddressedRecord) -> Self {
        // Our headers come last, so they override those of a producer with the same name.
        let ours: BTreeMap<&str, &str> = record
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_deref()?).ok()?)))
            .collect();
        let text = |name: &str| ours.get(name).copied();
        if let (Some(dead_letter_id), Some(at)) =
            (text(DEAD_LETTER_ID), text(REDRIVEN_AT).and_then(|at| Timestamp::parse(at).ok()))
        {
            let attempt = text(REDRIVEN).and_then(|mark| attempt_of(mark.as_bytes())).unwrap_or(1);
            return Self::Marker {
                family: text(dead_letter_headers::FAMILY).unwrap_or_default().to_owned(),
                dead_letter_id: dead_letter_id.to_owned(),
                redrive: Redrive { at, attempt },
            };
        }
        let coordinates = || {
            let topic = text(dead_letter_headers::SOURCE_TOPIC)?;
            let partition = text(dead_letter_headers::SOURCE_PARTITION)?.parse().ok()?;
            let offset = text(dead_letter_headers::SOURCE_OFFSET)?.parse().ok()?;
            Some((topic.to_owned(), partition, offset))
        };
        let Some((topic, partition, offset)) = coordinates() else { return Self::Unknown };
        let epoch = text(dead_letter_headers::SOURCE_EPOCH).and_then(|epoch| epoch.parse().ok()).unwrap_or(0);
        let owned = |name: &str| text(name).unwrap_or_default().to_owned();
        let dead_letter = PublishedDeadLetter {
            // Dead letters of older versions have no ID.
            id: text(DEAD_LETTER_ID).map_or_else(|| format!("{topic}/{partition}/{offset}"), str::to_owned),
            family: owned(dead_letter_headers::FAMILY),
            error_type: owned(dead_letter_headers::ERROR_TYPE),
            error: owned(dead_letter_headers::ERROR),
            path: owned(dead_letter_headers::ERROR_PATH),
            tenant_id: owned(dead_letter_headers::TENANT_ID),
            failed_at: text(dead_letter_headers::FAILED_AT)
                .and_then(|at| Timestamp::parse(at).ok())
                .unwrap_or(record.time),
            omitted: text(dead_letter_headers::OMITTED).map(|parts| Omitted {
                parts: parts.to_owned(),
                value_bytes: text(dead_letter_headers::VALUE_BYTES).and_then(|bytes| bytes.parse().ok()),
                value_sha256: text(dead_letter_headers::VALUE_SHA256).map(str::to_owned),
            }),
            headers: text(dead_letter_headers::HEADERS).and_then(dead_letter_headers::decode).unwrap_or_else(|| {
                let is_original = |name: &str| !name.starts_with(PREFIX) || name == REDRIVEN;
                record.headers.iter().filter(|(name, _)| is_original(name)).cloned().collect()
            }),
            topic,
            partition,
            epoch,
            offset,
            own_partition: place.clone(),
            own_offset: record.offset,
            key: record.key,
            value: record.value,
            redrives: Vec::new(),
        };
        Self::DeadLetter(Box::new(dead_letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in ["voc.events/3/1042", "voc.events/3@1770033600000/7", "a/b/0/0"] {
            assert_eq!(text.parse::<DeadLetterAddress>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "voc.events", "voc.events/3", "/3/4", "voc.events/-1/4", "voc.events/3@x/4", "voc.events/3/y"]
        {
            assert_eq!(text.parse::<DeadLetterAddress>(), Err(ParseDeadLetterAddressError), "{text:?}");
        }
    }
}

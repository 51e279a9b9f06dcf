//! Records as the transport delivered them, in chunks that share one buffer.

use std::{fmt, ops::Range, sync::Arc};

use voc_events::{Envelope, Timestamp};

use crate::memory::MemoryPermit;

/// A partition of a topic, or its equivalent in another source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// Topic name.
    pub topic: Arc<str>,
    /// Partition number.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// Headers of a record, in order; names may repeat.
pub type Headers = Vec<(String, Option<Vec<u8>>)>;

/// Consecutive records of one partition. They share one buffer, so a record needs no allocation of its own.
#[derive(Debug, Default)]
pub struct RecordChunk {
    bytes: Vec<u8>,
    records: Vec<Entry>,
    headers: Vec<(usize, Headers)>,
    reach: Option<i64>,
    permit: MemoryPermit,
}

#[derive(Debug)]
struct Entry {
    offset: i64,
    time: Option<Timestamp>,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    value_length: usize,
}

/// One record of a [`RecordChunk`].
#[derive(Debug, Clone, Copy)]
pub struct Record<'c> {
    /// Offset in the partition.
    pub offset: i64,
    /// When it was sent, according to the source.
    pub time: Option<Timestamp>,
    /// The key's bytes, if the record has one.
    pub key: Option<&'c [u8]>,
    /// The value's bytes; `None` is a tombstone.
    pub value: Option<&'c [u8]>,
    /// Length of the original value in bytes; larger than `value` if the source truncated it.
    pub value_length: usize,
    /// Headers in order.
    pub headers: &'c [(String, Option<Vec<u8>>)],
}

impl<'c> Record<'c> {
    /// Everything but the value.
    pub(crate) fn envelope(&self) -> Envelope<'c> {
        Envelope::new(self.key, self.headers, self.time)
    }
}

impl RecordChunk {
    /// An empty chunk with room for `bytes` bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Marks that no records remain below `offset`: all of them were handed over. Offsets without a record belong to
    /// transaction markers, aborted transactions, and records that were compacted away or deleted.
    #[must_use]
    pub fn reaching(offset: i64) -> Self {
        Self { reach: Some(offset), ..Self::default() }
    }

    /// The offset below which no records remain, if the source reports one.
    #[must_use]
    pub fn reach(&self) -> Option<i64> {
        self.reach
    }

    /// Appends a record without a timestamp; its offset must be above that of the previous one.
    pub fn push(&mut self, offset: i64, key: Option<&[u8]>, value: Option<&[u8]>, headers: Headers) {
        self.push_at(offset, None, key, value, headers);
    }

    /// Appends a record with the time it was sent; its offset must be above that of the previous one.
    pub fn push_at(
        &mut self,
        offset: i64,
        time: Option<Timestamp>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
    ) {
        let value_length = value.map_or(0, <[u8]>::len);
        self.push_record(Record { offset, time, key, value, value_length, headers: &[] }, headers);
    }

    /// Appends a record without key and headers. `value` is truncated if `value_length` is larger.
    pub fn push_cut(&mut self, offset: i64, time: Option<Timestamp>, value: &[u8], value_length: usize) {
        let value = Some(value);
        self.push_record(Record { offset, time, key: None, value, value_length, headers: &[] }, Headers::new());
    }

    fn push_record(&mut self, record: Record<'_>, headers: Headers) {
        let Record { offset, time, key, value, value_length, .. } = record;
        debug_assert!(self.last_offset().is_none_or(|last| last < offset), "offsets ascend within a chunk");
        let key = key.map(|key| self.append(key));
        let value = value.map(|value| self.append(value));
        if !headers.is_empty() {
            self.headers.push((self.records.len(), headers));
        }
        self.records.push(Entry { offset, time, key, value, value_length });
    }

    fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// Moves the records after `offset` into a chunk of their own. The charged memory stays with this chunk.
    #[must_use]
    pub fn split_off_after(&mut self, offset: i64) -> Self {
        let kept = self.records.partition_point(|entry| entry.offset <= offset);
        let mut rest = Self::default();
        let (records, headers) = (self.records.split_off(kept), std::mem::take(&mut self.headers));
        let (kept_headers, mut moved_headers): (Vec<_>, Vec<_>) =
            headers.into_iter().partition(|(owner, _)| *owner < kept);
        self.headers = kept_headers;
        for (index, entry) in (kept..).zip(records) {
            let slice = |range: Range<usize>| &self.bytes[range];
            let headers = match moved_headers.first() {
                Some((owner, _)) if *owner == index => moved_headers.remove(0).1,
                _ => Headers::new(),
            };
            let (key, value) = (entry.key.map(slice), entry.value.map(slice));
            let Entry { offset, time, value_length, .. } = entry;
            rest.push_record(Record { offset, time, key, value, value_length, headers: &[] }, headers);
        }
        rest
    }

    /// Reduces the chunk to keys and headers, and values if `keeps_values`. `None` if nothing remains.
    pub(crate) fn into_envelopes(mut self, keeps_values: bool) -> Option<Self> {
        if keeps_values {
            // Its memory is charged until the batch is stored.
            self.take_permit();
            return (!self.is_empty()).then_some(self);
        }
        let keys: usize = self.records.iter().filter_map(|entry| entry.key.as_ref()).map(Range::len).sum();
        let mut envelopes = Self::with_capacity(keys);
        let mut headers = self.headers.into_iter().peekable();
        for (index, entry) in self.records.into_iter().enumerate() {
            let headers = headers.next_if(|(owner, _)| *owner == index).map(|(_, headers)| headers);
            if entry.key.is_some() || headers.is_some() {
                let key = entry.key.map(|range| &self.bytes[range]);
                envelopes.push(entry.offset, key, None, headers.unwrap_or_default());
            }
        }
        (!envelopes.is_empty()).then_some(envelopes)
    }

    /// The record at an offset.
    pub(crate) fn find(&self, offset: i64) -> Option<Record<'_>> {
        let is_within = self.first_offset()? <= offset && offset <= self.last_offset()?;
        if is_within { self.iter().find(|record| record.offset == offset) } else { None }
    }

    /// Ties memory of the budget to the chunk. It is released when the rows of the chunk are stored.
    pub fn charge(&mut self, permit: MemoryPermit) {
        self.permit.merge(permit);
    }

    pub(crate) fn take_permit(&mut self) -> MemoryPermit {
        std::mem::take(&mut self.permit)
    }

    /// The records in order.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let mut headers = self.headers.iter().peekable();
        self.records.iter().enumerate().map(move |(index, entry)| {
            let headers = headers.next_if(|(owner, _)| *owner == index).map_or(&[][..], |(_, headers)| headers);
            let slice = |range: &Range<usize>| &self.bytes[range.clone()];
            Record {
                offset: entry.offset,
                time: entry.time,
                key: entry.key.as_ref().map(slice),
                value: entry.value.as_ref().map(slice),
                value_length: entry.value_length,
                headers,
            }
        })
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes of all keys and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Offset of the first record.
    #[must_use]
    pub fn first_offset(&self) -> Option<i64> {
        self.records.first().map(|entry| entry.offset)
    }

    /// Offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> Option<i64> {
        self.records.last().map(|entry| entry.offset)
    }
}

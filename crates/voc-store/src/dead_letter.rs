//! Records that could not become rows.

use voc_events::Timestamp;

/// A record that could not be stored as an event, with the reason and everything needed to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Family whose pipeline refused the record. Dead letters of two families are always distinct.
    pub family: &'static str,
    /// Class of the error, such as `invalid_json`.
    pub error_type: String,
    /// The complete error: path, expected and found of every violation.
    pub error: String,
    /// JSON path of the first violation.
    pub path: String,
    /// The event's tenant if it could be read, else empty.
    pub tenant_id: String,
    /// Original topic.
    pub topic: String,
    /// Original partition.
    pub partition: i32,
    /// Which of the partition's logs the offset belongs to; see [`SourceRange::epoch`](crate::SourceRange::epoch).
    pub epoch: i64,
    /// Original offset.
    pub offset: i64,
    /// Original key.
    pub key: Option<Vec<u8>>,
    /// Original value; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// Original headers in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// When the record was refused.
    pub failed_at: Timestamp,
}

impl DeadLetter {
    /// The identifier of the dead letter within its family: `topic/partition/offset`, with the epoch after an `@` if
    /// there is one, as in `voc.events/3@1770033600000/7`. A record that is refused again yields a dead letter with
    /// the same id.
    #[must_use]
    pub fn id(&self) -> String {
        Self::id_of(&self.topic, self.partition, self.epoch, self.offset)
    }

    /// The identifier of the dead letter of a record with these coordinates.
    pub(crate) fn id_of(topic: &str, partition: i32, epoch: i64, offset: i64) -> String {
        if epoch == 0 {
            format!("{topic}/{partition}/{offset}")
        } else {
            format!("{topic}/{partition}@{epoch}/{offset}")
        }
    }
}

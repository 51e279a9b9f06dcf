//! Rows for the tests.

use std::sync::Arc;

use uuid::Uuid;
use voc_events::{
    Family, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{BatchBuilder, InsertBatch, PartitionBy, RowAnnotation, SourceRange};

/// This many seconds after 2026-02-02T12:00:00Z.
pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_770_033_600_000 + seconds * 1000)
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Derives the event's identifier; by default the row's offset.
    pub(crate) number: Option<i64>,
    pub(crate) tenant: String,
    pub(crate) time: Timestamp,
    pub(crate) event_type: &'static str,
    pub(crate) call_id: String,
    pub(crate) sentiment: Option<f32>,
    pub(crate) topic: Option<&'static str>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            number: None,
            tenant: "acme".to_owned(),
            time: second(0),
            event_type: "call",
            call_id: "c".to_owned(),
            sentiment: Some(0.25),
            topic: Some("billing"),
        }
    }
}

impl Row {
    pub(crate) fn event_id(&self, offset: i64) -> Uuid {
        let number = self.number.unwrap_or(offset).cast_unsigned();
        Uuid::from_u64_pair(0x0123_4567_89ab_4def, 0x8000_0000_0000_0000 | number)
    }

    fn event(&self, offset: i64) -> VocEvent<'_> {
        let base = BaseEvent::new(self.event_id(offset), self.tenant.as_str(), self.time, self.event_type);
        if self.event_type != "call" {
            return VocEvent::Other(base);
        }
        let mut call = CallEvent::new(base, self.call_id.as_str());
        call.duration_ms = Some(offset);
        VocEvent::Call(call)
    }

    pub(crate) fn payload(&self, offset: i64) -> String {
        serde_json::to_string(&self.event(offset)).unwrap()
    }

    pub(crate) fn annotation(&self) -> RowAnnotation<'static> {
        RowAnnotation {
            sentiment: self.sentiment,
            topic: self.topic,
            confidence: Some(0.5),
            language: "en",
            decided_by: "fast@1",
            ..RowAnnotation::default()
        }
    }
}

/// A batch of rows at consecutive offsets from `first` on.
pub(crate) fn batch(partition_by: PartitionBy, rows: &[Row], first: i64) -> Arc<InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, partition_by);
    for (row, offset) in rows.iter().zip(first..) {
        builder.push(&row.event(offset), &row.payload(offset), &row.annotation(), offset).unwrap();
    }
    let last = first + rows.len() as i64 - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 3, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_770_100_000_000)))
}

//! Rows and stores for the tests.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use uuid::Uuid;
use voc_events::{
    Family, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{
    BatchBuilder, InsertBatch, Migrator, PartitionBy, RowAnnotation, RowBatch, SourceRange, SqlBackend, TopicSummary,
    TypeSummary,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::TestEngine;

/// A store on a database of its own, with all tables.
pub(crate) async fn open(test: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    store
}

/// 2026-02-02T12:00:00Z and so many seconds.
pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_770_033_600_000 + seconds * 1000)
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
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
    pub(crate) fn event_id(&self, number: i64) -> Uuid {
        Uuid::from_u64_pair(0x0123_4567_89ab_4def, 0x8000_0000_0000_0000 | number.cast_unsigned())
    }

    fn event(&self, number: i64) -> VocEvent<'_> {
        let base = BaseEvent::new(self.event_id(number), self.tenant.as_str(), self.time, self.event_type);
        if self.event_type != "call" {
            return VocEvent::Other(base);
        }
        let mut call = CallEvent::new(base, self.call_id.as_str());
        call.duration_ms = Some(number);
        VocEvent::Call(call)
    }

    pub(crate) fn payload(&self, number: i64) -> String {
        serde_json::to_string(&self.event(number)).unwrap()
    }

    pub(crate) fn annotation(&self) -> RowAnnotation<'static> {
        RowAnnotation {
            sentiment: self.sentiment,
            topic: self.topic,
            confidence: Some(0.5),
            language: "en",
            decided_by: "rules@1",
        }
    }

    /// Appends the event of a number as the record at an offset.
    pub(crate) fn push_into(&self, rows: &mut RowBatch, number: i64, offset: i64) {
        rows.push(&self.event(number), &self.payload(number), &self.annotation(), offset);
    }
}

/// A batch of rows at consecutive offsets from `first` on.
pub(crate) fn batch(rows: &[Row], first: i64) -> Arc<InsertBatch> {
    batch_by(PartitionBy::Month, rows, first)
}

pub(crate) fn batch_by(partition_by: PartitionBy, rows: &[Row], first: i64) -> Arc<InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, partition_by);
    for (row, offset) in rows.iter().zip(first..) {
        builder.push(&row.event(offset), &row.payload(offset), &row.annotation(), offset);
    }
    let last = first + rows.len() as i64 - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 3, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_770_100_000_000)))
}

/// The rows of a query of JSON texts.
pub(crate) async fn collect<T: DeserializeOwned>(store: &EmbeddedStore, sql: &str) -> Vec<T> {
    let rows = store.backend().select_texts(sql, &[]).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// A summary as a text; means to nine digits, as they depend on the order of summation.
pub(crate) fn summary_text(summary: &[TypeSummary]) -> Vec<String> {
    let text = |row: &TypeSummary| {
        let (count, mean) = (row.event_count, row.avg_sentiment.map(|mean| format!("{mean:.9}")));
        format!("{} {count} {mean:?} {} {}", row.event_type, row.first_event, row.last_event)
    };
    summary.iter().map(text).collect()
}

/// As [`summary_text`], of topics.
pub(crate) fn text_of(topics: &[TopicSummary]) -> Vec<String> {
    let text = |row: &TopicSummary| {
        format!("{} {} {:?}", row.topic, row.event_count, row.avg_sentiment.map(|mean| format!("{mean:.9}")))
    };
    topics.iter().map(text).collect()
}

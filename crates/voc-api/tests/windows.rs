//! The ends of query windows: events of producers whose clocks are ahead, by a little or by decades.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use served::Served;
use voc_events::{DecodeOptions, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{BatchBuilder, EventStore as _, MemoryStore, PartitionBy, RowAnnotation, SourceRange};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn minutes_from_now(minutes: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Timestamp::from_millis(i64::try_from(now).unwrap() + minutes * MINUTE)
}

/// A store with a call at each of these times.
fn store_of(times: &[Timestamp]) -> MemoryStore {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let annotation = RowAnnotation { topic: Some("billing"), sentiment: Some(0.5), ..RowAnnotation::default() };
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    for (offset, time) in (0..).zip(times) {
        let payload = json!({
            "event_id": uuid::Uuid::from_u128(offset), "tenant_id": "acme", "timestamp": time.to_string(),
            "event_type": "call", "call_id": "c-1", "transcript": "Customer: where is my invoice?",
        });
        let payload = payload.to_string();
        let event = voc.decode(&payload, &Envelope::default()).unwrap().event;
        builder.push(&event, &payload, &annotation, i64::try_from(offset).unwrap()).unwrap();
    }
    let last = i64::try_from(times.len()).unwrap() - 1;
    let range = SourceRange { family: "voc", topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last };
    let store = MemoryStore::new();
    let inserted = store.insert(Arc::new(builder.seal(range, minutes_from_now(0))));
    futures_util::future::FutureExt::now_or_never(inserted).unwrap().unwrap();
    store
}

#[test]
fn a_window_ends_now_with_a_margin_for_fast_clocks() {
    let in_2105 = Timestamp::parse("2105-06-01T12:00:00Z").unwrap();
    let (an_hour_ago, ahead) = (minutes_from_now(-60), minutes_from_now(4));
    let long_ago = Timestamp::from_millis(an_hour_ago.as_millis() - 8 * DAY);
    // A range of two days or more ends with an hour.
    let store = store_of(&[in_2105, minutes_from_now(130), ahead, an_hour_ago, long_ago]);
    let api = Served::start(Arc::new(store), Vec::new());
    for (days, events, first) in [(1, 2, an_hour_ago), (7, 2, an_hour_ago), (90, 3, long_ago)] {
        let by_type = api.get(&format!("/api/v1/summary?days={days}")).body;
        let expected = json!([{
            "event_type": "call", "event_count": events, "avg_sentiment": 0.5,
            "first_event": first.to_string(), "last_event": ahead.to_string(),
        }]);
        assert_eq!(by_type["data"], expected, "{days} days");
        let by_topic = api.get(&format!("/api/v1/topics?tenant_id=acme&days={days}")).body;
        let expected = json!([{"topic": "billing", "event_count": events, "avg_sentiment": 0.5, "share": 1.0}]);
        assert_eq!(by_topic["data"], expected, "{days} days");
        let rows = api.get(&format!("/metrics/summary?days={days}")).body;
        assert_eq!(rows["rows"], json!([["call", events, 0.5]]), "{days} days");
    }
}

#[test]
fn a_store_with_only_future_events_has_no_answer_yet() {
    for (days, minutes) in [(1, 10), (90, 130)] {
        let store = store_of(&[minutes_from_now(minutes), Timestamp::parse("2105-12-31T23:59:59.999Z").unwrap()]);
        let api = Served::start(Arc::new(store), Vec::new());
        assert_eq!(api.get(&format!("/api/v1/summary?days={days}")).body["data"], json!([]), "{days} days");
    }
}

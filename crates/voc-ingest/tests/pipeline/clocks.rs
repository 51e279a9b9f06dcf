//! Events of producers with clocks that are ahead: stored and counted.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::time::{SystemTime, UNIX_EPOCH};

use metrics_exporter_prometheus::PrometheusBuilder;
use voc_events::Timestamp;

use crate::support::{LaneUnderTest, by_size, event};

/// An event dated this many minutes from now.
fn ahead(number: i64, minutes: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let time = i64::try_from(now).unwrap() + minutes * 60_000;
    at(number, &Timestamp::from_millis(time).to_string())
}

fn at(number: i64, time: &str) -> String {
    event(number).replace("2026-02-02T12:00:00Z", time)
}

#[tokio::test]
async fn future_events_are_stored_and_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let mut lane = metrics::with_local_recorder(&recorder, || LaneUnderTest::start(by_size(10, 10)));
    let far = at(0, "2105-06-01T12:00:00Z");
    // The same event again is a duplicate and does not count as a future event.
    let events = [far.clone(), ahead(1, 4), ahead(2, 10), ahead(3, -10), event(4), far];
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    let page = page.render();
    assert!(page.contains("voc_events_future_total{family=\"voc\"} 2\n"), "{page}");
    let stored: Vec<i64> = (0..5).collect();
    assert_eq!((lane.store.offsets("voc.events", 0), lane.store.dead_letters().len()), (stored, 0));
    assert_eq!(lane.offsets().last(), Some(&6));
}

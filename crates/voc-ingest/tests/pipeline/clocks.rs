//! Events that are dated in the future, or earlier than their table keeps rows: stored and counted.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::time::{SystemTime, UNIX_EPOCH};

use metrics_exporter_prometheus::PrometheusBuilder;
use voc_events::{Family, Timestamp, product::Product};

use crate::{
    log::Log,
    support::{LaneUnderTest, by_size, event},
};

/// The time this many minutes from now.
fn in_minutes(minutes: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Timestamp::from_millis(i64::try_from(now).unwrap() + minutes * 60_000).to_string()
}

/// An event dated this many minutes from now.
fn ahead(number: i64, minutes: i64) -> String {
    at(number, &in_minutes(minutes))
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

#[tokio::test]
async fn events_that_the_table_no_longer_keeps_are_stored_counted_and_reported_once() {
    const MINUTES_PER_DAY: i64 = 24 * 60;
    let days = i64::from(Product::TABLE.retention_days.unwrap());
    let product = |minutes| {
        let time = in_minutes(minutes);
        format!(r#"{{"app_id":"openstream","event_name":"search","user_id":"u-1","timestamp":"{time}"}}"#)
    };
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let (log, _guard) = Log::collect();
    let topic = "octane.events";
    let mut lane =
        metrics::with_local_recorder(&recorder, || LaneUnderTest::of_family::<Product>(topic, by_size(10, 10)));
    let kept = [product(0), product(-(days - 1) * MINUTES_PER_DAY)];
    let expired = [product(-(days + 1) * MINUTES_PER_DAY), product(-3 * days * MINUTES_PER_DAY)];
    for (first, events) in [(0, &kept), (2, &expired), (4, &expired)] {
        lane.send(lane.chunk(first, events.iter().map(|event| Some(event.as_bytes())))).await;
    }
    lane.end_records();
    lane.ended().await;
    let page = page.render();
    assert!(page.contains("voc_events_expired_total{family=\"product\"} 4\n"), "{page}");
    assert_eq!(lane.store.offsets(topic, 0), (0..6).collect::<Vec<i64>>());
    let reports = log.text().matches("older than the table ai_analytics_events keeps rows (90 days)").count();
    assert_eq!(reports, 1, "{}", log.text());
}

#[tokio::test]
async fn a_table_that_keeps_its_rows_has_no_expired_events() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let mut lane = metrics::with_local_recorder(&recorder, || LaneUnderTest::start(by_size(10, 10)));
    lane.send(lane.chunk(0, [Some(at(0, "2000-01-01T00:00:00Z").as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    let page = page.render();
    assert!(page.contains("voc_events_expired_total{family=\"voc\"} 0\n"), "{page}");
}

//! Events with a type that resembles a known one: stored as they are, counted, and reported once.

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{
    log::Log,
    support::{LaneUnderTest, by_size, event},
};

#[tokio::test]
async fn types_that_resemble_a_known_one_are_stored_counted_and_reported_once() {
    let (log, _guard) = Log::collect();
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let mut lane = metrics::with_local_recorder(&recorder, || LaneUnderTest::start(by_size(10, 10)));
    let types = ["survey", "Call", "CALL", "call ", "Call", "agent_action", "survey"];
    let events: Vec<String> = (0..)
        .zip(types)
        .map(|(number, event_type)| {
            let event = event(number).replace(r#""event_type":"call""#, &format!(r#""event_type":"{event_type}""#));
            event.replacen('{', r#"{"action":"transfer","agent_id":"a-1","#, 1)
        })
        .collect();
    lane.send(lane.chunk(0, events.iter().map(|event| Some(event.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    // White space around a type is not part of it.
    assert_eq!(lane.store.texts("event_type"), types.map(str::trim));
    let page = page.render();
    for (class, count) in [("known", 2), ("resembling", 3), ("other", 2)] {
        let line = format!("voc_events_by_type_class_total{{family=\"voc\",type_class=\"{class}\"}} {count}\n");
        assert!(page.contains(&line), "{line}{page}");
    }
    let log = log.text();
    for reported in [r#"event_type="Call""#, r#"event_type="CALL""#] {
        assert_eq!(log.matches(reported).count(), 1, "{reported}: {log}");
    }
    assert!(!log.contains("survey") && log.contains(r#"resembled="call""#), "{log}");
}

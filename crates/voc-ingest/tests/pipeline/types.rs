//! Events with a type that resembles a known one: stored as they are, counted, and reported once.

#![expect(clippy::unwrap_used, reason = "helpers of tests end them this way")]

use std::{
    io,
    sync::{Arc, Mutex},
};

use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{LaneUnderTest, by_size, event};

/// Collects log output.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn types_that_resemble_a_known_one_are_stored_counted_and_reported_once() {
    let log = Log::default();
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish());
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
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for told in [r#"event_type="Call""#, r#"event_type="CALL""#] {
        assert_eq!(log.matches(told).count(), 1, "{told}: {log}");
    }
    assert!(!log.contains("survey") && log.contains(r#"resembled="call""#), "{log}");
}

//! The program between a real Kafka and a ClickHouse server: records come from Kafka's own tools, rows go through
//! klickhouse.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail this way")]

mod comparison;
mod dlq;
mod erasing;
mod registry;
mod replay;
mod retention;
mod stage;
mod verify;

use std::time::Duration;

use rustix::process::Signal;
use stage::{PATIENCE, Stage, expected_counts, generate, wait_for_rows};
use voc_testkit::{
    generator::Tally,
    kafka::Codec,
    proxy::{Fault, FaultProxy, Place, Stage as Within},
    service::ServiceProcess,
};

#[test]
fn records_in_every_codec_become_rows_and_bad_ones_dead_letters() {
    let Some(stage) = Stage::set() else { return };
    stage.keep_rows();
    let mut expected = Tally::default();
    let mut topics = Vec::new();
    for (seed, codec) in (1..).zip(Codec::ALL) {
        let topic = stage.topic(codec.name(), 2);
        let events = generate(seed, 1_000, &mut expected);
        stage.kafka.produce(&topic, codec, events.iter().map(String::as_str));
        topics.push(topic);
    }
    let bad = [Some("not json"), None, Some(""), Some("[]"), Some("{\"tenant_id\":\"acme\"}")];
    stage.kafka.produce_keyed(&topics[0], Codec::None, bad.map(|value| (Some("bad"), value)));

    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let mut processor = stage.processor(&names, &[]);
    let ask = |service: &ServiceProcess| service.text("/metrics");
    let is_complete = |page: &String| page.contains("\nvoc_events_consumed_total{family=\"voc\"} 5005\n");
    processor.wait_for(PATIENCE, ask, is_complete);
    wait_for_rows(&stage, &processor, 5_000);
    assert_eq!(stage.counts(), expected_counts(&expected));
    assert_eq!((stage.rows(), stage.doubled()), (5_000, 0));
    processor.wait_for(PATIENCE, ask, |page| page.contains("\nvoc_events_dead_lettered_total{family=\"voc\"} 5\n"));
    assert_eq!(stage.kafka.count(&format!("{}.dlq", topics[0])), 5);
    assert_eq!(stage.ask("SELECT count() FROM dead_letters"), ["5"]);
    let lag = |page: &String| {
        let zero = format!("voc_consumer_lag{{family=\"voc\",topic=\"{}\",partition=\"0\"}} 0\n", topics[1]);
        page.contains(&zero)
    };
    processor.wait_for(PATIENCE, ask, lag);
    assert_eq!(processor.get("/readyz").0, 200);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
}

#[test]
fn a_connection_that_breaks_at_start_is_retried() {
    let Some(stage) = Stage::set() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let proxy = runtime.block_on(FaultProxy::start(format!("127.0.0.1:{}", stage.port))).unwrap();
    // During the probe that checks whether the store drops repeated inserts.
    const TRIAL: &str = "INSERT INTO voc_deduplication_probe_";
    // The first connection creates the database.
    for _ in 0..2 {
        proxy.inject(Fault::Cut(Place::Stage(Within::BeforeEndOfStream(TRIAL))));
    }
    let mut command = stage.command(&[&stage.topic("start", 1)], &["--migrate", "--retry-delay", "0.1"]);
    command.env("CLICKHOUSE_PORT", proxy.address().port().to_string());
    let mut processor = ServiceProcess::start(command);
    assert!(processor.log().contains("the store is not ready yet"), "{}", processor.log());
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
}

#[test]
fn two_processors_share_a_group_and_neither_start_nor_end_loses_or_duplicates() {
    let Some(stage) = Stage::set() else { return };
    stage.keep_rows();
    let topic = stage.topic("shared", 6);
    let mut expected = Tally::default();
    let mut produce = |seed| {
        let events = generate(seed, 10_000, &mut expected);
        stage.kafka.produce(&topic, Codec::Lz4, events.iter().map(String::as_str));
    };
    produce(1);
    let mut first = stage.processor(&[&topic], &[]);
    wait_for_rows(&stage, &first, 1);
    let second = stage.processor(&[&topic], &[]);
    second.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("partitions assigned"));
    produce(2);
    let has_consumed = |page: &String| !page.contains("\nvoc_events_consumed_total{family=\"voc\"} 0\n");
    second.wait_for(PATIENCE, |service| service.text("/metrics"), has_consumed);
    assert_eq!(first.end(Signal::TERM).code(), Some(0));
    produce(3);
    wait_for_rows(&stage, &second, 30_000);
    let mut first = stage.processor(&[&topic], &[]);
    produce(4);
    wait_for_rows(&stage, &second, 40_000);
    assert_eq!(stage.counts(), expected_counts(&expected));
    assert_eq!((stage.rows(), stage.doubled()), (40_000, 0));
    assert_eq!(first.end(Signal::TERM).code(), Some(0));
}

#[test]
fn a_restart_resumes_at_the_committed_offset() {
    let Some(stage) = Stage::set() else { return };
    stage.keep_rows();
    let topic = stage.topic("restart", 1);
    let mut expected = Tally::default();
    for (seed, rows) in [(1, 500), (2, 1_000)] {
        let events = generate(seed, 500, &mut expected);
        stage.kafka.produce(&topic, Codec::Zstd, events.iter().map(String::as_str));
        let mut processor = stage.processor(&[&topic], &[]);
        wait_for_rows(&stage, &processor, rows);
        let consumed = processor.text("/metrics");
        assert!(consumed.contains("\nvoc_events_consumed_total{family=\"voc\"} 500\n"), "{consumed}");
        assert_eq!(processor.end(Signal::INT).code(), Some(0));
    }
    assert_eq!(stage.counts(), expected_counts(&expected));
    assert_eq!((stage.rows(), stage.doubled()), (1_000, 0));
}

#[test]
fn a_process_killed_repeatedly_loses_and_duplicates_nothing() {
    const KILLS: u64 = 10;
    const EVENTS: u64 = 60_000;
    let Some(stage) = Stage::set() else { return };
    stage.keep_rows();
    let topic = stage.topic("killed", 3);
    let mut expected = Tally::default();
    let events = generate(1, EVENTS, &mut expected);
    stage.kafka.produce(&topic, Codec::Lz4, events.iter().map(String::as_str));
    // A fixed identity takes its partitions back at once, however the process ended.
    let start = || stage.processor(&[&topic], &["--kafka-group-instance-id", "only", "--batch-max", "1000"]);
    let mut replays = 0;
    for kill in 1..=KILLS {
        let mut processor = start();
        let enough = stage.rows().max(EVENTS / (KILLS + 1) * (kill - 1)) + 1;
        wait_for_rows(&stage, &processor, enough.min(EVENTS));
        replays += processor.log().matches("re-inserting the inherited batch").count();
        processor.end(Signal::KILL);
    }
    assert!(replays > 0, "no kill hit a batch in progress, so nothing was proved");
    let mut processor = start();
    wait_for_rows(&stage, &processor, EVENTS);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    assert_eq!(stage.counts(), expected_counts(&expected));
    assert_eq!((stage.rows(), stage.doubled()), (EVENTS, 0));
}

#[test]
fn a_store_outage_of_a_minute_costs_nothing_but_time() {
    let Some(mut stage) = Stage::set() else { return };
    stage.keep_rows();
    let topic = stage.topic("outage", 4);
    let mut expected = Tally::default();
    let processor = stage.processor(&[&topic], &["--memory-mib", "8"]);
    let events = generate(1, 1_000, &mut expected);
    stage.kafka.produce(&topic, Codec::Snappy, events.iter().map(String::as_str));
    wait_for_rows(&stage, &processor, 1_000);

    stage.stop_store();
    let stopped_at = std::time::Instant::now();
    // More than ten times the memory for records.
    let events = generate(2, 250_000, &mut expected);
    stage.kafka.produce(&topic, Codec::Snappy, events.iter().map(String::as_str));
    let (_, readiness) = processor.wait_for(PATIENCE, |service| service.get("/readyz"), |(status, _)| *status == 503);
    let reason = readiness["checks"]["store"].as_str().unwrap();
    assert!(reason.contains(&format!("127.0.0.1:{}", stage.port)), "{readiness}");
    assert_eq!(readiness["checks"]["broker"], "connected");
    let most_resident = processor.wait_for(
        PATIENCE,
        |service| (service.resident_bytes(), stopped_at.elapsed()),
        |(resident, elapsed)| {
            assert!(*resident < 200 << 20, "{resident} bytes are in use");
            *elapsed > Duration::from_secs(60)
        },
    );
    assert_eq!(processor.get("/healthz").0, 200, "{most_resident:?}");

    stage.start_store();
    wait_for_rows(&stage, &processor, 251_000);
    assert_eq!(stage.counts(), expected_counts(&expected));
    assert_eq!(stage.doubled(), 0);
    processor.wait_for(PATIENCE, |service| service.get("/readyz").0, |status| *status == 200);
}

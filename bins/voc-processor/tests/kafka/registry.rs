//! Records of Confluent's own client, with schemas in a real registry.

#![expect(clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use voc_testkit::{
    python::Python,
    registry::{Gate, TestRegistry},
    service::ServiceProcess,
};

use crate::stage::{PATIENCE, Stage};

/// A factory that produces, and what is needed to process its records.
struct Factory {
    stage: Stage,
    registry: TestRegistry,
    python: Python,
    /// By content.
    topics: BTreeMap<&'static str, String>,
    sent: BTreeMap<String, u64>,
    scores: f64,
}

impl Factory {
    fn open(topics: &[&'static str], partitions: u32) -> Option<Self> {
        let (registry, python) = (TestRegistry::from_env_or_skip()?, Python::from_env_or_skip()?);
        let stage = Stage::set()?;
        let named = |what: &&'static str| (*what, format!("chip-quality.{what}.{}", stage.group()));
        let topics: BTreeMap<_, _> = topics.iter().map(named).collect();
        topics.values().for_each(|topic| stage.kafka.create_topic(topic, partitions));
        Some(Self { stage, registry, python, topics, sent: BTreeMap::new(), scores: 0.0 })
    }

    /// Sends `count` events numbered from `first`, with further options for the script.
    fn produce(&mut self, first: u64, events: u64, more: &Value) {
        let mut wish = json!({
            "bootstrap": self.stage.kafka.bootstrap(), "registry": self.registry.url(), "topics": self.topics,
            "first": first, "events": events,
        });
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka/produce.py");
        let sent: Value = serde_json::from_str(&self.python.run(script, &wish.to_string())).unwrap();
        for (event_type, events) in sent["types"].as_object().unwrap() {
            *self.sent.entry(event_type.clone()).or_default() += events.as_u64().unwrap();
        }
        self.scores += sent["scores"].as_f64().unwrap();
    }

    /// Starts a processor with this timeout, in seconds, for the registry.
    fn processor(&self, registry_url: &str, timeout: &str) -> ServiceProcess {
        let topics: Vec<&str> = self.topics.values().map(String::as_str).collect();
        let mut command = self.stage.command(&topics, &["--migrate"]);
        command.env("VOC_FAMILIES", "quality").env("SCHEMA_REGISTRY_URL", registry_url);
        command.env("SCHEMA_REGISTRY_TIMEOUT_SECONDS", timeout);
        ServiceProcess::start(command)
    }

    /// Queries `quality_events` in the store; returns the cells of the answer.
    fn ask(&self, select: &str, rest: &str) -> Vec<Vec<String>> {
        let sql = format!("SELECT {select} FROM {}.quality_events {rest}", self.stage.database);
        let lines = self.stage.ask(&sql);
        lines.iter().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// The cells of a single row.
    fn row(&self, columns: &str, condition: &str) -> Vec<String> {
        let mut rows = self.ask(columns, &format!("WHERE {condition}"));
        assert_eq!(rows.len(), 1, "{condition}: {rows:?}");
        rows.remove(0)
    }

    /// Waits until everything that was sent is stored, and checks that it is stored once, with its type.
    fn wait_for_all(&self, processor: &ServiceProcess) {
        let sent: u64 = self.sent.values().sum();
        let rows = |_: &ServiceProcess| self.ask("count()", "")[0][0].parse::<u64>().unwrap();
        processor.wait_for(PATIENCE, rows, |rows| *rows >= sent);
        let counts = self.ask("event_type, count()", "GROUP BY event_type");
        let counts: BTreeMap<String, u64> =
            counts.into_iter().map(|cells| (cells[0].clone(), cells[1].parse().unwrap())).collect();
        assert_eq!(counts, self.sent);
        let of_records = "count() - uniqExact(source_topic, source_partition, source_offset), sum(quality_score)";
        let found = self.ask(of_records, "");
        assert_eq!((found[0][0].as_str(), found[0][1].parse::<f64>().unwrap()), ("0", self.scores));
    }
}

fn metric(processor: &ServiceProcess, name: &str) -> u64 {
    let page = processor.text("/metrics");
    let line = page.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).parse().unwrap()
}

/// Stops the processor, and checks that everything is accounted for and nothing was abandoned.
fn end_without_loss(factory: &Factory, mut processor: ServiceProcess) {
    assert_eq!(metric(&processor, "voc_events_dead_lettered_total{family=\"quality\"}"), 0);
    assert_eq!(metric(&processor, "voc_ledger_imbalance_total{family=\"quality\"}"), 0);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    let topics: Vec<&str> = factory.topics.values().map(String::as_str).collect();
    let mut verify = factory.stage.command(&topics, &["verify", "--json"]);
    let output = verify.env("VOC_FAMILIES", "quality").output().unwrap();
    let said = [output.stdout.clone(), output.stderr.clone()].concat();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn events_of_confluents_client_become_rows() {
    let Some(mut factory) = Factory::open(&["inspection", "manufacturing", "system"], 2) else { return };
    factory.produce(0, 500, &json!({"services": 20, "plain": 10}));
    let url = factory.registry.url().to_owned();
    let processor = factory.processor(&url, "10");
    factory.wait_for_all(&processor);

    let columns = "event_type, event_id, toUnixTimestamp64Milli(timestamp), batch_id, quality_score, defect_types, \
                   defect_severities, JSONExtractString(payload, 'metadata', 'line')";
    let start = 1_770_033_600_000_u64;
    let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
    let completed = |number: u64, score: &str, defects: [&str; 2]| {
        let time = (start + number).to_string();
        let line = format!("L{}", number % 3);
        let batch = format!("b-{}", number / 10);
        ["INSPECTION_COMPLETED", &id(number.into()), &time, &batch, score, defects[0], defects[1], &line]
            .map(str::to_owned)
    };
    let of = |id: &str| factory.row(columns, &format!("inspection_id = '{id}'"));
    assert_eq!(of("i-2"), completed(2, "0.001953125", ["['crack','scratch']", "['major','minor']"]));
    assert_eq!(of("i-498"), completed(498, "0.486328125", ["[]", "[]"]));
    let plain = ["INSPECTION_FAILED", "", &(start + 7).to_string(), "", "\\N", "[]", "[]", ""].map(str::to_owned);
    assert_eq!(of("p-7"), plain);
    let batch = factory.row("event_type, quality_score, payload", "batch_id = 'b-7' AND inspection_id = ''");
    assert_eq!(batch[..2], ["BATCH_COMPLETED", "1"]);
    let payload: Value = serde_json::from_str(&batch[2]).unwrap();
    assert_eq!(payload["kind"], "of the producer's own");
    assert_eq!(payload["timestamp"], "2026-02-02T12:00:00.007000+00:00");
    let service = factory.row("event_type, toUnixTimestamp64Milli(timestamp), service_version", "service_name = 's-7'");
    assert_eq!(service, ["HEALTH_CHECK", &(start + 7).to_string(), ""]);
    assert_eq!(processor.get("/readyz").0, 200);
    end_without_loss(&factory, processor);
}

#[test]
fn a_registry_outage_under_load_costs_nothing_but_time() {
    let Some(mut factory) = Factory::open(&["inspection", "manufacturing"], 3) else { return };
    let gate = Gate::new(&factory.registry);
    let processor = factory.processor(gate.url(), "1");
    factory.produce(0, 500, &json!({"plain": 50}));
    factory.wait_for_all(&processor);
    assert_eq!(processor.get("/readyz").0, 200);

    let errors = |processor: &ServiceProcess| {
        metric(processor, "voc_processing_errors_total{error_type=\"schema_registry\",family=\"quality\"}")
    };
    for (revision, shut) in (1..).zip([Gate::close, Gate::hang]) {
        shut(&gate);
        let before = errors(&processor);
        let first = revision * 10_000;
        factory.produce(first, 2_000, &json!({"revision": revision, "plain": 50}));
        let (_, readiness) =
            processor.wait_for(PATIENCE, |service| service.get("/readyz"), |(status, _)| *status == 503);
        let detail = readiness["detail"].as_str().unwrap();
        assert!(detail.contains("schema registry: ") && detail.contains(gate.url()), "{readiness}");
        assert_eq!(
            (&readiness["checks"]["broker"], &readiness["checks"]["store"]),
            (&"connected".into(), &"connected".into())
        );
        processor.wait_for(PATIENCE, errors, |errors| *errors >= before + 3);
        // More arrive meanwhile.
        factory.produce(first + 5_000, 2_000, &json!({"revision": revision}));
        assert_eq!(processor.get("/healthz").0, 200);
        assert_eq!(processor.get("/readyz").0, 503);
        gate.open();
        factory.wait_for_all(&processor);
        processor.wait_for(PATIENCE, |service| service.get("/readyz").0, |status| *status == 200);
    }
    end_without_loss(&factory, processor);
}

#[test]
fn a_hanging_registry_does_not_block_shutdown_and_the_next_start_takes_waiting_records() {
    let Some(mut factory) = Factory::open(&["inspection"], 1) else { return };
    let gate = Gate::new(&factory.registry);
    gate.hang();
    factory.produce(0, 100, &json!({}));
    let mut processor = factory.processor(gate.url(), "6");
    processor.wait_for(PATIENCE, |service| service.get("/readyz").0, |status| *status == 503);
    let told_at = Instant::now();
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    // Less than the timeout of the registry.
    assert!(told_at.elapsed() < Duration::from_secs(5), "{:?}", told_at.elapsed());
    gate.open();
    let processor = factory.processor(gate.url(), "6");
    factory.wait_for_all(&processor);
    end_without_loss(&factory, processor);
}

//! The program, its input, and the results expected of it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use serde_json::Value;
use voc_testkit::{
    generator::{Generator, GeneratorConfig, Tally},
    service::{self, ServiceProcess},
};

/// The limit on everything that is awaited; only a failing test reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn standalone(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = service::command(env!("CARGO_BIN_EXE_voc-processor"), &["--standalone", "--data-dir"]);
    command.arg(data_dir).args(arguments);
    command
}

/// Runs an import to its end, successful or not.
pub(crate) fn run_import(data_dir: &Path, input: &Path) -> Output {
    standalone(data_dir, &["--once", "--input"]).arg(input).output().unwrap()
}

/// Runs an import to its end; returns its report.
pub(crate) fn import(data_dir: &Path, input: &Path) -> Value {
    let output = run_import(data_dir, input);
    assert_eq!(output.status.code(), Some(0), "{}", log(&output));
    report(&output)
}

/// The report of an import that has ended.
pub(crate) fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {:?}\n{}", output.stdout, log(output)))
}

/// The log of a program.
pub(crate) fn log(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

pub(crate) fn generator(events: u64) -> Generator {
    Generator::new(&GeneratorConfig { events, ..GeneratorConfig::ending_at(now_ms()) })
}

/// Writes a file of events; returns the counts to expect.
pub(crate) fn write_events(file: &Path, events: u64) -> Tally {
    let mut expected = Tally::default();
    let mut lines = String::new();
    for event in generator(events) {
        expected.count(&event);
        lines.push_str(&event.json);
        lines.push('\n');
    }
    fs::write(file, lines).unwrap();
    expected
}

/// The answer of `/api/v1/summary`, by tenant and type.
pub(crate) fn served_counts(service: &ServiceProcess, expected: &Tally) -> BTreeMap<(String, String), u64> {
    let mut counts = BTreeMap::new();
    for (tenant, _) in expected.tenants() {
        let (status, body) = service.get(&format!("/api/v1/summary?tenant_id={tenant}&days=90"));
        assert_eq!(status, 200, "{body}");
        for row in body["data"].as_array().unwrap() {
            let event_type = row["event_type"].as_str().unwrap().to_owned();
            counts.insert((tenant.to_owned(), event_type), row["event_count"].as_u64().unwrap());
        }
    }
    counts
}

pub(crate) fn expected_counts(tally: &Tally) -> BTreeMap<(String, String), u64> {
    let types = tally.tenants().flat_map(|(tenant, types)| {
        types.iter().map(move |(event_type, count)| ((tenant.to_owned(), (*event_type).to_owned()), *count))
    });
    types.collect()
}

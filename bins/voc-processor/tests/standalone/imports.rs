//! Imports of files, and the answers about them.

use std::{collections::BTreeMap, fs, process::Stdio};

use rustix::process::Signal;
use serde_json::{Value, json};
use voc_testkit::{
    exposition::{Kind, Page},
    generator::{BadKind, Record, Records, Tally},
    requirements::has_engine,
    service::ServiceProcess,
};

use crate::stage::{PATIENCE, expected_counts, generator, import, served_counts, standalone, write_events};

#[test]
fn an_import_reports_and_a_second_process_serves_the_same_counts() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (data_dir, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    let expected = write_events(&file, 20_000);

    let report = import(&data_dir, &file);
    let figures = ["consumed", "stored", "dead_lettered", "duplicates"].map(|name| report[name].as_u64());
    assert_eq!(figures, [Some(20_000), Some(20_000), Some(0), Some(0)]);
    assert!(report["seconds"].as_f64().unwrap() > 0.0 && report["events_per_second"].as_f64().unwrap() > 0.0);

    let mut service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(service.get("/readyz").0, 200);
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
    let (_, body) = service.get("/api/v1/topics?days=90");
    assert!(!body["data"].as_array().unwrap().is_empty(), "transcripts have topics");
    let refused = standalone(&data_dir, &["--http-port", "0"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use by another process"));
    assert_eq!(service.end(Signal::TERM).code(), Some(0));

    let report = import(&data_dir, &file);
    assert_eq!((&report["consumed"], &report["skipped"]), (&json!(0), &json!(20_000)));
}

#[test]
fn every_kind_of_bad_record_is_kept_with_its_reason_and_counted() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (data_dir, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    let mut expected = Tally::default();
    let mut content = Vec::new();
    // Tombstones and empty values exist only in Kafka: a blank line is not a record.
    let is_a_line = |kind: &BadKind| !matches!(kind, BadKind::Tombstone | BadKind::Empty);
    let kinds: Vec<BadKind> = BadKind::ALL.into_iter().filter(is_a_line).collect();
    for record in Records::new(generator(2_000), 1, 50, &kinds) {
        expected.count_record(&record);
        match &record {
            Record::Event(event) => content.extend_from_slice(event.json.as_bytes()),
            Record::Bad(bad) => content.extend_from_slice(bad.value.as_deref().unwrap_or_default()),
        }
        content.push(b'\n');
    }
    fs::write(&file, content).unwrap();
    let bad = expected.bad_records();
    assert!(kinds.iter().all(|kind| expected.bad(*kind) > 0), "every kind occurs");

    let mut service = ServiceProcess::start({
        let mut command = standalone(&data_dir, &["--input"]);
        command.arg(&file);
        command
    });
    service.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("the input has ended"));
    let page = Page::parse(&service.text("/metrics")).unwrap();
    let value = |name: &str| page.value(name, &[("family", "voc")]).map(|value| format!("{value}"));
    let counted = |count: u64| Some(format!("{count}"));
    assert_eq!(value("voc_events_consumed_total"), counted(expected.events() + bad));
    assert_eq!(value("voc_events_processed_total"), counted(expected.events()));
    assert_eq!(value("voc_events_dead_lettered_total"), counted(bad));
    assert_eq!(value("voc_events_duplicate_total"), counted(0));
    assert_eq!(value("voc_batch_size_sum"), counted(expected.events() + bad));
    assert_eq!(page.kind("voc_batch_process_seconds"), Some(Kind::Histogram));
    let mut by_class: BTreeMap<&str, u64> = BTreeMap::new();
    for kind in &kinds {
        *by_class.entry(kind.refused_as().as_str()).or_default() += expected.bad(*kind);
    }
    for (class, count) in by_class {
        let errors = page.value("voc_processing_errors_total", &[("family", "voc"), ("error_type", class)]);
        assert_eq!(errors.map(|errors| format!("{errors}")), counted(count), "{class}");
    }
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
    assert_eq!(service.end(Signal::TERM).code(), Some(0));

    let dead_letters = fs::read_to_string(data_dir.join("dead-letters.ndjson")).unwrap();
    let dead_letters: Vec<Value> = dead_letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(dead_letters.len() as u64, bad);
    for dead_letter in dead_letters {
        assert!(dead_letter["error"].as_str().is_some_and(|error| error.contains("expected")), "{dead_letter}");
        assert_eq!(dead_letter["family"], "voc", "{dead_letter}");
        assert!(dead_letter["payload"].is_string() || dead_letter["payload_base64"].is_string(), "{dead_letter}");
    }
}

#[test]
fn an_import_killed_repeatedly_loses_and_duplicates_nothing() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (data_dir, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    let expected = write_events(&file, 40_000);
    let mut replays = 0;
    for _ in 0..8 {
        let mut command = standalone(&data_dir, &["--batch-size", "100", "--batch-max", "400", "--input"]);
        command.arg(&file);
        let mut service = ServiceProcess::start(command);
        let processed = |service: &ServiceProcess| {
            let page = Page::parse(&service.text("/metrics")).unwrap();
            page.value("voc_events_processed_total", &[("family", "voc")]).unwrap_or_default()
        };
        service.wait_for(PATIENCE, processed, |processed| *processed > 0.0);
        replays += service.log().matches("re-inserting the inherited batch").count();
        service.end(Signal::KILL);
    }
    assert!(replays > 0, "no kill hit a batch in progress, so nothing was proved");
    import(&data_dir, &file);
    let mut service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

#[test]
fn standard_input_is_read_to_its_end() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = standalone(directory.path(), &["--once", "--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for event in generator(500) {
        use std::io::Write as _;
        writeln!(stdin, "{}", event.json).unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["consumed"], &report["stored"]), (&json!(500), &json!(500)));
}

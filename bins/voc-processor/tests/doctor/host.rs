//! What this host lacks.

use std::net::TcpListener;

use rustix::process::Signal;
use voc_testkit::{
    requirements::has_engine,
    service::{self, ServiceProcess, unused_port},
};

use crate::stage::{PROGRAM, Report, Stage};

#[test]
fn a_port_that_another_program_has() {
    let Some(stage) = Stage::migrated() else { return };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let report = stage.examine(&[("HTTP_PORT", &port)]);
    report.assert_cause("HTTP port", "is taken by another program", "set HTTP_PORT to a free port");
}

#[test]
fn a_data_directory_or_an_engine_that_cannot_be_used() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = unused_port().to_string();
    let examine = |data_dir: &str, variables: &[(&str, &str)]| {
        let data_dir = folder.path().join(data_dir);
        let mut command = service::command(PROGRAM, &["--standalone", "--http-port", &port, "doctor", "--json"]);
        Report::of(command.arg("--data-dir").arg(data_dir).envs(variables.iter().copied()))
    };
    let report = examine("new", &[]);
    assert_eq!(report.assert_well(), ["tables"], "{}", report.said);
    assert!(!folder.path().join("new").exists(), "the check leaves no directory behind");

    std::fs::write(folder.path().join("file"), "no directory").unwrap();
    let report = examine("file/within", &[]);
    report.assert_cause("data directory", "nothing can be written to", "VOC_DATA_DIR");
    report.assert_consequence("engine", "data directory");

    let report = examine("new", &[("VOC_ENGINE_LIB", "/no/such/libchdb.so")]);
    report.assert_cause("engine", "no engine library at /no/such/libchdb.so", "set VOC_ENGINE_LIB");
    report.assert_consequence("tables", "engine");
}

#[test]
fn an_engine_that_a_running_processor_has_open_is_no_failure() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut standalone = service::command(PROGRAM, &["--standalone", "--data-dir"]);
    standalone.arg(folder.path());
    let mut processor = ServiceProcess::start(standalone);
    let port = processor.address().rsplit_once(':').unwrap().1.to_owned();
    let examine = |port: &str| {
        let mut command = service::command(PROGRAM, &["--standalone", "--http-port", port, "doctor", "--json"]);
        Report::of(command.arg("--data-dir").arg(folder.path()))
    };
    assert_eq!(examine(&port).assert_well(), ["tables"]);
    // Without its port, nobody knows whose process it is.
    let report = examine(&unused_port().to_string());
    report.assert_cause("engine", "in use by another process", "VOC_DATA_DIR");
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    assert_eq!(examine(&port).assert_well(), Vec::<&str>::new());
}

//! Whether a processor says that it is ready.

use std::{fs, os::unix::fs::symlink};

use rustix::process::Signal;
use voc_testkit::{requirements::has_engine, service::ServiceProcess};

use crate::stage::{PATIENCE, standalone};

/// The store answers, and still the family's records go nowhere.
#[test]
fn a_family_that_cannot_deliver_is_not_ready_until_it_can() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (data_dir, file) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    fs::write(&file, "not an event\n").unwrap();
    fs::create_dir(&data_dir).unwrap();
    let dead_letters = data_dir.join("dead-letters.ndjson");
    // Writing fails as on a full disk.
    symlink("/dev/full", &dead_letters).unwrap();
    let mut command = standalone(&data_dir, &["--input"]);
    command.arg(&file);
    let mut service = ServiceProcess::start(command);
    let readiness = |service: &ServiceProcess| service.get("/readyz");
    let (_, answer) = service.wait_for(PATIENCE, readiness, |(status, _)| *status == 503);
    assert_eq!(answer["checks"]["store"], "connected", "{answer}");
    let reason = answer["checks"]["delivery_voc"].as_str().unwrap();
    assert!(reason.starts_with("failing for ") && reason.contains("No space left on device"), "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains(reason), "{answer}");

    fs::remove_file(&dead_letters).unwrap();
    let (_, answer) = service.wait_for(PATIENCE, readiness, |(status, _)| *status == 200);
    assert_eq!(answer["checks"]["delivery_voc"], "connected", "{answer}");
    assert_eq!(fs::read_to_string(&dead_letters).unwrap().lines().count(), 1);
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

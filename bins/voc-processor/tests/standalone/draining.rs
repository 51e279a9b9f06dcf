//! How the program ends while it is asked, and reads.

use std::{fs::File, io::Write as _};

use rustix::{
    fs::{CWD, Mode, mkfifoat},
    process::Signal,
};
use voc_testkit::{
    download::{Download, Version},
    exposition::Page,
    requirements::has_engine,
    service::ServiceProcess,
};

use crate::stage::{PATIENCE, generator, import, standalone, write_events};

/// So many that their export is larger than all buffers between the server and its client.
const STORED: u64 = 30_000;
const ARRIVING: u64 = 100;
const EXPORT: &str = "/api/v1/events.ndjson?days=90&fields=event_id,payload";

/// The number of stored events, by all their types.
fn stored(service: &ServiceProcess) -> u64 {
    let (status, answer) = service.get("/api/v1/summary?days=90");
    assert_eq!(status, 200, "{answer}");
    answer["data"].as_array().unwrap().iter().map(|row| row["event_count"].as_u64().unwrap()).sum()
}

#[test]
fn an_export_under_way_is_sent_to_its_end_and_what_was_read_is_stored() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (data_dir, file, pipe) = (path("data"), path("events.ndjson"), path("pipe"));
    write_events(&file, STORED);
    import(&data_dir, &file);
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    // Nothing is stored before the end.
    let mut command = standalone(&data_dir, &["--batch-size", "10000", "--batch-flush-seconds", "3600", "--input"]);
    command.arg(&pipe);
    let mut service = ServiceProcess::start(command);
    let before = stored(&service);
    let mut writer = File::options().write(true).open(&pipe).unwrap();
    for event in generator(STORED + ARRIVING).skip(usize::try_from(STORED).unwrap()) {
        writeln!(writer, "{}", event.json).unwrap();
    }
    let consumed = |service: &ServiceProcess| {
        let page = Page::parse(&service.text("/metrics")).unwrap();
        page.value("voc_events_consumed_total", &[("family", "voc")])
    };
    service.wait_for(PATIENCE, consumed, |consumed| *consumed == Some(ARRIVING as f64));
    assert_eq!(stored(&service), before);

    let mut export = Download::begin(service.address(), EXPORT, Version::Http11);
    export.line();
    service.signal(Signal::TERM);
    service.wait_until_refused(PATIENCE);
    let rest = export.rest().unwrap().lines().count();
    assert_eq!(rest as u64, before - 1);
    assert_eq!(service.wait().code(), Some(0), "{}", service.whole_log());

    let mut service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(stored(&service), before + ARRIVING);
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

#[test]
fn what_is_not_finished_in_time_never_ends_well() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (data_dir, file) = (path("data"), path("events.ndjson"));
    write_events(&file, STORED);
    import(&data_dir, &file);
    let mut service = ServiceProcess::start(standalone(&data_dir, &["--shutdown-seconds", "0.5"]));
    let mut export = Download::begin(service.address(), EXPORT, Version::Http11);
    export.line();
    assert_eq!(service.end(Signal::TERM).code(), Some(1));
    let log = service.whole_log();
    assert!(log.contains("requests that were not finished after 500ms were cut off: 1"), "{log}");
    assert!(export.rest().is_err());
}

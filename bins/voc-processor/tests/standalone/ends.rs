//! How the program ends: with a status that says what happened, and never through a signal of its own making.

use std::{
    fs::{self, File},
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{CWD, Mode, mkfifoat},
    process::{Pid, Signal, kill_process},
};
use serde_json::{Value, json};
use voc_testkit::{
    requirements::has_engine,
    service::{self, ServiceProcess, unused_port},
};

use crate::stage::{PATIENCE, import, log, standalone, write_events};

/// Total number of starts ended by a signal.
const ENDS: u32 = 200;
/// The moments of the signals are spread over this time from the start, in which the engine is opened and an import
/// begins.
const WINDOW: Duration = Duration::from_millis(900);

/// Runs a command to its end; returns its status and its log.
fn end_of(command: &mut Command) -> (ExitStatus, String) {
    let output = command.output().unwrap();
    (output.status, log(&output))
}

#[test]
fn every_way_to_end_has_its_exit_status() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (data_dir, file) = (path("data"), path("events.ndjson"));
    write_events(&file, 2_000);
    import(&data_dir, &file);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken_port = taken.local_addr().unwrap().port().to_string();

    // With an import in progress and with an idle engine.
    let other_file = path("other.ndjson");
    for input in [None, Some(&other_file)] {
        write_events(&other_file, 20_000);
        for (host, port, reason) in [("nohost.invalid", "0", "nohost.invalid"), ("127.0.0.1", &taken_port, "in use")] {
            let mut command = standalone(&data_dir, &["--http-port", port]);
            // Without this, another host than this machine is an error of the configuration.
            command.env("VOC_API_OPEN", "true");
            command.env("HTTP_HOST", host).args(input.iter().flat_map(|input| [Path::new("--input"), input]));
            let (status, log) = end_of(&mut command);
            assert_eq!(status.code(), Some(1), "{log}");
            assert_eq!(log.matches(reason).count(), 1, "logged once: {log}");
        }
    }
    let mut unwritable = standalone(&data_dir, &["--once", "--input"]);
    let (status, log) = end_of(unwritable.arg(&file).stdout(File::create("/dev/full").unwrap()));
    assert_eq!(status.code(), Some(1), "{log}");

    fs::write(path("a-file"), "").unwrap();
    fs::create_dir(path("empty")).unwrap();
    let empty = path("empty").display().to_string();
    for (data_dir, arguments, expected) in [
        ("data", &["--input", "/nowhere.ndjson"][..], 1),
        ("data", &["--once", "--input", &empty], 1),
        ("data", &["--nonsense"], 2),
        ("data", &["--help"], 0),
        ("data", &["migrate", "status"], 0),
        ("unmigrated", &["migrate", "plan"], 0),
        ("unmigrated", &["migrate", "status"], 1),
        ("unmigrated", &["migrate", "up"], 0),
        ("a-file", &["migrate", "up"], 1),
    ] {
        let (status, log) = end_of(&mut standalone(&path(data_dir), arguments));
        assert_eq!(status.code(), Some(expected), "{data_dir} {arguments:?}: {log}");
    }
    let (status, log) = end_of(standalone(&data_dir, &[]).env("VOC_ENGINE_LIB", path("a-file")));
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("not a usable engine library"), "{log}");
    let mut homeless = standalone(&data_dir, &[]);
    for name in ["VOC_ENGINE_LIB", "VOC_CACHE_DIR", "XDG_CACHE_HOME", "HOME"] {
        homeless.env_remove(name);
    }
    let (status, log) = end_of(&mut homeless);
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("VOC_ENGINE_LIB") && log.contains("HOME"), "{log}");
}

#[test]
fn a_pipe_without_a_writer_does_not_block_shutdown() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    let mut command = standalone(&directory.path().join("data"), &["--input"]);
    command.arg(&pipe);
    let mut service = ServiceProcess::start(command);
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

/// A script must see that the input is not imported; what was read is stored.
#[test]
fn an_interrupted_import_reports_what_is_left_and_fails() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (data_dir, file, pipe) = (path("data"), path("events.ndjson"), path("pipe"));
    write_events(&file, 2_000);
    let coerced = json!({
        "event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "tenant_id": "acme", "timestamp": 1_770_033_600,
        "event_type": "tool_invocation", "tool_name": "search", "duration_ms": "120",
    });
    let mut content = fs::OpenOptions::new().append(true).open(&file).unwrap();
    writeln!(content, "{coerced}").unwrap();
    // Its end never comes, so the import is always interrupted while it reads its second input.
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    let inputs = format!("{},{}", file.display(), pipe.display());
    for (signal, status, stored) in [(Signal::TERM, 143, 2_001), (Signal::INT, 130, 0)] {
        let output = path("report");
        let mut command = standalone(&data_dir, &["--once", "--input", &inputs]);
        command.stdout(File::create(&output).unwrap());
        let mut service = ServiceProcess::start(command);
        service.wait_for(PATIENCE, ServiceProcess::log, |log| log.contains("reading once"));
        assert_eq!(service.end(signal).code(), Some(status));
        let report: Value = serde_json::from_slice(&fs::read(&output).unwrap()).unwrap();
        let figures = ["consumed", "stored", "skipped", "files", "unfinished"].map(|name| report[name].as_u64());
        assert_eq!(figures, [stored, stored, 2_001 - stored, 1, 1].map(Some), "{report}");
        let fields = if stored > 0 { json!({"duration_ms": 1}) } else { json!({}) };
        assert_eq!(report["coerced"], fields);
        let log = service.whole_log();
        assert!(log.contains("interrupted: 1 of 2 inputs not read to the end; run the same command again"), "{log}");
        assert_eq!(log.contains("duration_ms (1)"), stored > 0, "{log}");
    }
}

/// Commands, and an import that has not begun.
#[test]
fn interrupted_work_ends_as_shells_expect() {
    let directory = tempfile::tempdir().unwrap();
    let import = ["--once", "--input", "events.ndjson"];
    for (arguments, signal, status) in [
        (&["migrate", "up"][..], Signal::TERM, 143),
        (&["migrate", "up"], Signal::INT, 130),
        (&import, Signal::TERM, 143),
        (&import, Signal::INT, 130),
    ] {
        // No server answers there, so it keeps retrying.
        let port = unused_port().to_string();
        let mut command = service::command(env!("CARGO_BIN_EXE_voc-processor"), arguments);
        command.args(["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port]);
        command.current_dir(directory.path());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        wait_until_signals_are_caught(&child);
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status));
    }
}

/// In every phase from the first moment on: opening the engine for the first time or again, applying migrations,
/// importing, serving.
#[test]
fn a_signal_at_any_time_ends_the_program_gracefully() {
    if !has_engine() {
        return;
    }
    let enders: Vec<_> = (0..2).map(|number| thread::spawn(move || end_again_and_again(number))).collect();
    for ender in enders {
        ender.join().unwrap();
    }
}

fn end_again_and_again(number: u32) {
    let directory = tempfile::tempdir().unwrap();
    let (mut data_dir, file) = (directory.path().join("data-0"), directory.path().join("events.ndjson"));
    write_events(&file, 60_000);
    for end in (0..ENDS).filter(|end| end % 2 == number) {
        // Sometimes a directory that does not exist yet.
        if end % 20 == number {
            data_dir = directory.path().join(format!("data-{end}"));
        }
        let signal = if end % 3 == 0 { Signal::INT } else { Signal::TERM };
        let mut command = standalone(&data_dir, &["--http-port", "0", "--batch-size", "100", "--input"]);
        let log = directory.path().join("log");
        let mut child = command.arg(&file).stderr(File::create(&log).unwrap()).spawn().unwrap();
        wait_until_signals_are_caught(&child);
        // Evenly spread, without an order: the fractional parts of the multiples of the golden ratio.
        thread::sleep(WINDOW.mul_f64((f64::from(end) * 0.618_033_988_75).fract()));
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{status:?} at end {end}: {}", fs::read_to_string(&log).unwrap());
    }
    let report = import(&data_dir, &file);
    let [skipped, stored] = ["skipped", "stored"].map(|name| report[name].as_u64().unwrap());
    assert_eq!((skipped + stored, &report["duplicates"]), (60_000, &json!(0)));
}

/// The system ends a process that does not catch signals yet.
fn wait_until_signals_are_caught(child: &Child) {
    let started = Instant::now();
    while !catches_signals(child.id()) {
        assert!(started.elapsed() < PATIENCE, "it never catches signals");
        thread::yield_now();
    }
}

fn catches_signals(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    [Signal::INT, Signal::TERM].iter().all(|signal| caught >> (signal.as_raw() - 1) & 1 == 1)
}

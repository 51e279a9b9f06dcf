//! What may be read, and what is said of it.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::{Value, json};
use tempfile::TempDir;
use voc_testkit::{requirements::has_engine, service::ServiceProcess};

use crate::stage::{expected_counts, import, log, report, run_import, served_counts, standalone, write_events};

/// A directory for the data and one for the input.
fn directory() -> (TempDir, PathBuf, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let (data_dir, input) = (directory.path().join("data"), directory.path().join("events.ndjson"));
    (directory, data_dir, input)
}

fn figures(report: &Value) -> [&Value; 4] {
    ["consumed", "stored", "dead_lettered", "skipped"].map(|name| &report[name])
}

fn letters(data_dir: &Path) -> Vec<Value> {
    let letters = fs::read_to_string(data_dir.join("dead-letters.ndjson")).unwrap_or_default();
    letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_can_be_read_only_once_is_read_whole() {
    if !has_engine() {
        return;
    }
    let (directory, data_dir, file) = directory();
    let expected = write_events(&file, 5_000);
    let content = fs::read(&file).unwrap();

    let pipe = directory.path().join("pipe");
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    let writing = thread::spawn({
        let (pipe, content) = (pipe.clone(), content.clone());
        move || fs::write(pipe, content).unwrap()
    });
    assert_eq!(figures(&import(&data_dir, &pipe)), [&json!(5000), &json!(5000), &json!(0), &json!(0)]);
    writing.join().unwrap();
    let service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
    drop(service);

    // A pipe by another name.
    let data_dir = directory.path().join("other-data");
    let mut child = standalone(&data_dir, &["--once", "--input", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&content).unwrap();
    assert_eq!(report(&child.wait_with_output().unwrap())["stored"], json!(5000));
}

#[test]
fn a_file_that_ends_in_half_a_line_goes_on_when_the_line_is_whole() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    let expected = write_events(&file, 2_000);
    let content = fs::read(&file).unwrap();
    fs::write(&file, &content[..content.len() - 60]).unwrap();
    assert_eq!(figures(&import(&data_dir, &file)), [&json!(2000), &json!(1999), &json!(1), &json!(0)]);
    assert_eq!(figures(&import(&data_dir, &file)), [&json!(0), &json!(0), &json!(0), &json!(2000)]);
    fs::write(&file, &content).unwrap();
    assert_eq!(figures(&import(&data_dir, &file)), [&json!(1), &json!(1), &json!(0), &json!(1999)]);
    let service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
}

#[test]
fn what_is_no_ndjson_is_named_and_ends_with_a_status_of_its_own() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    write_events(&file, 3);
    let events = fs::read_to_string(&file).unwrap();
    let array = format!("[\n{}\n]\n", events.trim_end().replace('\n', ",\n"));
    let wide: Vec<u8> = format!("\u{feff}{events}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, name) in [
        (&b"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03"[..], "compressed with gzip"),
        (&wide, "UTF-16"),
        (array.as_bytes(), "a JSON array"),
        (b"id,tenant_id\n1,acme\n2,acme\n", "such as CSV"),
    ] {
        fs::write(&file, content).unwrap();
        let output = run_import(&data_dir, &file);
        let log = log(&output);
        assert_eq!(output.status.code(), Some(3), "{log}");
        assert_eq!(log.matches("events.ndjson is ").count(), 1, "{log}");
        assert!(log.contains(name), "{name}: {log}");
        assert_eq!(report(&output)["consumed"], json!(0));
    }
    assert!(letters(&data_dir).is_empty());
}

#[test]
fn an_import_of_which_nothing_can_be_used_ends_with_a_status_of_its_own() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    fs::write(&file, "{\"tenant_id\":\"acme\"}\n\n{\"tenant_id\":\n").unwrap();
    let output = run_import(&data_dir, &file);
    assert_eq!(output.status.code(), Some(3), "{}", log(&output));
    assert_eq!(figures(&report(&output)), [&json!(2), &json!(0), &json!(2), &json!(0)]);
    let letters = letters(&data_dir);
    assert_eq!(letters.iter().map(|letter| &letter["line"]).collect::<Vec<_>>(), [&json!(1), &json!(3)]);
    let error = letters[1]["error"].as_str().unwrap();
    assert!(error.contains("at byte 13") && !error.contains("line"), "{error}");

    write_events(&file, 3);
    let events = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{{\"tenant_id\":\"acme\"}}\n{events}")).unwrap();
    assert_eq!(import(&data_dir, &file)["stored"], json!(3), "something could be used");
    let nothing = File::create(&file).unwrap();
    drop(nothing);
    assert_eq!(import(&data_dir, &file)["consumed"], json!(0), "there was nothing to use");
}

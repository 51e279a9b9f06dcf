//! Which inputs can be read, and what is reported about them.

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

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 3).unwrap()
}

fn dead_letters(data_dir: &Path) -> Vec<Value> {
    let dead_letters = fs::read_to_string(data_dir.join("dead-letters.ndjson")).unwrap_or_default();
    dead_letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn inputs_that_can_be_read_only_once_are_read_to_the_end() {
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

    // A pipe under another name.
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
fn a_file_that_ends_in_a_partial_line_resumes_when_the_line_is_complete() {
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
fn an_input_without_events_is_named_and_has_its_own_exit_status() {
    if !has_engine() {
        return;
    }
    let (directory, data_dir, file) = directory();
    for (content, name) in [
        (&b"PK\x03\x04\x14\x00\x00\x00"[..], "a ZIP archive"),
        (b"\xFF\xFE\0\0{\0\0\0", "UTF-32"),
        (b"id,tenant_id\n1,acme\n2,acme\n", "such as CSV"),
        (b"{\n  \"events\": [\n    {\n", "an array of events"),
    ] {
        fs::write(&file, content).unwrap();
        let output = run_import(&data_dir, &file);
        let log = log(&output);
        assert_eq!(output.status.code(), Some(3), "{log}");
        assert_eq!(log.matches("events.ndjson is ").count(), 1, "{log}");
        assert!(log.contains(name), "{name}: {log}");
        assert_eq!((&report(&output)["consumed"], &report(&output)["files"]), (&json!(0), &json!(0)));
    }
    // Several such inputs do not, either.
    fs::write(directory.path().join("page.json"), "<html>").unwrap();
    let output = run_import(&data_dir, directory.path());
    assert_eq!(output.status.code(), Some(3), "{}", log(&output));
    assert!(dead_letters(&data_dir).is_empty());
}

/// Events in other forms have the same content as long as their text is the same.
#[test]
fn events_are_read_in_any_form() {
    if !has_engine() {
        return;
    }
    let (directory, data_dir, file) = directory();
    let expected = write_events(&file, 3_000);
    let lines = fs::read_to_string(&file).unwrap();
    let array = format!("[\n{}\n]\n", lines.trim_end().replace('\n', ",\n"));
    let events: Value = serde_json::from_str(&array).unwrap();
    let pretty = serde_json::to_string_pretty(&events).unwrap();
    let wide: Vec<u8> = format!("\u{feff}{lines}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(figures(&import(&data_dir, &file)), [&json!(3000), &json!(3000), &json!(0), &json!(0)]);
    for same in [gzip(lines.as_bytes()), zstd(&wide), wide] {
        fs::write(&file, same).unwrap();
        assert_eq!(figures(&import(&data_dir, &file)), [&json!(0), &json!(0), &json!(0), &json!(3000)]);
    }
    for (number, other) in [array.as_bytes().to_vec(), zstd(pretty.as_bytes())].into_iter().enumerate() {
        let data_dir = directory.path().join(format!("data-{number}"));
        fs::write(&file, other).unwrap();
        assert_eq!(figures(&import(&data_dir, &file)), [&json!(3000), &json!(3000), &json!(0), &json!(0)]);
        let service = ServiceProcess::start(standalone(&data_dir, &[]));
        assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
    }
    // Input from a pipe is recognised by its content, too.
    let mut child = standalone(&directory.path().join("data-stdin"), &["--once", "--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&gzip(pretty.as_bytes())).unwrap();
    assert_eq!(report(&child.wait_with_output().unwrap())["stored"], json!(3000));
}

#[test]
fn a_damaged_archive_is_reported_with_its_byte_and_an_intact_copy_resumes() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    let expected = write_events(&file, 3_000);
    let archive = gzip(&fs::read(&file).unwrap());
    let cut = archive.len() / 2;
    fs::write(&file, &archive[..cut]).unwrap();
    let output = run_import(&data_dir, &file);
    let (log, report) = (log(&output), report(&output));
    assert_eq!(output.status.code(), Some(1), "{log}");
    let last = log.lines().last().unwrap();
    for part in ["events.ndjson", &format!("at byte {cut}"), "import a complete copy"] {
        assert!(last.contains(part), "{part}: {last}");
    }
    let stored = report["stored"].as_u64().unwrap();
    assert!((1000..2500).contains(&stored), "{report}");
    // Damage in the middle, which only the checksum at the end reveals.
    let mut damaged = archive.clone();
    damaged[cut] ^= 1;
    fs::write(&file, damaged).unwrap();
    let output = run_import(&data_dir, &file);
    assert_eq!((output.status.code(), &crate::stage::report(&output)["consumed"]), (Some(1), &json!(0)));
    fs::write(&file, archive).unwrap();
    let whole = import(&data_dir, &file);
    assert_eq!(figures(&whole), [&json!(3000 - stored), &json!(3000 - stored), &json!(0), &json!(stored)]);
    let service = ServiceProcess::start(standalone(&data_dir, &[]));
    assert_eq!(served_counts(&service, &expected), expected_counts(&expected));
}

#[test]
fn several_inputs_are_read_and_reported_together() {
    if !has_engine() {
        return;
    }
    let (directory, data_dir, file) = directory();
    let folder = directory.path().join("in");
    fs::create_dir(&folder).unwrap();
    write_events(&file, 3_000);
    let lines: Vec<String> = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    for (number, part) in lines.chunks(1000).enumerate() {
        let content = part.join("\n") + "\n";
        match number {
            0 => fs::write(folder.join("0.ndjson"), content),
            1 => fs::write(folder.join("1.json.zst"), zstd(format!("[{}]", part.join(",")).as_bytes())),
            _ => fs::write(folder.join("2.jsonl.gz"), gzip(content.as_bytes())),
        }
        .unwrap();
    }
    fs::write(folder.join("readme.txt"), "nothing").unwrap();
    let report = import(&data_dir, &folder);
    assert_eq!(figures(&report), [&json!(3000), &json!(3000), &json!(0), &json!(0)]);
    assert_eq!(report["files"], json!(3));
    // The same with patterns and names, including one without events and one that does not exist.
    let names = format!("{0}/*.gz,{0}/readme.txt,{0}/0.ndjson", folder.display());
    fs::write(folder.join("readme.txt"), "%PDF-1.7").unwrap();
    let output = run_import(&data_dir, Path::new(&names));
    let log = log(&output);
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("readme.txt is a PDF document") && log.contains("1 of 3 inputs"), "{log}");
    let report = crate::stage::report(&output);
    assert_eq!((figures(&report), &report["files"]), ([&json!(0), &json!(0), &json!(0), &json!(2000)], &json!(2)));
    fs::create_dir(folder.join("empty")).unwrap();
    for (input, reason) in
        [("no.json", "does not exist"), ("*.csv", "no file matches"), ("empty", "no file in the folder")]
    {
        let input = folder.join(input);
        let output = run_import(&data_dir, &input);
        let log = crate::stage::log(&output);
        assert_eq!((output.status.code(), log.matches(reason).count()), (Some(1), 1), "{log}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_import_does_not_share_its_checkpoints_with_another() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    write_events(&file, 10);
    fs::create_dir(&data_dir).unwrap();
    let lock = File::create(data_dir.join("checkpoints.lock")).unwrap();
    lock.lock().unwrap();
    let output = run_import(&data_dir, &file);
    let log = log(&output);
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("checkpoints.lock is locked by another import"), "{log}");
    drop(lock);
    assert_eq!(import(&data_dir, &file)["stored"], json!(10));
}

#[test]
fn a_pattern_that_includes_the_data_directory_skips_its_files() {
    if !has_engine() {
        return;
    }
    let (directory, data_dir, file) = directory();
    write_events(&file, 100);
    let named = data_dir.join("named.ndjson");
    fs::create_dir_all(data_dir.join("engine")).unwrap();
    write_events(&named, 10);
    let pattern = directory.path().join("**/*json");
    let found = import(&data_dir, &pattern);
    assert_eq!((&found["consumed"], &found["files"]), (&json!(100), &json!(1)));
    assert_eq!(import(&data_dir, &pattern)["files"], json!(1), "the checkpoints are not read either");
    assert_eq!(import(&data_dir, &named)["consumed"], json!(10), "a file that is named is read");
}

#[test]
fn an_import_without_usable_input_has_its_own_exit_status() {
    if !has_engine() {
        return;
    }
    let (_directory, data_dir, file) = directory();
    fs::write(&file, "{\"tenant_id\":\"acme\"}\n\n{\"tenant_id\":\n").unwrap();
    let output = run_import(&data_dir, &file);
    let said = log(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert_eq!(figures(&report(&output)), [&json!(2), &json!(0), &json!(2), &json!(0)]);
    let file_of_dead_letters = data_dir.join("dead-letters.ndjson");
    let where_they_are = format!("2 of 2 records became dead letters: {}", file_of_dead_letters.display());
    assert!(said.contains(&where_they_are), "{said}");
    let dead_letters = dead_letters(&data_dir);
    assert_eq!(dead_letters.iter().map(|dead_letter| &dead_letter["line"]).collect::<Vec<_>>(), [&json!(1), &json!(3)]);
    let error = dead_letters[1]["error"].as_str().unwrap();
    assert!(error.contains("at byte 13") && !error.contains("line"), "{error}");

    write_events(&file, 3);
    let events = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{{\"tenant_id\":\"acme\"}}\n{events}")).unwrap();
    assert_eq!(import(&data_dir, &file)["stored"], json!(3), "something could be used");
    let nothing = File::create(&file).unwrap();
    drop(nothing);
    assert_eq!(import(&data_dir, &file)["consumed"], json!(0), "there was nothing to use");
}

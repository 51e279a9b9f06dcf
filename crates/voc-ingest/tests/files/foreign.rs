//! Inputs in formats other than JSON.

use std::{fs, path::Path};

use rustix::fs::{CWD, Mode, mkfifoat};
use voc_ingest::{
    PipelineError, SourceError,
    files::{ForeignFormat, UnfinishedTail},
};
use voc_store::MemoryStore;

use crate::stage::{event, ids, lines, read_whole, run, stored_ids};

/// A text of this many different lines.
fn text(count: usize, line: impl Fn(usize) -> String) -> Vec<u8> {
    (0..count).map(|number| line(number) + "\n").collect::<String>().into_bytes()
}

fn log_line(number: usize) -> String {
    format!("2026-02-02 12:00:00 INFO worker {number} started{}", ", again".repeat(number % 3))
}

/// Bytes without any pattern.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Reads an input of another format; returns the format and the message.
async fn refused(input: &Path) -> (ForeignFormat, String) {
    let data = tempfile::tempdir().unwrap();
    let store = MemoryStore::new();
    let (tally, _, outcome) = run(input, UnfinishedTail::Take, data.path(), &store).await;
    let Err(PipelineError::Source(error @ SourceError::Foreign { format, .. })) = &outcome else {
        panic!("not the expected outcome: {outcome:?}, {} dead letters", store.dead_letters().len());
    };
    assert_eq!((tally.consumed(), store.rows(), store.dead_letters().len()), (0, 0, 0));
    (*format, error.to_string())
}

#[tokio::test]
async fn another_format_is_reported_and_not_read() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.json");
    let binary = ForeignFormat::Binary { format: "a binary file" };
    for (content, expected) in [
        (b"id;at\n1;2\n2;3\n".to_vec(), ForeignFormat::Csv),
        (b"<?xml version=\"1.0\"?>\n".to_vec(), ForeignFormat::Markup),
        (b"PK\x03\x04\x14\0".to_vec(), ForeignFormat::Archive { kind: "ZIP", unpack: "unzip" }),
        (b"{\"events\":[{\"event_id\":1},{\"event_id\":2}]}\n".to_vec(), ForeignFormat::Wrapped { array: "events" }),
        (text(3000, |number| format!("{}Once upon a time.", "A. ".repeat(number % 7))), ForeignFormat::Text),
        (text(3000, log_line), ForeignFormat::Text),
        (text(3000, |number| format!("- id: {number}\n  note: |\n    a\n  list: [{{a: 1}}]")), ForeignFormat::Text),
        (text(3000, |number| format!("key{number}=value")), ForeignFormat::Text),
        (text(3000, |number| format!("\"{number}\"")), ForeignFormat::Text),
        (text(3000, |number| format!("[{number},\"acme\"]")), ForeignFormat::Text),
        (text(3000, |number| format!("{} {}", log_line(number), event(1))), ForeignFormat::Text),
        (text(3000, |number| format!("{{'event_id':{number}}}")), ForeignFormat::Text),
        (text(3000, |number| format!("{number},\"{{\"\"a\"\":{number}}}\"")), ForeignFormat::Text),
        (noise(100_000), binary),
        (noise(100), binary),
        ([vec![0; 5000], noise(5000)].concat(), binary),
    ] {
        fs::write(&file, &content).unwrap();
        let (format, message) = refused(&file).await;
        assert_eq!(format, expected, "{}", String::from_utf8_lossy(&content[..content.len().min(200)]));
        assert!(message.contains("events.json is ") && message.contains("was not read"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_format_is_recognised_in_a_pipe() {
    for content in [text(3000, log_line), noise(100_000)] {
        let data = tempfile::tempdir().unwrap();
        let pipe = data.path().join("pipe");
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        let writing = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, content)
        });
        let (format, _) = refused(&pipe).await;
        assert!(matches!(format, ForeignFormat::Text | ForeignFormat::Binary { .. }), "{format:?}");
        // The rest is not read, which its writer notices.
        let _ = writing.join().unwrap();
    }
}

/// The message says how: without what precedes the object, each line is an event.
#[tokio::test]
async fn log_lines_with_events_can_be_cut() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.log");
    let mut content = text(30, log_line);
    content.extend((0..30).flat_map(|number| format!("INFO {}\n", event(number)).into_bytes()));
    fs::write(&file, content).unwrap();
    let (_, message) = refused(&file).await;
    let command = message.split('`').nth(1).unwrap().split('|').next().unwrap();
    let command = command.replace("FILE", &file.display().to_string());
    let cut = std::process::Command::new("sh").args(["-c", &command]).output().unwrap().stdout;
    let store = MemoryStore::new();
    fs::write(&file, cut).unwrap();
    read_whole(&file, data.path(), &store).await;
    assert_eq!((stored_ids(&store), store.dead_letters().len()), (ids(0..30), 0));
}

#[tokio::test]
async fn damaged_events_are_not_another_format() {
    let events = lines(0..10);
    let damaged = [b"d\":1}\n".repeat(30), b"\x01\xFF\n".repeat(30), b"\x01".repeat(5000)];
    let files = damaged.iter().map(|damaged| ([&damaged[..], b"\n", events.as_bytes()].concat(), 10));
    let short = [(b"oops\n".to_vec(), 0), (b"oops\n".repeat(10), 0), (b"oops".to_vec(), 0)];
    for (content, stored) in files.chain(short) {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("events.ndjson");
        let store = MemoryStore::new();
        fs::write(&file, &content).unwrap();
        read_whole(&file, data.path(), &store).await;
        let bad = content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() - stored;
        assert_eq!((store.rows(), store.dead_letters().len()), (stored, bad), "{}", String::from_utf8_lossy(&content));
    }
}

/// What was refused is read from its beginning once there are events, and what was read is continued.
#[tokio::test]
async fn text_in_a_file_that_grows_is_kept_as_dead_letters() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.log");
    fs::write(&file, text(30, log_line)).unwrap();
    refused(&file).await;
    let store = MemoryStore::new();
    for (content, events, bad) in [
        ([text(30, log_line), lines(0..5).into_bytes()].concat(), 5, 30),
        ([text(30, log_line), lines(0..5).into_bytes(), text(200, log_line)].concat(), 5, 230),
    ] {
        fs::write(&file, content).unwrap();
        read_whole(&file, data.path(), &store).await;
        assert_eq!((store.rows(), store.dead_letters().len()), (events, bad));
    }
    fs::write(&file, text(10, log_line)).unwrap();
    let store = MemoryStore::new();
    for (bad, events) in [(10, 0), (200, 0), (200, 5)] {
        fs::write(&file, [text(bad, log_line), lines(0..events as u128).into_bytes()].concat()).unwrap();
        read_whole(&file, data.path(), &store).await;
        assert_eq!((store.rows(), store.dead_letters().len()), (events, bad));
    }
}

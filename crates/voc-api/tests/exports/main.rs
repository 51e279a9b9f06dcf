//! An export has every event once, for a reader that is not ours, and takes no memory to speak of.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Write as _},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use serde_json::{Value, json};
use served::Served;
use tokio::runtime::Runtime;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, EventStore as _, InsertBatch, Migrator, PartitionBy, RowAnnotation, SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    generator::{GeneratedEvent, Generator, GeneratorConfig},
    python::Python,
    requirements::engine_or_skip,
};

/// 2026-02-02T12:00:00Z.
const END: i64 = 1_770_033_600_000;
const EVENTS: u64 = 30_000;
const BATCH: usize = 5_000;

fn sealed(events: &[GeneratedEvent], first: i64) -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (event, offset) in events.iter().zip(first..) {
        let Ok(Decoded { event: decoded, .. }) = voc.decode(&event.json, &Envelope::default()) else {
            panic!("{}", event.json)
        };
        let annotation = RowAnnotation { sentiment: Some(0.25), ..RowAnnotation::default() };
        builder.push(&decoded, &event.json, &annotation, offset).unwrap();
    }
    let last = first + i64::try_from(events.len()).unwrap() - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(END)))
}

/// Saves the body of an answer without keeping it in memory.
fn download(api: &Served, path: &str, file: &Path) {
    let mut stream = TcpStream::connect(api.address()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut body = Dechunked { stream: io::BufReader::new(stream), left: 0 };
    body.skip_head();
    io::copy(&mut body, &mut File::create(file).unwrap()).unwrap();
}

/// A body in chunks; it must have its end.
struct Dechunked {
    stream: io::BufReader<TcpStream>,
    left: u64,
}

impl Dechunked {
    fn line(&mut self) -> String {
        let mut line = String::new();
        io::BufRead::read_line(&mut self.stream, &mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn skip_head(&mut self) {
        let status = self.line();
        assert!(status.contains(" 200 "), "{status}");
        while !self.line().is_empty() {}
        self.left = u64::from_str_radix(&self.line(), 16).unwrap();
    }
}

impl io::Read for Dechunked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let read = self.stream.by_ref().take(self.left).read(buffer)?;
        assert!(read > 0, "the connection broke");
        self.left -= read as u64;
        if self.left == 0 {
            self.line();
            self.left = u64::from_str_radix(&self.line(), 16).unwrap();
        }
        Ok(read)
    }
}

#[test]
fn files_have_what_went_in() {
    let (Some(engine), Some(python)) = (engine_or_skip(), Python::from_env_or_skip()) else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    let config = GeneratorConfig { events: EVENTS, days: 40, ..GeneratorConfig::ending_at(END) };
    let mut events: Vec<GeneratedEvent> = Generator::new(&config).collect();
    let mut first = 0;
    for batch in events.chunks(BATCH) {
        runtime.block_on(store.insert(sealed(batch, first))).unwrap();
        first += i64::try_from(batch.len()).unwrap();
    }
    // Some are sent again.
    runtime.block_on(store.insert(sealed(&events[..BATCH], first))).unwrap();
    let api = Served::start(Arc::new(store), Vec::new());
    let folder = tempfile::tempdir().unwrap();
    let fields = "fields=timestamp,event_id,event_type,duration_ms,sentiment,topics,payload";
    for format in ["parquet", "csv"] {
        let path = format!("/api/v1/events.{format}?from=2025-01-01&to=2026-03-01&{fields}");
        download(&api, &path, &folder.path().join(format!("events.{format}")));
    }

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/check.py");
    let printed = python.run(script, folder.path().to_str().unwrap());
    events.sort_by_key(|event| event.event_id.to_string());
    let mut content = String::new();
    let mut durations = 0;
    for event in &events {
        writeln!(content, "{}", event.json).unwrap();
        durations += serde_json::from_str::<Value>(&event.json).unwrap()["duration_ms"].as_i64().unwrap_or(0);
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!([EVENTS, digest, durations]);
    let found: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found, [expected.clone(), expected]);
}

//! Measures how many rows per second a store accepts, by batch size and number of concurrent batches: `cargo run
//! --release -p voc-store --example insert_rate -- [rows per size] [embedded|testkit|host:port]`.
//!
//! `embedded` is the engine in this process, `testkit` the same engine behind the native protocol, which then shares
//! this machine with the client, and `host:port` a ClickHouse server.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

use std::{sync::Arc, time::Instant};

use voc_events::{DecodeOptions, Envelope, Family, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, EventStore, InsertBatch, Migrator, PartitionBy, RowAnnotation, SourceRange, SqlBackend, SqlStore,
    clickhouse::{ClickHouseConfig, ClickHouseStore},
    embedded::{EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    generator::{Generator, GeneratorConfig},
};

/// 2026-02-15T00:00:00Z; the ten days before it are in one month.
const END_MS: i64 = 1_771_113_600_000;

#[tokio::main]
async fn main() {
    let rows = std::env::args().nth(1).map_or(200_000, |rows| rows.parse().unwrap());
    let config = GeneratorConfig { events: rows, days: 10, ..GeneratorConfig::ending_at(END_MS) };
    let events: Vec<String> = Generator::new(&config).map(|event| event.json).collect();
    let directory = tempfile::tempdir().unwrap();
    let target = std::env::args().nth(2).unwrap_or_else(|| "embedded".to_owned());
    let endpoint =
        (target == "testkit").then(|| Endpoint::start("127.0.0.1:0", directory.path(), Accounts::default()).unwrap());
    let address = endpoint.as_ref().map_or(target.clone(), |endpoint| endpoint.address().to_string());
    for batch_rows in [500, 5000, 50_000] {
        for lanes in [1, 2] {
            let database = format!("rate_{batch_rows}_{lanes}");
            if target == "embedded" {
                let options = EmbeddedOptions::default().with_database(database);
                let store = EmbeddedStore::open(directory.path(), options).await.unwrap();
                measure(&store, &events, batch_rows, lanes).await;
            } else {
                let (host, port) = address.rsplit_once(':').unwrap();
                let config = ClickHouseConfig::at(host, port.parse().unwrap()).with_database(database);
                let store = ClickHouseStore::connect(config);
                store.backend().create_database().await.unwrap();
                measure(&store, &events, batch_rows, lanes).await;
            }
        }
    }
}

/// Inserts the events in batches of this many rows, this many at a time, into new tables.
async fn measure<B: SqlBackend>(store: &SqlStore<B>, events: &[String], batch_rows: usize, lanes: usize) {
    Migrator::new(store, PartitionBy::Month).up().await.unwrap();
    let chunks = events.chunks(batch_rows).enumerate();
    let batches: Vec<Arc<InsertBatch>> =
        chunks.map(|(number, events)| Arc::new(batch(number * batch_rows, events))).collect();
    let bytes: usize = batches.iter().map(|batch| batch.bytes()).sum();

    let start = Instant::now();
    let mut tasks = Vec::new();
    for lane in 0..lanes {
        let store = store.clone();
        let batches: Vec<_> = batches.iter().skip(lane).step_by(lanes).cloned().collect();
        tasks.push(tokio::spawn(async move {
            for batch in batches {
                store.insert(batch).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "batches of {batch_rows:>5}, {lanes} at once: {:>8.0} rows/s ({:.0} MB/s)",
        events.len() as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    );
}

fn batch(first: usize, events: &[String]) -> InsertBatch {
    let annotation = RowAnnotation {
        sentiment: Some(0.5),
        topic: Some("billing"),
        confidence: Some(0.9),
        language: "en",
        decided_by: "fast",
        ..RowAnnotation::default()
    };
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    for (offset, json) in (first as i64..).zip(events) {
        let event = voc.decode(json, &Envelope::default()).unwrap().event;
        builder.push(&event, json, &annotation, offset).unwrap();
    }
    let last = (first + events.len() - 1) as i64;
    let range = SourceRange {
        family: Voc::NAME,
        topic: "voc.events".into(),
        partition: 0,
        epoch: 0,
        first: first as i64,
        last,
    };
    builder.seal(range, Timestamp::from_millis(END_MS))
}

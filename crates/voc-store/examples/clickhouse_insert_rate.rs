//! Measures how many rows a second go into ClickHouse through klickhouse, by batch size:
//! `cargo run --release -p voc-store --example clickhouse_insert_rate -- [rows per size] [host:port]`.
//!
//! Without a server it starts the testkit's endpoint, whose engine then shares this machine with the client.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

use std::{sync::Arc, time::Instant};

use voc_events::{Family, Limits, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, EventStore, InsertBatch, Migrator, PartitionBy, RowAnnotation, SourceRange,
    clickhouse::{ClickHouseConfig, ClickHouseStore},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    generator::{Generator, GeneratorConfig},
};

/// 2026-02-15T00:00:00Z; the ten days before fall into one month.
const END_MS: i64 = 1_771_113_600_000;

#[tokio::main]
async fn main() {
    let rows: usize = std::env::args().nth(1).map_or(200_000, |rows| rows.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let (address, _endpoint) = match std::env::args().nth(2) {
        Some(address) => (address, None),
        None => {
            let endpoint = Endpoint::start("127.0.0.1:0", directory.path(), Accounts::default()).unwrap();
            (endpoint.address().to_string(), Some(endpoint))
        }
    };
    let (host, port) = address.rsplit_once(':').unwrap();
    let port = port.parse().unwrap();
    let events = GeneratorConfig { events: rows as u64, days: 10, ..GeneratorConfig::ending_at(END_MS) };
    let events: Vec<String> = Generator::new(&events).map(|event| event.json).collect();
    for batch_rows in [500, 5000, 50_000] {
        for lanes in [1, 2] {
            let database = format!("rate_{batch_rows}_{lanes}");
            let store = ClickHouseStore::connect(ClickHouseConfig::at(host, port).with_database(database));
            store.backend().create_database().await.unwrap();
            Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
            measure(&store, &events, batch_rows, lanes).await;
        }
    }
}

async fn measure(store: &ClickHouseStore, events: &[String], batch_rows: usize, lanes: usize) {
    let chunks = events.chunks(batch_rows).enumerate();
    let batches: Vec<Arc<InsertBatch>> =
        chunks.map(|(number, events)| Arc::new(batch(number * batch_rows, events))).collect();
    let bytes: usize = batches.iter().map(|batch| batch.bytes()).sum();
    let rows: usize = batches.iter().map(|batch| batch.rows()).sum();

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
        rows as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    );
}

fn batch(first: usize, events: &[String]) -> InsertBatch {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (offset, json) in (first as i64..).zip(events) {
        let event = Voc::decode(json, &Limits::default()).unwrap();
        builder.push(&event, json, &RowAnnotation::default(), offset);
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

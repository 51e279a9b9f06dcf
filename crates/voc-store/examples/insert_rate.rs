//! Measures how many rows a second the embedded engine takes, by batch size:
//! `cargo run --release -p voc-store --example insert_rate -- [rows per size]`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

use std::{sync::Arc, time::Instant};

use uuid::Uuid;
use voc_events::{
    Family, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{
    BatchBuilder, Block, EventQueries, EventStore, InsertBatch, Migrator, PartitionBy, Period, RowAnnotation,
    SourceRange,
    embedded::{EmbeddedOptions, EmbeddedStore},
    encode_native,
};

#[tokio::main]
async fn main() {
    let rows: usize = std::env::args().nth(1).map_or(500_000, |rows| rows.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    for batch_rows in [500, 2000, 10_000, 50_000] {
        for lanes in [1, 2] {
            let options = EmbeddedOptions::default().with_database(format!("b{batch_rows}_{lanes}"));
            let store = EmbeddedStore::open(directory.path(), options).await.unwrap();
            Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
            measure(&store, batch_rows, lanes, rows).await;
        }
    }
}

async fn measure(store: &EmbeddedStore, batch_rows: usize, lanes: usize, rows: usize) {
    let batches: Vec<Arc<InsertBatch>> =
        (0..(rows / batch_rows).max(2)).map(|number| Arc::new(batch(number * batch_rows, batch_rows))).collect();
    let stored = batches.len() * batch_rows;

    let start = Instant::now();
    let bytes: usize = batches.iter().map(|batch| encode_native(&Block::of_part(batch, 0).unwrap()).len()).sum();
    let encoding = start.elapsed();

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
    let inserting = start.elapsed();

    let start = Instant::now();
    let period = Period { since: Timestamp::from_millis(BASE_MILLIS + 1_234_567), until: None };
    let summary = store.summary(None, period).await.unwrap();
    let summing = start.elapsed();
    println!(
        "batches of {batch_rows:>5}, {lanes} at once: {:>8.0} rows/s ({:.0} MB/s; encoding alone {:.0} MB/s; summary of {} rows {:.1} ms)",
        stored as f64 / inserting.as_secs_f64(),
        bytes as f64 / 1e6 / inserting.as_secs_f64(),
        bytes as f64 / 1e6 / encoding.as_secs_f64(),
        summary.iter().map(|row| row.event_count).sum::<u64>(),
        summing.as_secs_f64() * 1000.0,
    );
}

/// 2026-02-02T00:00:00Z.
const BASE_MILLIS: i64 = 1_769_990_400_000;

fn batch(first: usize, rows: usize) -> InsertBatch {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for number in first..first + rows {
        let id = mix(number as u64);
        let tenant = format!("tenant-{:02}", id % 20);
        // A million events fall into about three hours, roughly in order.
        let time = Timestamp::from_millis(BASE_MILLIS + number as i64 * 10 + (id % 5000) as i64);
        let base = BaseEvent::new(Uuid::from_u64_pair(id, mix(id)), tenant, time, "call");
        let mut call = CallEvent::new(base, format!("call-{number}"));
        let agent = format!("agent-{:03}", id % 300);
        call.agent_id = Some(agent.as_str().into());
        call.duration_ms = Some((id % 600_000) as i64);
        let transcript: String = (0..40).map(|word| WORDS[(mix(id + word) % WORDS.len() as u64) as usize]).collect();
        call.transcript = Some(transcript.as_str().into());
        let event = VocEvent::Call(call);
        let payload = serde_json::to_string(&event).unwrap();
        let annotation = RowAnnotation {
            sentiment: Some((id % 200) as f32 / 100.0 - 1.0),
            topic: Some(["billing", "delivery", "support", "product"][(id % 4) as usize]),
            confidence: Some(0.8),
            language: "en",
            decided_by: "fast@1",
        };
        builder.push(&event, &payload, &annotation, number as i64);
    }
    let range = SourceRange {
        family: Voc::NAME,
        topic: "voc.events".into(),
        partition: 0,
        epoch: 0,
        first: first as i64,
        last: (first + rows - 1) as i64,
    };
    builder.seal(range, Timestamp::from_millis(BASE_MILLIS))
}

const WORDS: [&str; 12] =
    ["the ", "order ", "is ", "late ", "again ", "and ", "nobody ", "answers ", "thanks ", "for ", "your ", "help "];

/// SplitMix64's output function.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

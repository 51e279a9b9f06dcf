//! A data directory outlives its process. Alone in its file: the engine serves one directory per process, and this
//! test closes it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

mod support;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use support::{Row, batch, second};
use voc_events::{Family, voc::Voc};
use voc_store::{
    EventStore, Migrator, PartitionBy, SqlBackend,
    embedded::{EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// Set for the process that is killed.
const CHILD_DIRECTORY: &str = "VOC_TEST_KILLED_DIRECTORY";

#[tokio::test]
async fn acknowledged_rows_survive_a_killed_process_and_its_batches_are_known() {
    if let Some(directory) = std::env::var_os(CHILD_DIRECTORY) {
        insert_until_killed(directory.as_ref()).await;
    }
    // Closes the engine of this process at once; only checks whether there is one.
    if engine_or_skip().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let acknowledged = kill_after_inserts(directory.path(), 5);
    assert!(acknowledged >= 5, "{acknowledged}");

    let store = EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).await.unwrap();
    Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]).check().await.unwrap();
    // A merge would drop rows that are stored again.
    store.backend().execute("SYSTEM STOP MERGES voc_events", &[]).await.unwrap();
    let stored = rows(&store).await;
    assert!(stored >= acknowledged * 100, "{acknowledged} batches were acknowledged, {stored} rows are stored");
    for number in 0..acknowledged {
        store.insert(batch(PartitionBy::Month, &numbered_rows(number), number * 100)).await.unwrap();
    }
    assert_eq!(rows(&store).await, stored, "a batch of the killed process was stored again");

    // Closed with its last handle; then the directory can be opened again.
    drop(store);
    let store = EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).await.unwrap();
    assert_eq!(rows(&store).await, stored);
}

/// Starts this test in its own process, and kills it once it has acknowledged this many batches.
fn kill_after_inserts(directory: &Path, batches: usize) -> i64 {
    let name = "acknowledged_rows_survive_a_killed_process_and_its_batches_are_known";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD_DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_stored = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains("stored"));
    let first = lines.by_ref().filter(is_stored).take(batches).count();
    child.kill().unwrap();
    child.wait().unwrap();
    (first + lines.filter(is_stored).count()) as i64
}

async fn insert_until_killed(directory: &Path) {
    let store = EmbeddedStore::open(directory, EmbeddedOptions::default()).await.unwrap();
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    for number in 0.. {
        store.insert(batch(PartitionBy::Month, &numbered_rows(number), number * 100)).await.unwrap();
        println!("\nstored {number}");
    }
}

fn numbered_rows(number: i64) -> Vec<Row> {
    (0..100).map(|n| Row { time: second(number * 100 + n), ..Row::default() }).collect()
}

async fn rows(store: &EmbeddedStore) -> i64 {
    store.backend().select_texts("SELECT toString(count()) FROM voc_events", &[]).await.unwrap()[0].parse().unwrap()
}

//! Each family has checkpoints of its own.

use std::fs;

use voc_events::{activity::Activity, product::Product, voc::Voc};
use voc_ingest::files::UnfinishedTail;
use voc_store::MemoryStore;
use voc_testkit::conformance::samples;

use crate::stage::{ids, lines, run_as, stored_ids};

/// The numbers of an import: stored, refused, skipped.
macro_rules! import {
    ($family:ty, $file:expr, $data:expr, $store:expr) => {{
        let (tally, skipped, outcome) = run_as::<$family>(&$file, UnfinishedTail::Take, $data.path(), &$store).await;
        outcome.unwrap();
        (tally.stored(), tally.dead_lettered(), skipped)
    }};
}

#[tokio::test]
async fn a_file_read_as_the_wrong_family_is_unread_for_the_right_one() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let activity: String = (0..25).map(|number| samples::activity(number) + "\n").collect();
    fs::write(&file, activity).unwrap();
    let store = MemoryStore::new();
    assert_eq!(import!(Voc, file, data, store), (0, 25, 0));
    assert_eq!(import!(Activity, file, data, store), (25, 0, 0));
    // Each remembers what it has read.
    assert_eq!(import!(Voc, file, data, store), (0, 0, 25));
    assert_eq!(import!(Activity, file, data, store), (0, 0, 25));
}

#[tokio::test]
async fn a_file_with_events_of_two_families_is_imported_once_for_each() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("events.ndjson");
    let product: String = (0..15).map(|number| samples::product(number) + "\n").collect();
    fs::write(&file, lines(0..15) + &product).unwrap();
    let store = MemoryStore::new();
    for skipped in [0, 30] {
        let fresh = if skipped == 0 { 15 } else { 0 };
        assert_eq!(import!(Voc, file, data, store), (fresh, fresh, skipped));
        assert_eq!(import!(Product, file, data, store), (fresh, fresh, skipped));
    }
}

/// Journals of earlier versions name no family.
#[tokio::test]
async fn an_entry_without_a_family_is_one_of_voc() {
    let data = tempfile::tempdir().unwrap();
    let (file, journal) = (data.path().join("events.ndjson"), data.path().join("checkpoints.ndjson"));
    fs::write(&file, lines(0..15)).unwrap();
    let store = MemoryStore::new();
    assert_eq!(import!(Voc, file, data, store), (15, 0, 0));
    let written = fs::read_to_string(&journal).unwrap();
    assert!(written.contains(r#""family":"voc","#), "{written}");
    fs::write(&journal, written.replace(r#""family":"voc","#, "")).unwrap();
    assert_eq!(import!(Voc, file, data, store), (0, 0, 15));
    assert_eq!(stored_ids(&store), ids(0..15));
}

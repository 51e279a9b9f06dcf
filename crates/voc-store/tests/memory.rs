//! The in-memory store: the same promises as the real ones, and failures on request.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use support::{Row, batch, second};
use voc_store::{DeadLetter, EventStore, InsertBatch, MemoryStore, PartitionBy, StoreError};

fn rows(first: i64, count: i64) -> Arc<InsertBatch> {
    let rows: Vec<Row> = (0..count).map(|n| Row { time: second(first + n), ..Row::default() }).collect();
    batch(PartitionBy::Month, &rows, first)
}

#[tokio::test]
async fn the_same_batch_and_the_same_letter_again_add_nothing() {
    let store = MemoryStore::new();
    for _ in 0..2 {
        store.insert(rows(0, 3)).await.unwrap();
        store.insert_dead_letters(Arc::new([letter(7), letter(8)])).await.unwrap();
    }
    store.insert_dead_letters(Arc::new([letter(8), letter(9)])).await.unwrap();
    assert_eq!(store.rows(), 3);
    assert_eq!(store.batches().len(), 1);
    assert_eq!(store.texts("tenant_id"), ["acme"; 3]);
    assert_eq!(store.dead_letters().iter().map(|letter| letter.offset).collect::<Vec<_>>(), [7, 8, 9]);
    assert_eq!(store.attempts(), 5);
}

#[tokio::test]
async fn failures_store_nothing_and_lost_answers_store_all() {
    let store = MemoryStore::new();
    store.fail_next(2);
    assert!(matches!(store.insert(rows(0, 3)).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.insert_dead_letters(Arc::new([letter(1)])).await, Err(StoreError::Unavailable(_))));
    assert_eq!((store.rows(), store.dead_letters().len()), (0, 0));

    store.lose_next_answers(1);
    let error = store.insert(rows(0, 3)).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { .. }) && error.is_retryable(), "{error:?}");
    assert_eq!(store.rows(), 3);
    store.insert(rows(0, 3)).await.unwrap();
    assert_eq!(store.rows(), 3);
}

#[tokio::test]
async fn a_stopped_store_says_why_until_it_is_started() {
    let store = MemoryStore::new();
    store.stop("down for a test");
    let error = EventStore::ping(&store).await.unwrap_err();
    assert!(error.to_string().contains("down for a test"), "{error}");
    assert!(store.insert(rows(0, 1)).await.is_err());
    store.start();
    store.insert(rows(0, 1)).await.unwrap();
}

#[tokio::test]
async fn a_hold_keeps_inserts_waiting() {
    let store = MemoryStore::new();
    let hold = store.hold();
    let inserts = [0, 10].map(|first| {
        let store = store.clone();
        tokio::spawn(async move { store.insert(rows(first, 3)).await })
    });
    store.wait_until(|store| store.held() == 2).await;
    assert_eq!(store.rows(), 0);
    inserts[1].abort();
    store.wait_until(|store| store.held() == 1).await;
    drop(hold);
    store.wait_until(|store| store.rows() == 3).await;
    let [kept, aborted] = inserts;
    kept.await.unwrap().unwrap();
    assert!(aborted.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn chosen_batches_are_refused() {
    let store = MemoryStore::new();
    store.reject_if(|batch| batch.range.first == 10);
    store.insert(rows(0, 3)).await.unwrap();
    let error = store.insert(rows(10, 3)).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { .. }) && !error.is_retryable(), "{error:?}");
    assert_eq!(store.rows(), 3);
}

fn letter(offset: i64) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: "invalid_json".into(),
        error: "not JSON".into(),
        path: "$".into(),
        tenant_id: String::new(),
        topic: "voc.events".into(),
        partition: 0,
        offset,
        key: None,
        payload: Some(b"{".to_vec()),
        headers: Vec::new(),
        failed_at: second(0),
    }
}

//! The in-memory store: the same promises as the real ones, and failures on request.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::{Row, batch, second};
use voc_store::{
    DeadLetter, EventStore, InsertBatch, MemoryStore, PartitionBy, ReinsertOutcome, SourceRange, StoreError,
};

fn rows(first: i64, count: i64) -> Arc<InsertBatch> {
    let rows: Vec<Row> = (0..count).map(|n| Row { time: second(first + n), ..Row::default() }).collect();
    batch(PartitionBy::Month, &rows, first)
}

#[tokio::test]
async fn a_repeated_batch_or_dead_letter_adds_nothing() {
    let store = MemoryStore::new();
    for _ in 0..2 {
        store.insert(rows(0, 3)).await.unwrap();
        store.insert_dead_letters(Arc::new([dead_letter(7), dead_letter(8)])).await.unwrap();
    }
    store.insert_dead_letters(Arc::new([dead_letter(8), dead_letter(9)])).await.unwrap();
    store.insert_dead_letters(Arc::new([DeadLetter { epoch: 1, ..dead_letter(9) }])).await.unwrap();
    assert_eq!(store.rows(), 3);
    assert_eq!(store.batches().len(), 1);
    assert_eq!(store.texts("tenant_id"), ["acme"; 3]);
    assert_eq!(store.dead_letters().iter().map(|dead_letter| dead_letter.offset).collect::<Vec<_>>(), [7, 8, 9, 9]);
    assert_eq!(store.attempts(), 6);
}

#[tokio::test]
async fn equal_offsets_of_another_epoch_are_other_records() {
    let store = MemoryStore::new();
    let first = rows(0, 3);
    store.insert(first.clone()).await.unwrap();
    let range = SourceRange { epoch: 1_770_000_000_000, ..first.range.clone() };
    assert_eq!(range.to_string(), "voc/voc.events/3@1770000000000/0-2");
    let second = Arc::new(InsertBatch { range, ..(*first).clone() });
    assert_eq!(
        store.reinsert(second.clone()).await.unwrap(),
        ReinsertOutcome { found: 0, inserted: 3, healed: 0, ..ReinsertOutcome::default() }
    );
    assert_eq!(
        store.reinsert(second).await.unwrap(),
        ReinsertOutcome { found: 3, inserted: 0, healed: 0, ..ReinsertOutcome::default() }
    );
    assert_eq!((first.range.to_string().as_str(), store.rows()), ("voc/voc.events/3/0-2", 6));
}

#[tokio::test]
async fn failures_store_nothing_and_lost_answers_store_everything() {
    let store = MemoryStore::new();
    store.fail_next(2);
    assert!(matches!(store.insert(rows(0, 3)).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.insert_dead_letters(Arc::new([dead_letter(1)])).await, Err(StoreError::Unavailable(_))));
    assert_eq!((store.rows(), store.dead_letters().len()), (0, 0));

    store.lose_next_answers(1);
    let error = store.insert(rows(0, 3)).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { .. }) && error.is_retryable(), "{error:?}");
    assert_eq!(store.rows(), 3);
    store.insert(rows(0, 3)).await.unwrap();
    assert_eq!(store.rows(), 3);
}

#[tokio::test]
async fn a_stopped_store_gives_its_reason_until_it_is_started() {
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

#[tokio::test]
async fn rows_lost_behind_their_token_are_restored_only_by_a_reinsert() {
    let store = MemoryStore::new();
    store.forget_rows_of_next(1);
    assert!(store.insert(rows(0, 3)).await.unwrap_err().is_retryable());
    store.insert(rows(0, 3)).await.unwrap();
    assert_eq!(store.rows(), 0);
    // The re-insert's own insert is lost, too.
    store.forget_rows_of_next(1);
    assert!(store.reinsert(rows(0, 3)).await.unwrap_err().is_retryable());
    assert_eq!(
        store.reinsert(rows(0, 3)).await.unwrap(),
        ReinsertOutcome { found: 0, inserted: 0, healed: 3, ..ReinsertOutcome::default() }
    );
    assert_eq!(store.offsets("voc.events", 3), [0, 1, 2]);
}

#[tokio::test]
async fn rows_whose_token_is_forgotten_are_duplicated_without_a_reinsert() {
    let store = MemoryStore::new();
    store.insert(rows(0, 3)).await.unwrap();
    store.forget_tokens();
    assert_eq!(
        store.reinsert(rows(0, 3)).await.unwrap(),
        ReinsertOutcome { found: 3, inserted: 0, healed: 0, ..ReinsertOutcome::default() }
    );
    assert_eq!(store.offsets("voc.events", 3), [0, 1, 2]);
    store.insert(rows(0, 3)).await.unwrap();
    assert_eq!(store.offsets("voc.events", 3), [0, 0, 1, 1, 2, 2]);
}

/// An attempt at a batch, and what goes wrong with it.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    Insert,
    Reinsert,
    FailedReinsert,
    ReinsertWithLostAnswer,
    ReinsertLosingRows(usize),
    ForgettingTokens,
}

proptest! {
    /// A batch is attempted once, fails at some point, and is re-inserted until a re-insert succeeds, whatever happens
    /// to the re-inserts.
    #[test]
    fn a_batch_is_stored_once_however_its_attempts_end(
        lost_part in prop::option::of(0..4_usize),
        attempts in prop::collection::vec(
            prop_oneof![
                Just(Attempt::Insert),
                Just(Attempt::Reinsert),
                Just(Attempt::FailedReinsert),
                Just(Attempt::ReinsertWithLostAnswer),
                (1..4_usize).prop_map(Attempt::ReinsertLosingRows),
                Just(Attempt::ForgettingTokens),
            ],
            0..8,
        ),
    ) {
        const MONTH: i64 = 30 * 86_400;
        let months: Vec<Row> = (0..20).map(|n| Row { time: second(n % 4 * MONTH), ..Row::default() }).collect();
        let batch = batch(PartitionBy::Month, &months, 0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = MemoryStore::new();
            // The earlier parts are stored, and the later ones are not.
            if let Some(part) = lost_part {
                let before = InsertBatch { parts: batch.parts[..part].to_vec(), ..(*batch).clone() };
                store.insert(Arc::new(before)).await.unwrap();
                store.forget_rows_of_next(1);
                assert!(store.insert(batch.clone()).await.is_err());
            }
            for next in attempts {
                match next {
                    // Late, by a process presumed dead: its tokens are known, or its rows are nowhere.
                    Attempt::Insert => store.insert(batch.clone()).await.unwrap(),
                    Attempt::Reinsert => {
                        store.reinsert(batch.clone()).await.unwrap();
                    }
                    Attempt::FailedReinsert => {
                        store.fail_next(1);
                        assert!(store.reinsert(batch.clone()).await.is_err());
                    }
                    Attempt::ReinsertWithLostAnswer => {
                        store.lose_next_answers(1);
                        assert!(store.reinsert(batch.clone()).await.is_err());
                    }
                    Attempt::ReinsertLosingRows(parts) => {
                        store.forget_rows_of_next(parts);
                        drop(store.reinsert(batch.clone()).await);
                        store.forget_rows_of_next(0);
                    }
                    Attempt::ForgettingTokens => {
                        store.forget_tokens();
                        store.reinsert(batch.clone()).await.unwrap();
                        // No late insert is possible after as many other inserts as it takes to forget a token.
                        break;
                    }
                }
            }
            let outcome = store.reinsert(batch.clone()).await.unwrap();
            assert_eq!(outcome.found + outcome.inserted + outcome.healed, 20);
            assert_eq!(store.offsets("voc.events", 3), Vec::from_iter(0..20));
        });
    }
}

fn dead_letter(offset: i64) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: "invalid_json".into(),
        error: "not JSON".into(),
        path: "$".into(),
        tenant_id: String::new(),
        topic: "voc.events".into(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: Some(b"{".to_vec()),
        headers: Vec::new(),
        failed_at: second(0),
    }
}

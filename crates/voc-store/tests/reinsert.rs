//! Re-inserts on the embedded engine: whatever part of a batch is stored, afterwards each row is stored once.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::{Row, batch, second};
use voc_store::{
    EventStore, InsertBatch, Migrator, PartitionBy, ReinsertOutcome, SourceRange, SqlBackend,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

#[tokio::test]
async fn rows_lost_behind_their_token_are_healed_only_by_a_reinsert() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let batch = rows(PartitionBy::Month, 0, 50);
    store.insert(batch.clone()).await.unwrap();
    // Like an engine killed after it wrote the token and before it wrote the part.
    delete(&store, "source_offset < 1000").await;

    store.insert(batch.clone()).await.unwrap();
    assert_eq!(offsets(&store).await, [] as [i64; 0], "the token proves nothing, or a re-insert is pointless");

    let outcome = store.reinsert(batch.clone()).await.unwrap();
    assert_eq!(outcome, ReinsertOutcome { found: 0, inserted: 0, healed: 50, ..ReinsertOutcome::default() });
    assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
    let outcome = store.reinsert(batch).await.unwrap();
    assert_eq!(outcome, ReinsertOutcome { found: 50, inserted: 0, healed: 0, ..ReinsertOutcome::default() });
    assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
}

#[tokio::test]
async fn rows_whose_token_is_forgotten_are_duplicated_without_a_reinsert() {
    let Some(test) = engine_or_skip() else { return };
    for reinserts in [false, true] {
        let store = open(&test, PartitionBy::Month).await;
        let batch = rows(PartitionBy::Month, 0, 50);
        store.insert(under_other_tokens(&batch)).await.unwrap();
        if reinserts {
            let outcome = store.reinsert(batch).await.unwrap();
            assert_eq!(outcome, ReinsertOutcome { found: 50, inserted: 0, healed: 0, ..ReinsertOutcome::default() });
            assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
        } else {
            store.insert(batch).await.unwrap();
            assert_eq!(offsets(&store).await.len(), 100, "the token is not forgotten, or a re-insert is pointless");
        }
    }
}

#[tokio::test]
async fn a_batch_over_several_months_is_completed_part_by_part() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let store = open(&test, partition_by).await;
        let whole = months(partition_by, 0, 40);
        assert!(whole.parts.len() >= 4, "{}", whole.parts.len());
        // A crash after the first part, and one between the writes of the second.
        let two = InsertBatch { parts: whole.parts[..2].to_vec(), ..(*whole).clone() };
        store.insert(Arc::new(two)).await.unwrap();
        let lost = whole.parts[1].rows.offsets();
        delete(&store, &format!("has({lost:?}, source_offset)")).await;
        // Another batch with later rows of the same months.
        store.insert(months(partition_by, 40, 40)).await.unwrap();

        let outcome = store.reinsert(whole.clone()).await.unwrap();
        let (found, healed) = (whole.parts[0].rows.rows(), lost.len());
        assert_eq!(
            outcome,
            ReinsertOutcome { found, inserted: 40 - found - healed, healed, ..ReinsertOutcome::default() },
            "{partition_by}"
        );
        assert_eq!(offsets(&store).await, Vec::from_iter(0..80), "{partition_by}");
    }
}

#[tokio::test]
async fn rows_lost_repeatedly_are_healed_again() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let batch = rows(PartitionBy::Month, 0, 30);
    store.insert(batch.clone()).await.unwrap();
    delete(&store, "source_offset >= 10").await;
    assert_eq!(
        store.reinsert(batch.clone()).await.unwrap(),
        ReinsertOutcome { found: 10, inserted: 0, healed: 20, ..ReinsertOutcome::default() }
    );
    delete(&store, "source_offset >= 20").await;
    assert_eq!(
        store.reinsert(batch.clone()).await.unwrap(),
        ReinsertOutcome { found: 20, inserted: 0, healed: 10, ..ReinsertOutcome::default() }
    );
    assert_eq!(offsets(&store).await, Vec::from_iter(0..30));
}

#[tokio::test]
async fn a_late_insert_of_a_process_presumed_dead_adds_nothing_to_a_reinsert() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let batch = rows(PartitionBy::Month, 0, 30);
    // Some rows are stored, under forgotten tokens; the others are inserted under the batch's own.
    store.insert(under_other_tokens(&rows(PartitionBy::Month, 0, 12))).await.unwrap();
    assert_eq!(
        store.reinsert(batch.clone()).await.unwrap(),
        ReinsertOutcome { found: 12, inserted: 18, healed: 0, ..ReinsertOutcome::default() }
    );
    store.insert(batch.clone()).await.unwrap();
    assert_eq!(offsets(&store).await, Vec::from_iter(0..30));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reinserts_store_each_row_once() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    for (number, is_lost) in (0..6).zip([false, true].into_iter().cycle()) {
        let batch = rows(PartitionBy::Month, number * 100, 100);
        if is_lost {
            store.insert(batch.clone()).await.unwrap();
            delete(&store, &format!("source_offset >= {}", number * 100)).await;
        }
        let reinserts = [0; 4].map(|_| {
            let (store, batch) = (store.clone(), batch.clone());
            tokio::spawn(async move { store.reinsert(batch).await })
        });
        for reinsert in reinserts {
            reinsert.await.unwrap().unwrap();
        }
    }
    assert_eq!(offsets(&store).await, Vec::from_iter(0..600));
}

#[tokio::test]
async fn an_event_sent_twice_is_not_lost_when_a_merge_keeps_one_row_of_it() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let sent_twice: Vec<Row> =
        (0..6).map(|n| Row { number: Some(n / 2), tenant: "a'ç\\\n".to_owned(), ..Row::default() }).collect();
    let batch = batch(PartitionBy::Month, &sent_twice, 0);
    store.insert(batch.clone()).await.unwrap();
    for sql in ["SYSTEM START MERGES voc_events", "OPTIMIZE TABLE voc_events FINAL", "SYSTEM STOP MERGES voc_events"] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
    assert_eq!(offsets(&store).await.len(), 3);
    let found = offsets(&store).await;
    let resends: Vec<i64> = (0..6).filter(|offset| !found.contains(offset)).collect();
    assert_eq!(
        store.reinsert(batch.clone()).await.unwrap(),
        ReinsertOutcome { found: 3, resends, ..ReinsertOutcome::default() }
    );
    assert_eq!(offsets(&store).await, found);
    // The rows of an event that has no row left at all are lost.
    delete(&store, "source_offset >= 4").await;
    let outcome = store.reinsert(batch).await.unwrap();
    assert_eq!((outcome.found, outcome.healed, outcome.resends.len()), (2, 2, 2));
    assert_eq!(offsets(&store).await.len(), 4);
}

#[tokio::test]
async fn rows_of_other_sources_are_not_mistaken_for_the_batchs() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let batch = rows(PartitionBy::Month, 0, 10);
    let elsewhere = [
        SourceRange { partition: 4, ..batch.range.clone() },
        SourceRange { epoch: 1, ..batch.range.clone() },
        SourceRange { topic: "it's\tanother".into(), ..batch.range.clone() },
    ];
    for range in elsewhere {
        let other = Arc::new(InsertBatch { range, ..(*batch).clone() });
        assert_eq!(
            store.reinsert(other).await.unwrap(),
            ReinsertOutcome { found: 0, inserted: 10, healed: 0, ..ReinsertOutcome::default() }
        );
    }
    assert_eq!(
        store.reinsert(batch).await.unwrap(),
        ReinsertOutcome { found: 0, inserted: 10, healed: 0, ..ReinsertOutcome::default() }
    );
    assert_eq!(offsets(&store).await.len(), 40);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any rows of a batch may be stored and any others missing; its tokens are known or not, and so are those of an
    /// earlier re-insert.
    #[test]
    fn after_a_reinsert_every_row_is_stored_once(
        is_stored in prop::collection::vec(any::<bool>(), 24),
        is_token_known: bool,
        is_retry_known: bool,
        by_tenant: bool,
    ) {
        let Some(test) = engine_or_skip() else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let partition_by = if by_tenant { PartitionBy::TenantMonth } else { PartitionBy::Month };
            let store = open(&test, partition_by).await;
            let batch = months(partition_by, 0, 24);
            if is_token_known {
                store.insert(batch.clone()).await.unwrap();
                if is_retry_known {
                    delete(&store, "1").await;
                    assert_eq!(store.reinsert(batch.clone()).await.unwrap().healed, 24);
                }
            } else {
                store.insert(under_other_tokens(&batch)).await.unwrap();
            }
            let stored: Vec<i64> = (0..24).zip(&is_stored).filter(|(_, is_stored)| **is_stored).map(|(n, _)| n).collect();
            delete(&store, &format!("NOT has({stored:?}::Array(Int64), source_offset)")).await;

            let outcome = store.reinsert(batch.clone()).await.unwrap();
            let (found, missing) = (stored.len(), 24 - stored.len());
            let (inserted, healed) = if is_token_known { (0, missing) } else { (missing, 0) };
            assert_eq!(outcome, ReinsertOutcome { found, inserted, healed, ..ReinsertOutcome::default() });
            assert_eq!(offsets(&store).await, Vec::from_iter(0..24));
        });
    }
}

/// Rows at these offsets, of four months and two tenants.
fn months(partition_by: PartitionBy, first: i64, count: i64) -> Arc<InsertBatch> {
    const MONTH: i64 = 30 * 86_400;
    let row = |n: i64| Row { tenant: format!("t{}", n % 2), time: second(n % 4 * MONTH + n), ..Row::default() };
    batch(partition_by, &(0..count).map(row).collect::<Vec<_>>(), first)
}

/// Rows at these offsets, of one month.
fn rows(partition_by: PartitionBy, first: i64, count: i64) -> Arc<InsertBatch> {
    let row = |n: i64| Row { time: second(n), ..Row::default() };
    batch(partition_by, &(0..count).map(row).collect::<Vec<_>>(), first)
}

/// The same rows as another batch: as if the batch's tokens were forgotten.
fn under_other_tokens(batch: &InsertBatch) -> Arc<InsertBatch> {
    let range = SourceRange { family: "other", ..batch.range.clone() };
    Arc::new(InsertBatch { range, ..batch.clone() })
}

/// Every stored row's offset.
async fn offsets(store: &EmbeddedStore) -> Vec<i64> {
    let sql = "SELECT toString(source_offset) FROM voc_events ORDER BY source_offset";
    let texts = store.backend().select_texts(sql, &[]).await.unwrap();
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn delete(store: &EmbeddedStore, condition: &str) {
    // A mutation, because dropped parts take their tokens with them; to the engine it is a merge.
    let delete = format!("ALTER TABLE voc_events DELETE WHERE {condition} SETTINGS mutations_sync = 2");
    for sql in ["SYSTEM START MERGES voc_events", &delete, "SYSTEM STOP MERGES voc_events"] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
}

/// A store with its own database, whose rows are not merged.
async fn open(test: &TestEngine, partition_by: PartitionBy) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, partition_by).up().await.unwrap();
    store.backend().execute("SYSTEM STOP MERGES voc_events", &[]).await.unwrap();
    store
}

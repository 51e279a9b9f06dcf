//! Replays on the embedded engine: whatever of a batch is stored, afterwards each row is stored once.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use support::{Row, batch, second};
use voc_store::{
    EventStore, InsertBatch, Migrator, PartitionBy, Replayed, SourceRange, SqlBackend,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

#[tokio::test]
async fn rows_lost_behind_their_token_are_healed_by_a_replay_only() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, PartitionBy::Month).await;
    let batch = rows(PartitionBy::Month, 0, 50);
    store.insert(batch.clone()).await.unwrap();
    // As an engine that is killed after it wrote the token and before it wrote the part.
    delete(&store, "source_offset < 1000").await;

    store.insert(batch.clone()).await.unwrap();
    assert_eq!(offsets(&store).await, [] as [i64; 0], "the token proves nothing, or a replay is of no use");

    let replayed = store.replay(batch.clone()).await.unwrap();
    assert_eq!(replayed, Replayed { found: 0, inserted: 0, healed: 50 });
    assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
    let replayed = store.replay(batch).await.unwrap();
    assert_eq!(replayed, Replayed { found: 50, inserted: 0, healed: 0 });
    assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
}

#[tokio::test]
async fn rows_whose_token_is_forgotten_are_doubled_without_a_replay() {
    let Some(test) = engine_or_skip() else { return };
    for replays in [false, true] {
        let store = open(&test, PartitionBy::Month).await;
        let batch = rows(PartitionBy::Month, 0, 50);
        store.insert(under_other_tokens(&batch)).await.unwrap();
        if replays {
            let replayed = store.replay(batch).await.unwrap();
            assert_eq!(replayed, Replayed { found: 50, inserted: 0, healed: 0 });
            assert_eq!(offsets(&store).await, Vec::from_iter(0..50));
        } else {
            store.insert(batch).await.unwrap();
            assert_eq!(offsets(&store).await.len(), 100, "the token is not forgotten, or a replay is of no use");
        }
    }
}

/// Rows with these offsets, three days apart, of two tenants.
fn rows(partition_by: PartitionBy, first: i64, count: i64) -> Arc<InsertBatch> {
    let rows: Vec<Row> =
        (0..count).map(|n| Row { tenant: format!("t{}", n % 2), time: second(n * 3), ..Row::default() }).collect();
    batch(partition_by, &rows, first)
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
    // A mutation, as dropped parts take their tokens with them; it is a merge to the engine.
    let delete = format!("ALTER TABLE voc_events DELETE WHERE {condition} SETTINGS mutations_sync = 2");
    for sql in ["SYSTEM START MERGES voc_events", &delete, "SYSTEM STOP MERGES voc_events"] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
}

/// A store on a database of its own, whose rows are not merged.
async fn open(test: &TestEngine, partition_by: PartitionBy) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, partition_by).up().await.unwrap();
    store.backend().execute("SYSTEM STOP MERGES voc_events", &[]).await.unwrap();
    store
}

//! Rows that the store refuses are found among those it accepts, and the latter are stored once.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use support::{Row, batch, second};
use voc_store::{
    Block, EventStore, InsertBatch, IsolationOutcome, MemoryStore, Migrator, Param, PartitionBy, ReinsertOutcome,
    Remedy, SqlBackend, SqlSession, SqlStore, StoreError,
    embedded::{EmbeddedBackend, EmbeddedOptions},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

const ROWS: i64 = 5000;
const POISON: [i64; 3] = [0, 2718, 4999];

#[tokio::test]
async fn three_poisoned_rows_among_thousands_are_found_and_the_others_stored_once() {
    let Some(test) = engine_or_skip() else { return };
    let store = open(&test, usize::MAX).await;
    let batch = rows(ROWS, &POISON);
    let error = store.reinsert(batch.clone()).await.unwrap_err();
    assert_eq!(error.remedy(), Remedy::Isolate, "{error:?}");

    let isolated = store.isolate(batch.clone()).await.unwrap();
    check(&isolated, &POISON);
    assert_eq!(isolated.stored, ReinsertOutcome { found: 0, inserted: 4997, healed: 0, ..ReinsertOutcome::default() });
    let inserts = store.backend().inserts.load(Ordering::SeqCst);
    assert!(inserts <= 2 * 3 * 13 + 5, "{inserts} inserts");
    assert_eq!(offsets(&store).await, taken(ROWS, &POISON));

    // The successor of a process that died now repeats everything.
    let again = store.isolate(batch).await.unwrap();
    check(&again, &POISON);
    assert_eq!(again.stored, ReinsertOutcome { found: 4997, inserted: 0, healed: 0, ..ReinsertOutcome::default() });
    assert_eq!(offsets(&store).await, taken(ROWS, &POISON));
}

#[tokio::test]
async fn a_process_that_dies_during_isolation_stores_nothing_twice() {
    let Some(test) = engine_or_skip() else { return };
    for dies_after in [1, 2, 3, 5, 8, 12] {
        let store = open(&test, dies_after).await;
        let batch = rows(200, &[3, 150]);
        let error = store.isolate(batch.clone()).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        store.backend().most_inserts.store(usize::MAX, Ordering::SeqCst);
        let isolated = store.isolate(batch).await.unwrap();
        check(&isolated, &[3, 150]);
        assert_eq!(isolated.stored.found + isolated.stored.inserted, 198, "after {dies_after} inserts");
        assert_eq!(offsets(&store).await, taken(200, &[3, 150]), "after {dies_after} inserts");
    }
}

#[tokio::test]
async fn a_store_that_refuses_everything_refuses_no_single_rows() {
    let store = MemoryStore::new();
    store.reject_all(Some(469));
    let error = store.isolate(rows(ROWS, &[])).await.unwrap_err();
    assert!(matches!(error, StoreError::RefusesAll { .. }) && error.remedy() == Remedy::Repair, "{error:?}");
    let attempts = store.attempts();
    assert_eq!(store.rows(), 0);
    assert!(attempts <= 450, "{attempts} attempts");
    // A few rows may well all be bad.
    assert_eq!(store.isolate(rows(20, &[])).await.unwrap().refused.len(), 20);
}

#[tokio::test]
async fn many_poisoned_rows_are_found_as_long_as_some_row_is_accepted() {
    let store = MemoryStore::new();
    store.reject_rows(0..300);
    let isolated = store.isolate(rows(600, &[])).await.unwrap();
    assert_eq!(isolated.refused.iter().map(|row| row.offset).collect::<Vec<_>>(), Vec::from_iter(0..300));
    assert_eq!(store.offsets("voc.events", 3), Vec::from_iter(300..600));
}

#[tokio::test]
async fn poisoned_rows_are_found_however_evenly_they_are_spread() {
    // Cut into 64 pieces, the larger batch has a poisoned row in each of them.
    for (count, distance) in [(ROWS, 75), (240, 2), (240, 3), (240, 4)] {
        for first in [0, distance - 1] {
            let step = usize::try_from(distance).unwrap();
            check_found(count, &(first..count).step_by(step).collect::<Vec<_>>()).await;
        }
    }
}

#[tokio::test]
async fn poisoned_rows_in_a_block_are_found_wherever_it_lies() {
    for poison in [0..200, 40..240, 20..220] {
        check_found(240, &Vec::from_iter(poison)).await;
    }
}

/// Checks that just these rows of a batch are refused, and the others stored.
async fn check_found(count: i64, poison: &[i64]) {
    let store = MemoryStore::new();
    store.reject_rows(poison.iter().copied());
    let isolated = store.isolate(rows(count, &[])).await.unwrap();
    assert_eq!(isolated.refused.iter().map(|row| row.offset).collect::<Vec<_>>(), poison);
    assert_eq!(store.offsets("voc.events", 3), taken(count, poison));
}

#[test]
fn codes_call_for_waiting_isolation_or_a_repair() {
    for (code, remedy) in [
        (252, Remedy::Wait),
        (999, Remedy::Wait),
        (117, Remedy::Isolate),
        (349, Remedy::Isolate),
        (469, Remedy::Isolate),
        (16, Remedy::Repair),
        (60, Remedy::Repair),
        (497, Remedy::Repair),
        // Unknown: no event is considered bad because of it.
        (49, Remedy::Repair),
        (123_456, Remedy::Repair),
    ] {
        assert_eq!(StoreError::from_code(code, String::new()).remedy(), remedy, "{code}");
    }
}

fn check(isolated: &IsolationOutcome, poison: &[i64]) {
    assert_eq!(isolated.refused.iter().map(|row| row.offset).collect::<Vec<_>>(), poison);
    for row in &isolated.refused {
        assert!(row.error.contains("no_poison") && row.error.contains("469"), "{}", row.error);
        assert!(row.payload.as_ref().unwrap().contains("poison") && row.tenant_id == "acme", "{row:?}");
    }
}

/// Rows of two months, at offsets from 0 on.
fn rows(count: i64, poison: &[i64]) -> Arc<InsertBatch> {
    let row = |n: i64| Row {
        time: second(n % 2 * 30 * 86_400 + n),
        call_id: if poison.contains(&n) { "poison".to_owned() } else { format!("c-{n}") },
        ..Row::default()
    };
    batch(PartitionBy::Month, &(0..count).map(row).collect::<Vec<_>>(), 0)
}

fn taken(count: i64, poison: &[i64]) -> Vec<i64> {
    (0..count).filter(|offset| !poison.contains(offset)).collect()
}

async fn offsets(store: &SqlStore<Counting>) -> Vec<i64> {
    let sql = "SELECT toString(source_offset) FROM voc_events ORDER BY source_offset";
    let texts = store.backend().select_texts(sql, &[]).await.unwrap();
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A store that refuses poison, with its own database, whose rows are not merged.
async fn open(test: &TestEngine, most_inserts: usize) -> SqlStore<Counting> {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let backend = EmbeddedBackend::open(test.engine(), options).unwrap();
    let store =
        SqlStore::new(Counting { backend, inserts: AtomicUsize::new(0), most_inserts: AtomicUsize::new(most_inserts) });
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let constraint = "ALTER TABLE voc_events ADD CONSTRAINT no_poison CHECK ifNull(call_id, '') != 'poison'";
    for sql in ["SYSTEM STOP MERGES voc_events", constraint] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
    store
}

/// Counts inserts, and fails from a given number on.
struct Counting {
    backend: EmbeddedBackend,
    inserts: AtomicUsize,
    most_inserts: AtomicUsize,
}

struct CountingSession<'b> {
    session: Box<dyn SqlSession + 'b>,
    counts: &'b Counting,
}

#[async_trait]
impl SqlBackend for Counting {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(CountingSession { session: self.backend.session().await?, counts: self }))
    }

    async fn session_open_at(&self, _: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        self.session().await.map(Some)
    }
}

#[async_trait]
impl SqlSession for CountingSession<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.session.execute(sql, params).await
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        self.session.select_texts(sql, params).await
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        let before = self.counts.inserts.fetch_add(1, Ordering::SeqCst);
        if block.table() == "voc_events" && before >= self.counts.most_inserts.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the process has died".to_owned()));
        }
        self.session.insert(block).await
    }
}

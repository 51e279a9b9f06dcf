//! Rows stored again with later values: how queries are answered before, during and after.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use support::{Row, batch, second};
use tokio::sync::Mutex;
use voc_events::{DecodeOptions, Envelope, Family as _, Table, TenantId, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, Block, EventQueries, EventStore, InsertBatch, MemoryStore, Migrator, OffsetSpan, Param, PartitionBy,
    Period, ReadMeter, Revision, Revisions, RowAnnotation, SourceRange, SqlBackend, SqlSession, SqlStore, StoreError,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// An event every ten minutes, of two alternating tenants, over two days.
const ROWS: i64 = 288;
/// Those whose rows are stored again: from 08:20 on the first day to 16:30.
const REVISED: std::ops::Range<i64> = 50..100;

fn offsets() -> OffsetSpan {
    OffsetSpan { topic: "voc.events".into(), partition: 3, first: REVISED.start, end: REVISED.end }
}

fn row(number: i64) -> Row {
    Row {
        tenant: format!("tenant-{}", number % 2),
        time: second(number * 600 - 12 * 3600),
        sentiment: Some(0.5),
        topic: Some("billing"),
        ..Row::default()
    }
}

/// The same events with other annotations: two of three move to another topic.
fn revised() -> Arc<InsertBatch> {
    let rows: Vec<Row> = REVISED
        .map(|number| match number % 3 {
            0 => row(number),
            1 => Row { sentiment: Some(-0.5), topic: Some("delivery"), ..row(number) },
            _ => Row { sentiment: None, topic: None, ..row(number) },
        })
        .collect();
    let mut batch = (*batch(PartitionBy::Month, &rows, REVISED.start)).clone();
    batch.processed_at = Timestamp::from_millis(batch.processed_at.as_millis() + 1);
    Arc::new(batch)
}

/// All answers over several periods, as texts.
async fn answers(store: &impl EventQueries) -> Vec<String> {
    let start = row(0).time.as_millis();
    let minute = 60_000;
    // A hundred years.
    const EVER: i64 = 100 * 365 * 24 * 60;
    let mut answers = Vec::new();
    for (since, until) in [
        (0, EVER),
        (-5000, 5000),
        // From within the revised hours, to within them, and both.
        (600, EVER),
        (0, 777),
        (555, 888),
        // Outside them.
        (1100, EVER),
        (0, 480),
    ] {
        let at = |minutes: i64| Timestamp::from_millis(start + minutes * minute);
        let period = Period { since: at(since), until: at(until) };
        for tenant in [None, Some(TenantId::new("tenant-1").unwrap())] {
            for row in store.summary(&Voc::TABLE, tenant.as_ref(), period).await.unwrap() {
                let mean = row.avg_sentiment.map(|mean| format!("{mean:.9}"));
                answers.push(format!("{} {} {mean:?} {}", row.event_type, row.event_count, row.first_event));
            }
            for row in store.topics(&Voc::TABLE, tenant.as_ref(), period).await.unwrap() {
                let mean = row.avg_sentiment.map(|mean| format!("{mean:.9}"));
                answers.push(format!("{} {} {mean:?}", row.topic, row.event_count));
            }
        }
    }
    answers
}

/// The answers of a store that never had the earlier versions.
async fn expected() -> Vec<String> {
    let store = MemoryStore::new();
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    store.insert(batch(PartitionBy::Month, &rows[..50], 0)).await.unwrap();
    store.insert(revised()).await.unwrap();
    store.insert(batch(PartitionBy::Month, &rows[100..], 100)).await.unwrap();
    answers(&store).await
}

/// Stores rows again, and queries before, during and after; `pause` prevents merges, or allows them again.
async fn answers_stay_right<S: EventStore + EventQueries + Revisions>(store: &S, pause: impl AsyncFn(bool)) {
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    store.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
    pause(true).await;
    let before = answers(store).await;

    let stored = store.stored_rows(&Voc::TABLE, &offsets()).await.unwrap();
    assert!(stored.iter().map(|row| row.offset).eq(REVISED));
    assert_eq!((stored[0].event_id, stored[0].time), (Some(row(50).event_id(50)), row(50).time));
    let opened = Revision::new("again", Voc::NAME, &Voc::TABLE, offsets());
    store.save_revision(&opened).await.unwrap();
    assert_eq!(store.revisions().await.unwrap(), std::slice::from_ref(&opened));
    assert_eq!(answers(store).await, before);

    for _ in 0..2 {
        store.insert_revised(revised(), &opened).await.unwrap();
    }
    assert_eq!(store.stored_rows(&Voc::TABLE, &offsets()).await.unwrap()[0].topic, None);
    let expected = expected().await;
    assert_eq!(answers(store).await, expected);
    let opened = opened.done_until(77);
    store.save_revision(&opened).await.unwrap();

    pause(false).await;
    assert_eq!(store.merge_revised(&Voc::TABLE, &opened).await.unwrap(), 0);
    let closed = opened.opened(false);
    store.save_revision(&closed).await.unwrap();
    assert_eq!(store.revisions().await.unwrap(), [closed]);
    assert_eq!(answers(store).await, expected);
}

#[tokio::test]
async fn answers_of_the_memory_store_stay_correct() {
    answers_stay_right(&MemoryStore::new(), async |_| {}).await;
}

#[tokio::test]
async fn answers_of_the_engine_stay_correct() {
    let Some(test) = engine_or_skip() else { return };
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        let options = EmbeddedOptions::default().with_database(test.fresh_database());
        let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
        Migrator::new(&store, partition_by).up().await.unwrap();
        let pause = async |paused| {
            let verb = if paused { "STOP" } else { "START" };
            store.backend().execute(&format!("SYSTEM {verb} MERGES voc_events"), &[]).await.unwrap();
        };
        answers_stay_right(&store, pause).await;
    }
}

/// Stores rows again, one of them for another tenant, and merges.
async fn a_row_with_another_key_is_no_version<S: EventStore + EventQueries + Revisions>(store: &S) {
    let rows: Vec<Row> = REVISED.map(row).collect();
    store.insert(batch(PartitionBy::Month, &rows, REVISED.start)).await.unwrap();
    let opened = Revision::new("again", Voc::NAME, &Voc::TABLE, offsets());
    store.save_revision(&opened).await.unwrap();
    let mut moved = rows.clone();
    moved[20].tenant = "tenant-9".to_owned();
    let mut again = (*batch(PartitionBy::Month, &moved, REVISED.start)).clone();
    again.processed_at = Timestamp::from_millis(again.processed_at.as_millis() + 1);
    store.insert_revised(Arc::new(again), &opened).await.unwrap();

    assert_eq!(store.merge_revised(&Voc::TABLE, &opened).await.unwrap(), 0);
    store.save_revision(&opened.opened(false)).await.unwrap();
    let period = Period { since: rows[0].time, until: Timestamp::from_millis(i64::MAX) };
    for (tenant, events) in [("tenant-0", 25), ("tenant-1", 25), ("tenant-9", 1)] {
        let summary = store.summary(&Voc::TABLE, Some(&TenantId::new(tenant).unwrap()), period).await.unwrap();
        assert_eq!(summary[0].event_count, events, "{tenant}");
    }
}

#[tokio::test]
async fn a_merge_in_memory_leaves_other_tables_alone() {
    let mut other: Table = Voc::TABLE;
    (other.name, other.annotated) = ("others", false);
    let mut builder = BatchBuilder::new(other, PartitionBy::Month);
    let payload = row(50).payload(50);
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let event = voc.decode(&payload, &Envelope::default()).unwrap().event;
    builder.push(&event, &payload, &RowAnnotation::default(), 50).unwrap();
    let range = SourceRange { family: "others", ..batch(PartitionBy::Month, &[row(50)], 50).range.clone() };
    let store = MemoryStore::new();
    store.insert(Arc::new(builder.seal(range, second(0)))).await.unwrap();
    let rows: Vec<Row> = REVISED.map(row).collect();
    store.insert(batch(PartitionBy::Month, &rows, REVISED.start)).await.unwrap();
    let revision = Revision::new("again", Voc::NAME, &Voc::TABLE, offsets());
    store.insert_revised(revised(), &revision).await.unwrap();

    assert_eq!(store.rows(), 1 + 2 * rows.len());
    assert_eq!(store.merge_revised(&Voc::TABLE, &revision).await.unwrap(), 0);
    assert_eq!(store.rows(), 1 + rows.len());
    assert_eq!(store.stored_rows(&Voc::TABLE, &offsets()).await.unwrap().len(), rows.len());
}

#[tokio::test]
async fn a_row_moved_to_another_tenant_is_not_waited_for_in_memory() {
    a_row_with_another_key_is_no_version(&MemoryStore::new()).await;
}

#[tokio::test]
async fn a_row_moved_to_another_tenant_is_not_waited_for_in_the_engine() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    a_row_with_another_key_is_no_version(&store).await;
}

/// An engine in which something happens after a query has started, and before it reads the events.
struct Interrupted {
    engine: EmbeddedBackend,
    interruption: Mutex<Option<Interruption>>,
}

/// Another process stores rows again; then there are two versions, or the rows are merged.
struct Interruption {
    store: EmbeddedStore,
    is_finished: bool,
}

struct InterruptedSession<'a> {
    session: Box<dyn SqlSession + 'a>,
    interruption: &'a Mutex<Option<Interruption>>,
}

#[async_trait]
impl SqlBackend for Interrupted {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        let session = self.engine.session().await?;
        Ok(Box::new(InterruptedSession { session, interruption: &self.interruption }))
    }

    async fn session_open_at(&self, instant: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        self.engine.session_open_at(instant).await
    }
}

#[async_trait]
impl SqlSession for InterruptedSession<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.session.execute(sql, params).await
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        self.session.insert(block).await
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        let interruption = if sql.contains("FROM voc_events") { self.interruption.lock().await.take() } else { None };
        let Some(Interruption { store, is_finished }) = interruption else {
            return self.session.select_texts(sql, params).await;
        };
        let opened = Revision::new("again", Voc::NAME, &Voc::TABLE, offsets());
        store.save_revision(&opened).await?;
        store.insert_revised(revised(), &opened).await?;
        let answer = self.session.select_texts(sql, params).await?;
        if is_finished {
            assert_eq!(store.merge_revised(&Voc::TABLE, &opened).await?, 0);
            store.save_revision(&opened.opened(false)).await?;
        }
        Ok(answer)
    }
}

#[tokio::test]
async fn a_query_running_when_rows_are_stored_again_is_repeated() {
    let Some(test) = engine_or_skip() else { return };
    for is_finished in [false, true] {
        let options = EmbeddedOptions::default().with_database(test.fresh_database());
        let engine = || EmbeddedBackend::open(test.engine(), options.clone()).unwrap();
        let store = EmbeddedStore::new(engine());
        Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
        let rows: Vec<Row> = (0..ROWS).map(row).collect();
        store.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
        if !is_finished {
            store.backend().execute("SYSTEM STOP MERGES voc_events", &[]).await.unwrap();
        }
        let interruption = Mutex::new(Some(Interruption { store, is_finished }));
        let asked = SqlStore::new(Interrupted { engine: engine(), interruption });
        let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
        assert_eq!(
            asked.summary(&Voc::TABLE, None, period).await.unwrap()[0].event_count,
            ROWS as u64,
            "{is_finished}"
        );
        assert!(asked.backend().interruption.lock().await.is_none(), "nothing has happened meanwhile");
    }
}

#[tokio::test]
async fn other_hours_still_come_from_the_rollups() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let writer = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options.clone()).unwrap());
    Migrator::new(&writer, PartitionBy::Month).up().await.unwrap();
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    writer.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
    for sql in ["OPTIMIZE TABLE voc_events FINAL", "SYSTEM STOP MERGES voc_events"] {
        writer.backend().execute(sql, &[]).await.unwrap();
    }
    writer.insert_revised(revised(), &Revision::new("again", Voc::NAME, &Voc::TABLE, offsets())).await.unwrap();

    let reader = Arc::new(EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap()));
    let hour = |hour: i64| Timestamp::from_millis(row(0).time.as_millis() + hour * 3_600_000);
    let mut read = Vec::new();
    for (since, until, events) in [(0, 48, 288), (9, 12, 18)] {
        let rows = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&rows);
        let meter = ReadMeter::new(move |rows| {
            counted.fetch_add(rows, Ordering::Relaxed);
        });
        let period = Period { since: hour(since), until: hour(until) };
        let summary = Arc::clone(&reader).metered(meter).summary(&Voc::TABLE, None, period).await.unwrap();
        assert_eq!(summary[0].event_count, events);
        read.push(rows.load(Ordering::Relaxed));
    }
    // The table is so small that its rows are read either all or not at all: for the hours with versions only.
    assert!(read[1] >= 288 && read[0] - read[1] < 288, "{read:?}");
}

#[tokio::test]
async fn a_store_that_was_never_migrated_has_no_revisions() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    assert_eq!(store.revisions().await.unwrap(), []);
    assert!(matches!(store.stored_rows(&Voc::TABLE, &offsets()).await, Err(StoreError::Rejected { .. })));
}

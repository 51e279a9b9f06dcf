//! Rows are inserted and merged between the statements of a question.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use async_trait::async_trait;
use voc_events::{Family as _, Timestamp, voc::Voc};
use voc_store::{
    Block, Cell, Dimension, Direction, EventQueries as _, EventStore as _, KnownParts, Metric, Migrator, Param,
    PartitionBy, Period, Query, SqlBackend, SqlSession, SqlStore, StoreError, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

use super::sample::{Event, Kind, START, sealed};

/// What is in the statements of a question: in the list of parts, the look for versions, and the question itself.
const LIST: &str = "partition_id, ";
const LOOK: &str = "SELECT toString(hour)";
const QUESTION: &str = "SELECT formatRowNoNewline('JSONCompactEachRow', count())";
const QUESTION_OF_ANY_FORM: &str = "LIMIT 10001";
const QUESTION_OF_PAGE: &str = "SELECT formatRowNoNewline('JSONCompactEachRow', nullIf(toString(call_id)";

/// The embedded engine, in which others run statements before some of a question's.
struct Meddled {
    engine: EmbeddedBackend,
    /// Each runs once, before the first statement with its text that follows the one before.
    others: Mutex<Vec<(&'static str, String)>>,
    known_parts: Arc<KnownParts>,
    _test: Arc<TestEngine>,
}

impl Meddled {
    async fn before(&self, sql: &str) -> Result<(), StoreError> {
        let other = {
            let mut others = self.others.lock().unwrap();
            others.first().is_some_and(|(text, _)| sql.contains(text)).then(|| others.remove(0).1)
        };
        match other {
            Some(other) => self.engine.execute(&other, &[]).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl SqlBackend for Meddled {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(MeddledSession { session: self.engine.session().await?, meddled: self }))
    }

    async fn session_open_at(&self, _: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        self.session().await.map(Some)
    }
}

struct MeddledSession<'m> {
    session: Box<dyn SqlSession + 'm>,
    meddled: &'m Meddled,
}

#[async_trait]
impl SqlSession for MeddledSession<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.session.execute(sql, params).await
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        self.meddled.before(sql).await?;
        self.session.select_texts(sql, params).await
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        self.session.insert(block).await
    }

    fn known_parts(&self) -> Arc<KnownParts> {
        self.meddled.known_parts.clone()
    }
}

/// A store with one call.
async fn store() -> Option<SqlStore<Meddled>> {
    let test = engine_or_skip()?;
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let engine = EmbeddedBackend::open(test.engine(), options).unwrap();
    let store = SqlStore::new(Meddled { engine, others: Mutex::default(), known_parts: Arc::default(), _test: test });
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    store.insert(sealed(&[call()], 0, START)).await.unwrap();
    Some(store)
}

fn call() -> Event {
    let kind = Kind::Call { agent: None, duration: None, mos: None, sentiment: None, topic: None };
    Event { number: 1, tenant: "acme", millis: 0, kind, call: 0 }
}

/// Inserts the stored rows again, changed, as versions of themselves.
fn again(changed: &str) -> String {
    format!(
        "INSERT INTO voc_events SELECT * REPLACE ({changed}) FROM voc_events FINAL \
         SETTINGS optimize_on_insert = 0, insert_deduplicate = 0"
    )
}

const MERGE: &str = "OPTIMIZE TABLE voc_events FINAL";

fn question() -> Query {
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    Query::new(Voc::TABLE, TenantScope::All, ever).metric(Metric::parse(&Voc::TABLE, "event_count").unwrap())
}

async fn count_with(store: &SqlStore<Meddled>, others: Vec<(&'static str, String)>) -> Vec<Vec<Cell>> {
    // What was known before.
    assert_eq!(store.query(&question()).await.unwrap().rows, [[Cell::Integer(1)]]);
    *store.backend().others.lock().unwrap() = others;
    let rows = store.query(&question()).await.unwrap().rows;
    assert!(store.backend().others.lock().unwrap().is_empty());
    rows
}

#[tokio::test]
async fn versions_that_are_merged_before_they_are_looked_for_count_once() {
    let Some(store) = store().await else { return };
    let others = vec![(QUESTION, again("processed_at + 1 AS processed_at")), (LOOK, MERGE.to_owned())];
    assert_eq!(count_with(&store, others).await, [[Cell::Integer(1)]]);
}

/// The embedded store asks nothing while nothing is written.
#[tokio::test]
async fn versions_that_are_written_after_something_else_count_once() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = SqlStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    store.insert(sealed(&[call()], 0, START)).await.unwrap();
    assert_eq!(store.query(&question()).await.unwrap().rows, [[Cell::Integer(1)]]);
    let version = again("processed_at + 1 AS processed_at");
    store.backend().execute(&format!("SELECT 1; {version}"), &[]).await.unwrap();
    assert_eq!(store.query(&question()).await.unwrap().rows, [[Cell::Integer(1)]]);
}

#[tokio::test]
async fn versions_that_were_inserted_together_and_merged_alone_count_once() {
    let Some(store) = store().await else { return };
    let two_of_next_month = again("addMonths(ts, arrayJoin([1, 1])) AS ts");
    let others = vec![(QUESTION, two_of_next_month), (LIST, MERGE.to_owned())];
    assert_eq!(count_with(&store, others).await, [[Cell::Integer(2)]]);
}

#[tokio::test]
async fn a_question_is_answered_although_inserts_are_always_merged_meanwhile() {
    let Some(store) = store().await else { return };
    let event = again("generateUUIDv4() AS event_id").replace("FROM voc_events FINAL", "FROM voc_events FINAL LIMIT 1");
    let others = vec![(QUESTION_OF_ANY_FORM, format!("{event}; {MERGE}")); 20];
    *store.backend().others.lock().unwrap() = others;
    store.query(&question()).await.unwrap();
    // The form of few groups, the other one, and that one with the latest versions of what is merged again and again.
    assert_eq!(store.backend().others.lock().unwrap().len(), 20 - 3);
}

#[tokio::test]
async fn a_row_whose_new_version_is_of_another_group_is_on_the_page() {
    let Some(store) = store().await else { return };
    let query = question()
        .of_many_groups()
        .dimension(Dimension::parse(&Voc::TABLE, "call_id").unwrap())
        .metric(Metric::parse(&Voc::TABLE, "first_event").unwrap());
    let query = query.order_by("first_event", Direction::Descending).unwrap().limit(5);
    // The second time, it is known that there are versions.
    for call in ["other", "third"] {
        let moved = again(&format!("processed_at + 1 AS processed_at, '{call}' AS call_id"));
        *store.backend().others.lock().unwrap() = vec![(QUESTION_OF_PAGE, moved)];
        let groups = store.query(&query).await.unwrap().rows;
        assert!(store.backend().others.lock().unwrap().is_empty());
        let groups: Vec<_> = groups.iter().map(|group| (group[0].text(), group[1].integer())).collect();
        assert_eq!(groups, [(Some(call), Some(1))]);
    }
}

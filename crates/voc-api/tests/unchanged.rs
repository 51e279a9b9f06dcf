//! Answers that have not changed: they are not computed again, and not sent again.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use served::{Response, Served};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_api::Limits;
use voc_events::{
    Family as _, Table, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{
    Answer, BatchBuilder, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries, EventStore,
    EventStream, Freshness, Funnel, InsertBatch, LedgerFilter, MemoryStore, Migrator, PartitionBy, PartitionLedger,
    Query, ReadMeter, RepeatContacts, RowAnnotation, SourceRange, SqlBackend as _, StoreError, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// A store that counts the questions it is asked.
struct Counted<S> {
    store: S,
    questions: AtomicUsize,
}

#[async_trait]
impl<S: EventQueries + 'static> EventQueries for Counted<S> {
    fn metered(self: Arc<Self>, _: ReadMeter) -> Arc<dyn EventQueries> {
        self
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        self.questions.fetch_add(1, Ordering::Relaxed);
        self.store.query(query).await
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        self.store.funnel(funnel).await
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        self.store.drivers(drivers).await
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        self.store.repeat_contacts(question).await
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        self.store.events(list).await
    }

    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError> {
        self.store.reach(list, events).await
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        self.store.stream(list).await
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.store.dead_letters(list).await
    }

    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        self.store.freshness(table, tenants).await
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.store.version(table).await
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.store.ledger(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// A call of each of some tenants at 2026-02-02T12:00:00Z.
fn batch(tenants: &[&str], first: i64) -> Arc<InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let mut last = first;
    for (tenant, offset) in tenants.iter().copied().zip(first..) {
        let time = Timestamp::from_millis(1_770_033_600_000);
        let base = BaseEvent::new(Uuid::from_u64_pair(1, offset.cast_unsigned()), tenant, time, CallEvent::TYPE);
        let event = VocEvent::Call(CallEvent::new(base, "call-1"));
        builder.push(&event, "{}", &RowAnnotation::default(), offset).unwrap();
        last = offset;
    }
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(first)))
}

const BOTH: [&str; 2] = ["acme", "globex"];
const ACME: &str = "/api/v1/summary?from=2026-02-02&to=2026-02-02&tenant_id=acme";

fn check<S: EventStore + EventQueries + 'static>(store: S, merge: impl Fn(&S)) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(store.insert(batch(&BOTH, 0))).unwrap();
    let store = Arc::new(Counted { store, questions: AtomicUsize::new(0) });
    // The version of the data is asked for every time.
    let limits = Limits { staleness: Duration::ZERO, ..Limits::default() };
    let api = Served::limited(Arc::clone(&store), limits);
    let questions = || store.questions.swap(0, Ordering::Relaxed);
    let tag = |answer: &Response| answer.header("etag").unwrap().to_owned();
    let count = |answer: &Response| answer.json()["data"][0]["event_count"].as_i64().unwrap();

    let first = api.fetch("GET", ACME);
    assert_eq!((first.status, count(&first), questions()), (200, 1, 1));
    let again = api.fetch("GET", ACME);
    assert_eq!((again.json(), tag(&again), questions()), (first.json(), tag(&first), 0));
    // Another form of the same answer is not computed again, and is not the same thing.
    let csv = api.fetch("GET", &ACME.replace("summary", "summary.csv"));
    assert_eq!((csv.status, questions()), (200, 0));
    assert_ne!(tag(&csv), tag(&first));

    let known = tag(&first);
    let if_changed = |known: &str| api.fetch_with("GET", ACME, &[("if-none-match", known)]);
    let unchanged = if_changed(&known);
    assert_eq!((unchanged.status, unchanged.text.as_str(), tag(&unchanged)), (304, "", known.clone()));
    assert_eq!(if_changed(&format!("\"other\", {known}")).status, 304);
    assert_eq!(if_changed("\"other\"").status, 200);
    let other = api.fetch_with("GET", &ACME.replace("acme", "globex"), &[("if-none-match", &known)]);
    assert_eq!(other.status, 200, "another tenant's answer is another one");
    let filtered = api.fetch_with("GET", &format!("{ACME}&topic=billing"), &[("if-none-match", &known)]);
    assert_eq!(filtered.status, 200);
    questions();

    merge(&store.store);
    assert_eq!((if_changed(&known).status, questions()), (304, 0), "a merge does not change answers");
    runtime.block_on(store.store.insert(batch(&BOTH, 2))).unwrap();
    let changed = if_changed(&known);
    assert_eq!((changed.status, count(&changed), questions()), (200, 2, 1));
    assert_ne!(tag(&changed), known);
    merge(&store.store);
    assert_eq!((if_changed(&tag(&changed)).status, questions()), (304, 0), "nor does one of two inserts");

    // An answer that says the same has the same tag, so that none tells of other tenants' events.
    runtime.block_on(store.store.insert(batch(&["globex"], 4))).unwrap();
    assert_eq!(if_changed(&tag(&changed)).status, 304);
}

#[test]
fn answers_of_the_memory_store_are_kept_until_rows_are_inserted() {
    check(MemoryStore::new(), |_| {});
}

#[test]
fn answers_of_the_engine_are_kept_until_rows_are_inserted() {
    let Some(test) = engine_or_skip() else { return };
    let runtime = Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check(store, |store| runtime.block_on(store.backend().execute("OPTIMIZE TABLE voc_events FINAL", &[])).unwrap());
}

#[test]
fn equal_questions_at_once_are_one() {
    let store = MemoryStore::new();
    Runtime::new().unwrap().block_on(store.insert(batch(&BOTH, 0))).unwrap();
    let store = Arc::new(Counted { store, questions: AtomicUsize::new(0) });
    let api = Served::limited(Arc::clone(&store), Limits::default());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let client = api.client();
            scope.spawn(move || assert_eq!(client.get(ACME).status, 200));
        }
    });
    assert_eq!(store.questions.load(Ordering::Relaxed), 1);
}

#[test]
fn a_list_that_says_the_same_is_not_sent_again() {
    let api = Served::start(Arc::new(MemoryStore::new()), Vec::new());
    for path in ["/api/v1/dead-letters?days=7", "/api/v1/dead-letters.csv?days=7", "/api/v1/events.csv?days=7&limit=5"]
    {
        let first = api.fetch("GET", path);
        let tag = first.header("etag").unwrap();
        let again = api.fetch_with("GET", path, &[("if-none-match", tag)]);
        assert_eq!((first.status, again.status, again.text.as_str()), (200, 304, ""), "{path}");
    }
}

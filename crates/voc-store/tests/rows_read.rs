//! A store tells how many rows it reads for a question.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;
mod support;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use clickhouse_support::Server;
use futures_util::TryStreamExt as _;
use support::{Row, batch, second};
use voc_events::{Family as _, TenantId, Timestamp, families, voc::Voc};
use voc_store::{
    Account, Condition, DeadLetter, DeadLetterList, Drivers, EventList, EventQueries, EventStore, Factor, Field,
    Filter, Funnel, LedgerEntry, LedgerFilter, MemoryStore, Metric, Migrator, PartitionBy, Period, Query, ReadMeter,
    RepeatContacts, RestrictedSql, SourceRange, Statement, StatementQueries, TenantScope, Value,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// Events of each of two tenants.
const EVENTS: i64 = 600;
/// The events that questions are about: of one tenant, and of its filter.
const MATCHING: u64 = 400;

/// What a meter is told.
#[derive(Clone, Default)]
struct Told(Arc<AtomicU64>);

impl Told {
    fn meter(&self) -> ReadMeter {
        let rows = Arc::clone(&self.0);
        ReadMeter::new(move |read| _ = rows.fetch_add(read, Ordering::Relaxed))
    }

    fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn acme() -> TenantScope {
    TenantScope::of(TenantId::new("acme").unwrap())
}

fn day() -> Period {
    Period { since: second(0), until: second(86_400) }
}

/// Of the duration, which no rollup has; in these events it is their offset.
fn long() -> Filter {
    let least = Value::Integer(2 * (EVENTS - i64::try_from(MATCHING).unwrap()));
    Filter::parse(&Voc::TABLE, "duration_ms", Condition::AtLeast(least)).unwrap()
}

async fn fill(store: &impl EventStore) {
    let row = |number| Row {
        tenant: if number % 2 == 0 { "acme" } else { "globex" }.to_owned(),
        time: second(number),
        call_id: format!("call-{number}"),
        ..Row::default()
    };
    let rows: Vec<Row> = (0..2 * EVENTS).map(row).collect();
    store.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
    let dead_letter = DeadLetter {
        family: Voc::NAME,
        error_type: "invalid_json".into(),
        error: "not JSON".into(),
        path: "$".into(),
        tenant_id: "acme".into(),
        topic: "voc.events".into(),
        partition: 3,
        epoch: 0,
        offset: 5000,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at: second(1),
    };
    store.insert_dead_letters([dead_letter].into()).await.unwrap();
    let account = Account { consumed: 7, stored: 7, ..Account::default() };
    let range =
        SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 3, epoch: 0, first: 0, last: 6 };
    let entry = LedgerEntry {
        range,
        records: 7,
        has_tenants: true,
        tenants: BTreeMap::from([("acme".to_owned(), account)]),
        gaps: Vec::new(),
        processed_at: Timestamp::from_millis(1_770_100_000_000),
    };
    store.record(&entry).await.unwrap();
}

async fn check<S: EventStore + EventQueries + 'static>(store: S) {
    fill(&store).await;
    let (store, told) = (Arc::new(store), Told::default());
    let metered = Arc::clone(&store).metered(told.meter());
    let enough = |least: u64, what: &str| {
        let read = told.take();
        assert!(read >= least, "{what}: {read} rows");
    };

    let query = Query::new(Voc::TABLE, acme(), day()).filter(long());
    let query = query.metric(Metric::parse(&Voc::TABLE, "event_count").unwrap());
    for _ in 0..2 {
        let answer = metered.query(&query).await.unwrap();
        assert_eq!(answer.rows[0][0].integer(), i64::try_from(MATCHING).ok());
        enough(MATCHING, "a question");
    }
    // Nobody else's meter is told.
    store.query(&query).await.unwrap();
    let (other, other_told) = (Told::default(), Told::default());
    let _silent = Arc::clone(&store).metered(other.meter());
    Arc::clone(&store).metered(other_told.meter()).query(&query).await.unwrap();
    assert_eq!((told.take(), other.take()), (0, 0));
    assert!(other_told.take() >= MATCHING);

    let list = EventList::new(Voc::TABLE, acme(), day()).filter(long());
    let list = list.field(Field::find(&Voc::TABLE, "call_id").unwrap());
    let page = metered.events(&list.clone().limit(10)).await.unwrap();
    assert_eq!((page.events.len(), page.truncated), (10, true));
    enough(10, "a page");
    let events: Vec<_> = metered.stream(&list).await.unwrap().try_collect::<Vec<_>>().await.unwrap().concat();
    assert_eq!(events.len() as u64, MATCHING);
    enough(MATCHING, "a stream");

    let is_call = |name: &str| Filter::parse(&Voc::TABLE, "call_id", Condition::Is(vec![Value::Text(name.into())]));
    let within = std::time::Duration::from_secs(60);
    let funnel = Funnel::new(Voc::TABLE, acme(), day(), "call_id", within).unwrap();
    let funnel = funnel.step("first", vec![is_call("call-0").unwrap()]).unwrap();
    let funnel = funnel.step("second", vec![is_call("call-2").unwrap()]).unwrap();
    metered.funnel(&funnel).await.unwrap();
    enough(2, "a funnel");
    let drivers = Drivers::new(Voc::TABLE, acme(), day(), "call_id", "sentiment").unwrap();
    let drivers = drivers.factor(Factor::of_values(&Voc::TABLE, "topic").unwrap()).unwrap();
    metered.drivers(&drivers).await.unwrap();
    enough(u64::try_from(EVENTS).unwrap(), "drivers");
    let returns = RepeatContacts::new(Voc::TABLE, acme(), day(), "call_id", "customer_id", within).unwrap();
    metered.repeat_contacts(&returns).await.unwrap();
    enough(1, "repeat contacts");

    metered.freshness(&Voc::TABLE, &acme()).await.unwrap();
    enough(1, "freshness");
    let found = metered.dead_letters(&DeadLetterList::new(acme(), day())).await.unwrap();
    assert_eq!(found.dead_letters.len(), 1);
    enough(1, "dead letters");
    assert_eq!(metered.ledger(&LedgerFilter::default()).await.unwrap().len(), 1);
    enough(1, "the ledger");
}

async fn check_statements(store: Arc<impl StatementQueries + 'static>) {
    let told = Told::default();
    let sql = format!("SELECT call_id FROM voc_events WHERE duration_ms >= {} ORDER BY 1", 2 * EVENTS - 20);
    let sql = RestrictedSql::parse(&sql, &families::tables(), &[]).unwrap();
    let metered = Arc::clone(&store).metered(told.meter());
    let statement = Statement::new(&sql, &acme(), None, &[]).unwrap();
    assert_eq!(metered.run(&statement).await.unwrap().rows.len(), 10);
    let read = told.take();
    assert!(read >= 10, "{read} rows");
    store.run(&statement).await.unwrap();
    assert_eq!(told.take(), 0);
}

#[tokio::test]
async fn the_memory_store_tells_how_many_rows_it_reads() {
    check(MemoryStore::new()).await;
}

#[tokio::test]
async fn the_embedded_engine_tells_how_many_rows_it_reads() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    check(store.clone()).await;
    check_statements(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_tells_how_many_rows_it_reads() {
    let Some(server) = Server::start("rows_read").await else { return };
    let store = server.store();
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    check(store.clone()).await;
    check_statements(Arc::new(store)).await;
}

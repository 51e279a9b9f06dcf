//! Questions and lists: the engine's answers are those of a plain fold, whatever is asked, with rows in several
//! versions.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use futures_util::TryStreamExt as _;
use jiff::tz::TimeZone;
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};
use tokio::runtime::Runtime;
use voc_events::{Family as _, TenantId, Timestamp, product::Product, voc::Voc};
use voc_store::{
    Answer, Buckets, Cell, Condition, Dimension, Direction, EventList, EventQueries, EventStore, Field, Filter,
    Granularity, MemoryStore, Metric, Migrator, PartitionBy, Period, Query, QueryError, SqlBackend, StoreError,
    TenantScope, Value, WeekStart,
    clickhouse::{ClickHouseConfig, ClickHouseStore},
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::engine_or_skip,
};

mod lists;
mod meanwhile;
mod pages;
mod sample;

use sample::{DAY, Event, HOUR, Kind, START, batches, filter, period, sealed, tenants};

const METRICS: [&str; 24] = [
    "event_count",
    "avg_sentiment",
    "sum_sentiment",
    "count_sentiment",
    "min_sentiment",
    "max_sentiment",
    "stddev_sentiment",
    "first_event",
    "last_event",
    "unique_agent_id",
    "unique_call_id",
    "sum_duration_ms",
    "p10_duration_ms",
    "p50_duration_ms",
    "sum_payload.duration_ms",
    "unique_payload.agent_id",
    "count_payload.success",
    "p95_duration_ms",
    "share_success",
    "avg_value",
    "avg_call_quality.mos",
    "first_topic",
    "last_agent_id",
    "last_duration_ms",
];

const DIMENSIONS: [&str; 12] = [
    "event_type",
    "topic",
    "tenant_id",
    "agent_id",
    "tool_name",
    "success",
    "language",
    "tags.region",
    "duration_ms",
    "payload.tags.region",
    "payload.success",
    "payload.duration_ms",
];

fn buckets() -> impl Strategy<Value = Buckets> {
    let zones = vec!["UTC", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu"];
    let granularity = select(Granularity::ALL.to_vec());
    (granularity, select(zones), select(vec![WeekStart::Monday, WeekStart::Sunday]))
        .prop_map(|(granularity, zone, week_start)| Buckets::new(granularity, zone, week_start).unwrap())
}

fn query() -> impl Strategy<Value = Query> {
    let metric = (select(METRICS.to_vec()), vec(filter(), 0..2))
        .prop_map(|(name, filters)| Metric::parse(&Voc::TABLE, name).unwrap().of(filters));
    let dimensions = prop::sample::subsequence(DIMENSIONS.to_vec(), 0..3);
    let simple = prop::sample::subsequence(vec!["event_type", "topic", "tenant_id"], 0..3);
    (
        tenants(),
        period(),
        vec(metric, 1..5),
        prop_oneof![dimensions, simple],
        option::of(buckets()),
        vec(filter(), 0..3),
        any::<bool>(),
    )
        .prop_map(|(tenants, period, metrics, dimensions, buckets, filters, many_groups)| {
            let mut query = Query::new(Voc::TABLE, tenants, period);
            if many_groups {
                query = query.of_many_groups();
            }
            for name in dimensions {
                query = query.dimension(Dimension::parse(&Voc::TABLE, name).unwrap());
            }
            if let Some(buckets) = buckets {
                query = query.dimension(Dimension::Time(buckets));
            }
            query = filters.into_iter().fold(query, Query::filter);
            metrics.into_iter().fold(query, Query::metric)
        })
}

/// The same rows; sums of floats depend on the order of their terms.
fn assert_same(query: &Query, engine: &Answer, fold: &Answer) {
    let dimensions = query.dimensions().len();
    let sorted = |answer: &Answer| {
        let mut rows = answer.rows.clone();
        rows.sort_by_key(|row| format!("{:?}", &row[..dimensions]));
        rows
    };
    let close = |one: &Cell, other: &Cell| match (one, other) {
        (Cell::Float(one), Cell::Float(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
        (one, other) => one == other,
    };
    let (engine, fold) = (sorted(engine), sorted(fold));
    let same = engine.len() == fold.len()
        && engine.iter().zip(&fold).all(|(one, other)| one.iter().zip(other).all(|(one, other)| close(one, other)));
    assert!(
        same,
        "{:?} {:?} {:?} {:?} {:?}\nengine: {engine:?}\nfold: {fold:?}",
        query.tenants(),
        query.period(),
        query.dimensions(),
        query.metrics(),
        query.filters()
    );
}

/// Page by page, the groups are those of the whole answer. Sums of floats may differ, so pages are by other columns.
fn assert_pages(query: &Query, column: &str, whole: &Answer, ask: impl Fn(&Query) -> Answer) {
    let dimensions = query.dimensions().len();
    for direction in [Direction::Ascending, Direction::Descending] {
        let ordered = query.clone().order_by(column, direction).unwrap();
        let keys = |answer: &Answer| answer.rows.iter().map(|row| row[..dimensions].to_vec()).collect::<Vec<_>>();
        let (mut page, mut found) = (ordered.clone().limit(whole.rows.len() / 3 + 1), Vec::new());
        loop {
            let answer = ask(&page);
            found.extend(keys(&answer));
            let Some(last) = answer.rows.last().filter(|_| answer.truncated) else { break };
            page = page.clone().after(page.place_of(last)).unwrap();
        }
        assert_eq!(found, keys(&ask(&ordered)), "{column} {direction:?} {:?}", query.dimensions());
    }
}

/// Many groups, of which those with the first events come first.
fn query_by_first_event() -> impl Strategy<Value = Query> {
    let dimensions =
        prop::sample::subsequence(vec!["tenant_id", "agent_id", "call_id", "event_type", "tool_name"], 1..4);
    (tenants(), period(), dimensions, vec(filter(), 0..2)).prop_map(|(tenants, period, dimensions, filters)| {
        let mut query = Query::new(Voc::TABLE, tenants, period).of_many_groups();
        for name in dimensions {
            query = query.dimension(Dimension::parse(&Voc::TABLE, name).unwrap());
        }
        query = filters.into_iter().fold(query, Query::filter);
        for name in ["first_event", "event_count", "last_topic"] {
            query = query.metric(Metric::parse(&Voc::TABLE, name).unwrap());
        }
        query
    })
}

#[test]
fn answers_are_those_of_a_fold() {
    compare(vec(query(), 8), |query| {
        let first = query.columns().next().map(|(name, _)| name.to_owned());
        first.filter(|_| !query.dimensions().is_empty())
    });
}

#[test]
fn pages_of_groups_by_their_first_events_are_those_of_a_fold() {
    compare(vec(query_by_first_event(), 6), |_| Some("first_event".to_owned()));
}

/// Asks the engine and the fold about random events, which are stored again in between; pages are in the order of a
/// column.
fn compare(queries: impl Strategy<Value = Vec<Query>>, ordered_by: impl Fn(&Query) -> Option<String>) {
    let Some(test) = engine_or_skip() else { return };
    let runtime = Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    let execute = |sql: &str| runtime.block_on(store.backend().execute(sql, &[])).unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let next_offset = std::cell::Cell::new(0);
    runner
        .run(&(batches(), queries, any::<bool>()), |(batches, queries, merging)| {
            let memory = MemoryStore::new();
            execute("TRUNCATE TABLE voc_events");
            execute(if merging { "SYSTEM START MERGES voc_events" } else { "SYSTEM STOP MERGES voc_events" });
            for (place, events) in batches.iter().enumerate() {
                let batch = sealed(events, next_offset.get(), START + place as i64);
                next_offset.set(next_offset.get() + events.len() as i64);
                runtime.block_on(store.insert(batch.clone())).unwrap();
                runtime.block_on(memory.insert(batch)).unwrap();
            }
            for query in queries {
                let (engine, fold) = (runtime.block_on(store.query(&query)), runtime.block_on(memory.query(&query)));
                let (engine, fold) = (engine.unwrap(), fold.unwrap());
                assert_same(&query, &engine, &fold);
                if let Some(column) = ordered_by(&query) {
                    assert_pages(&query, &column, &engine, |page| runtime.block_on(store.query(page)).unwrap());
                    assert_pages(&query, &column, &fold, |page| runtime.block_on(memory.query(page)).unwrap());
                }
                if let (Ok(engine), Ok(fold)) = (query.fill(engine), query.fill(fold)) {
                    assert_same(&query, &engine, &fold);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn groups_come_in_order_and_the_limit_is_reported() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let event = |number, agent| Event {
        number,
        tenant: "acme",
        millis: 0,
        kind: Kind::Call { agent, duration: None, mos: None, sentiment: None, topic: None },
        call: 0,
    };
    let agents = [Some("bo"), Some("bo"), Some("cy"), None, Some("ana"), None, Some("ana"), Some("ana")];
    let events: Vec<Event> = agents.iter().zip(0..).map(|(agent, number)| event(number, *agent)).collect();
    store.insert(sealed(&events, 0, START)).await.unwrap();

    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    let query = Query::new(Voc::TABLE, TenantScope::All, ever)
        .dimension(Dimension::parse(&Voc::TABLE, "agent_id").unwrap())
        .metric(Metric::parse(&Voc::TABLE, "event_count").unwrap())
        .metric(Metric::parse(&Voc::TABLE, "avg_sentiment").unwrap());
    let rows = |answer: Answer| {
        let rows = answer.rows.iter().map(|row| (row[0].text().map(str::to_owned), row[1].integer().unwrap()));
        (rows.collect::<Vec<_>>(), answer.truncated)
    };
    let of = |name: &str, count| (Some(name.to_owned()), count);
    let all = vec![of("ana", 3), of("bo", 2), (None, 2), of("cy", 1)];
    assert_eq!(rows(store.query(&query).await.unwrap()), (all.clone(), false));
    assert_eq!(rows(store.query(&query.clone().limit(4)).await.unwrap()), (all.clone(), false));
    assert_eq!(rows(store.query(&query.clone().limit(2)).await.unwrap()), (all[..2].to_vec(), true));
    let by_agent = query.clone().order_by("agent_id", Direction::Descending).unwrap();
    let expected = vec![of("cy", 1), of("bo", 2), of("ana", 3), (None, 2)];
    assert_eq!(rows(store.query(&by_agent).await.unwrap()), (expected, false));
    let by_sentiment = query.clone().order_by("avg_sentiment", Direction::Ascending).unwrap();
    let expected = vec![of("ana", 3), of("bo", 2), of("cy", 1), (None, 2)];
    assert_eq!(rows(store.query(&by_sentiment).await.unwrap()), (expected, false));
    assert!(matches!(query.order_by("topic", Direction::Ascending), Err(QueryError::Unknown { .. })));
}

/// Sentiments are stored as 32-bit floats, of which none is exactly 0.3.
#[tokio::test]
async fn bounds_are_inside_although_stored_numbers_are_shorter() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let memory = MemoryStore::new();
    let sentiments = [-0.3, -0.1, 0.1, 0.3, 0.7];
    let event = |(number, sentiment): (u64, f32)| Event {
        number,
        tenant: "acme",
        millis: 0,
        kind: Kind::Call { agent: None, duration: None, mos: None, sentiment: Some(sentiment), topic: None },
        call: 0,
    };
    let batch = sealed(&(0..).zip(sentiments).map(event).collect::<Vec<_>>(), 0, START);
    store.insert(batch.clone()).await.unwrap();
    memory.insert(batch).await.unwrap();
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    for (condition, events) in [
        (Condition::AtLeast(Value::Float(-0.3)), 5),
        (Condition::More(Value::Float(-0.3)), 4),
        (Condition::AtMost(Value::Float(0.3)), 4),
        (Condition::Less(Value::Float(0.3)), 3),
        (Condition::Is(vec![Value::Float(0.1), Value::Float(0.7)]), 2),
        (Condition::IsNot(vec![Value::Float(0.1)]), 4),
    ] {
        let query = Query::new(Voc::TABLE, TenantScope::All, ever)
            .metric(Metric::parse(&Voc::TABLE, "event_count").unwrap())
            .filter(Filter::parse(&Voc::TABLE, "sentiment", condition.clone()).unwrap());
        let answer = store.query(&query).await.unwrap();
        assert_eq!(answer.rows, [[Cell::Integer(events)]], "{condition:?}");
        assert_eq!(answer, memory.query(&query).await.unwrap(), "{condition:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_too_large_for_a_server_is_refused() {
    let Some(test) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", test.engine().clone(), Accounts::default()).unwrap();
    let config = ClickHouseConfig::at("127.0.0.1", endpoint.address().port()).with_database(test.fresh_database());
    let store = ClickHouseStore::connect(config);
    store.backend().create_database().await.unwrap();
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let event = Event { number: 0, tenant: "acme", millis: 0, kind: Kind::Other, call: 0 };
    store.insert(sealed(&[event], 0, START)).await.unwrap();
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    let list = EventList::new(Voc::TABLE, TenantScope::All, ever).field(Field::find(&Voc::TABLE, "topic").unwrap());
    for (filters, is_answered) in [(70, true), (100, false)] {
        let unlike = |number: usize| {
            let values = (0..100).map(|value| Value::Text(format!("'\\ {number} {value}"))).collect();
            Filter::parse(&Voc::TABLE, "agent_id", Condition::IsNot(values)).unwrap()
        };
        let count = Metric::parse(&Voc::TABLE, "event_count").unwrap();
        let query =
            (0..filters).map(unlike).fold(Query::new(Voc::TABLE, TenantScope::All, ever).metric(count), Query::filter);
        let list = (0..filters).map(unlike).fold(list.clone(), EventList::filter);
        let streamed = async { store.stream(&list).await?.try_collect::<Vec<_>>().await };
        let answers = [
            store.query(&query).await.map(|answer| answer.rows == [[Cell::Integer(1)]]),
            store.events(&list).await.map(|page| page.events.len() == 1),
            streamed.await.map(|batches| batches.concat().len() == 1),
            store.reach(&list, 1).await.map(|time| time.is_some()),
        ];
        for answer in answers {
            match answer {
                Ok(is_right) => assert!(is_answered && is_right),
                Err(StoreError::Query(QueryError::Size { .. })) => assert!(!is_answered),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test]
async fn sums_and_means_do_not_wrap_around() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let memory = MemoryStore::new();
    let event = |number, tenant, duration| Event {
        number,
        tenant,
        millis: 0,
        kind: Kind::Call { agent: None, duration: Some(duration), mos: None, sentiment: None, topic: None },
        call: 0,
    };
    let of_tenants = [("acme", i64::MAX), ("acme", i64::MAX), ("globex", i64::MIN), ("globex", i64::MIN)];
    let events: Vec<Event> =
        (0..).zip(of_tenants).map(|(number, (tenant, duration))| event(number, tenant, duration)).collect();
    let batch = sealed(&events, 0, START);
    store.insert(batch.clone()).await.unwrap();
    memory.insert(batch).await.unwrap();
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    for (tenant, sum) in [("acme", i64::MAX), ("globex", i64::MIN)] {
        let query = Query::new(Voc::TABLE, TenantScope::of(TenantId::new(tenant).unwrap()), ever)
            .metric(Metric::parse(&Voc::TABLE, "sum_duration_ms").unwrap())
            .metric(Metric::parse(&Voc::TABLE, "avg_duration_ms").unwrap())
            .metric(Metric::parse(&Voc::TABLE, "p50_duration_ms").unwrap());
        let answer = store.query(&query).await.unwrap();
        assert_eq!(answer.rows, [[Cell::Integer(sum), Cell::Float(sum as f64), Cell::Float(sum as f64)]], "{tenant}");
        assert_eq!(answer, memory.query(&query).await.unwrap(), "{tenant}");
    }
}

/// The engine has a database of time zones of its own.
#[tokio::test]
async fn buckets_of_the_engine_are_those_of_the_calendar() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    // An event every 47 minutes for fourteen months, so there are some around every change of clocks.
    let events: Vec<Event> = (0..13_000_u64)
        .map(|number| Event { number, tenant: "acme", millis: number as i64 * 47 * 60_000, kind: Kind::Other, call: 0 })
        .collect();
    for (place, events) in events.chunks(2000).enumerate() {
        store.insert(sealed(events, place as i64 * 2000, START)).await.unwrap();
    }
    let ever = Period { since: Timestamp::from_millis(START), until: Timestamp::from_millis(START + 430 * DAY) };
    let zones = [
        "UTC",
        "America/New_York",
        "Europe/London",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Africa/Cairo",
        "America/Santiago",
        "America/St_Johns",
        "Australia/Adelaide",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Pacific/Apia",
        "America/Havana",
        "Asia/Tehran",
        "Africa/Casablanca",
    ];
    for zone in zones {
        for granularity in [Granularity::Hour, Granularity::Day, Granularity::Week, Granularity::Month] {
            let buckets = Buckets::new(granularity, zone, WeekStart::Monday).unwrap();
            let query = Query::new(Voc::TABLE, TenantScope::All, ever)
                .dimension(Dimension::Time(buckets.clone()))
                .metric(Metric::parse(&Voc::TABLE, "event_count").unwrap())
                .limit(20_000);
            let answer = query.fill(store.query(&query).await.unwrap()).unwrap();
            let found: Vec<_> =
                answer.rows.iter().map(|row| (row[0].time().unwrap(), row[1].integer().unwrap())).collect();
            let mut expected: Vec<_> = buckets.starts(ever).unwrap().into_iter().map(|start| (start, 0)).collect();
            for event in &events {
                let start = buckets.start_of(Timestamp::from_millis(START + event.millis));
                let place = expected.binary_search_by_key(&start, |(start, _)| *start).unwrap();
                expected[place].1 += 1;
            }
            assert_eq!(found, expected, "{zone} {granularity:?}");
        }
    }
}

#[test]
fn days_have_23_24_or_25_hours() {
    let days = |zone, first: &str, until: &str| {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let buckets = Buckets::new(Granularity::Day, zone, WeekStart::Monday).unwrap();
        let starts = buckets.starts(Period { since: at(first), until: at(until) }).unwrap();
        starts.windows(2).map(|pair| (pair[1].as_millis() - pair[0].as_millis()) / HOUR).collect::<Vec<_>>()
    };
    assert_eq!(days("Europe/Berlin", "2026-10-24T00:00:00Z", "2026-10-27T12:00:00Z"), [24, 25, 24]);
    assert_eq!(days("Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z"), [24, 23]);
    // Midnight does not exist on this day.
    assert_eq!(days("America/Santiago", "2026-09-05T12:00:00Z", "2026-09-07T12:00:00Z"), [24, 23]);
}

#[test]
fn weeks_and_months_begin_where_they_should() {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let start = |granularity, week_start, time| {
        Buckets::new(granularity, "America/Sao_Paulo", week_start).unwrap().start_of(at(time)).to_string()
    };
    assert_eq!(start(Granularity::Week, WeekStart::Monday, "2026-11-01T12:00:00Z"), "2026-10-26T03:00:00.000Z");
    assert_eq!(start(Granularity::Week, WeekStart::Sunday, "2026-11-01T12:00:00Z"), "2026-11-01T03:00:00.000Z");
    assert_eq!(start(Granularity::Month, WeekStart::Monday, "2026-11-01T02:59:59Z"), "2026-10-01T03:00:00.000Z");
    assert!(TimeZone::get("America/Sao_Paulo").is_ok());
    let error = Buckets::new(Granularity::Day, "Sao_Paulo", WeekStart::Monday).unwrap_err();
    assert_eq!(error.to_string(), "unknown time zone 'Sao_Paulo'; expected an IANA name, such as 'America/Sao_Paulo'");
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let table = Voc::TABLE;
    let message = |error: QueryError| error.to_string();
    let unknown = Metric::parse(&table, "mean_sentiment").unwrap_err();
    assert_eq!(message(unknown), "unknown metric 'mean_sentiment'");
    let metric = message(Metric::parse(&table, "share_sentiment").unwrap_err());
    assert_eq!(metric, "the share of 'sentiment' is not defined, because it is a number");
    let list = message(Dimension::parse(&table, "tags").unwrap_err());
    assert_eq!(list, "'tags' cannot be a dimension, because it is a map");
    let value = Condition::Is(vec![Value::Text("loud".to_owned())]);
    let value = message(Filter::parse(&table, "sentiment", value).unwrap_err());
    assert_eq!(value, "'sentiment' is a number, and cannot be compared with \"loud\"");
    assert!(Filter::parse(&table, "topic", Condition::Is(Vec::new())).is_err());
    for name in ["payload", "payload.", "payload..a", "topic.a"] {
        assert!(matches!(Field::find(&table, name), Err(QueryError::Unknown { .. })), "{name}");
    }
    // Every metric that is listed exists.
    for table in [Voc::TABLE, Product::TABLE] {
        for name in Metric::names(&table) {
            assert_eq!(Metric::parse(&table, &name).unwrap().name(), name);
        }
    }
}

//! Questions about the events of one session, call or customer together: the engine's answers are those of a plain
//! fold, with rows in several versions, and both are what they should be.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{sync::Arc, time::Duration};

use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, TenantId, Timestamp, voc::Voc};
use voc_store::{
    Answer, BatchBuilder, Cell, Condition, Drivers, EventQueries, EventStore, Factor, Filter, Funnel, InsertBatch,
    MemoryStore, Migrator, PartitionBy, Period, QueryError, RepeatContacts, RowAnnotation, SourceRange, SqlBackend,
    TenantScope, Value,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// 2026-10-31T12:00:00Z: events are in two table partitions.
const START: i64 = 1_793_448_000_000;
const MINUTE: i64 = 60_000;
const HOURS: i64 = 30;

#[derive(Debug, Clone)]
struct Event {
    number: u64,
    tenant: &'static str,
    millis: i64,
    event_type: &'static str,
    call: &'static str,
    agent: &'static str,
    customer: Option<&'static str>,
    tool: &'static str,
    eighths: Option<i64>,
    sentiment: Option<f32>,
    topic: Option<&'static str>,
}

impl Event {
    fn json(&self) -> String {
        let mut event = json!({"event_id": Uuid::from_u64_pair(7, self.number), "tenant_id": self.tenant,
            "timestamp": Timestamp::from_millis(START + self.millis).to_string(), "event_type": self.event_type});
        let ties = json!({"call_id": self.call, "customer_id": self.customer});
        let own = match self.event_type {
            "call" => json!({"call_id": self.call, "agent_id": self.agent, "customer_id": self.customer,
                "call_quality": self.eighths.map(|eighths| json!({"mos": eighths as f64 / 8.0}))}),
            "agent_action" => json!({"action": "transfer", "agent_id": self.agent, "metadata": ties}),
            "tool_invocation" => json!({"tool_name": self.tool, "metadata": ties}),
            _ => json!({"metadata": ties}),
        };
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let present =
            |event: &mut serde_json::Value| event.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        present(&mut event);
        if !event["metadata"].is_null() {
            present(&mut event["metadata"]);
        }
        event.to_string()
    }

    fn annotation(&self) -> RowAnnotation<'_> {
        let Self { sentiment, topic, .. } = *self;
        match self.event_type {
            "call" => {
                RowAnnotation { sentiment, topic, language: "en", decided_by: "fast@1", ..RowAnnotation::default() }
            }
            _ => RowAnnotation::default(),
        }
    }
}

fn sealed(events: &[Event], first: i64, processed_at: i64) -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (event, offset) in events.iter().zip(first..) {
        let payload = event.json();
        let Ok(Decoded { event: decoded, .. }) = voc.decode(&payload, &Envelope::default()) else {
            panic!("cannot be decoded: {payload}")
        };
        builder.push(&decoded, &payload, &event.annotation(), offset).unwrap();
    }
    let last = first + events.len() as i64 - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(processed_at)))
}

const TYPES: [&str; 5] = ["call", "call", "agent_action", "tool_invocation", "survey"];

fn event() -> impl Strategy<Value = Event> {
    let subject = (
        select(vec!["acme", "globex"]),
        select(vec!["c1", "c2", "c3", "c4", "c5", "c6", "c7"]),
        option::weighted(0.9, select(vec!["k1", "k2", "k3"])),
    );
    let millis = prop_oneof![0..HOURS * 60 * MINUTE, (0..HOURS * 4).prop_map(|quarter| quarter * 15 * MINUTE)];
    let values = (select(vec!["ana", "bo"]), select(vec!["crm", "kb", "faq"]), option::of(8_i64..40));
    (millis, select(TYPES.to_vec()), subject, values, annotation()).prop_map(
        |(millis, event_type, (tenant, call, customer), (agent, tool, eighths), (sentiment, topic))| Event {
            number: 0,
            tenant,
            millis,
            event_type,
            call,
            agent,
            customer,
            tool,
            eighths,
            sentiment,
            topic,
        },
    )
}

fn annotation() -> impl Strategy<Value = (Option<f32>, Option<&'static str>)> {
    (option::weighted(0.8, -1.0_f32..1.0), option::weighted(0.8, select(vec!["billing", "account"])))
}

/// Events in batches, some of which store an event of an earlier one again, with another annotation.
fn batches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let again = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), annotation());
    (vec(vec(event(), 1..40), 1..5), vec(again, 0..10)).prop_map(|(mut batches, again)| {
        for (number, event) in (0..).zip(batches.iter_mut().flatten()) {
            event.number = number;
        }
        for (from, to, (sentiment, topic)) in again {
            let batch = from.get(&batches);
            let event = Event { sentiment, topic, ..to.get(batch).clone() };
            let last = to.index(batches.len());
            batches[last].push(event);
        }
        batches
    })
}

fn is(field: &str, value: &str) -> Filter {
    Filter::parse(&Voc::TABLE, field, Condition::Is(vec![Value::Text(value.to_owned())])).unwrap()
}

fn filters() -> impl Strategy<Value = Vec<Filter>> {
    let filter = prop_oneof![
        select(vec![("topic", "billing"), ("agent_id", "ana"), ("customer_id", "k1"), ("language", "en")])
            .prop_map(|(field, value)| is(field, value)),
        Just(Filter::parse(&Voc::TABLE, "topic", Condition::Present).unwrap()),
        (-1.0..1.0).prop_map(|least| {
            Filter::parse(&Voc::TABLE, "sentiment", Condition::AtLeast(Value::Float(least))).unwrap()
        }),
    ];
    vec(filter, 0..2)
}

fn scope() -> impl Strategy<Value = (TenantScope, Period)> {
    let tenants = prop_oneof![
        2 => Just(TenantScope::All),
        3 => select(vec!["acme", "globex", "nobody"]).prop_map(|name| TenantScope::of(TenantId::new(name).unwrap())),
        1 => Just(TenantScope::Only(Vec::new())),
    ];
    let bound = || -60..(HOURS + 1) * 60;
    let at = |minute: i64| Timestamp::from_millis(START + minute * MINUTE);
    (tenants, bound(), bound()).prop_map(move |(tenants, one, other)| {
        (tenants, Period { since: at(one.min(other)), until: at(one.max(other)) })
    })
}

fn minutes(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(|minutes| Duration::from_secs(60 * minutes))
}

fn funnel() -> impl Strategy<Value = Funnel> {
    let step = prop_oneof![
        select(TYPES.to_vec()).prop_map(|name| is("event_type", name)),
        select(vec!["ana", "bo"]).prop_map(|name| is("agent_id", name)),
    ];
    (scope(), filters(), select(vec!["call_id", "customer_id"]), minutes(0..900), vec(step, 1..5)).prop_map(
        |((tenants, period), filters, actor, within, steps)| {
            let funnel = Funnel::new(Voc::TABLE, tenants, period, actor, within).unwrap();
            let funnel = filters.into_iter().fold(funnel, Funnel::filter);
            steps.into_iter().fold(funnel, |funnel, step| funnel.step(format!("{step:?}"), vec![step]).unwrap())
        },
    )
}

fn drivers() -> impl Strategy<Value = Drivers> {
    let factor = |name: &str| match name {
        "call_quality.mos" => Factor::of_bands(&Voc::TABLE, name, &[2.0, 3.5]).unwrap(),
        name => Factor::of_values(&Voc::TABLE, name).unwrap(),
    };
    let names = prop::sample::subsequence(vec!["topic", "agent_id", "tool_name", "call_quality.mos", "action"], 0..5);
    (scope(), filters(), names, 1..4_u32).prop_map(move |((tenants, period), filters, names, support)| {
        let drivers = Drivers::new(Voc::TABLE, tenants, period, "call_id", "sentiment").unwrap();
        let drivers = filters.into_iter().fold(drivers.filter(is("event_type", "call")), Drivers::filter);
        names.iter().fold(drivers, |drivers, name| drivers.factor(factor(name)).unwrap()).min_support(support)
    })
}

fn repeat_contacts() -> impl Strategy<Value = RepeatContacts> {
    let by = option::of(select(vec!["topic", "agent_id", "tenant_id"]));
    (scope(), filters(), by, minutes(0..900), -60..(HOURS + 20) * 60).prop_map(
        |((tenants, period), filters, by, within, known)| {
            let question = RepeatContacts::new(Voc::TABLE, tenants, period, "call_id", "customer_id", within).unwrap();
            let question =
                question.contacts(is("event_type", "call")).known_until(Timestamp::from_millis(START + known * MINUTE));
            let question = filters.into_iter().fold(question, RepeatContacts::filter);
            by.into_iter().fold(question, |question, by| question.by(by).unwrap())
        },
    )
}

/// The same rows; sums of floats depend on the order of their terms, and so may the order of rows.
fn assert_same(question: &impl std::fmt::Debug, keys: usize, engine: Answer, fold: Answer) {
    let sorted = |answer: Answer| {
        let mut rows = answer.rows;
        rows.sort_by_key(|row| format!("{:?}", &row[..keys]));
        (rows, answer.truncated)
    };
    let close = |one: &Cell, other: &Cell| match (one, other) {
        (Cell::Float(one), Cell::Float(other)) => (one - other).abs() <= 1e-9 * one.abs().max(1.0),
        (one, other) => one == other,
    };
    let ((engine, engine_cut), (fold, fold_cut)) = (sorted(engine), sorted(fold));
    let rows = || engine.iter().zip(&fold);
    let same = engine.len() == fold.len()
        && engine_cut == fold_cut
        && rows().all(|(one, other)| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| close(one, other))
        });
    assert!(same, "{question:?}\nengine: {engine:?}\nfold: {fold:?}");
}

#[test]
fn answers_are_those_of_a_fold() {
    let Some(test) = engine_or_skip() else { return };
    let runtime = Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    let execute = |sql: &str| runtime.block_on(store.backend().execute(sql, &[])).unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let next_offset = std::cell::Cell::new(0);
    let questions = (vec(funnel(), 6), vec(drivers(), 6), vec(repeat_contacts(), 6));
    runner
        .run(&(batches(), questions, any::<bool>()), |(batches, (funnels, drivers, repeats), merging)| {
            let memory = MemoryStore::new();
            execute("TRUNCATE TABLE voc_events");
            execute(if merging { "SYSTEM START MERGES voc_events" } else { "SYSTEM STOP MERGES voc_events" });
            for (place, events) in batches.iter().enumerate() {
                let batch = sealed(events, next_offset.get(), START + place as i64);
                next_offset.set(next_offset.get() + events.len() as i64);
                runtime.block_on(store.insert(batch.clone())).unwrap();
                runtime.block_on(memory.insert(batch)).unwrap();
            }
            for funnel in funnels {
                let answers = (runtime.block_on(store.funnel(&funnel)), runtime.block_on(memory.funnel(&funnel)));
                assert_same(&funnel, 1, answers.0.unwrap(), answers.1.unwrap());
            }
            for drivers in drivers {
                let answers = (runtime.block_on(store.drivers(&drivers)), runtime.block_on(memory.drivers(&drivers)));
                assert_same(&drivers, 2, answers.0.unwrap(), answers.1.unwrap());
            }
            for question in repeats {
                let keys = question.columns().count() - 9;
                let answers = (
                    runtime.block_on(store.repeat_contacts(&question)),
                    runtime.block_on(memory.repeat_contacts(&question)),
                );
                assert_same(&question, keys, answers.0.unwrap(), answers.1.unwrap());
            }
            Ok(())
        })
        .unwrap();
}

/// Both stores with the same events.
async fn both(
    database: String,
    engine: &voc_testkit::requirements::TestEngine,
    events: &[Event],
) -> Vec<Box<dyn EventQueries>> {
    let options = EmbeddedOptions::default().with_database(database);
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let memory = MemoryStore::new();
    let batch = sealed(events, 0, START);
    store.insert(batch.clone()).await.unwrap();
    memory.insert(batch).await.unwrap();
    vec![Box::new(store), Box::new(memory)]
}

fn call(number: u64, minute: i64, call: &'static str, customer: &'static str) -> Event {
    Event {
        number,
        tenant: "acme",
        millis: minute * MINUTE,
        event_type: "call",
        call,
        agent: "ana",
        customer: Some(customer),
        tool: "crm",
        eighths: None,
        sentiment: Some(0.0),
        topic: Some("billing"),
    }
}

const EVER: Period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(4_000_000_000_000) };

fn numbers(answer: &Answer, columns: std::ops::Range<usize>) -> Vec<Vec<Option<f64>>> {
    answer.rows.iter().map(|row| row[columns.clone()].iter().map(Cell::float).collect()).collect()
}

#[tokio::test]
async fn steps_are_in_order_and_within_the_window() {
    let Some(test) = engine_or_skip() else { return };
    let event = |number, minute, event_type, subject| Event { event_type, ..call(number, minute, subject, "k1") };
    let events = [
        // In time, by the second call.
        event(1, 0, "call", "c1"),
        event(2, 50, "call", "c1"),
        event(3, 60, "agent_action", "c1"),
        event(4, 75, "survey", "c1"),
        // The survey is too late.
        event(5, 0, "call", "c2"),
        event(6, 20, "agent_action", "c2"),
        event(7, 31, "survey", "c2"),
        // In the wrong order, and at the same time.
        event(8, 0, "agent_action", "c3"),
        event(9, 5, "call", "c3"),
        event(10, 5, "agent_action", "c3"),
    ];
    for store in both(test.fresh_database(), &test, &events).await {
        let mut funnel = Funnel::new(Voc::TABLE, TenantScope::All, EVER, "call_id", Duration::from_secs(1800)).unwrap();
        for step in ["call", "agent_action", "survey"] {
            funnel = funnel.step(step, vec![is("event_type", step)]).unwrap();
        }
        let answer = store.funnel(&funnel).await.unwrap();
        let names: Vec<_> = answer.rows.iter().map(|row| row[1].text().unwrap()).collect();
        assert_eq!(names, ["call", "agent_action", "survey"]);
        let third = 1.0 / 3.0;
        let expected = [
            [Some(3.0), Some(1.0), Some(1.0), Some(0.0)],
            [Some(2.0), Some(2.0 * third), Some(2.0 * third), Some(15.0 * MINUTE as f64)],
            [Some(1.0), Some(third), Some(0.5), Some(25.0 * MINUTE as f64)],
        ];
        assert_eq!(numbers(&answer, 2..6), expected);
    }
}

#[tokio::test]
async fn drivers_are_differences_with_intervals() {
    let Some(test) = engine_or_skip() else { return };
    // Six calls with a tool and a mean of -0.5, and six without and a mean of 0.25.
    const CALLS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let mut events: Vec<Event> = CALLS
        .iter()
        .zip(0_u8..)
        .map(|(id, place)| {
            let spread = f32::from(place % 3) / 4.0 - 0.25;
            let mean = if place < 6 { -0.5 } else { 0.25 };
            Event { sentiment: Some(mean + spread), eighths: Some(32), ..call(place.into(), 0, id, "k1") }
        })
        .collect();
    for (id, place) in CALLS[..6].iter().zip(20_u8..) {
        events.push(Event { event_type: "tool_invocation", ..call(place.into(), 5, id, "k1") });
    }
    for store in both(test.fresh_database(), &test, &events).await {
        let drivers = Drivers::new(Voc::TABLE, TenantScope::All, EVER, "call_id", "sentiment")
            .unwrap()
            .filter(is("event_type", "call"))
            .factor(Factor::of_values(&Voc::TABLE, "tool_name").unwrap().named("tool"))
            .unwrap()
            .factor(Factor::of_bands(&Voc::TABLE, "call_quality.mos", &[3.0, 4.0]).unwrap())
            .unwrap();
        let answer = store.drivers(&drivers).await.unwrap();
        let names: Vec<_> = answer.rows.iter().map(|row| (row[0].text().unwrap(), row[1].text().unwrap())).collect();
        assert_eq!(names, [("tool", "crm"), ("call_quality.mos", "4 or more")]);
        let found = &numbers(&answer, 2..10)[0];
        // Welch's test of the two samples in R: t.test(c(-.75,-.5,-.25,-.75,-.5,-.25), c(0,.25,.5,0,.25,.5)).
        let expected = [6.0, 0.5, -0.5, 0.25, -0.75, -1.037_62, -0.462_38, -0.375];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.unwrap() - expected).abs() < 1e-4, "{found:?} {expected}");
        }
        // There are no calls of other quality.
        assert_eq!(numbers(&answer, 2..10)[1], [Some(12.0), Some(1.0), Some(-0.125), None, None, None, None, None]);
        let frequent = store.drivers(&drivers.clone().min_support(7)).await.unwrap();
        assert_eq!(frequent.rows.len(), 1);
        let first = store.drivers(&drivers.limit(1)).await.unwrap();
        assert_eq!((first.rows.len(), first.truncated), (1, true));
    }
}

#[tokio::test]
async fn contacts_are_repeated_or_open_or_neither() {
    /// A day after the first event of c2.
    const DAY_LATER: i64 = 60 + 24 * 60;
    let Some(test) = engine_or_skip() else { return };
    let other_tenant = Event { tenant: "globex", ..call(9, 5, "c9", "k1") };
    let events = [
        call(1, 0, "c1", "k1"),
        // A second leg of the same call is no other contact.
        call(2, 10, "c1", "k1"),
        call(3, 60, "c2", "k1"),
        call(4, 121, "c3", "k1"),
        call(5, 200, "c4", "k2"),
        other_tenant,
        call(10, DAY_LATER + 1, "c2", "k1"),
    ];
    let at = |minute: i64| Timestamp::from_millis(START + minute * MINUTE);
    for store in both(test.fresh_database(), &test, &events).await {
        let question = |since, until, known| {
            let period = Period { since: at(since), until: at(until) };
            let hour = Duration::from_secs(3600);
            RepeatContacts::new(Voc::TABLE, TenantScope::All, period, "call_id", "customer_id", hour)
                .unwrap()
                .contacts(is("event_type", "call"))
                .known_until(at(known))
        };
        let answer = store.repeat_contacts(&question(0, 300, 250)).await.unwrap();
        // c1 is repeated; c2 and c3 are not; c4 may be; nor does the other tenant's customer of this name come back.
        let expected = [5.0, 1.0, 1.0, 0.25, 3.0, 1.0, 1.0, 0.5, 60.0 * MINUTE as f64].map(Some);
        assert_eq!(numbers(&answer, 0..9), [expected]);
        // The next contact may be after the period.
        let answer = store.repeat_contacts(&question(0, 1, 250)).await.unwrap();
        assert_eq!(numbers(&answer, 0..3), [[1.0, 1.0, 0.0].map(Some)]);
        let by_tenant = question(0, 300, 1000).by("tenant_id").unwrap();
        let answer = store.repeat_contacts(&by_tenant).await.unwrap();
        assert_eq!(numbers(&answer, 1..4), [[4.0, 1.0, 0.0].map(Some), [1.0, 0.0, 0.0].map(Some)]);
        // A contact belongs to the period in which it begins, not to those of its later events.
        let answer = store.repeat_contacts(&question(5, 300, 250)).await.unwrap();
        assert_eq!(numbers(&answer, 0..3), [[4.0, 0.0, 1.0].map(Some)]);
        // Events that are more than a day apart are not of one contact.
        let answer = store.repeat_contacts(&question(DAY_LATER + 1, DAY_LATER + 10, 3000)).await.unwrap();
        assert_eq!(numbers(&answer, 0..3), [[1.0, 0.0, 0.0].map(Some)]);
        let none = store.repeat_contacts(&question(-10, 0, 1000)).await.unwrap();
        assert_eq!(numbers(&none, 0..4), [[Some(0.0), Some(0.0), Some(0.0), None]]);
    }
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let hour = Duration::from_secs(3600);
    let funnel = |actor| Funnel::new(Voc::TABLE, TenantScope::All, EVER, actor, hour);
    assert!(matches!(funnel("session_id"), Err(QueryError::Unknown { .. })));
    assert!(matches!(funnel("topics"), Err(QueryError::Dimension { .. })));
    let ten = (0..10).fold(funnel("call_id").unwrap(), |funnel, _| funnel.step("any", Vec::new()).unwrap());
    assert_eq!(ten.step("any", Vec::new()).unwrap_err().to_string(), "a funnel has at most 10 steps");
    let drivers = |outcome| Drivers::new(Voc::TABLE, TenantScope::All, EVER, "call_id", outcome);
    let error = drivers("topic").unwrap_err().to_string();
    assert_eq!(error, "the avg of 'topic' is not defined, because it is a text");
    let topic = || Factor::of_values(&Voc::TABLE, "topic").unwrap();
    let many = (0..20).fold(drivers("value").unwrap(), |drivers, _| drivers.factor(topic()).unwrap());
    assert!(matches!(many.factor(topic()), Err(QueryError::Factors { max: 20 })));
    let contacts = |customer| RepeatContacts::new(Voc::TABLE, TenantScope::All, EVER, "call_id", customer, hour);
    assert!(contacts("customer").is_err());
    assert!(contacts("customer_id").unwrap().by("tags").is_err());
}

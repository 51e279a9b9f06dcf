//! The endpoints and reports of single families answer what a plain fold does, before, during and after a replay.

mod events;
mod funnels;
mod reports;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    ops::Range,
    sync::Arc,
    time::Duration,
};

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use voc_api::{Limits, Reports, access::Access};
use voc_events::{Family, activity::Activity, product::Product, quality::Quality};
use voc_store::{
    EventStore as _, Migrator, OffsetSpan, PartitionBy, Revision, Revisions as _, SqlBackend as _,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{merges::merge_versions, requirements::engine_or_skip};

use self::{
    events::{TOPIC, activity, era, product, quality, sealed},
    funnels::{Funnel, funnel},
    reports::{activity_overview, overview_stats, quality_overview, search_analytics, top_content},
};
use crate::{
    assert_rows,
    event::Event,
    fold::{Asked, Dimension, Expected, Filter, Metric},
    formats::assert_written,
    question::{Request, Subject, buckets_of, subject},
    reports::assert_report,
    rows,
    served::Served,
};

/// A question to the endpoint of a family.
#[derive(Debug, Clone)]
struct Question {
    subject: Subject,
    by: Option<usize>,
    granularity: Option<&'static str>,
    event_type: bool,
    compare: bool,
}

fn question() -> impl Strategy<Value = Question> {
    let granularity = option::of(select(vec!["hour", "day", "week", "month"]));
    (subject(era()), option::of(0..4_usize), granularity, any::<bool>(), any::<bool>()).prop_map(
        |(subject, by, granularity, event_type, compare)| {
            // The filters of a subject are those of another family.
            let subject = subject.of_all_events();
            Question { subject, by, granularity, event_type, compare }
        },
    )
}

/// What an endpoint is asked by and answers.
struct Endpoint {
    family: &'static str,
    has_tenants: bool,
    /// Fields to ask by, with the type that is a filter.
    fields: [&'static str; 4],
    event_type: &'static str,
    metrics: Vec<Metric>,
}

fn is(field: &'static str, value: Value) -> Filter {
    Filter { operator: "is", field, values: vec![value] }
}

fn endpoints() -> [Endpoint; 3] {
    let all = |name, measure| Metric { name, measure, filters: Vec::new() };
    let some = |name, measure, filters: Vec<Filter>| Metric { name, measure, filters };
    let of_type = |name: &str| is("event_type", json!(name));
    let inspections = || of_type("INSPECTION_COMPLETED");
    let with_defects = Filter { operator: "present", field: "defect_types", values: Vec::new() };
    let in_vain = vec![of_type("search"), is("properties.results", json!(0))];
    [
        Endpoint {
            family: "activity",
            has_tenants: false,
            fields: ["event_type", "page_url", "user_id", "session_id"],
            event_type: "page_view",
            metrics: vec![
                all("events", "event_count"),
                all("users", "unique_user_id"),
                all("sessions", "unique_session_id"),
            ],
        },
        Endpoint {
            family: "product",
            has_tenants: true,
            fields: ["event_type", "properties.content_id", "user_id", "tenant_id"],
            event_type: "search",
            metrics: vec![
                all("events", "event_count"),
                all("users", "unique_user_id"),
                some("searches", "event_count", vec![of_type("search")]),
                some("searches_without_results", "event_count", in_vain),
                some("watch_seconds", "sum_properties.watch_time", vec![of_type("video_heartbeat")]),
            ],
        },
        Endpoint {
            family: "quality",
            has_tenants: false,
            fields: ["event_type", "station", "batch_id", "defect_type"],
            event_type: "INSPECTION_COMPLETED",
            metrics: vec![
                all("events", "event_count"),
                some("inspections", "event_count", vec![inspections()]),
                some("inspections_with_defects", "event_count", vec![inspections(), with_defects]),
                all("defects", "sum_defect_count"),
                some("violations", "event_count", vec![of_type("THRESHOLD_VIOLATED")]),
                all("scored", "count_quality_score"),
                all("avg_quality_score", "avg_quality_score"),
                all("min_quality_score", "min_quality_score"),
                all("p10_quality_score", "p10_quality_score"),
                all("p50_quality_score", "p50_quality_score"),
            ],
        },
    ]
}

impl Question {
    fn request(&self, endpoint: &Endpoint) -> Request {
        let subject = self.subject.of_tenant(self.subject.tenant.filter(|_| endpoint.has_tenants));
        let more = [
            ("by", self.by.map(|by| endpoint.fields[by])),
            ("granularity", self.granularity),
            ("event_type", self.event_type.then_some(endpoint.event_type)),
            ("compare", self.compare.then_some("true")),
        ];
        let more = more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let parameters = subject.parameters().into_iter().chain(more).collect();
        Request { method: "GET", path: format!("/api/v1/{}", endpoint.family), parameters, body: None }
    }

    fn asked(&self, endpoint: &Endpoint, answered: Option<&str>) -> Asked {
        let mut asked = self.subject.asked();
        asked.tenant = asked.tenant.filter(|_| endpoint.has_tenants);
        let granularity = self.granularity.or(answered);
        let time = granularity.map(|name| Dimension::Time(buckets_of(name, self.subject.zone)));
        let by = self.by.map(|by| Dimension::Field(endpoint.fields[by]));
        asked.dimensions = time.into_iter().chain(by).collect();
        asked.metrics = endpoint.metrics.clone();
        if self.is_by_defect(endpoint) {
            asked.metrics.retain(|metric| metric.name != "defects");
        }
        asked.filters = self.event_type.then(|| is("event_type", json!(endpoint.event_type))).into_iter().collect();
        asked.compare = self.compare;
        asked
    }

    fn is_by_defect(&self, endpoint: &Endpoint) -> bool {
        self.by.is_some_and(|by| endpoint.fields[by] == "defect_type")
    }

    /// The rows of the reference, with the columns that are computed of others.
    fn expected(&self, endpoint: &Endpoint, asked: &Asked, events: &[Event]) -> Expected {
        let is_by_defect = self.is_by_defect(endpoint);
        let mut expected = if is_by_defect { asked.of(&of_each_defect(events)) } else { asked.of(events) };
        if endpoint.family != Quality::NAME {
            return expected;
        }
        let whole = Asked {
            dimensions: asked
                .dimensions
                .iter()
                .filter(|dimension| matches!(dimension, Dimension::Time(_)))
                .cloned()
                .collect(),
            compare: false,
            fill: false,
            ..asked.clone()
        };
        let whole: BTreeMap<String, f64> = whole
            .of(events)
            .rows
            .iter()
            .map(|row| {
                (row.get("time").map(Value::to_string).unwrap_or_default(), row["inspections"].as_f64().unwrap())
            })
            .collect();
        for row in &mut expected.rows {
            for name in ["defects", "previous_defects", "change_defects"] {
                if row.get(name).is_some_and(Value::is_null) {
                    row.insert(name.to_owned(), json!(0));
                }
            }
            if let (Some(now), Some(before)) = (row.get("defects"), row.get("previous_defects")) {
                let change = now.as_f64().unwrap() - before.as_f64().unwrap();
                row.insert("change_defects".to_owned(), json!(change));
            }
            let time = row.get("time").map(Value::to_string).unwrap_or_default();
            let of_row = row["inspections"].as_f64();
            let inspections = if is_by_defect { whole.get(&time).copied() } else { of_row };
            let part = row["inspections_with_defects"].as_f64().unwrap();
            let rate = inspections.filter(|whole| *whole > 0.0).map(|whole| part / whole);
            row.insert("defect_rate".to_owned(), json!(rate));
        }
        expected
    }
}

/// An event for each of its types of defect.
fn of_each_defect(events: &[Event]) -> Vec<Event> {
    let of_event = |event: &Event| {
        let types: BTreeSet<String> = match event.field("defect_types") {
            Value::Array(types) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return vec![event.clone()],
        };
        let with = |name: String| {
            let mut event = event.clone();
            event.sent.insert("defect_type".to_owned(), json!(name));
            event
        };
        types.into_iter().map(with).collect()
    };
    events.iter().flat_map(of_event).collect()
}

/// The events of a family, and the store that has them.
struct Stage<F> {
    store: Arc<EmbeddedStore>,
    /// The offset of the first event; the next ones follow.
    first: i64,
    events: Vec<Event>,
    family: PhantomData<F>,
}

impl<F: Family> Stage<F> {
    fn new(store: &Arc<EmbeddedStore>, first: i64, mut events: Vec<Event>) -> Self {
        (0..).zip(&mut events).for_each(|(number, event)| event.number = number);
        Self { store: Arc::clone(store), first, events, family: PhantomData }
    }

    fn numbered(&self, places: impl IntoIterator<Item = usize>) -> Vec<(i64, Event)> {
        let places: BTreeSet<usize> = places.into_iter().collect();
        places.into_iter().map(|place| (self.first + place as i64, self.events[place].clone())).collect()
    }

    /// Inserts all events, and some of them again, as after a crash.
    async fn insert(&self, again: &[Index], clock: &Cell<i64>) {
        let twice = self.numbered(again.iter().map(|place| place.index(self.events.len())));
        for events in [self.numbered(0..self.events.len()), twice] {
            if !events.is_empty() {
                self.store.insert(sealed::<F>(&events, tick(clock))).await.unwrap();
            }
        }
    }

    async fn open_replay(&self) -> Revision {
        let end = self.first + self.events.len() as i64;
        let offsets = OffsetSpan { topic: TOPIC.into(), partition: 0, first: self.first, end };
        let replay = Revision::new(format!("{}-{}", F::NAME, self.first), F::NAME, &F::TABLE, offsets);
        self.store.save_revision(&replay).await.unwrap();
        replay
    }

    /// Stores every third event of a part again, with what the next event of its type says.
    async fn revise(&mut self, part: Range<usize>, replay: &Revision, clock: &Cell<i64>) {
        let places: Vec<usize> = part.step_by(3).collect();
        for place in &places {
            let event_type = self.events[*place].event_type;
            let next = self.events[place + 1..].iter().find(|event| event.event_type == event_type);
            if let Some(sent) = next.map(|event| event.sent.clone()) {
                self.events[*place].sent = sent;
            }
        }
        let revised = self.numbered(places);
        if !revised.is_empty() {
            self.store.insert_revised(sealed::<F>(&revised, tick(clock)), replay).await.unwrap();
        }
    }

    async fn close_replay(&self, replay: &Revision) {
        merge_versions(&*self.store, &F::TABLE, replay).await;
        self.store.save_revision(&replay.opened(false)).await.unwrap();
    }
}

fn tick(clock: &Cell<i64>) -> i64 {
    clock.replace(clock.get() + 1)
}

/// What is asked in a phase of a replay.
type Questions = (Vec<Question>, Vec<Funnel>, usize);

fn assert_answered(api: &Served, endpoint: &Endpoint, questions: &[Question], events: &[Event]) {
    for (place, question) in questions.iter().enumerate() {
        let request = question.request(endpoint);
        let response = api.get(&request.uri(""));
        assert_eq!(response.status, 200, "{response:?} {request:?}");
        let asked = question.asked(endpoint, response.body["meta"]["granularity"].as_str());
        let expected = question.expected(endpoint, &asked, events);
        assert_eq!(response.body["meta"]["truncated"], json!(expected.truncated), "{request:?}");
        let found = rows(&response.body["data"]);
        assert_rows(&found, &expected, &|| format!("{request:?}"));
        if place == 0 {
            assert_written(api, &request, &found);
        }
    }
}

#[test]
fn endpoints_of_families_answer_what_a_fold_does() {
    let Some(engine) = engine_or_skip() else { return };
    let runtime = Runtime::new().unwrap();
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = Arc::new(EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap()));
    runtime.block_on(Migrator::new(&*store, PartitionBy::Month).up()).unwrap();
    let tables = [Activity::TABLE.name, Product::TABLE.name, Quality::TABLE.name];
    let execute = |sql: &str| {
        tables
            .iter()
            .for_each(|table| runtime.block_on(store.backend().execute(&format!("{sql} {table}"), &[])).unwrap());
    };
    let limits = Limits { staleness: Duration::ZERO, ..Limits::default() };
    let api = Served::limited(Arc::clone(&store), limits);
    let reporting = Served::with_statements(&store, Access::unrestricted(), Reports::load(None).unwrap());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 5,
        max_shrink_iters: 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let (next_offset, clock) = (Cell::new(0), Cell::new(1_800_000_000_000));
    let again = vec(any::<Index>(), 0..10);
    let questions = vec((vec(question(), 4), vec(funnel(), 3), prop_oneof![1..4_usize, Just(10_000)]), 4);
    runner
        .run(&(vec(activity(), 1..80), vec(product(), 1..60), vec(quality(), 1..60), again, questions), |case| {
            let (activities, products, qualities, again, questions) = case;
            execute("TRUNCATE TABLE");
            execute("SYSTEM STOP MERGES");
            let first = next_offset.replace(next_offset.get() + 1000);
            let mut activity = Stage::<Activity>::new(&store, first, activities);
            let mut product = Stage::<Product>::new(&store, first, products);
            let mut quality = Stage::<Quality>::new(&store, first, qualities);
            let check = |(questions, funnels, limit): &Questions, stored: [&[Event]; 3]| {
                for (endpoint, events) in endpoints().iter().zip(stored) {
                    assert_answered(&api, endpoint, questions, events);
                }
                let [activities, products, qualities] = stored;
                for funnel in funnels {
                    let response = api.get(&funnel.request().uri(""));
                    assert_eq!(response.status, 200, "{response:?} {funnel:?}");
                    assert_eq!(response.body["data"], json!(funnel.expected(activities)), "{funnel:?}");
                }
                assert_written(&api, &funnels[0].request(), &funnels[0].expected(activities));
                let subject = &questions[0].subject;
                let without_tenant = subject.of_tenant(None);
                let (limited, none) = (json!({"limit": limit}), json!({}));
                let report = |template, subject, parameters, expected| {
                    assert_report(&reporting, template, subject, parameters, expected);
                };
                // Days of this report are those of the engine's time zone database, which does not know of Cuba's
                // changes in 2026.
                if subject.zone != "America/Havana" {
                    report("activity_overview", &without_tenant, &none, activity_overview(subject, activities));
                }
                report("overview_stats", subject, &none, overview_stats(subject, products));
                report("search_analytics", subject, &limited, search_analytics(subject, *limit, products));
                report("top_content", subject, &limited, top_content(subject, *limit, products));
                report("quality_overview", &without_tenant, &none, quality_overview(subject, qualities));
            };
            runtime.block_on(async {
                activity.insert(&again, &clock).await;
                product.insert(&again, &clock).await;
                quality.insert(&again, &clock).await;
            });
            check(&questions[0], [&activity.events, &product.events, &quality.events]);
            let replays = runtime.block_on(async {
                (activity.open_replay().await, product.open_replay().await, quality.open_replay().await)
            });
            let half = |events: &[Event], phase: usize| {
                if phase == 1 { 0..events.len() / 2 } else { events.len() / 2..events.len() }
            };
            for phase in [1, 2] {
                runtime.block_on(async {
                    activity.revise(half(&activity.events, phase), &replays.0, &clock).await;
                    product.revise(half(&product.events, phase), &replays.1, &clock).await;
                    quality.revise(half(&quality.events, phase), &replays.2, &clock).await;
                });
                check(&questions[phase], [&activity.events, &product.events, &quality.events]);
            }
            execute("SYSTEM START MERGES");
            runtime.block_on(async {
                activity.close_replay(&replays.0).await;
                product.close_replay(&replays.1).await;
                quality.close_replay(&replays.2).await;
            });
            check(&questions[3], [&activity.events, &product.events, &quality.events]);
            Ok(())
        })
        .unwrap();
}

//! The endpoints and reports of single families answer what a plain fold does, before, during and after a replay.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    ops::Range,
    sync::Arc,
    time::{Duration, SystemTime},
};

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::TestRunner,
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_api::{Limits, Reports, access::Access};
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, Timestamp, activity::Activity, product::Product, quality::Quality,
};
use voc_store::{
    BatchBuilder, EventStore as _, InsertBatch, Migrator, OffsetSpan, PartitionBy, Revision, Revisions as _,
    RowAnnotation, SourceRange, SqlBackend as _,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    assert_rows,
    event::{Annotation, DAY, DAYS, Event, HOUR},
    fold::{Asked, Dimension, Expected, Filter, Metric, Row, quantile_of},
    formats::assert_written,
    question::{Request, Subject, buckets_of, subject},
    reports::{assert_report, some},
    rows,
    served::Served,
};

/// Where all events come from. A topic of the family `quality` would have some of its types only.
const TOPIC: &str = "events";

/// The beginning of the events' days. They are recent, because the store drops old events of a product.
fn era() -> i64 {
    let now = Timestamp::from(SystemTime::now()).as_millis();
    now.div_euclid(DAY) * DAY - (DAYS + 1) * DAY
}

fn event(number: u64, tenant: &'static str, millis: i64, event_type: &'static str, sent: Value) -> Event {
    let Value::Object(sent) = sent else { panic!("no object") };
    // The store's times of products are in seconds.
    let millis = millis.div_euclid(1000) * 1000;
    let (transcript, is_escaped, annotation) = (None, false, Annotation::default());
    Event { number, tenant, millis, event_type, sent, transcript, is_escaped, annotation }
}

fn times() -> impl Strategy<Value = i64> {
    let era = era();
    prop_oneof![0..DAYS * DAY, (0..DAYS * 24).prop_map(|hour| hour * HOUR)].prop_map(move |millis| era + millis)
}

fn activity() -> impl Strategy<Value = Event> {
    let of_user = (option::of(select(vec!["u1", "u2", "u3"])), option::of(select(vec!["s1", "s2", "s3", "s4"])));
    let types = select(vec!["page_view", "page_view", "click", "form_submit", "login"]);
    let page = option::of(select(vec!["https://a/", "https://a/b", "=c"]));
    (times(), types, of_user, page, option::of(0..500_i64)).prop_map(
        |(millis, event_type, (user, session), page, processing)| {
            let sent = json!({"user_id": user, "session_id": session, "page_url": page, "processing_ms": processing});
            event(0, "", millis, event_type, sent)
        },
    )
}

fn product() -> impl Strategy<Value = Event> {
    let types = select(vec![
        "video_heartbeat",
        "video_heartbeat",
        "search",
        "search",
        "signup",
        "content_view",
        "video_buffering",
    ]);
    let watched = (option::of(0..40_i64), option::of(select(vec!["ct-1", "ct-2"])), option::of(0..900_i64));
    let searched = (option::of(0..3_i64), option::of(select(vec!["jazz", " Jazz", "SAMBA", "Ção"])));
    (times(), select(vec!["acme", "globex"]), types, select(vec!["u1", "u2"]), (watched, searched)).prop_map(
        |(millis, tenant, event_type, user, ((eighths, content, buffering), (results, query)))| {
            let watched = eighths.map(|eighths| eighths as f64 / 8.0);
            let sent = json!({"user_id": user, "properties.results": results, "properties.watch_time": watched,
                "properties.content_id": content, "properties.query": query,
                "properties.buffer_duration_ms": buffering});
            event(0, tenant, millis, event_type, sent)
        },
    )
}

fn quality() -> impl Strategy<Value = Event> {
    let types = select(vec![
        "INSPECTION_COMPLETED",
        "INSPECTION_COMPLETED",
        "INSPECTION_FAILED",
        "THRESHOLD_VIOLATED",
        "PLANT_CLOSED",
    ]);
    let place = (option::of(select(vec!["A1", "B2"])), option::of(select(vec!["b-1", "b-2"])));
    let defect = (select(vec!["scratch", "crack", "dust"]), select(vec!["minor", "critical"]));
    let found = (option::of(0..64_i64), vec(defect, 0..4), option::of(select(vec!["visual", "thermal"])));
    (times(), types, place, found).prop_map(
        |(millis, event_type, (station, batch), (score, defects, inspection_type))| {
            let is_inspection = event_type == "INSPECTION_COMPLETED";
            let (defects, severities): (Vec<&str>, Vec<&str>) = defects.into_iter().unzip();
            let critical = severities.iter().filter(|severity| **severity == "critical").count();
            let sent = json!({
                "station": station,
                "batch_id": batch.filter(|_| event_type != "PLANT_CLOSED"),
                "quality_score": score.filter(|_| is_inspection).map(|part| part as f64 / 64.0),
                "inspection_type": inspection_type.filter(|_| event_type != "PLANT_CLOSED"),
                "defect_types": (is_inspection && !defects.is_empty()).then_some(&defects),
                "severities": (is_inspection && !defects.is_empty()).then_some(&severities),
                "defect_count": if is_inspection { defects.len() } else { 0 },
                "critical_count": if is_inspection { critical } else { 0 },
            });
            event(0, "", millis, event_type, sent)
        },
    )
}

/// An event as its producer writes it.
fn written(family: &str, event: &Event) -> Value {
    let field = |name: &str| event.field(name);
    let timestamp = Timestamp::from_millis(event.millis).to_string();
    let members = match family {
        Activity::NAME => json!({"event_id": Uuid::from_u64_pair(11, event.number), "event_type": event.event_type,
            "timestamp": timestamp, "user_id": field("user_id"), "session_id": field("session_id"),
            "page_url": field("page_url"), "processing_info": {"processing_ms": field("processing_ms")}}),
        Product::NAME => {
            let properties =
                event.sent.iter().filter_map(|(name, value)| Some((name.strip_prefix("properties.")?, value)));
            let properties: Map<String, Value> =
                properties.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            json!({"app_id": event.tenant, "event_name": event.event_type, "timestamp": timestamp,
                "user_id": field("user_id"), "properties": properties})
        }
        _ => {
            let pairs = |types: &Vec<Value>, severities: &Vec<Value>| {
                let pairs = types.iter().zip(severities);
                pairs.map(|(name, severity)| json!({"defect_type": name, "severity": severity})).collect::<Value>()
            };
            let (types, severities) = (field("defect_types"), field("severities"));
            let defects =
                types.as_array().zip(severities.as_array()).map(|(types, severities)| pairs(types, severities));
            json!({"event_type": event.event_type, "timestamp": timestamp, "inspection_id": "i-1",
                "batch_id": field("batch_id"), "chip_id": "ch-1", "inspection_type": field("inspection_type"),
                "quality_score": field("quality_score"), "metadata": {"station": field("station")}, "defects": defects})
        }
    };
    present(members)
}

/// The members that have a value.
fn present(mut members: Value) -> Value {
    members.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    members
}

/// Events, each with its offset, from the first offset of a batch on.
fn sealed<F: Family>(events: &[(i64, Event)], processed_at: i64) -> Arc<InsertBatch> {
    let family = F::for_topic(TOPIC, &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
    for (offset, event) in events {
        let payload = written(F::NAME, event).to_string();
        let decoded = family.decode(&payload, &Envelope::default());
        let Ok(Decoded { event, .. }) = decoded else { panic!("cannot be decoded: {payload}") };
        builder.push(&event, &payload, &RowAnnotation::default(), *offset).unwrap();
    }
    let (first, last) = (events[0].0, events[events.len() - 1].0);
    let range = SourceRange { family: F::NAME, topic: TOPIC.into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(processed_at)))
}

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

/// A funnel of activity.
#[derive(Debug, Clone)]
struct Funnel {
    subject: Subject,
    field: &'static str,
    steps: Vec<&'static str>,
    within: i64,
    per: &'static str,
}

fn funnel() -> impl Strategy<Value = Funnel> {
    let by_type = vec(select(vec!["page_view", "click", "form_submit"]), 2..5).prop_map(|steps| ("event_type", steps));
    let by_page = vec(select(vec!["https://a/", "https://a/b", "=c"]), 2..4).prop_map(|steps| ("page_url", steps));
    let within = prop_oneof![(1..300_i64), (1..9 * 24_i64).prop_map(|hours| 60 * hours)];
    (subject(era()), prop_oneof![by_type, by_page], within, select(vec!["session", "user"])).prop_map(
        |(subject, (field, steps), minutes, per)| {
            let subject = subject.of_all_events().of_tenant(None);
            Funnel { subject, field, steps, within: minutes * 60_000, per }
        },
    )
}

impl Funnel {
    fn request(&self) -> Request {
        let mut parameters = self.subject.parameters();
        let mut give = |name: &str, value: String| parameters.push((name.to_owned(), value));
        self.steps.iter().for_each(|step| give("steps", (*step).to_owned()));
        give("within", format!("{}m", self.within / 60_000));
        give("per", self.per.to_owned());
        give("of", self.field.to_owned());
        Request { method: "GET", path: "/api/v1/activity/funnel".to_owned(), parameters, body: None }
    }

    /// From each event of the first step, the next steps are taken as early as possible.
    fn expected(&self, events: &[Event]) -> Vec<Row> {
        let mut actors: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
        for event in events {
            let actor = event.field(if self.per == "session" { "session_id" } else { "user_id" });
            if (self.subject.since..self.subject.until).contains(&event.millis) && !actor.is_null() {
                actors.entry(actor.to_string()).or_default().push(event);
            }
        }
        let mut shortest: Vec<Vec<f64>> = vec![Vec::new(); self.steps.len()];
        for events in actors.values_mut() {
            events.sort_by_key(|event| event.millis);
            let is_step = |event: &&&Event, step: usize| event.field(self.field) == json!(self.steps[step]);
            let mut best: Vec<Option<i64>> = vec![None; self.steps.len()];
            for start in events.iter().filter(|event| is_step(event, 0)).map(|event| event.millis) {
                let mut end = start;
                for step in 0..self.steps.len() {
                    if step > 0 {
                        let next = events.iter().find(|event| event.millis > end && is_step(event, step));
                        match next.filter(|event| event.millis - start <= self.within) {
                            Some(event) => end = event.millis,
                            None => break,
                        }
                    }
                    best[step] = Some(best[step].map_or(end - start, |best| best.min(end - start)));
                }
            }
            for (times, best) in shortest.iter_mut().zip(best) {
                times.extend(best.map(|best| best as f64));
            }
        }
        let counts: Vec<f64> = shortest.iter().map(|times| times.len() as f64).collect();
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let row = |(step, times): (usize, &mut Vec<f64>)| {
            times.sort_by(f64::total_cmp);
            let previous = counts[step.saturating_sub(1)];
            let row = json!({"step": step + 1, "name": self.steps[step], "count": times.len(),
                "share": share(counts[step], counts[0]), "share_of_previous": share(counts[step], previous),
                "p50_ms": quantile_of(times, 50.0)});
            row.as_object().unwrap().clone()
        };
        shortest.iter_mut().enumerate().map(row).collect()
    }
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
        let left = self.store.merge_revised(&F::TABLE, replay).await.unwrap();
        assert_eq!(left, 0, "versions that are not merged");
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

/// Null where there is nothing to add up is 0 in reports.
fn with_zeros(mut rows: Vec<Row>, sums: &[&str]) -> Vec<Row> {
    for row in &mut rows {
        for (_, value) in row.iter_mut().filter(|(name, value)| value.is_null() && sums.contains(&name.as_str())) {
            *value = json!(0);
        }
    }
    rows
}

fn present_field(field: &'static str) -> Filter {
    Filter { operator: "present", field, values: Vec::new() }
}

fn activity_overview(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.of_tenant(None).asked();
    asked.dimensions = vec![Dimension::Time(buckets_of("day", subject.zone))];
    asked.fill = false;
    asked.metrics = vec![
        some("events", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("sessions", "unique_session_id", &[]),
        some("page_views", "event_count", &[is("event_type", json!("page_view"))]),
        some("logins", "event_count", &[is("event_type", json!("login"))]),
        some("avg_processing_ms", "avg_processing_ms", &[]),
    ];
    let day = |mut row: Row| {
        let time = row.remove("time").unwrap();
        row.insert("day".to_owned(), json!(time.as_str().unwrap()[..10]));
        row
    };
    asked.of(events).rows.into_iter().map(day).collect()
}

fn overview_stats(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let of_type = |name: &str| [is("event_type", json!(name))];
    let mut asked = subject.asked();
    asked.metrics = vec![
        some("events", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("watch_seconds", "sum_properties.watch_time", &of_type("video_heartbeat")),
        some("viewers", "unique_user_id", &of_type("video_heartbeat")),
        some("content_views", "event_count", &of_type("content_view")),
        some("searches", "event_count", &of_type("search")),
        some("bufferings", "event_count", &of_type("video_buffering")),
        some("buffering_ms", "sum_properties.buffer_duration_ms", &of_type("video_buffering")),
        some("signups", "event_count", &of_type("signup")),
    ];
    with_zeros(asked.of(events).rows, &["watch_seconds", "buffering_ms"])
}

fn search_analytics(subject: &Subject, limit: usize, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("query")];
    asked.filters = vec![is("event_type", json!("search")), present_field("query")];
    asked.metrics = vec![
        some("searches", "event_count", &[]),
        some("users", "unique_user_id", &[]),
        some("without_results", "event_count", &[is("properties.results", json!(0))]),
        some("avg_results", "avg_properties.results", &[]),
    ];
    asked.order = Some(("searches".to_owned(), true));
    asked.limit = limit;
    let with_query = |event: &Event| {
        let mut event = event.clone();
        let query = event.field("properties.query").as_str().map(|query| query.trim().to_lowercase());
        event.sent.insert("query".to_owned(), json!(query));
        event
    };
    asked.of(&events.iter().map(with_query).collect::<Vec<_>>()).rows
}

fn top_content(subject: &Subject, limit: usize, events: &[Event]) -> Vec<Row> {
    let watched = || is("event_type", json!("video_heartbeat"));
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("properties.content_id")];
    let types = vec![json!("video_heartbeat"), json!("content_view")];
    asked.filters =
        vec![Filter { operator: "is", field: "event_type", values: types }, present_field("properties.content_id")];
    asked.metrics = vec![
        some("watch_seconds", "sum_properties.watch_time", &[watched()]),
        some("viewers", "unique_user_id", &[watched()]),
        some("views", "event_count", &[is("event_type", json!("content_view"))]),
    ];
    let mut rows = with_zeros(asked.of(events).rows, &["watch_seconds"]);
    let number = |row: &Row, name: &str| row[name].as_f64().unwrap();
    rows.sort_by(|one, other| {
        let descending = |name| number(other, name).total_cmp(&number(one, name));
        let id = |row: &Row| row["properties.content_id"].to_string();
        descending("watch_seconds").then(descending("views")).then_with(|| id(one).cmp(&id(other)))
    });
    rows.truncate(limit);
    for row in &mut rows {
        let id = row.remove("properties.content_id").unwrap();
        row.insert("content_id".to_owned(), id);
    }
    rows
}

fn quality_overview(subject: &Subject, events: &[Event]) -> Vec<Row> {
    let mut asked = subject.of_tenant(None).asked();
    asked.dimensions = vec![Dimension::Field("inspection_type")];
    asked.filters = vec![present_field("inspection_type")];
    asked.metrics = vec![
        some("completed", "event_count", &[is("event_type", json!("INSPECTION_COMPLETED"))]),
        some("failed", "event_count", &[is("event_type", json!("INSPECTION_FAILED"))]),
        some("batches", "unique_batch_id", &[]),
        some("scored", "count_quality_score", &[]),
        some("avg_quality_score", "avg_quality_score", &[]),
        some("min_quality_score", "min_quality_score", &[]),
        some("defects", "sum_defect_count", &[]),
        some("critical_defects", "sum_critical_count", &[]),
    ];
    asked.order = Some(("inspection_type".to_owned(), false));
    asked.of(events).rows
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

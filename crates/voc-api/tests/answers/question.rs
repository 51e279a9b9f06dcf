//! Random questions: how they are asked over HTTP, and what they mean.

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select, subsequence},
};
use serde_json::{Value, json};

use crate::{
    event::{AGENTS, CALLS, CUSTOMERS, DAY, DAYS, HOUR, TOPICS},
    fold::{Asked, Buckets, Dimension, Filter, Metric, zoned},
};

/// Zones whose clocks change in the eras, some at midnight or by half an hour, and some with odd offsets.
const ZONES: [&str; 11] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];
const GRANULARITIES: [&str; 5] = ["minute", "hour", "day", "week", "month"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Summary,
    Trends,
    Topics,
    Agents,
    Tools,
    Qos,
    Calls,
    Query,
}

/// One end of a range.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// A day of the era.
    Date(i64),
    /// An instant, in milliseconds from the era's beginning.
    Instant(i64),
}

/// The events that a question is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) tenant: Option<&'static str>,
    pub(crate) zone: &'static str,
    /// The range as it is asked for.
    from: String,
    to: String,
    /// What it means.
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) filters: Vec<Filter>,
}

#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) endpoint: Endpoint,
    pub(crate) subject: Subject,
    granularity: Option<&'static str>,
    week_start: Option<&'static str>,
    by: Option<&'static str>,
    tag: bool,
    metrics: Vec<Metric>,
    dimensions: Vec<&'static str>,
    /// Filters that only a body can have.
    more_filters: Vec<Filter>,
    /// Which of the columns, and whether the largest is first.
    order: Option<(Index, bool)>,
    pub(crate) limit: Option<usize>,
    pub(crate) compare: bool,
    fill: Option<bool>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

impl Request {
    /// The same for the page after a cursor.
    pub(crate) fn after(&self, cursor: &str) -> Self {
        let mut request = self.clone();
        match &mut request.body {
            Some(body) => body["cursor"] = json!(cursor),
            None => request.parameters.push(("cursor".to_owned(), cursor.to_owned())),
        }
        request
    }

    pub(crate) fn uri(&self, extension: &str) -> String {
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs = self.parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        format!("{}{extension}?{}", self.path, pairs.collect::<Vec<_>>().join("&"))
    }
}

/// Filters by values, which parameters can express.
fn filter() -> impl Strategy<Value = Filter> {
    let texts = |field: &'static str, values: &[&'static str]| {
        let values: Vec<Value> = values.iter().map(|value| json!(value)).collect();
        let count = values.len();
        subsequence(values, 1..=count).prop_map(move |values| Filter { operator: "is", field, values })
    };
    let bound = (select(vec!["at_least", "at_most"]), -64..=64_i32).prop_map(|(operator, part)| Filter {
        operator,
        field: "sentiment",
        values: vec![json!(f64::from(part) / 64.0)],
    });
    prop_oneof![
        3 => texts("event_type", &["call", "agent_action", "tool_invocation", "qos_metric", "survey", "nothing"]),
        2 => texts("topic", &TOPICS),
        2 => texts("agent_id", &AGENTS),
        1 => texts("customer_id", &CUSTOMERS),
        1 => texts("call_id", &CALLS),
        1 => texts("language", &["en", "pt", "xx"]),
        1 => texts("tool_name", &["crm", "kb"]),
        1 => texts("action", &["transfer", "resolve"]),
        1 => texts("metric_name", &["jitter"]),
        3 => bound,
    ]
}

/// Filters with any operator.
fn any_filter() -> impl Strategy<Value = Filter> {
    let of = |operator, field, values: Value| {
        let Value::Array(values) = values else { panic!("no list") };
        Just(Filter { operator, field, values })
    };
    let bound = |operator, field, value| Filter { operator, field, values: vec![value] };
    prop_oneof![
        4 => filter(),
        1 => of("is_not", "event_type", json!(["call", "survey"])),
        1 => of("is_not", "topic", json!(["billing"])),
        1 => of("contains", "topic", json!(["ill", "cnic"])),
        1 => of("contains_not", "topic", json!(["\"b\""])),
        1 => of("present", "topic", json!([])),
        1 => of("absent", "agent_id", json!([])),
        1 => of("is", "success", json!([true])),
        1 => of("is", "tags.region", json!(["eu"])),
        1 => of("is_not", "tags.region", json!(["eu"])),
        1 => of("at_least", "call_quality.mos", json!([2.5])),
        1 => of("is", "topics", json!(["billing", "technical"])),
        1 => of("is_not", "topics", json!(["billing"])),
        1 => of("is", "churn_phrases", json!(["want to cancel"])),
        1 => of("present", "escalation_phrases", json!([])),
        1 => of("absent", "topics", json!([])),
        1 => of("less", "customer_sentiment", json!([-0.25])),
        1 => of("at_least", "worst_turn_sentiment", json!([-0.5])),
        1 => (0..30_i64).prop_map(move |least| bound("more", "customer_words", json!(least))),
        1 => (0..4000_i64).prop_map(move |most| bound("less", "response_ms", json!(most))),
        1 => (0..100_000_i64).prop_map(move |least| bound("more", "duration_ms", json!(least))),
        1 => (-40..40_i64).prop_map(move |most| bound("less", "value", json!(most as f64 / 8.0))),
    ]
}

pub(crate) fn subject(era: i64) -> impl Strategy<Value = Subject> {
    let moment = || {
        prop_oneof![
            (-1..=DAYS).prop_map(Moment::Date),
            (-DAY..DAYS * DAY + DAY).prop_map(Moment::Instant),
            (-24..DAYS * 24 + 24).prop_map(|hour| Moment::Instant(hour * HOUR)),
        ]
    };
    let tenant = prop_oneof![Just(None), select(vec!["acme", "globex", "nobody"]).prop_map(Some)];
    (tenant, select(ZONES.to_vec()), moment(), moment(), vec(filter(), 0..3)).prop_map(
        move |(tenant, zone_name, one, other, mut filters)| {
            let zone = TimeZone::get(zone_name).unwrap();
            let (mut from, mut to) = (one, other);
            if start(from, era, &zone) >= end(to, era, &zone) {
                (from, to) = (other, one);
            }
            if start(from, era, &zone) >= end(to, era, &zone) {
                (from, to) = (Moment::Date(0), Moment::Date(DAYS));
            }
            // A parameter is of one field, so that there is one filter by each.
            filters.sort_by_key(|filter| (filter.field, filter.operator));
            filters.dedup_by_key(|filter| (filter.field, filter.operator));
            Subject {
                tenant,
                zone: zone_name,
                from: text(from, era, &zone),
                to: text(to, era, &zone),
                since: start(from, era, &zone),
                until: end(to, era, &zone),
                filters,
            }
        },
    )
}

fn date(day: i64, era: i64) -> Date {
    zoned(era, &TimeZone::UTC).date().checked_add(day.days()).unwrap()
}

fn start(moment: Moment, era: i64, zone: &TimeZone) -> i64 {
    match moment {
        Moment::Instant(millis) => era + millis,
        Moment::Date(day) => {
            let day = date(day, era).to_zoned_datetime(zone.clone()).unwrap();
            day.start_of_day().unwrap().timestamp().as_millisecond()
        }
    }
}

/// A date is inside a range that ends with it.
fn end(moment: Moment, era: i64, zone: &TimeZone) -> i64 {
    match moment {
        Moment::Date(day) => start(Moment::Date(day + 1), era, zone),
        Moment::Instant(_) => start(moment, era, zone),
    }
}

fn text(moment: Moment, era: i64, zone: &TimeZone) -> String {
    match moment {
        Moment::Date(day) => date(day, era).to_string(),
        Moment::Instant(millis) => zoned(era + millis, zone).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(),
    }
}

fn metric() -> impl Strategy<Value = Metric> {
    let measures = vec![
        "event_count",
        "first_event",
        "last_event",
        "avg_sentiment",
        "sum_sentiment",
        "count_sentiment",
        "min_sentiment",
        "max_sentiment",
        "stddev_sentiment",
        "unique_agent_id",
        "unique_call_id",
        "count_topic",
        "sum_duration_ms",
        "avg_duration_ms",
        "min_duration_ms",
        "p50_duration_ms",
        "p75_duration_ms",
        "p95_duration_ms",
        "share_success",
        "avg_value",
        "p90_value",
        "stddev_value",
        "avg_call_quality.mos",
        "first_agent_id",
        "last_topic",
        "last_duration_ms",
        "sum_turns",
        "avg_customer_words",
        "sum_agent_words",
        "sum_other_words",
        "max_longest_monologue_words",
        "sum_agent_talk_ms",
        "avg_customer_talk_ms",
        "max_other_talk_ms",
        "sum_non_talk_ms",
        "sum_agent_interruptions",
        "count_customer_interruptions",
        "avg_response_ms",
        "avg_customer_sentiment",
        "avg_agent_sentiment",
        "p50_first_quarter_sentiment",
        "last_last_quarter_sentiment",
        "avg_sentiment_change",
        "min_worst_turn_sentiment",
        "count_worst_turn_sentiment",
        "count_topics",
        "count_escalation_phrases",
        "count_churn_phrases",
    ];
    select(measures).prop_map(Metric::named)
}

pub(crate) fn question(era: i64) -> impl Strategy<Value = Question> {
    let endpoint = prop_oneof![
        2 => Just(Endpoint::Summary),
        4 => Just(Endpoint::Trends),
        2 => Just(Endpoint::Topics),
        2 => Just(Endpoint::Agents),
        2 => Just(Endpoint::Tools),
        2 => Just(Endpoint::Qos),
        3 => Just(Endpoint::Calls),
        5 => Just(Endpoint::Query),
    ];
    let fields = vec![
        "event_type",
        "topic",
        "agent_id",
        "tenant_id",
        "tool_name",
        "success",
        "tags.region",
        "topics",
        "escalation_phrases",
        "turns",
    ];
    let parts = (
        option::weighted(0.7, select(GRANULARITIES.to_vec())),
        option::of(select(vec!["monday", "sunday"])),
        option::of(select(fields.clone())),
        any::<bool>(),
        (vec(metric(), 0..5), vec(any_filter(), 0..2)),
        subsequence(fields, 0..3),
        vec(any_filter(), 0..3),
    );
    let shape = (
        option::of((any::<Index>(), any::<bool>())),
        option::weighted(0.3, 1..6_usize),
        any::<bool>(),
        option::of(any::<bool>()),
    );
    (endpoint, subject(era), parts, shape).prop_map(|(endpoint, subject, parts, shape)| {
        let (mut granularity, week_start, by, tag, (mut metrics, some), dimensions, more_filters) = parts;
        let (order, limit, compare, fill) = shape;
        if granularity == Some("minute") && subject.until - subject.since > DAY {
            granularity = Some("hour");
        }
        metrics.sort_by_key(|metric| metric.name);
        metrics.dedup_by_key(|metric| metric.name);
        if endpoint == Endpoint::Query && !some.is_empty() {
            metrics.push(Metric { name: "of_some", measure: "event_count", filters: some });
        }
        Question {
            endpoint,
            subject,
            granularity,
            week_start,
            by,
            tag,
            metrics,
            dimensions,
            more_filters,
            order,
            limit,
            compare,
            fill,
        }
    })
}

impl Subject {
    /// The same about one tenant, or all.
    pub(crate) fn of_tenant(&self, tenant: Option<&'static str>) -> Self {
        Self { tenant, ..self.clone() }
    }

    /// The same without filters.
    pub(crate) fn of_all_events(&self) -> Self {
        Self { filters: Vec::new(), ..self.clone() }
    }

    /// What all questions have in common, as parameters.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters: Vec<(String, String)> = [("from", &*self.from), ("to", &*self.to), ("timezone", self.zone)]
            .into_iter()
            .chain(self.tenant.map(|tenant| ("tenant_id", tenant)))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for Filter { operator, field, values } in &self.filters {
            let name = match (*field, *operator) {
                ("tool_name", _) => "tool",
                ("metric_name", _) => "metric",
                ("sentiment", "at_least") => "sentiment_min",
                ("sentiment", _) => "sentiment_max",
                (field, _) => field,
            };
            let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            parameters.extend(values.iter().map(|wanted| (name.to_owned(), value(wanted))));
        }
        parameters
    }

    /// The same as members of a body.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"from": self.from, "to": self.to, "timezone": self.zone,
            "filters": self.filters.iter().map(written).collect::<Vec<_>>()});
        if let Some(tenant) = self.tenant {
            body["tenant_id"] = json!(tenant);
        }
        body
    }

    /// A question about it without dimensions.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            tenant: self.tenant,
            since: self.since,
            until: self.until,
            zone: TimeZone::get(self.zone).unwrap(),
            dimensions: Vec::new(),
            metrics: vec![Metric::named("event_count")],
            filters: self.filters.clone(),
            order: None,
            limit: 10_000,
            fill: true,
            compare: false,
        }
    }
}

/// A row for each call about which a subject is, the latest first.
pub(crate) fn calls_of(subject: &Subject) -> Asked {
    let mut asked = subject.asked();
    asked.dimensions = vec![Dimension::Field("tenant_id"), Dimension::Field("call_id")];
    let metric = |(name, measure)| Metric { name, measure, filters: Vec::new() };
    asked.metrics = OF_CALLS.into_iter().map(metric).collect();
    asked.filters.push(Filter { operator: "is", field: "event_type", values: vec![json!("call")] });
    asked.filters.push(Filter { operator: "present", field: "call_id", values: Vec::new() });
    asked.order = Some(("started_at".to_owned(), true));
    asked.limit = 50;
    asked
}

/// The columns of calls, and what they mean.
const OF_CALLS: [(&str, &str); 21] = [
    ("started_at", "first_event"),
    ("events", "event_count"),
    ("duration_ms", "sum_duration_ms"),
    ("agent_id", "last_agent_id"),
    ("customer_id", "last_customer_id"),
    ("language", "last_language"),
    ("topic", "last_topic"),
    ("sentiment", "avg_sentiment"),
    ("customer_sentiment", "avg_customer_sentiment"),
    ("agent_sentiment", "avg_agent_sentiment"),
    ("sentiment_change", "avg_sentiment_change"),
    ("worst_turn_sentiment", "min_worst_turn_sentiment"),
    ("turns", "sum_turns"),
    ("customer_words", "sum_customer_words"),
    ("agent_words", "sum_agent_words"),
    ("customer_talk_ms", "sum_customer_talk_ms"),
    ("agent_talk_ms", "sum_agent_talk_ms"),
    ("non_talk_ms", "sum_non_talk_ms"),
    ("customer_interruptions", "sum_customer_interruptions"),
    ("agent_interruptions", "sum_agent_interruptions"),
    ("response_ms", "avg_response_ms"),
];

/// Buckets of weeks from Monday on.
pub(crate) fn buckets_of(granularity: &str, zone: &str) -> Buckets {
    Buckets { granularity: granularity.to_owned(), from_sunday: false, zone: TimeZone::get(zone).unwrap() }
}

fn written(Filter { operator, field, values }: &Filter) -> Value {
    match *operator {
        "present" | "absent" => json!([operator, field]),
        "is" | "is_not" | "contains" | "contains_not" => json!([operator, field, values]),
        _ => json!([operator, field, values[0]]),
    }
}

impl Question {
    /// The same with at most so many rows.
    pub(crate) fn limited_to(&self, rows: usize) -> Self {
        Self { limit: Some(rows), ..self.clone() }
    }

    /// Whether its answer can be a page of several.
    pub(crate) fn has_pages(&self) -> bool {
        self.endpoint != Endpoint::Summary
    }

    /// What it means. Without a granularity, that of the answer counts.
    pub(crate) fn asked(&self, answered: Option<&str>) -> Asked {
        let is = |field, values: &[&str]| Filter {
            operator: "is",
            field,
            values: values.iter().map(|value| json!(value)).collect(),
        };
        let some = |name, measure, filter: Filter| Metric { name, measure, filters: vec![filter] };
        let named = |measures: &[&'static str]| measures.iter().copied().map(Metric::named).collect::<Vec<_>>();
        let field = Dimension::Field;
        let time = |granularity: &str| {
            Dimension::Time(Buckets {
                granularity: granularity.to_owned(),
                from_sunday: self.week_start == Some("sunday"),
                zone: TimeZone::get(self.subject.zone).unwrap(),
            })
        };
        let mut asked = self.subject.asked();
        asked.compare = self.compare;
        match self.endpoint {
            Endpoint::Summary => {
                asked.dimensions = vec![field("event_type")];
                asked.metrics = named(&["event_count", "avg_sentiment", "first_event", "last_event"]);
                return asked;
            }
            Endpoint::Trends => {
                let granularity = self.granularity.or(answered).unwrap();
                asked.dimensions = std::iter::once(time(granularity)).chain(self.by.map(field)).collect();
                asked.metrics = match self.metrics.as_slice() {
                    [] => named(&["event_count", "avg_sentiment"]),
                    metrics => metrics.to_vec(),
                };
            }
            Endpoint::Topics => {
                asked.dimensions = vec![field("topic")];
                asked.metrics = named(&["event_count", "avg_sentiment"]);
                asked.filters.push(Filter { operator: "present", field: "topic", values: Vec::new() });
                asked.limit = 100;
            }
            Endpoint::Agents => {
                let of_calls = |name, measure| some(name, measure, is("event_type", &["call"]));
                asked.dimensions = vec![field("agent_id")];
                asked.metrics = vec![
                    of_calls("calls", "unique_call_id"),
                    of_calls("avg_sentiment", "avg_sentiment"),
                    of_calls("scored_calls", "count_sentiment"),
                    of_calls("stddev_sentiment", "stddev_sentiment"),
                    of_calls("p50_duration_ms", "p50_duration_ms"),
                    of_calls("p90_duration_ms", "p90_duration_ms"),
                    some("transfers", "event_count", is("action", &["transfer", "transfer_call"])),
                    some("escalations", "event_count", is("action", &["escalate", "escalation"])),
                ];
                asked.filters.push(Filter { operator: "present", field: "agent_id", values: Vec::new() });
                asked.limit = 100;
            }
            Endpoint::Tools => {
                let failed = Filter { operator: "is", field: "success", values: vec![json!(false)] };
                let named_other = |name, measure| Metric { name, measure, filters: Vec::new() };
                asked.dimensions = vec![field("tool_name")];
                asked.metrics = vec![
                    named_other("invocations", "event_count"),
                    named_other("success_rate", "share_success"),
                    some("failures", "event_count", failed),
                ];
                asked.metrics.extend(named(&[
                    "avg_duration_ms",
                    "p50_duration_ms",
                    "p95_duration_ms",
                    "p99_duration_ms",
                ]));
                asked.filters.push(is("event_type", &["tool_invocation"]));
                asked.limit = 100;
            }
            Endpoint::Qos => {
                let tag = self.tag.then_some(field("tags.region"));
                asked.dimensions =
                    std::iter::once(field("metric_name")).chain(tag).chain(self.granularity.map(time)).collect();
                asked.metrics = vec![Metric { name: "measurements", measure: "event_count", filters: Vec::new() }];
                asked.metrics.extend(named(&[
                    "avg_value",
                    "min_value",
                    "max_value",
                    "p50_value",
                    "p95_value",
                    "p99_value",
                ]));
                asked.filters.push(is("event_type", &["qos_metric"]));
                asked.limit = 1000;
            }
            Endpoint::Calls => {
                asked = calls_of(&self.subject);
            }
            Endpoint::Query => {
                asked.dimensions =
                    self.dimensions.iter().copied().map(field).chain(self.granularity.map(time)).collect();
                asked.metrics = if self.metrics.is_empty() { named(&["event_count"]) } else { self.metrics.clone() };
                asked.filters.extend(self.more_filters.iter().cloned());
                asked.limit = 1000;
                asked.fill = self.fill.unwrap_or(true);
            }
        }
        asked.limit = self.limit.unwrap_or(asked.limit);
        asked.order = self.order(&asked).or(asked.order);
        asked
    }

    /// The column to order by: one whose values do not depend on how they are rounded.
    fn order(&self, asked: &Asked) -> Option<(String, bool)> {
        let (column, descending) = self.order?;
        let rounded = |name: &&str| !["stddev", "p75", "p9"].iter().any(|function| name.starts_with(function));
        let exact: Vec<&str> = asked.columns().filter(rounded).collect();
        (!exact.is_empty()).then(|| ((*column.get(&exact)).to_owned(), descending))
    }

    pub(crate) fn request(&self) -> Request {
        let asked = self.asked(Some("day"));
        let name = match self.endpoint {
            Endpoint::Summary => "summary",
            Endpoint::Trends => "trends",
            Endpoint::Topics => "topics",
            Endpoint::Agents => "agents",
            Endpoint::Tools => "tools",
            Endpoint::Qos => "qos",
            Endpoint::Calls => "calls",
            Endpoint::Query => "query",
        };
        let path = format!("/api/v1/{name}");
        if self.endpoint == Endpoint::Query {
            return Request { method: "POST", path, parameters: Vec::new(), body: Some(self.body(&asked)) };
        }
        let mut parameters = self.subject.parameters();
        let mut give = |name: &str, value: String| parameters.push((name.to_owned(), value));
        if matches!(self.endpoint, Endpoint::Trends | Endpoint::Qos) {
            self.granularity.into_iter().for_each(|granularity| give("granularity", granularity.to_owned()));
            self.week_start.into_iter().for_each(|day| give("week_start", day.to_owned()));
        }
        if self.endpoint == Endpoint::Trends {
            self.by.into_iter().for_each(|field| give("by", field.to_owned()));
            self.metrics.iter().for_each(|metric| give("metrics", metric.name.to_owned()));
        }
        if self.endpoint == Endpoint::Qos && self.tag {
            give("tag", "region".to_owned());
        }
        if self.endpoint != Endpoint::Summary {
            self.limit.into_iter().for_each(|limit| give("limit", limit.to_string()));
            if let Some((column, descending)) = &self.order(&asked) {
                give("sort", format!("{}{column}", if *descending { "-" } else { "" }));
            }
        }
        if asked.compare {
            give("compare", "true".to_owned());
        }
        Request { method: "GET", path, parameters, body: None }
    }

    fn body(&self, asked: &Asked) -> Value {
        let mut body = self.subject.body();
        let metric = |metric: &Metric| match metric.filters.as_slice() {
            [] => json!(metric.name),
            filters => json!({"name": metric.name, "metric": metric.measure,
                "filters": filters.iter().map(written).collect::<Vec<_>>()}),
        };
        let time = self.granularity.map(|granularity| format!("time:{granularity}"));
        let fields = self.dimensions.iter().map(|field| (*field).to_owned());
        body["filters"].as_array_mut().unwrap().extend(self.more_filters.iter().map(written));
        body["dimensions"] = json!(fields.chain(time).collect::<Vec<_>>());
        let optional = [
            ("metrics", (!self.metrics.is_empty()).then(|| self.metrics.iter().map(metric).collect::<Value>())),
            ("week_start", self.week_start.map(|day| json!(day))),
            ("limit", self.limit.map(|limit| json!(limit))),
            ("fill", self.fill.map(|fill| json!(fill))),
            ("compare", Some(json!(self.compare))),
            (
                "order_by",
                asked
                    .order
                    .as_ref()
                    .map(|(column, descending)| json!([[column, if *descending { "desc" } else { "asc" }]])),
            ),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body[name] = value;
            }
        }
        body
    }
}

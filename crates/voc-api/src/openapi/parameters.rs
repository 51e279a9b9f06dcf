//! Parameters of the query in the description of the API. An operation names those that its handler reads.

use serde_json::json;
use utoipa::{
    IntoParams,
    openapi::{
        ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Required, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{Schema, Type},
    },
};
use voc_events::{Family as _, Table, TenantId, activity::Activity, families, product::Product, quality::Quality};

use crate::{
    events::search::bounds,
    formats,
    questions::{MAX_DAYS, MAX_LIMIT, factors, filters},
};

macro_rules! parameters {
    ($($(#[doc = $line:literal])+ $name:ident = $text:literal, $schema:expr, $example:expr;)*) => {$(
        $(#[doc = $line])+
        pub(crate) struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![
                    ParameterBuilder::new()
                        .name($text)
                        .parameter_in(ParameterIn::Query)
                        .required(Required::False)
                        .description(Some(concat!($($line),+).trim()))
                        .schema(Some($schema))
                        .example(Some(json!($example)))
                        .build(),
                ]
            }
        }
    )*};
}

parameters! {
    /// The family of events.
    Family = "family", names(&families::ALL.iter().map(|family| family.name).collect::<Vec<_>>()), "voc";
    /// Only this tenant. Without it: the tenant of the credentials, or all that they allow.
    Tenant = "tenant_id", text(TenantId::MAX_BYTES), "acme";
    /// Whether each metric is shown next to that of the period before, of the same length, and their difference.
    Compare = "compare", boolean(), true;
    /// The order, by time; after a `-`, the latest first.
    SortByTime = "sort", names(&["timestamp", "-timestamp"]), "-timestamp";
    /// The fields of a row, separated by commas. Default: all, and the whole event as `payload`.
    Fields = "fields", text(8192), "timestamp,event_type,payload";
    /// A field whose values are rows of their own: a list of the most frequent ones, unless there is a granularity. A
    /// member of the event is a field, too, such as `payload.metadata.station`.
    TopBy = "by", text(256), "event_type";
    /// What the contacts are grouped by: a field, such as `topic` or `agent_id`.
    GroupBy = "by", text(256), "topic";
    /// The window in which the last step follows the first: minutes, hours, days or weeks. Default: 30 minutes.
    FunnelWithin = "within", duration(), "30m";
    /// The time within which a customer comes back: minutes, hours, days or weeks. Default: 7 days.
    ReturnWithin = "within", duration(), "7d";
    /// Whose events are followed.
    Per = "per", names(&["session", "user"]), "session";
    /// The field whose values are the steps. Default: `event_type`.
    StepField = "of", text(256), "event_type";
    /// The fewest calls that a value has.
    MinSupport = "min_support", whole(1, 1_000_000), 30;
    /// Only what this speaker says.
    Speaker = "speaker", names(&["customer", "agent", "bot", "other"]), "customer";
    /// The greatest number of rows.
    SearchLimit = "limit", whole(1, bounds::MAX_LIMIT.into()), 20;
    /// The greatest number of rows.
    Limit = "limit", whole(1, MAX_LIMIT.into()), 100;
    /// Where the page begins: `next` in the `meta` of the page before.
    Cursor = "cursor", text(8192), "eyJoYXNoIjoi";
    /// The length of a bucket.
    Granularity = "granularity", names(&voc_store::Granularity::ALL.map(voc_store::Granularity::name)), "day";
    /// The first day of a week.
    WeekStart = "week_start", names(&["monday", "sunday"]), "monday";
    /// A field whose values are series of their own.
    By = "by", text(256), "topic";
    /// A tag whose values are rows of their own.
    Tag = "tag", text(256), "region";
    /// The format of the answer. Without it: that of the path's extension, such as `.csv`, or of the header `Accept`.
    Format = "format", names(&formats::Format::ALL.map(formats::Format::name)), "json";
    /// Only this topic of Kafka.
    KafkaTopic = "topic", text(249), "voc.events";
    /// Only errors of this class.
    ErrorType = "error_type", text(256), "invalid_json";
    /// Only this partition.
    Partition = "partition", whole(0, i32::MAX.into()), 0;
}

/// The order of rows. Which columns there are differs, so the example is that of the operation's answer.
pub(crate) struct Sort;

impl IntoParams for Sort {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "Order by this column; after a `-`, the largest first.".to_owned();
        vec![parameter("sort", meaning, text(256)).build()]
    }
}

/// What all questions have in common: the tenant, the range, and the filters. An event is meant if, of each filter
/// that is given, one of the values is the event's.
pub(crate) struct Common;

impl IntoParams for Common {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        common(&families::DEFAULT.table)
    }
}

/// The range of a question.
pub(crate) struct Range;

impl IntoParams for Range {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            given(
                "from",
                "The beginning of the range: a date, or an instant in RFC 3339.",
                moment(),
                json!("2026-02-01"),
            ),
            given("to", "The end of the range. A date is inside, an instant is not.", moment(), json!("2026-02-28")),
            given("last", "The range up to now: minutes, hours, days or weeks.", duration(), json!("7d")),
            given("days", "The range up to now in days. Default: 7.", whole(1, MAX_DAYS), json!(7)),
            given("timezone", "The time zone of dates, of days and of buckets.", zone(), json!("America/Sao_Paulo")),
        ]
    }
}

fn parameter(name: &str, meaning: String, schema: Schema) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(meaning))
        .schema(Some(schema))
}

fn given(name: &str, meaning: &str, schema: Schema, example: serde_json::Value) -> Parameter {
    parameter(name, meaning.to_owned(), schema).example(Some(example)).build()
}

fn common(table: &Table) -> Vec<Parameter> {
    let filters = filters::names(table).into_iter().map(|(name, field)| {
        let meaning = format!("Only events with one of these values of `{}`. Can be repeated.", field.name());
        let example = json!([example_of(name)]);
        parameter(name, meaning, texts(filters::MAX_VALUE_BYTES)).explode(Some(true)).example(Some(example)).build()
    });
    let bounds = [
        given("sentiment_min", "Only events with at least this sentiment.", number(-1.0, 1.0), json!(-1)),
        given("sentiment_max", "Only events with at most this sentiment.", number(-1.0, 1.0), json!(-0.5)),
    ];
    let bounds = bounds.into_iter().filter(|_| table.annotated);
    let tenant = table.tenant.map(|_| Tenant::into_params(|| None)).unwrap_or_default();
    tenant.into_iter().chain(Range::into_params(|| None)).chain(filters).chain(bounds).collect()
}

/// The same for the other families, which have filters by their own fields.
macro_rules! common {
    ($($name:ident = $family:ty;)*) => {$(
        pub(crate) struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                common(&<$family>::TABLE)
            }
        }
    )*};
}

common! {
    CommonOfActivity = Activity;
    CommonOfProduct = Product;
    CommonOfQuality = Quality;
}

/// The steps of a funnel.
pub(crate) struct Steps;

impl IntoParams for Steps {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "The steps in their order, two to ten. Separated by commas, or repeated.";
        let steps = ArrayBuilder::new().items(RefOr::T(text(1024))).min_items(Some(2)).max_items(Some(10)).build();
        vec![list("steps", meaning, steps.into(), json!(["page_view", "click", "form_submit"]), Required::True)]
    }
}

/// What is searched for.
pub(crate) struct Search;

impl IntoParams for Search {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "Words, phrases in quotation marks, and beginnings of words before a `*`.".to_owned();
        let search = parameter("q", meaning, text(bounds::MAX_SEARCH_BYTES)).required(Required::True);
        vec![search.example(Some(json!("refund"))).build()]
    }
}

/// The kinds of drivers.
pub(crate) struct Kinds;

impl IntoParams for Kinds {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "The kinds of values that are compared. Can be repeated. Default: all.";
        let kinds = ArrayBuilder::new().items(RefOr::T(names(&factors::KINDS))).max_items(Some(100)).build();
        vec![list("kinds", meaning, kinds.into(), json!(["topic"]), Required::False)]
    }
}

/// A parameter that can be repeated.
fn list(name: &str, meaning: &str, schema: Schema, example: serde_json::Value, required: Required) -> Parameter {
    let parameter = parameter(name, meaning.to_owned(), schema).required(required);
    parameter.explode(Some(true)).example(Some(example)).build()
}

/// A value of a filter.
fn example_of(name: &str) -> &'static str {
    match name {
        "event_type" => "call",
        "topic" => "billing",
        "language" => "pt",
        "action" => "transfer",
        "tool" => "crm_lookup",
        "metric" => "latency_p99",
        "decided_by" => "fast@1",
        "call_id" => "call-1",
        "agent_id" => "agent-7",
        "customer_id" => "customer-3",
        "user_id" => "user-7",
        "session_id" => "session-7-1",
        "page_url" => "/pricing",
        "batch_id" => "BATCH-001",
        "inspection_type" => "visual",
        _ => "billing",
    }
}

/// The metrics of a question.
pub(crate) struct Metrics;

impl IntoParams for Metrics {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "A metric: `event_count`, `first_event`, `last_event`, or a function and a field, as \
            `avg_sentiment` or `p95_duration_ms`. Can be repeated.";
        let parameter = ParameterBuilder::new()
            .name("metrics")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(meaning))
            .schema(Some(texts(256)))
            .explode(Some(true))
            .example(Some(json!(["event_count"])));
        vec![parameter.build()]
    }
}

fn boolean() -> Schema {
    ObjectBuilder::new().schema_type(Type::Boolean).build().into()
}

fn number(least: f64, most: f64) -> Schema {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(least)).maximum(Some(most)).build().into()
}

/// Texts, at least one.
fn texts(max_bytes: usize) -> Schema {
    ArrayBuilder::new().items(RefOr::T(text(max_bytes))).max_items(Some(100)).build().into()
}

/// One of these names.
pub(crate) fn names(names: &[&str]) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).build().into()
}

/// A text; the maximum length is in bytes, so that of the schema, in characters, is an upper bound.
pub(crate) fn text(max_bytes: usize) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max_bytes)).build().into()
}

/// A date, or an instant.
fn moment() -> Schema {
    matching("^(19[7-9]\\d|20\\d\\d|210[0-5])-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([Tt ]\\d{2}:\\d{2}.*)?$")
}

fn duration() -> Schema {
    matching("^0*[1-9]\\d{0,6}[mhdw]$")
}

/// A name of IANA's.
fn zone() -> Schema {
    matching("^[A-Za-z][A-Za-z0-9_+/-]*$")
}

/// A short text that matches.
fn matching(pattern: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(64))
        .pattern(Some(pattern))
        .build()
        .into()
}

/// A whole number within bounds.
pub(crate) fn whole(least: i64, most: i64) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(most))
        .build()
        .into()
}

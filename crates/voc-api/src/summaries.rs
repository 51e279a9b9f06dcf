//! Events by type and by topic.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Table, TenantId, Timestamp, families::FamilyInfo};
use voc_store::{Period, TopicSummary, TypeSummary};

use crate::{
    access::{Caller, Scope},
    formats::{Column, Format, Kind, RowsBatch, TableAnswer, Values},
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

const MILLIS_PER_DAY: i64 = 86_400_000;
const DEFAULT_DAYS: i64 = 7;
const MAX_DAYS: i64 = 90;

/// Events by type, most frequent first.
#[utoipa::path(
    get, path = "/api/v1/summary", operation_id = "summary", tag = "events",
    params(query::Family, query::Tenant, query::Days, query::Format),
    responses((status = 200, description = "A row for each type", body = Answer<TypeRow>, example = json!({
        "data": [{
            "event_type": "call", "event_count": 1234, "avg_sentiment": -0.05,
            "first_event": "2026-02-02T12:00:00.000Z", "last_event": "2026-02-08T17:30:00.250Z",
        }],
        "family": "voc", "tenant_id": "acme", "days": 7,
    })))
)]
pub(crate) async fn by_type(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (question, format) = Question::with_format(&request, &caller, &shared)?;
    let data = question.types(&shared).await?;
    if format == Format::Json {
        return Ok(HttpResponse::Ok().json(question.answer::<_, TypeRow>(data)));
    }
    let batch = RowsBatch {
        columns: vec![
            Values::Text(data.iter().map(|row| Some(row.event_type.clone())).collect()),
            Values::Integer(data.iter().map(|row| row.event_count.try_into().ok()).collect()),
            Values::Float(data.iter().map(|row| row.avg_sentiment).collect()),
            Values::Time(data.iter().map(|row| Some(row.first_event)).collect()),
            Values::Time(data.iter().map(|row| Some(row.last_event)).collect()),
        ],
    };
    let columns = vec![
        Column { name: "event_type", kind: Kind::Text },
        Column { name: "event_count", kind: Kind::Integer },
        Column { name: "avg_sentiment", kind: Kind::Float },
        Column { name: "first_event", kind: Kind::Time },
        Column { name: "last_event", kind: Kind::Time },
    ];
    TableAnswer::of_one("summary", columns, batch).respond(format, &shared).await
}

/// Events by type as rows of type, count and mean sentiment.
#[utoipa::path(
    get, path = "/metrics/summary", operation_id = "metrics_summary", tag = "events",
    params(query::Family, query::Tenant, query::Days),
    responses((status = 200, description = "The rows", body = Rows,
        example = json!({"rows": [["call", 1234, -0.05], ["agent_action", 5678, null]]})))
)]
pub(crate) async fn rows(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let types = Question::of(&request, &caller, &shared)?.types(&shared).await?;
    let rows: Vec<(String, u64, Option<f64>)> =
        types.into_iter().map(|by_type| (by_type.event_type, by_type.event_count, by_type.avg_sentiment)).collect();
    Ok(HttpResponse::Ok().json(Rows { rows }))
}

/// Annotated events by topic, most frequent first.
#[utoipa::path(
    get, path = "/api/v1/topics", operation_id = "topics", tag = "events",
    params(query::Family, query::Tenant, query::Days, query::Format),
    responses((status = 200, description = "A row for each topic", body = Answer<TopicRow>, example = json!({
        "data": [{"topic": "billing", "event_count": 693, "avg_sentiment": -0.2}],
        "family": "voc", "tenant_id": "acme", "days": 7,
    })))
)]
pub(crate) async fn by_topic(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (question, format) = Question::with_format(&request, &caller, &shared)?;
    let (queries, tenant, period) = (shared.queries()?, question.tenant.clone(), question.period());
    let table = question.table();
    let data = shared.query(async move { queries.topics(&table, tenant.as_ref(), period).await }).await?;
    if format == Format::Json {
        return Ok(HttpResponse::Ok().json(question.answer::<_, TopicRow>(data)));
    }
    let batch = RowsBatch {
        columns: vec![
            Values::Text(data.iter().map(|row| Some(row.topic.clone())).collect()),
            Values::Integer(data.iter().map(|row| row.event_count.try_into().ok()).collect()),
            Values::Float(data.iter().map(|row| row.avg_sentiment).collect()),
        ],
    };
    let columns = vec![
        Column { name: "topic", kind: Kind::Text },
        Column { name: "event_count", kind: Kind::Integer },
        Column { name: "avg_sentiment", kind: Kind::Float },
    ];
    TableAnswer::of_one("topics", columns, batch).respond(format, &shared).await
}

/// The family, the tenant, and the number of days up to now, allowing for the clocks of producers.
struct Question {
    family: FamilyInfo,
    tenant: Option<TenantId>,
    days: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Summary)]
struct Answer<T> {
    data: Vec<T>,
    family: &'static str,
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    days: i64,
}

#[derive(Serialize, ToSchema)]
struct TypeRow {
    event_type: String,
    event_count: u64,
    /// From -1 to 1; null if no event of the type has one.
    avg_sentiment: Option<f64>,
    #[schema(value_type = String, format = DateTime)]
    first_event: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_event: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct TopicRow {
    topic: String,
    event_count: u64,
    /// From -1 to 1; null if no event of the topic has one.
    avg_sentiment: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct Rows {
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    rows: Vec<(String, u64, Option<f64>)>,
}

impl From<TypeSummary> for TypeRow {
    fn from(summary: TypeSummary) -> Self {
        let TypeSummary { event_type, event_count, avg_sentiment, first_event, last_event } = summary;
        Self { event_type, event_count, avg_sentiment, first_event, last_event }
    }
}

impl From<TopicSummary> for TopicRow {
    fn from(summary: TopicSummary) -> Self {
        let TopicSummary { topic, event_count, avg_sentiment } = summary;
        Self { topic, event_count, avg_sentiment }
    }
}

impl Question {
    fn of(request: &HttpRequest, caller: &Caller, shared: &Shared) -> Result<Self, Problem> {
        let (question, ()) = Self::with(request, caller, shared, |_| ())?;
        Ok(question)
    }

    fn with_format(request: &HttpRequest, caller: &Caller, shared: &Shared) -> Result<(Self, Format), Problem> {
        let (question, given) = Self::with(request, caller, shared, Format::given)?;
        Ok((question, Format::of(request, given)?))
    }

    /// The question, and what `more` reads.
    fn with<T>(
        request: &HttpRequest,
        caller: &Caller,
        shared: &Shared,
        more: impl FnOnce(&mut Parameters) -> T,
    ) -> Result<(Self, T), Problem> {
        caller.require(Scope::Read)?;
        let (asked, more) = Parameters::read(request.query_string(), |parameters| {
            let family = parameters.family("family").unwrap_or(shared.api.default_family);
            let tenant = parameters.tenant("tenant_id", Some(&family));
            let days = parameters.whole("days", 1..=MAX_DAYS, DEFAULT_DAYS);
            (Self { family, tenant, days }, more(parameters))
        })?;
        let tenant = caller.one_tenant_of(&asked.family.table, asked.tenant.as_ref())?;
        Ok((Self { tenant, ..asked }, more))
    }

    fn table(&self) -> Table {
        self.family.table
    }

    fn period(&self) -> Period {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        Period {
            since: Timestamp::from_millis(now - self.days * MILLIS_PER_DAY),
            // An event dated decades ahead would be counted in every window until then.
            until: Timestamp::from_millis(now + MAX_CLOCK_SKEW_MILLIS),
        }
    }

    async fn types(&self, shared: &Shared) -> Result<Vec<TypeSummary>, Problem> {
        let (queries, tenant, period) = (shared.queries()?, self.tenant.clone(), self.period());
        let table = self.table();
        shared.query(async move { queries.summary(&table, tenant.as_ref(), period).await }).await
    }

    fn answer<R, T: From<R>>(self, data: Vec<R>) -> Answer<T> {
        let data = data.into_iter().map(T::from).collect();
        Answer { data, family: self.family.name, tenant_id: self.tenant, days: self.days }
    }
}

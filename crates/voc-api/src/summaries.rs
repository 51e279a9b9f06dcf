//! Events by type and by topic.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use voc_events::{MAX_CLOCK_SKEW_MILLIS, Table, TenantId, Timestamp, families::FamilyInfo};
use voc_store::{Period, TypeSummary};

use crate::{parameters::Parameters, problem::Problem, state::Shared};

const MILLIS_PER_DAY: i64 = 86_400_000;
const DEFAULT_DAYS: i64 = 7;
const MAX_DAYS: i64 = 90;

/// `/api/v1/summary`: `{"data":[{event_type, event_count, avg_sentiment, first_event, last_event}],"family":…,
/// "tenant_id":…,"days":…}`.
pub(crate) async fn by_type(request: HttpRequest, shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let question = Question::of(&request, &shared)?;
    let data = question.types(&shared).await?;
    Ok(HttpResponse::Ok().json(question.answer(data)))
}

/// `/metrics/summary`: `{"rows":[["call",1234,-0.5],["agent_action",5678,null]]}`.
pub(crate) async fn rows(request: HttpRequest, shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let types = Question::of(&request, &shared)?.types(&shared).await?;
    let rows: Vec<(String, u64, Option<f64>)> =
        types.into_iter().map(|by_type| (by_type.event_type, by_type.event_count, by_type.avg_sentiment)).collect();
    Ok(HttpResponse::Ok().json(serde_json::json!({"rows": rows})))
}

/// `/api/v1/topics`: `{"data":[{topic, event_count, avg_sentiment}],"family":…,"tenant_id":…,"days":…}`.
pub(crate) async fn by_topic(request: HttpRequest, shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let question = Question::of(&request, &shared)?;
    let (queries, tenant, period) = (shared.queries()?, question.tenant.clone(), question.period());
    let table = question.table();
    let data = shared.run(async move { queries.topics(&table, tenant.as_ref(), period).await }).await??;
    Ok(HttpResponse::Ok().json(question.answer(data)))
}

/// The family, the tenant, and the number of days up to now, allowing for the clocks of producers.
struct Question {
    family: FamilyInfo,
    tenant: Option<TenantId>,
    days: i64,
}

#[derive(Serialize)]
struct Answer<'a, T> {
    data: Vec<T>,
    family: &'static str,
    tenant_id: Option<&'a TenantId>,
    days: i64,
}

impl Question {
    fn of(request: &HttpRequest, shared: &Shared) -> Result<Self, Problem> {
        Parameters::read(request.query_string(), |parameters| {
            let family = parameters.family("family").unwrap_or(shared.api.default_family);
            let tenant = parameters.tenant("tenant_id", Some(&family));
            Self { family, tenant, days: parameters.whole("days", 1..=MAX_DAYS, DEFAULT_DAYS) }
        })
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
        Ok(shared.run(async move { queries.summary(&table, tenant.as_ref(), period).await }).await??)
    }

    fn answer<T>(&self, data: Vec<T>) -> Answer<'_, T> {
        Answer { data, family: self.family.name, tenant_id: self.tenant.as_ref(), days: self.days }
    }
}

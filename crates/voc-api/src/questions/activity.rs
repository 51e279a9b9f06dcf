//! What users do in applications.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{activity::Activity, families::FamilyInfo};
use voc_store::{Metric, Query, QueryError};

use super::{Asked, Families, TableBody, series::Series};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Activity: events, users and sessions, over time or by a field.
#[utoipa::path(
    get, path = "/api/v1/activity", operation_id = "activity", tag = "families",
    params(
        query::CommonOfActivity, query::TopBy, query::Granularity, query::WeekStart, query::Compare, query::Sort,
        query::Limit, query::Cursor, query::Format
    ),
    responses((status = 200, description = "A row for each bucket of time, also for those without events; with `by`, \
        a row for each value, the most frequent first", body = TableBody, example = json!({
        "data": [
            {"page_url": "/pricing", "events": 1200, "users": 310, "sessions": 420},
            {"page_url": null, "events": 90, "users": 40, "sessions": 41},
        ],
        "meta": {
            "family": "activity", "tenant_id": null, "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn activity(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let family = Families::One(const { &FamilyInfo::of::<Activity>() });
    let (asked, series) = Asked::read(&request, &caller, &shared, family, |parameters, table, range| {
        Series::read(parameters, table, range, &[])
    })?;
    let query = with_metrics(series.query(&asked, true))?;
    asked.respond_with_rows("activity", query, series.page, |_| (), &request, &shared).await
}

fn with_metrics(query: Query) -> Result<Query, QueryError> {
    let table = *query.table();
    Ok(query
        .metric(Metric::parse(&table, "event_count")?.named("events"))
        .metric(Metric::parse(&table, "unique_user_id")?.named("users"))
        .metric(Metric::parse(&table, "unique_session_id")?.named("sessions")))
}

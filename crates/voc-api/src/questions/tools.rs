//! Tools: how often they are called, and how well.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Condition, Dimension, Filter, Metric, Query, QueryError, Value};

use super::{
    Asked, TableBody,
    asked::{Families, with_metrics},
    page::Page,
};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Tools: invocations, success and duration.
#[utoipa::path(
    get, path = "/api/v1/tools", operation_id = "tools", tag = "conversations",
    params(query::Common, query::Compare, query::Sort, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each tool, the most used first; `success_rate` is the share of \
        the invocations of which it is known whether they succeeded", body = TableBody, example = json!({
        "data": [{
            "tool_name": "crm_lookup", "invocations": 410, "success_rate": 0.97, "failures": 12,
            "avg_duration_ms": 130.5, "p50_duration_ms": 110.0, "p95_duration_ms": 480.0, "p99_duration_ms": 900.0,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn tools(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, page) =
        Asked::read(&request, &caller, &shared, Families::Voc, |parameters, _, _| Page::read(parameters, 100))?;
    asked.respond_with_rows("tools", query_of(&asked)?, page, |_| (), &request, &shared).await
}

fn query_of(asked: &Asked) -> Result<Query, QueryError> {
    let table = &asked.family.table;
    let invocation = Condition::Is(vec![Value::Text("tool_invocation".to_owned())]);
    let failed = Filter::parse(table, "success", Condition::Is(vec![Value::Boolean(false)]))?;
    let query = asked
        .query()
        .filter(Filter::parse(table, "event_type", invocation)?)
        .dimension(Dimension::parse(table, "tool_name")?)
        .metric(Metric::parse(table, "event_count")?.named("invocations"))
        .metric(Metric::parse(table, "share_success")?.named("success_rate"))
        .metric(Metric::parse(table, "event_count")?.of(vec![failed]).named("failures"));
    with_metrics(query, &["avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms"])
}

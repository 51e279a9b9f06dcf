//! What users do in products.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{families::FamilyInfo, product::Product};
use voc_store::{Condition, Filter, Metric, Query, QueryError, Value};

use super::{Asked, Families, TableBody, series::Series};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Use of products: events, users, searches and watch time, over time or by a field.
#[utoipa::path(
    get, path = "/api/v1/product", operation_id = "product", tag = "families",
    params(
        query::CommonOfProduct, query::TopBy, query::Granularity, query::WeekStart, query::Compare, query::Sort,
        query::Limit, query::Cursor, query::Format
    ),
    responses((status = 200, description = "A row for each bucket of time, also for those without events; with `by`, \
        a row for each value, the most frequent first: `by=properties.content_id&sort=-watch_seconds` is a list of the \
        content that is watched most. Watch time is the sum of `watch_time` of events `video_heartbeat`, searches are \
        events `search`, those without results have `results` 0", body = TableBody, example = json!({
        "data": [{
            "time": "2026-02-02T00:00:00+00:00", "events": 5200, "users": 310, "searches": 120,
            "searches_without_results": 9, "watch_seconds": 86400.0,
        }],
        "meta": {
            "family": "product", "tenant_id": "openstream", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-03T00:00:00+00:00", "timezone": "UTC", "granularity": "day", "truncated": false,
            "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn product(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let family = Families::One(const { &FamilyInfo::of::<Product>() });
    let (asked, series) = Asked::read(&request, &caller, &shared, family, |parameters, table, range| {
        Series::read(parameters, table, range, &[])
    })?;
    let query = with_metrics(series.query(&asked, true))?;
    asked.respond_with_rows("product", query, series.page, |_| (), &request, &shared).await
}

fn with_metrics(query: Query) -> Result<Query, QueryError> {
    let table = *query.table();
    let metric = |name: &str| Metric::parse(&table, name);
    let is = |field: &str, value: Value| Filter::parse(&table, field, Condition::Is(vec![value]));
    let of_type = |name: &str| is("event_type", Value::Text(name.to_owned()));
    let in_vain = vec![of_type("search")?, is("properties.results", Value::Integer(0))?];
    Ok(query
        .metric(metric("event_count")?.named("events"))
        .metric(metric("unique_user_id")?.named("users"))
        .metric(metric("event_count")?.of(vec![of_type("search")?]).named("searches"))
        .metric(metric("event_count")?.of(in_vain).named("searches_without_results"))
        .metric(metric("sum_properties.watch_time")?.of(vec![of_type("video_heartbeat")?]).named("watch_seconds")))
}

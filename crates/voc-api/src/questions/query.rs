//! Any question.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use voc_store::Query;

use super::{
    Asked, TableBody,
    asked::{Families, sorted_by},
    body::Body,
    page::Page,
};
use crate::{access::Caller, bodies::members, invalid_parameter::Location, problem::Problem, state::Shared};

/// A question: metrics by dimensions.
#[derive(ToSchema)]
#[schema(example = json!({
    "tenant_id": "acme", "last": "7d", "timezone": "America/Sao_Paulo",
    "metrics": ["event_count", "avg_sentiment",
        {"name": "unhappy", "metric": "event_count", "filters": [["less", "sentiment", -0.2]]}],
    "dimensions": ["time:day", "topic"],
    "filters": [["is", "event_type", ["call"]], ["present", "topic"]],
    "order_by": [["event_count", "desc"]],
    "limit": 100,
}))]
#[expect(dead_code, reason = "only describes the body, which is read member by member")]
pub(crate) struct QueryBody {
    /// The family of events. Default: `voc`.
    family: Option<String>,
    /// Only this tenant. Without it: the tenants of the credentials.
    tenant_id: Option<String>,
    /// The names of metrics, and objects with a `metric`, a `name` and `filters` of its own. Default: `event_count`.
    #[schema(value_type = Option<Vec<Value>>)]
    metrics: Option<Vec<Value>>,
    /// The names of fields, and `time:minute` to `time:month`.
    dimensions: Option<Vec<String>>,
    /// Lists of an operator, a field, and a value or list of values: `["is", "topic", ["billing"]]`. All must hold.
    /// The operators are `is`, `is_not`, `contains`, `contains_not`, `less`, `at_most`, `more`, `at_least`, and,
    /// without a value, `present` and `absent`.
    #[schema(value_type = Option<Vec<Vec<Value>>>)]
    filters: Option<Vec<Vec<Value>>>,
    /// The beginning of the range: a date, or an instant in RFC 3339.
    from: Option<String>,
    /// The end of the range. A date is inside, an instant is not.
    to: Option<String>,
    /// The range up to now: `90m`, `24h`, `7d`, `4w`.
    last: Option<String>,
    /// The range up to now in days. Default: 7.
    days: Option<i64>,
    /// The time zone of dates and buckets. Default: `UTC`.
    timezone: Option<String>,
    /// The first day of a week, `monday` or `sunday`. Default: `monday`.
    week_start: Option<String>,
    /// A column and `asc` or `desc`. Default: time, or else the first metric, the largest first.
    #[schema(value_type = Option<Vec<Vec<String>>>)]
    order_by: Option<Vec<Vec<String>>>,
    /// The greatest number of rows. Default: 1000.
    limit: Option<i64>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
    /// Whether the period before is shown, too.
    compare: Option<bool>,
    /// Whether there is a row for every bucket of time. Default: true.
    fill: Option<bool>,
    /// The format of the answer, instead of the header `Accept`.
    format: Option<String>,
}

/// Metrics by any dimensions, with any filters.
#[utoipa::path(
    post, path = "/api/v1/query", operation_id = "query", tag = "events", request_body = QueryBody,
    responses((status = 200, description = "A row for each group: its dimensions, then its metrics", body = TableBody,
        example = json!({
        "data": [{"time": "2026-02-02T00:00:00-03:00", "topic": "billing", "event_count": 61, "avg_sentiment": -0.3,
            "unhappy": 20}],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-01T21:00:00-03:00",
            "to": "2026-02-08T21:05:00-03:00", "timezone": "America/Sao_Paulo", "granularity": "day",
            "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn query(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
    body: web::Json<Value>,
) -> Result<HttpResponse, Problem> {
    let (asked, query, page) = read(members(body, &caller, &shared)?, &request, &caller, &shared)?;
    asked.respond_with_rows("query", query, page, |_| (), &request, &shared).await
}

fn read(
    members: Map<String, Value>,
    request: &HttpRequest,
    caller: &Caller,
    shared: &Shared,
) -> Result<(Asked, Query, Page), Problem> {
    let (mut asked, parts) =
        Asked::read_body(members, request, caller, shared, Families::Any, |parameters, table, range| {
            let week_start = parameters.week_start("week_start");
            let page = Page::read_size(parameters, 1000);
            let fill = parameters.flag("fill").unwrap_or(true);
            let mut body = Body::new(parameters, table);
            let (metrics, dimensions) = (body.metrics(), body.dimensions(range, week_start));
            body.check_columns(&dimensions, &metrics);
            (metrics, dimensions, body.filters(), body.order(), page, fill)
        })?;
    let (mut metrics, dimensions, filters, order, page, fill) = parts;
    if metrics.is_empty() {
        metrics.push(voc_store::Metric::parse(&asked.family.table, "event_count")?);
    }
    let query = filters.into_iter().fold(asked.query(), Query::filter);
    let query = dimensions.into_iter().fold(query, Query::dimension);
    let query = metrics.into_iter().fold(query, Query::metric);
    let query = sorted_by(query, order, &Location::body().member("order_by"))?;
    asked.fill = fill;
    Ok((asked, query, page))
}

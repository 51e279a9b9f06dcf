//! Quality-of-service metrics.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Condition, Dimension, Filter, Metric, QueryError, Value};

use super::{
    Asked, TableBody,
    asked::{Families, with_metrics},
    page::Page,
    trends::buckets,
};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Quality-of-service metrics: quantiles by name, and by a tag, and over time.
#[utoipa::path(
    get, path = "/api/v1/qos", operation_id = "qos", tag = "conversations",
    params(
        query::Common, query::Tag, query::Granularity, query::WeekStart, query::Compare, query::Sort, query::Limit,
        query::Cursor, query::Format
    ),
    responses((status = 200, description = "A row for each metric, value of the tag and bucket; units are those of the \
        producers", body = TableBody, example = json!({
        "data": [{
            "metric_name": "latency_p99", "tags.region": "eu", "measurements": 96, "avg_value": 87.5, "min_value": 41.0,
            "max_value": 230.0, "p50_value": 80.0, "p95_value": 190.0, "p99_value": 221.0,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn qos(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, (tag, time, page)) =
        Asked::read(&request, &caller, &shared, Families::Voc, |parameters, table, range| {
            let tag = parameters.name("tag", 256);
            let tag = tag.and_then(|tag| parameters.checked("tag", Dimension::parse(table, &format!("tags.{tag}"))));
            // Without a granularity, there are no buckets.
            let wanted = parameters.granularity("granularity").is_some();
            let buckets = buckets(parameters, range).filter(|_| wanted);
            (tag, buckets, Page::read(parameters, 1000))
        })?;
    let table = &asked.family.table;
    let measured = Condition::Is(vec![Value::Text("qos_metric".to_owned())]);
    let mut query = asked
        .query()
        .filter(Filter::parse(table, "event_type", measured)?)
        .dimension(Dimension::parse(table, "metric_name")?);
    query = tag.into_iter().chain(time.map(Dimension::Time)).fold(query, voc_store::Query::dimension);
    query = query.metric(Metric::parse(table, "event_count")?.named("measurements"));
    let metrics = ["avg_value", "min_value", "max_value", "p50_value", "p95_value", "p99_value"];
    let query = with_metrics(query, &metrics).map_err(|error: QueryError| Problem::from(error))?;
    asked.respond_with_rows("qos", query, page, |_| (), &request, &shared).await
}

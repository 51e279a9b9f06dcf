//! Metrics over time.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Buckets, Dimension, Granularity, Metric};

use super::{
    Asked, Range, TableBody,
    asked::Families,
    page::{MAX_LIMIT, Page},
};
use crate::{access::Caller, openapi::parameters as query, parameters::Parameters, problem::Problem, state::Shared};

/// Maximum number of metrics.
const MAX_METRICS: usize = 20;

/// Metrics over time: a row for every bucket, also for those without events.
#[utoipa::path(
    get, path = "/api/v1/trends", operation_id = "trends", tag = "events",
    params(
        query::Family, query::Common, query::Granularity, query::WeekStart, query::Metrics, query::By, query::Compare,
        query::Sort, query::Limit, query::Cursor, query::Format
    ),
    responses((status = 200, description = "A row for each bucket, in the order of time unless `sort` is given", body = TableBody,
        example = json!({
        "data": [
            {"time": "2026-02-02T00:00:00-03:00", "event_count": 120, "avg_sentiment": -0.1},
            {"time": "2026-02-03T00:00:00-03:00", "event_count": 0, "avg_sentiment": null},
        ],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00-03:00",
            "to": "2026-02-04T00:00:00-03:00", "timezone": "America/Sao_Paulo", "granularity": "day",
            "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn over_time(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (mut asked, (buckets, metrics, by, page)) =
        Asked::read(&request, &caller, &shared, Families::Any, |parameters, table, range| {
            let buckets = buckets(parameters, range);
            let names = parameters.list("metrics", 256);
            if names.len() > MAX_METRICS {
                let message = format!("ensure this value has at most {MAX_METRICS} items");
                parameters.wrong("metrics", message, "value_error.list.max_items");
            }
            let defaults: &[&str] = if table.annotated { &["event_count", "avg_sentiment"] } else { &["event_count"] };
            let names = if names.is_empty() { defaults.iter().map(|name| (*name).to_owned()).collect() } else { names };
            let metric = |name: &String| Metric::parse(table, name);
            let metrics =
                names.iter().filter_map(|name| parameters.checked("metrics", metric(name))).collect::<Vec<_>>();
            let by = parameters.name("by", 256);
            let by = by.and_then(|field| parameters.checked("by", Dimension::parse(table, &field)));
            (buckets, metrics, by, Page::read(parameters, MAX_LIMIT))
        })?;
    let Some(buckets) = buckets else { return Err(Problem::Internal) };
    asked.follow(&page)?;
    let query = by.into_iter().fold(asked.query().dimension(Dimension::Time(buckets)), voc_store::Query::dimension);
    let query = metrics.into_iter().fold(query, voc_store::Query::metric);
    asked.respond_with_rows("trends", query, page, |_| (), &request, &shared).await
}

/// Reads `granularity` and `week_start`. Without the former, the finest of hours and days that gives a chart of a
/// reasonable number of points.
pub(super) fn buckets(parameters: &mut Parameters, range: &Range) -> Option<Buckets> {
    let default = match range.hours() {
        ..=2 => Granularity::Minute,
        3..=72 => Granularity::Hour,
        73..=4400 => Granularity::Day,
        _ => Granularity::Month,
    };
    let granularity = parameters.granularity("granularity").unwrap_or(default);
    let week_start = parameters.week_start("week_start");
    let buckets = parameters.checked("timezone", Buckets::new(granularity, range.zone_name(), week_start))?;
    parameters.checked("granularity", buckets.starts(range.period))?;
    Some(buckets)
}

//! Events by type.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use voc_store::{Dimension, Query};

use super::{
    Asked, FirstTableBody,
    asked::{Families, with_metrics},
    page::Page,
};
use crate::{access::Caller, cost::Cost, openapi::parameters as query, problem::Problem, state::Shared};

/// Events by type, the most frequent first.
#[utoipa::path(
    get, path = "/api/v1/summary", operation_id = "summary", tag = "events",
    params(query::Family, query::Common, query::Compare, query::Format),
    responses((status = 200, description = "A row for each type", body = FirstTableBody, example = json!({
        "data": [{
            "event_type": "call", "event_count": 1234, "avg_sentiment": -0.05,
            "first_event": "2026-02-02T12:00:00.000Z", "last_event": "2026-02-08T17:30:00.250Z",
        }],
        "family": "voc", "tenant_id": "acme", "days": 7,
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn by_type(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, ()) = Asked::read(&request, &caller, &shared, Families::Any, |_, _, _| ())?;
    let (mut grid, meta) = asked.grid(&query_of(&asked)?, &shared).await?;
    Page::whole().require_whole(asked.format, meta.is_truncated())?;
    if grid.place("event_type").is_none() && grid.rows().first().and_then(|row| row[0].integer()) == Some(0) {
        // Without events there are no types, also in a family that has but one.
        grid = grid.without_rows();
    }
    asked.respond(grid.into_table("summary", asked.envelope(&meta)), &request, &shared).await
}

/// Events by type as rows of type, count and mean sentiment.
#[utoipa::path(
    get, path = "/metrics/summary", operation_id = "metrics_summary", tag = "events",
    params(query::Family, query::Common),
    responses((status = 200, description = "The rows", body = Rows,
        example = json!({
            "rows": [["call", 1234, -0.05], ["agent_action", 5678, null]], "meta": {"rows_read": 336},
        })))
)]
pub(crate) async fn rows(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let asked = Asked::read_fixed(&request, &caller, &shared)?;
    let query = query_of(&asked)?;
    let answer = asked.answer(&query, &shared).await?;
    let place = |name: &str| query.columns().position(|(known, _)| known == name);
    let (of_type, of_count, of_sentiment) = (place("event_type"), place("event_count"), place("avg_sentiment"));
    let row = |row: &Vec<voc_store::Cell>| {
        let event_type = of_type.map_or(Some(asked.family.table.name), |place| row[place].text());
        let count = of_count.and_then(|place| row[place].integer()).filter(|count| *count > 0)?;
        Some((event_type.unwrap_or_default().to_owned(), count, of_sentiment.and_then(|place| row[place].float())))
    };
    Ok(HttpResponse::Ok().json(Rows { rows: answer.rows.iter().filter_map(row).collect(), meta: Cost::of(&caller) }))
}

fn query_of(asked: &Asked) -> Result<Query, Problem> {
    let table = asked.family.table;
    let mut query = asked.query();
    if table.event_type.is_some() {
        query = query.dimension(Dimension::parse(&table, "event_type")?);
    }
    let sentiment: &[&str] = if table.annotated { &["avg_sentiment"] } else { &[] };
    Ok(with_metrics(query, &[&["event_count"], sentiment, &["first_event", "last_event"]].concat())?)
}

#[derive(Serialize, ToSchema)]
struct Rows {
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    rows: Vec<(String, i64, Option<f64>)>,
    meta: Cost,
}

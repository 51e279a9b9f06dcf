//! Annotated events by topic.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Cell, CellKind, Condition, Dimension, Filter, Query};

use super::{
    Asked, FirstTableBody, Grid,
    asked::{Families, with_metrics},
    page::Page,
};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Annotated events by topic, the most frequent first.
#[utoipa::path(
    get, path = "/api/v1/topics", operation_id = "topics", tag = "events",
    params(query::Family, query::Common, query::Compare, query::Sort, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each topic; `share` is that of the events with a topic",
        body = FirstTableBody, example = json!({
        "data": [
            {"topic": "billing", "event_count": 693, "avg_sentiment": -0.2, "share": 0.63},
            {"topic": "technical", "event_count": 407, "avg_sentiment": -0.4, "share": 0.37},
        ],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
        "family": "voc", "tenant_id": "acme", "days": 7,
    })))
)]
pub(crate) async fn by_topic(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (mut asked, page) = Asked::read(&request, &caller, &shared, Families::Any, |parameters, table, _| {
        if !table.annotated {
            parameters.wrong("family", "its events have no topics", "value_error");
        }
        Page::read(parameters, 100)
    })?;
    asked.follow(&page)?;
    let table = &asked.family.table;
    let with_topic = asked.query().filter(Filter::parse(table, "topic", Condition::Present)?);
    let query = with_metrics(
        with_topic.clone().dimension(Dimension::parse(table, "topic")?),
        &["event_count", "avg_sentiment"],
    )?;
    let is_first = page.cursor.is_none();
    let (mut grid, meta) = asked.page(query, page, &shared).await?;
    let all = events_with_topic(&asked, &grid, is_first && !meta.is_truncated(), with_topic, &shared).await?;
    grid.add("share", CellKind::Float, |_, row| match row.get(1).and_then(Cell::float) {
        Some(events) if all > 0.0 => Cell::Float(events / all),
        _ => Cell::Absent,
    });
    asked.respond(grid.into_table("topics", asked.envelope(&meta)), &request, &shared).await
}

/// The number of events with a topic: every event has one at most.
async fn events_with_topic(
    asked: &Asked,
    grid: &Grid,
    is_whole: bool,
    with_topic: Query,
    shared: &Shared,
) -> Result<f64, Problem> {
    let count = |row: &Vec<Cell>, place: usize| row.get(place).and_then(Cell::float).unwrap_or_default();
    if is_whole {
        return Ok(grid.rows().iter().map(|row| count(row, 1)).sum());
    }
    let all = asked.answer(&with_metrics(with_topic, &["event_count"])?, shared).await?;
    Ok(all.rows.iter().map(|row| count(row, 0)).sum())
}

//! Annotated events by topic.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Cell, CellKind, Condition, Dimension, Filter, Query};

use super::{
    Asked, FirstTableBody, Grid,
    asked::{Families, with_metrics},
    page::Page,
};
use crate::{access::Caller, formats::Format, openapi::parameters as query, problem::Problem, state::Shared};

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
    if asked.format != Format::Json {
        let totals = Totals::ask(&asked, with_topic, &shared).await?;
        let add_shares = move |grid: &mut Grid| totals.add_shares(grid);
        return asked.respond_with_rows("topics", query, page, add_shares, &request, &shared).await;
    }
    let is_first = page.cursor.is_none();
    let (mut grid, meta) = asked.page(query, page, &shared).await?;
    let is_whole = is_first && !meta.is_truncated();
    let totals = if is_whole { Totals::of(&grid) } else { Totals::ask(&asked, with_topic, &shared).await? };
    totals.add_shares(&mut grid);
    asked.respond(grid.into_table("topics", asked.envelope(&meta)), &request, &shared).await
}

/// The numbers of events with a topic, of which there is one at most: now, and in the previous period, if that is
/// asked for.
struct Totals {
    now: f64,
    before: Option<f64>,
}

impl Totals {
    /// Those of an answer with all topics.
    fn of(grid: &Grid) -> Self {
        let sum = |place: usize| grid.rows().iter().filter_map(|row| row.get(place)?.float()).sum();
        Self { now: grid.place("event_count").map_or(0.0, sum), before: grid.place("previous_event_count").map(sum) }
    }

    /// Asks for them.
    async fn ask(asked: &Asked, with_topic: Query, shared: &Shared) -> Result<Self, Problem> {
        let query = with_metrics(with_topic, &["event_count"])?;
        let now = number_of_events(asked, &query, shared).await?;
        let before = if asked.compare {
            let before = query.during(asked.range.previous(None));
            Some(number_of_events(asked, &before, shared).await?)
        } else {
            None
        };
        Ok(Self { now, before })
    }

    /// Adds each topic's share of the events with a topic, next to that of the previous period.
    fn add_shares(&self, grid: &mut Grid) {
        let Self { now, before } = *self;
        let (of_now, of_before) = (grid.place("event_count"), grid.place("previous_event_count"));
        let share = |row: &[Cell], place: Option<usize>, all: f64| match place.and_then(|place| row.get(place)?.float())
        {
            Some(events) if all > 0.0 => Cell::Float(events / all),
            _ => Cell::Absent,
        };
        grid.add("share", CellKind::Float, |_, row| share(row, of_now, now));
        if let Some(before) = before {
            grid.add_compared("share", CellKind::Float, |_, row| {
                (share(row, of_now, now), share(row, of_before, before))
            });
        }
    }
}

/// The number of events that a question without dimensions counts.
async fn number_of_events(asked: &Asked, query: &Query, shared: &Shared) -> Result<f64, Problem> {
    let answer = asked.answer(query, shared).await?;
    Ok(answer.rows.first().and_then(|row| row.first()?.float()).unwrap_or_default())
}

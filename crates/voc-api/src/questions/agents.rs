//! Agents: their calls, and what they do.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Cell, CellKind, Condition, Dimension, Filter, Metric, Query, QueryError, Value};

use super::{Asked, Grid, TableBody, asked::Families, page::Page};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Actions that hand a call to someone of more authority.
const ESCALATIONS: [&str; 2] = ["escalate", "escalation"];
/// Actions that hand a call to someone else.
const TRANSFERS: [&str; 2] = ["transfer", "transfer_call"];
/// The factor of a standard error for an interval that has the mean with a probability of 95 %.
const Z: f64 = 1.959_964;

/// Agents: calls, sentiment, handling time, transfers and escalations.
#[utoipa::path(
    get, path = "/api/v1/agents", operation_id = "agents", tag = "conversations",
    params(query::Common, query::Compare, query::Sort, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each agent, the one with the most calls first; `sentiment_low` \
        and `sentiment_high` bound the mean with a probability of 95 %, if there are two scored calls or more",
        body = TableBody, example = json!({
        "data": [{
            "agent_id": "agent-7", "calls": 120, "avg_sentiment": -0.1, "scored_calls": 118, "sentiment_low": -0.18,
            "sentiment_high": -0.02, "p50_duration_ms": 240000.0, "p90_duration_ms": 610000.0, "transfers": 9,
            "escalations": 2,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn agents(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, page) =
        Asked::read(&request, &caller, &shared, Families::Voc, |parameters, _, _| Page::read(parameters, 100))?;
    asked.respond_with_rows("agents", query_of(&asked)?, page, add_interval, &request, &shared).await
}

fn query_of(asked: &Asked) -> Result<Query, QueryError> {
    let table = &asked.family.table;
    let is = |field: &str, values: &[&str]| {
        let values = values.iter().map(|value| Value::Text((*value).to_owned())).collect();
        Filter::parse(table, field, Condition::Is(values))
    };
    let of_calls = |metric: &str| Ok(Metric::parse(table, metric)?.of(vec![is("event_type", &["call"])?]));
    let actions = |name: &str, actions: &[&str]| -> Result<Metric, QueryError> {
        Ok(Metric::parse(table, "event_count")?.of(vec![is("action", actions)?]).named(name))
    };
    Ok(asked
        .query()
        .filter(Filter::parse(table, "agent_id", Condition::Present)?)
        .dimension(Dimension::parse(table, "agent_id")?)
        .metric(of_calls("unique_call_id")?.named("calls"))
        .metric(of_calls("avg_sentiment")?)
        .metric(of_calls("count_sentiment")?.named("scored_calls"))
        .metric(of_calls("stddev_sentiment")?)
        .metric(of_calls("p50_duration_ms")?)
        .metric(of_calls("p90_duration_ms")?)
        .metric(actions("transfers", &TRANSFERS)?)
        .metric(actions("escalations", &ESCALATIONS)?))
}

/// Replaces the standard deviation by the bounds of the mean.
fn add_interval(grid: &mut Grid) {
    let place = |name| grid.place(name);
    let (Some(mean), Some(count), Some(deviation)) =
        (place("avg_sentiment"), place("scored_calls"), place("stddev_sentiment"))
    else {
        return;
    };
    let bound = |side: f64| {
        move |_: usize, row: &[Cell]| match (row[mean].float(), row[count].float(), row[deviation].float()) {
            (Some(mean), Some(count), Some(deviation)) => {
                Cell::Float((mean + side * Z * deviation / count.sqrt()).clamp(-1.0, 1.0))
            }
            _ => Cell::Absent,
        }
    };
    grid.add("sentiment_low", CellKind::Float, bound(-1.0));
    grid.add("sentiment_high", CellKind::Float, bound(1.0));
    for name in ["stddev_sentiment", "previous_stddev_sentiment", "change_stddev_sentiment"] {
        grid.remove(name);
    }
}

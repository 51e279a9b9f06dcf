//! What goes with better and worse sentiment of calls.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Condition, Drivers, EventQueries, Filter, Value};

use super::{
    Asked, Families, Grid, TableBody,
    factors::{KINDS, factor},
    page::Page,
};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// The fewest calls, unless a number is given.
const MIN_SUPPORT: i64 = 30;

/// Drivers: which topics, agents, tools and bands of line quality go with better or worse sentiment of calls.
#[utoipa::path(
    get, path = "/api/v1/drivers", operation_id = "drivers", tag = "conversations",
    params(query::Common, query::Kinds, query::MinSupport, query::Compare, query::Limit, query::Format),
    responses((status = 200, description = "A row for each value, the one with the largest effect of either sign first. \
        `support` is the number of scored calls with the value in any of their events, `share` their share of all; \
        `effect` is share times difference: what the value adds to the mean of all calls, if nothing else differs. \
        The bounds of the difference hold with a probability of 95 % (Welch), if there are five calls or more on both \
        sides. Filters choose the calls", body = TableBody, example = json!({
        "data": [{
            "factor": "topic", "value": "billing", "support": 120, "share": 0.4, "mean_with": -0.3,
            "mean_without": 0.1, "difference": -0.4, "difference_low": -0.48, "difference_high": -0.32,
            "effect": -0.16,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn drivers(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, (kinds, support, page)) =
        Asked::read(&request, &caller, &shared, Families::Voc, |parameters, _, _| {
            let kinds = parameters.several_of("kinds", &KINDS);
            let support = parameters.optional_whole("min_support", 1..=1_000_000).unwrap_or(MIN_SUPPORT);
            (kinds, support, Page::read_limit(parameters, 100))
        })?;
    let table = asked.family.table;
    let call = Filter::parse(&table, "event_type", Condition::Is(vec![Value::Text("call".to_owned())]))?;
    let kinds = if kinds.is_empty() { KINDS.to_vec() } else { kinds };
    let ask = async |period, limit| {
        let question = Drivers::new(table, asked.tenants.clone(), period, "call_id", "sentiment")?;
        let mut question = question.filter(call.clone());
        for kind in &kinds {
            question = question.factor(factor(&table, kind)?)?;
        }
        let question = asked.filters.iter().cloned().fold(question, Drivers::filter);
        let question = question.min_support(u32::try_from(support).unwrap_or(u32::MAX)).limit(limit);
        let ask = |queries: Arc<dyn EventQueries>, question: Drivers| async move { queries.drivers(&question).await };
        let answer = asked.answer_to(&question, &shared, ask).await?;
        Ok(Grid::with(question.columns(), answer))
    };
    // Each value of a factor is a row.
    let (grid, meta) = asked.beside_previous(&page, 2, ask).await?;
    asked.respond(grid.into_table("drivers", meta.envelope()), &request, &shared).await
}

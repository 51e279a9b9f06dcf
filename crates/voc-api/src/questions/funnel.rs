//! Funnels of sessions and users.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{activity::Activity, families::FamilyInfo};
use voc_store::{Condition, EventQueries, Filter, Funnel, Value};

use super::{Asked, Families, Grid, TableBody, page::Page};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// The window, unless one is given.
const WITHIN: Duration = Duration::from_secs(30 * 60);

/// A funnel: how many sessions, or users, come how far in a sequence of steps.
#[utoipa::path(
    get, path = "/api/v1/activity/funnel", operation_id = "activity_funnel", tag = "families",
    params(
        query::CommonOfActivity, query::Steps, query::StepField, query::FunnelWithin, query::Per, query::Compare,
        query::Format
    ),
    responses((status = 200, description = "A row for each step: how many reach it, each step later than the one \
        before and the last one within the window after the first; the share of those that reach the first step, and \
        the one before; and the median of the shortest times to it from the first step", body = TableBody,
        example = json!({
        "data": [
            {"step": 1, "name": "page_view", "count": 1200, "share": 1.0, "share_of_previous": 1.0, "p50_ms": 0.0},
            {"step": 2, "name": "click", "count": 300, "share": 0.25, "share_of_previous": 0.25, "p50_ms": 42000.0},
        ],
        "meta": {
            "family": "activity", "tenant_id": null, "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn funnel(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let family = Families::One(const { &FamilyInfo::of::<Activity>() });
    let (asked, (steps, within, actor)) = Asked::read(&request, &caller, &shared, family, |parameters, table, _| {
        let names = parameters.sequence("steps", 1024, 2..=10);
        let field = parameters.name("of", 256).unwrap_or_else(|| "event_type".to_owned());
        let mut steps = Vec::new();
        for name in names {
            let is_step = Condition::Is(vec![Value::Text(name.clone())]);
            match parameters.checked("of", Filter::parse(table, &field, is_step)) {
                Some(filter) => steps.push((name, filter)),
                // The same mistake for each step is one.
                None => break,
            }
        }
        let actor = parameters.one_of("per", &[("session", "session_id"), ("user", "user_id")]);
        (steps, parameters.window("within", WITHIN), actor.unwrap_or("session_id"))
    })?;
    let ask = async |period, _limit| {
        let mut question = Funnel::new(asked.family.table, asked.tenants.clone(), period, actor, within)?;
        for (name, filter) in &steps {
            question = question.step(name, vec![filter.clone()])?;
        }
        let question = asked.filters.iter().cloned().fold(question, Funnel::filter);
        let ask = |queries: Arc<dyn EventQueries>, question: Funnel| async move { queries.funnel(&question).await };
        let answer = asked.answer_to(&question, &shared, ask).await?;
        Ok(Grid::with(question.columns(), answer))
    };
    // A row is a step, by its number and name.
    let (grid, meta) = asked.beside_previous(&Page::whole(), 2, ask).await?;
    asked.respond(grid.into_table("funnel", meta.envelope()), &request, &shared).await
}

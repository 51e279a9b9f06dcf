//! Customers who come back.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use voc_events::{Table, Timestamp};
use voc_store::{
    Cell, Condition, EventQueries, Filter, Metric, Period, Query, QueryError, RepeatContacts, TenantScope, Value,
};

use super::{Asked, Families, Grid, TableBody, page::Page, range::now};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// The window, unless one is given.
const WITHIN: Duration = Duration::from_secs(7 * 86_400);

/// Repeat contacts: how many contacts are followed by another one of the same customer, and how many customers come
/// back.
#[utoipa::path(
    get, path = "/api/v1/repeat-contacts", operation_id = "repeat_contacts", tag = "conversations",
    params(query::Common, query::ReturnWithin, query::GroupBy, query::Compare, query::Limit, query::Format),
    responses((status = 200, description = "One row; with `by`, a row for each value of the contacts, the one with the \
        most contacts first. A contact is a call of a known customer. It is `repeated` if the customer's next call \
        begins within the window, else `open` if the window has not passed yet now or at the latest stored event. \
        Shares are those of what is not open. Filters choose the contacts that count; the next one may be any. \
        `p50_return_ms` is the median time to the next contact", body = TableBody, example = json!({
        "data": [{
            "topic": "billing", "contacts": 400, "repeated": 60, "open": 100, "repeat_share": 0.2, "customers": 320,
            "returning_customers": 48, "open_customers": 80, "returning_share": 0.2, "p50_return_ms": 172800000.0,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn repeat_contacts(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, (within, by, page)) =
        Asked::read(&request, &caller, &shared, Families::Voc, |parameters, table, range| {
            let within = parameters.window("within", WITHIN);
            let by = parameters.name("by", 256).filter(|name| {
                let by_name =
                    question(*table, TenantScope::All, range.period, within).and_then(|question| question.by(name));
                parameters.checked("by", by_name).is_some()
            });
            (within, by, Page::read_limit(parameters, 100))
        })?;
    let ask = async |period, limit| {
        let mut question = question(asked.family.table, asked.tenants.clone(), period, within)?;
        if let Some(by) = &by {
            question = question.by(by)?;
        }
        let question = asked.filters.iter().cloned().fold(question, RepeatContacts::filter).limit(limit);
        let known = known_until(&asked, &question, &shared).await?;
        let question = question.known_until(known);
        let ask = |queries: Arc<dyn EventQueries>, question: RepeatContacts| async move {
            queries.repeat_contacts(&question).await
        };
        let answer = asked.answer_to(&question, &shared, ask).await?;
        Ok(Grid::with(question.columns(), answer))
    };
    let (grid, meta) = asked.beside_previous(&page, usize::from(by.is_some()), ask).await?;
    asked.respond(grid.into_table("repeat-contacts", meta.envelope()), &request, &shared).await
}

/// A contact is a call.
fn question(
    table: Table,
    tenants: TenantScope,
    period: Period,
    within: Duration,
) -> Result<RepeatContacts, QueryError> {
    let call = Filter::parse(&table, "event_type", Condition::Is(vec![Value::Text("call".to_owned())]))?;
    Ok(RepeatContacts::new(table, tenants, period, "call_id", "customer_id", within)?.contacts(call))
}

/// The end of what is known: the time of the latest event, or now if that is in the future.
async fn known_until(asked: &Asked, question: &RepeatContacts, shared: &Shared) -> Result<Timestamp, Problem> {
    let since = question.period_with_returns().since;
    let query = Query::new(asked.family.table, asked.tenants.clone(), Period { since, ..Period::EVER });
    let query = query.metric(Metric::parse(&asked.family.table, "last_event")?);
    let answer = asked.answer(&query, shared).await?;
    let last = answer.rows.first().and_then(|row| row.first()).and_then(Cell::time);
    Ok(last.map_or(asked.range.period.since, |last| last.min(now())))
}

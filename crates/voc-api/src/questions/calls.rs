//! Calls: one row per conversation.

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Condition, Dimension, Direction, Filter, Metric, Query, QueryError, Value};

use super::{Asked, TableBody, asked::Families, page::Page};
use crate::{access::Caller, openapi::parameters as query, problem::Problem, state::Shared};

/// Metrics of a conversation, with their names in the answer. A conversation is often one event, but may be several,
/// as when it is handed on: then its numbers are sums, its sentiments and its response time are means, its worst
/// turn is the worst of all, and other values are those of the last.
const METRICS: [(&str, &str); 21] = [
    ("first_event", "started_at"),
    ("event_count", "events"),
    ("sum_duration_ms", "duration_ms"),
    ("last_agent_id", "agent_id"),
    ("last_customer_id", "customer_id"),
    ("last_language", "language"),
    ("last_topic", "topic"),
    ("avg_sentiment", "sentiment"),
    ("avg_customer_sentiment", "customer_sentiment"),
    ("avg_agent_sentiment", "agent_sentiment"),
    ("avg_sentiment_change", "sentiment_change"),
    ("min_worst_turn_sentiment", "worst_turn_sentiment"),
    ("sum_turns", "turns"),
    ("sum_customer_words", "customer_words"),
    ("sum_agent_words", "agent_words"),
    ("sum_customer_talk_ms", "customer_talk_ms"),
    ("sum_agent_talk_ms", "agent_talk_ms"),
    ("sum_non_talk_ms", "non_talk_ms"),
    ("sum_customer_interruptions", "customer_interruptions"),
    ("sum_agent_interruptions", "agent_interruptions"),
    ("avg_response_ms", "response_ms"),
];

/// Calls: one row per conversation.
#[utoipa::path(
    get, path = "/api/v1/calls", operation_id = "calls", tag = "conversations",
    params(query::Common, query::Sort, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each conversation, the latest first. `next` in `meta` is the \
        cursor of the next page", body = TableBody, example = json!({
        "data": [{
            "tenant_id": "acme", "call_id": "call-1", "started_at": "2026-02-02T12:00:00.000Z", "events": 1,
            "duration_ms": 312000, "agent_id": "agent-7", "customer_id": "customer-3", "language": "en",
            "topic": "billing", "sentiment": -0.4, "customer_sentiment": -0.5, "agent_sentiment": 0.2,
            "sentiment_change": 0.3, "worst_turn_sentiment": -0.8, "turns": 24, "customer_words": 210,
            "agent_words": 330, "customer_talk_ms": 96000, "agent_talk_ms": 171000, "non_talk_ms": 45000,
            "customer_interruptions": 2, "agent_interruptions": 1, "response_ms": 1450.0,
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": true, "next": "eyJoYXNoIjoi",
            "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn calls(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, page) =
        Asked::read_list(&request, &caller, &shared, Families::Voc, |parameters, _, _| Page::read(parameters, 50))?;
    asked.respond_with_rows("calls", query_of(&asked)?, page, |_| (), &request, &shared).await
}

/// The question about those of its events that are calls.
pub(super) fn only_calls(query: Query) -> Result<Query, QueryError> {
    let table = *query.table();
    let call = Condition::Is(vec![Value::Text("call".to_owned())]);
    Ok(query.filter(Filter::parse(&table, "event_type", call)?).filter(Filter::parse(
        &table,
        "call_id",
        Condition::Present,
    )?))
}

/// The question about conversations.
pub(super) fn query_of(asked: &Asked) -> Result<Query, QueryError> {
    let table = &asked.family.table;
    let mut query = only_calls(asked.query())?
        .of_many_groups()
        .dimension(Dimension::parse(table, "tenant_id")?)
        .dimension(Dimension::parse(table, "call_id")?);
    for (metric, name) in METRICS {
        query = query.metric(Metric::parse(table, metric)?.named(name));
    }
    query.order_by("started_at", Direction::Descending)
}

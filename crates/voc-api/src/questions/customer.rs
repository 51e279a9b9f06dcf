//! A customer: the contacts over time.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;
use voc_store::{Cell, Condition, Filter, Metric, Query, Value};

use super::{Asked, Meta, asked::Families, calls, page::Page};
use crate::{
    access::Caller, invalid_parameter::InvalidParameter, openapi::parameters as query, problem::Problem, state::Shared,
};

const MILLIS_PER_DAY: f64 = 86_400_000.0;

/// Metrics of all contacts of a customer in the range, with their names in the answer.
const METRICS: [(&str, &str); 8] = [
    ("unique_call_id", "contacts"),
    ("first_event", "first_contact"),
    ("last_event", "last_contact"),
    ("avg_sentiment", "sentiment"),
    ("first_sentiment", "first_sentiment"),
    ("last_sentiment", "last_sentiment"),
    ("sum_duration_ms", "duration_ms"),
    ("last_topic", "last_topic"),
];

/// A customer: one row per conversation, the latest first, and what they have in common.
///
/// Without a range, all conversations.
#[utoipa::path(
    get, path = "/api/v1/customers/{customer_id}", operation_id = "customer", tag = "conversations",
    params(("customer_id" = String, Path, description = "The customer's identifier", example = "customer-3"),
        query::Common, query::Sort, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each conversation. `customer` has the numbers of all of them, \
        `next` in `meta` is the cursor of the next page", body = CustomerBody, example = json!({
        "data": [{
            "tenant_id": "acme", "call_id": "call-1", "started_at": "2026-02-02T12:00:00.000Z", "events": 1,
            "duration_ms": 312000, "agent_id": "agent-7", "customer_id": "customer-3", "topic": "billing",
            "sentiment": -0.4,
        }],
        "customer": {
            "customer_id": "customer-3", "contacts": 3, "first_contact": "2026-01-02T12:00:00.000Z",
            "last_contact": "2026-02-02T12:00:00.000Z", "days_between_contacts": 15.5, "sentiment": -0.2,
            "first_sentiment": 0.3, "last_sentiment": -0.4, "duration_ms": 900_000, "last_topic": "billing",
        },
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "1970-01-01T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": false, "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn customer(
    request: HttpRequest,
    customer_id: web::Path<String>,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (mut asked, page) =
        Asked::read_list(&request, &caller, &shared, Families::Voc, |parameters, _, _| Page::read(parameters, 50))?;
    asked.range.or_ever();
    asked.follow(&page)?;
    let customer_id = customer_id.into_inner();
    let table = asked.family.table;
    // A customer that there cannot be has no contacts.
    let is_it = Filter::parse(&table, "customer_id", Condition::Is(vec![Value::Text(customer_id.clone())]));
    let is_it = is_it.map_err(|_| Problem::NotFound)?;
    let totals =
        METRICS.iter().try_fold(calls::only_calls(asked.query())?.filter(is_it.clone()), |query, (metric, name)| {
            Ok::<Query, Problem>(query.metric(Metric::parse(&table, metric)?.named(*name)))
        })?;
    let with_tenants = totals.clone().metric(Metric::parse(&table, "unique_tenant_id")?);
    let found = asked.answer(&with_tenants, &shared).await?;
    if found.rows.first().and_then(|row| row.last()?.integer()) > Some(1) {
        return Err(Problem::InvalidParameters(vec![InvalidParameter::of_several_tenants("customer")]));
    }
    let customer = summary(&customer_id, &totals, found.rows.first().map_or(&[], Vec::as_slice));
    if customer.get("contacts") == Some(&json!(0)) {
        return Err(Problem::NotFound);
    }
    let (grid, meta) = asked.page(calls::query_of(&asked)?.filter(is_it), page, &shared).await?;
    let mut envelope = meta.envelope();
    envelope.insert("customer".to_owned(), Json::Object(customer));
    asked.respond(grid.into_table("contacts", envelope), &request, &shared).await
}

fn summary(customer_id: &str, query: &Query, row: &[Cell]) -> Map<String, Json> {
    let cell = |name: &str| {
        let place = query.columns().position(|(known, _)| known == name);
        place.and_then(|place| row.get(place)).unwrap_or(&Cell::Absent)
    };
    let mut summary = Map::from_iter([("customer_id".to_owned(), json!(customer_id))]);
    for (name, _) in query.columns() {
        let value = match cell(name) {
            Cell::Text(text) => json!(text),
            Cell::Integer(number) => json!(number),
            Cell::Float(number) => json!(number),
            Cell::Time(time) => json!(time),
            _ => Json::Null,
        };
        summary.insert(name.to_owned(), value);
    }
    let days = || {
        let (first, last) = (cell("first_contact").time()?.as_millis(), cell("last_contact").time()?.as_millis());
        let gaps = cell("contacts").float()? - 1.0;
        #[expect(clippy::cast_precision_loss, reason = "of a duration")]
        let days = (last - first) as f64 / MILLIS_PER_DAY;
        (gaps >= 1.0).then_some(days / gaps)
    };
    summary.insert("days_between_contacts".to_owned(), json!(days()));
    summary
}

/// An answer in JSON, for the description of the API.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is written otherwise")]
pub(crate) struct CustomerBody {
    /// An object for each conversation.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Json>,
    /// The numbers of all conversations.
    #[schema(value_type = Object)]
    customer: Json,
    meta: Meta,
}

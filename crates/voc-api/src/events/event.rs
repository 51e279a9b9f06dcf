//! One event.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voc_store::{Condition, EventList, Field, Filter, Period, Value};

use crate::{
    access::{Caller, Scope},
    cost::Cost,
    formats::{Row, batch_of, columns_of},
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    state::Shared,
};

/// One event, with everything that is stored of it.
#[utoipa::path(
    get, path = "/api/v1/events/{event_id}", operation_id = "event", tag = "events",
    params(("event_id" = String, Path, description = "The event's identifier",
        example = "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11"), query::Family, query::Tenant),
    responses((status = 200, description = "The event", body = EventBody, example = json!({
        "data": {
            "timestamp": "2026-02-02T12:00:00.000Z", "tenant_id": "acme",
            "event_id": "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11", "event_type": "call", "call_id": "call-1",
            "sentiment": -0.4, "topic": "billing", "payload": {"event_type": "call", "call_id": "call-1"},
        },
        "family": "voc",
        "meta": {"rows_read": 8192},
    })))
)]
pub(crate) async fn event(
    request: HttpRequest,
    id: web::Path<String>,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Read)?;
    let (family, tenant) = Parameters::read(request.query_string(), |parameters| {
        let family = parameters.family("family").unwrap_or(shared.api.default_family);
        (family, parameters.tenant("tenant_id", Some(&family)))
    })?;
    let table = family.table;
    let tenants = caller.tenants_of(&table, tenant.as_ref())?;
    // An event that there cannot be is one that there is not.
    let id: Uuid = id.parse().map_err(|_| Problem::NotFound)?;
    let is_it = Filter::parse(&table, "event_id", Condition::Is(vec![Value::Id(id)])).map_err(|_| Problem::NotFound)?;
    let fields = Field::all(&table).chain(Field::payload(&table));
    let list = fields.fold(EventList::new(table, tenants, Period::EVER).filter(is_it).limit(1), EventList::field);
    let queries = shared.queries_for(&caller)?;
    let columns = columns_of(list.columns());
    let found = shared.query(&caller, async move { queries.events(&list).await }).await?;
    let event = found.events.into_iter().next().ok_or(Problem::NotFound)?;
    let batch = batch_of(&columns, vec![event.cells]);
    let data = Row { columns: &columns, batch: &batch, row: 0 };
    Ok(HttpResponse::Ok().json(EventBody { data, family: family.name, meta: Cost::of(&caller) }))
}

#[derive(Serialize, ToSchema)]
struct EventBody<'e> {
    /// The event's fields, and the event itself as `payload`.
    #[schema(value_type = Object)]
    data: Row<'e>,
    family: &'static str,
    meta: Cost,
}

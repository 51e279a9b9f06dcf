//! Dead letters: records that could not become rows.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, json};
use voc_store::{Cell, CellKind, DeadLetterList, ListedDeadLetter, Period};

use crate::{
    access::{Caller, Scope},
    cost::Cost,
    formats::{Format, TableAnswer, batch_of, columns_of},
    hash::hash,
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    questions::{
        MAX_LIMIT, Range, RowsBody,
        cursor::{read, write},
    },
    state::Shared,
};

const DEFAULT_LIMIT: u32 = 100;
/// Maximum length of a topic's name in bytes.
const MAX_TOPIC_BYTES: usize = 249;
/// Maximum length of the name of a class of errors in bytes.
const MAX_ERROR_TYPE_BYTES: usize = 256;

const COLUMNS: [(&str, CellKind); 12] = [
    ("failed_at", CellKind::Time),
    ("id", CellKind::Text),
    ("family", CellKind::Text),
    ("tenant_id", CellKind::Text),
    ("error_type", CellKind::Text),
    ("error", CellKind::Text),
    ("path", CellKind::Text),
    ("topic", CellKind::Text),
    ("partition", CellKind::Integer),
    ("epoch", CellKind::Integer),
    ("offset", CellKind::Integer),
    ("payload", CellKind::Text),
];

/// Dead letters: records that could not become rows, with the reasons, the latest first.
///
/// The range is that of the times at which they were refused. Those whose tenant could not be read are shown to
/// callers for all tenants only.
#[utoipa::path(
    get, path = "/api/v1/dead-letters", operation_id = "dead_letters", tag = "operation",
    params(query::Family, query::Tenant, query::Range, query::KafkaTopic, query::ErrorType, query::Limit,
        query::Cursor, query::Format),
    responses((status = 200, description = "A row for each dead letter. `next` is the cursor of the next page",
        body = RowsBody, example = json!({
        "data": [{
            "failed_at": "2026-02-02T12:00:00.000Z", "id": "voc.events/0/17", "family": "voc", "tenant_id": "acme",
            "error_type": "missing_field", "error": "call_id: field required", "path": "call_id",
            "topic": "voc.events", "partition": 0, "epoch": 0, "offset": 17, "payload": "{}",
        }],
        "truncated": true, "next": "eyJoYXNoIjoi", "meta": {"rows_read": 8192},
    })))
)]
pub(crate) async fn dead_letters(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Read)?;
    let (tenant, range, list, cursor, format) = Parameters::read(request.query_string(), |parameters| {
        let family = parameters.family("family");
        let tenant = parameters.tenant("tenant_id", family.as_ref());
        let range = Range::read(parameters);
        let mut list = DeadLetterList::new(voc_store::TenantScope::Only(Vec::new()), range.period);
        if let Some(family) = family {
            list = list.family(family.name);
        }
        if let Some(topic) = parameters.name("topic", MAX_TOPIC_BYTES) {
            list = list.topic(topic);
        }
        if let Some(error_type) = parameters.name("error_type", MAX_ERROR_TYPE_BYTES) {
            list = list.error_type(error_type);
        }
        let list = list.limit(parameters.limit("limit", DEFAULT_LIMIT, MAX_LIMIT) as usize);
        (tenant, range, list, parameters.cursor("cursor"), Format::given(parameters))
    })?;
    let format = Format::of(&request, format)?;
    let tenants = caller.tenants(tenant.as_ref())?;
    let list = list.of_tenants(tenants.clone());
    let hash = hash(&list.clone().during(Period::EVER).limit(0).from_beginning());
    let list = match cursor {
        Some(cursor) => {
            let (period, place) = read(&cursor, &hash, range.period, range.is_relative)?;
            list.during(period).after(place).map_err(|_| Problem::InvalidCursor)?
        }
        None => list,
    };
    let (queries, asked) = (shared.queries_for(&caller)?, list.clone());
    let found = shared.query(&caller, async move { queries.dead_letters(&asked).await }).await?;
    let next = found.dead_letters.last().filter(|_| found.truncated);
    let next = next.and_then(|last| write(hash, list.period(), &last.place()));
    let columns = columns_of(COLUMNS);
    let batch = batch_of(&columns, found.dead_letters.into_iter().map(row).collect());
    let members = [("truncated".to_owned(), found.truncated.into()), ("next".to_owned(), next.into())];
    let mut table = TableAnswer::of_one("dead-letters", columns, batch).with(Map::from_iter(members));
    let state = table.hash_of_content();
    table.envelope.insert("meta".to_owned(), json!(Cost::of(&caller)));
    table.respond_if_changed(state, &tenants, format, &request, &shared).await
}

fn row(dead_letter: ListedDeadLetter) -> Vec<Cell> {
    let text = |text: Option<String>| text.map_or(Cell::Absent, Cell::Text);
    vec![
        Cell::Time(dead_letter.failed_at),
        Cell::Text(dead_letter.id),
        Cell::Text(dead_letter.family),
        text(dead_letter.tenant_id),
        Cell::Text(dead_letter.error_type),
        Cell::Text(dead_letter.error),
        text(Some(dead_letter.path).filter(|path| !path.is_empty())),
        Cell::Text(dead_letter.topic),
        Cell::Integer(dead_letter.partition.into()),
        Cell::Integer(dead_letter.epoch),
        Cell::Integer(dead_letter.offset),
        text(dead_letter.payload),
    ]
}

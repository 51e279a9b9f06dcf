//! Dead letters: records that could not become rows.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use voc_store::{Cell, CellKind, DeadLetterList, EventQueries, ListedDeadLetter, Period};

use crate::{
    access::{Caller, Scope},
    formats::{Format, RowsBatch, TableAnswer, batch_of, columns_of},
    hash::hash,
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    questions::{
        MAX_LIMIT, Meta, Range, TableBody,
        cursor::{read, write},
    },
    state::{ExportSlots, Shared},
};

const DEFAULT_LIMIT: usize = 100;
/// Dead letters that are read at once while all of them are sent.
const STREAMED: usize = 1000;
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
/// callers for all tenants only. CSV, NDJSON and Parquet have all of them, however many, unless `limit` or `cursor` is
/// given.
#[utoipa::path(
    get, path = "/api/v1/dead-letters", operation_id = "dead_letters", tag = "operation",
    params(query::Family, query::Tenant, query::Range, query::KafkaTopic, query::ErrorType, query::Limit,
        query::Cursor, query::Format),
    responses((status = 200, description = "A row for each dead letter. `next` in `meta` is the cursor of the next page",
        body = TableBody, example = json!({
        "data": [{
            "failed_at": "2026-02-02T12:00:00.000Z", "id": "voc.events/0/17", "family": "voc", "tenant_id": "acme",
            "error_type": "invalid_event", "error": "$.call_id: expected a text, found nothing", "path": "$.call_id",
            "topic": "voc.events", "partition": 0, "epoch": 0, "offset": 17, "payload": "{}",
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": true, "next": "eyJoYXNoIjoi",
            "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn dead_letters(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Read)?;
    let (family, tenant, range, list, limit, cursor, format) =
        Parameters::read(request.query_string(), |parameters| {
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
            let limit =
                parameters.optional_whole("limit", 1..=MAX_LIMIT.into()).and_then(|limit| limit.try_into().ok());
            (family, tenant, range, list, limit, parameters.cursor("cursor"), Format::given(parameters))
        })?;
    let format = Format::of(&request, format)?;
    let tenants = caller.tenants(tenant.as_ref())?;
    let tenant = tenant.or_else(|| tenants.one().cloned());
    let list = list.of_tenants(tenants.clone());
    let columns = columns_of(COLUMNS);
    let is_export = format != Format::Json && limit.is_none() && cursor.is_none();
    let list = list.limit(limit.unwrap_or(if is_export { STREAMED } else { DEFAULT_LIMIT }));
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
    let last = found.dead_letters.last().filter(|_| found.truncated).map(ListedDeadLetter::place);
    if let (true, Some(last)) = (is_export, &last) {
        let pages = Pages::after(list.after(last.clone())?, &caller, &shared).await?;
        let first = batch_of(&columns, found.dead_letters.into_iter().map(row).collect());
        let table = TableAnswer::of_pages("dead-letters", columns, first, pages, Pages::next);
        return table.respond(format, &request, &shared).await;
    }
    let next = last.and_then(|last| write(hash, list.period(), &last));
    let rows = found.dead_letters.into_iter().map(row).collect();
    let meta = Meta::new(family.map(|family| family.name), tenant, &range, list.period(), found.truncated);
    let table = TableAnswer::of_one("dead-letters", columns, rows).with(meta.with_next(next).envelope());
    let (mut table, state) = table.hash_of_content().await?;
    Meta::add_cost(&mut table.envelope, caller.rows_read());
    table.respond_if_changed(state, &tenants, format, &request, &shared).await
}

/// The pages of a list that are still to be sent.
struct Pages {
    shared: web::Data<Shared>,
    queries: Arc<dyn EventQueries>,
    slots: ExportSlots,
    /// The next one.
    next: Option<DeadLetterList>,
}

impl Pages {
    async fn after(next: DeadLetterList, caller: &Caller, shared: &web::Data<Shared>) -> Result<Self, Problem> {
        let queries = shared.queries_for(caller)?;
        let slots = shared.slots_for_export(caller).await?;
        Ok(Self { shared: shared.clone(), queries, slots, next: Some(next) })
    }

    async fn next(mut self) -> Result<Option<(RowsBatch, Self)>, Problem> {
        let Some(list) = self.next.take() else { return Ok(None) };
        let (queries, asked) = (Arc::clone(&self.queries), list.clone());
        let found = self.shared.query_in(&self.slots, async move { queries.dead_letters(&asked).await }).await?;
        if let Some(last) = found.dead_letters.last().filter(|_| found.truncated) {
            self.next = Some(list.after(last.place())?);
        }
        let batch = batch_of(&columns_of(COLUMNS), found.dead_letters.into_iter().map(row).collect());
        Ok(Some((batch, self)))
    }
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

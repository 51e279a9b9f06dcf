//! Events: one row per event.

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt as _;
use voc_events::Table;
use voc_store::{Direction, EventList, Field};

use super::cursor;
use crate::{
    access::Caller,
    formats::{Format, TableAnswer, batch_of, columns_of},
    openapi::parameters as query,
    parameters::Parameters,
    problem::Problem,
    questions::{Asked, Families, MAX_LIMIT, TableBody},
    state::Shared,
};

const DEFAULT_LIMIT: u32 = 100;
/// Maximum length of the list of fields in bytes.
const MAX_FIELDS_BYTES: usize = 8192;

/// Which events of the list are asked for, and what of them.
struct Wanted {
    fields: Vec<Field>,
    /// The order by time.
    direction: Option<Direction>,
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Wanted {
    fn read(parameters: &mut Parameters, table: &Table) -> Self {
        let payload = Field::payload(table);
        let of_name = |name: &str| match &payload {
            Some(payload) if payload.name() == name => Ok(payload.clone()),
            _ => Field::find(table, name),
        };
        let named = parameters.name("fields", MAX_FIELDS_BYTES);
        let fields = named.map(|names| {
            let mut fields: Vec<Field> = Vec::new();
            for name in names.split(',').map(str::trim) {
                let Some(field) = parameters.checked("fields", of_name(name)) else { continue };
                if fields.iter().any(|other| other.name() == field.name()) {
                    parameters.wrong("fields", format!("'{name}' is named twice"), "value_error.duplicate");
                    break;
                }
                fields.push(field);
            }
            fields
        });
        Self {
            fields: fields.unwrap_or_else(|| Field::all(table).chain(Field::payload(table)).collect()),
            direction: parameters
                .one_of("sort", &[("timestamp", Direction::Ascending), ("-timestamp", Direction::Descending)]),
            limit: parameters.optional_whole("limit", 1..=MAX_LIMIT.into()).and_then(|limit| u32::try_from(limit).ok()),
            cursor: parameters.cursor("cursor"),
        }
    }

    /// The number of events of a page. Other formats than JSON name the next page in a header only, so their pages are
    /// long.
    fn limit(&self, format: Format) -> u32 {
        self.limit.unwrap_or(if format == Format::Json { DEFAULT_LIMIT } else { MAX_LIMIT })
    }

    /// Whether a part of the list is asked for, not all of it.
    fn is_page(&self) -> bool {
        self.limit.is_some() || self.cursor.is_some() || self.direction.is_some()
    }
}

/// Events: one row per event, with everything that is stored of it.
///
/// JSON has pages, the latest events first. CSV, NDJSON and Parquet have all events, however many, unless `limit`,
/// `cursor` or `sort` is given; they are in the order of the store, which for one tenant is that of time, and are sent
/// while they are read. If that fails in between, the connection breaks.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "events", tag = "events",
    params(query::Family, query::Common, query::Fields, query::SortByTime, query::Limit, query::Cursor, query::Format),
    responses((status = 200, description = "A row for each event. `next` in `meta` is the cursor of the next page",
        body = TableBody, example = json!({
        "data": [{
            "timestamp": "2026-02-02T12:00:00.000Z", "tenant_id": "acme",
            "event_id": "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11", "event_type": "call", "call_id": "call-1",
            "sentiment": -0.4, "topic": "billing", "payload": {"event_type": "call", "call_id": "call-1"},
        }],
        "meta": {
            "family": "voc", "tenant_id": "acme", "from": "2026-02-02T00:00:00+00:00",
            "to": "2026-02-09T00:05:00+00:00", "timezone": "UTC", "truncated": true, "next": "eyJoYXNoIjoi",
            "rows_read": 8192,
        },
    })))
)]
pub(crate) async fn events(
    request: HttpRequest,
    caller: Caller,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, Problem> {
    let (asked, wanted) = Asked::read_list(&request, &caller, &shared, Families::Any, |parameters, table, _| {
        Wanted::read(parameters, table)
    })?;
    let list = wanted.fields.iter().cloned().fold(asked.list(), EventList::field);
    let table = if asked.format == Format::Json || wanted.is_page() {
        page(&asked, list, &wanted, &shared).await?
    } else {
        all(&asked, &list, &shared).await?
    };
    asked.respond(table, &request, &shared).await
}

async fn page(asked: &Asked, list: EventList, wanted: &Wanted, shared: &Shared) -> Result<TableAnswer, Problem> {
    let list = list.direction(wanted.direction.unwrap_or(Direction::Descending));
    let list = match &wanted.cursor {
        Some(cursor) => cursor::page(&list, cursor, asked.range.is_relative)?,
        None => list,
    };
    let list = list.limit(wanted.limit(asked.format) as usize);
    let found = asked.events(&list, shared).await?;
    let next = found.events.last().filter(|_| found.truncated).and_then(|last| cursor::after(&list, last));
    let meta = asked.meta_of(list.period(), found.truncated).with_next(next);
    let columns = columns_of(list.columns());
    let rows = found.events.into_iter().map(|event| event.cells).collect();
    Ok(TableAnswer::of_one("events", columns, rows).with(meta.envelope()))
}

async fn all(asked: &Asked, list: &EventList, shared: &Shared) -> Result<TableAnswer, Problem> {
    let columns = columns_of(list.columns());
    let batches = asked.stream(list, shared).await?.map({
        let columns = columns.clone();
        move |rows| Ok(batch_of(&columns, rows?))
    });
    Ok(TableAnswer::of_many("events", columns, batches.boxed()))
}

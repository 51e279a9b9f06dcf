//! A list of events as a statement, whose rows are events, each as a JSON array of the values of the fields.

use super::{
    clauses::keyword,
    conditions::{of_rows, rest_of},
    expression::{Params, after, value_of},
    reading::{Manner, Scope},
};
use crate::{
    Direction, EventList, Param, Period,
    query::{MAX_PAGE_BYTES, PlaceColumn, PlaceKind},
    sql::time::millis_of,
};

/// The engine's memory for a page.
const MAX_MEMORY: usize = 2_000_000_000;

/// A page of the list: after the fields' values, each row has those of its place. There is one row more than the
/// limit, if there are more events; beyond the longest page, each row is `null`. `None` if the period is empty for the
/// store.
///
/// Which events are on the page is found out by their keys; whole events are only read of those.
pub(super) fn page(list: &EventList, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let mut params = Params::default();
    let table = list.table();
    let columns = list.place_columns();
    let keys: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let keys = keys.join(", ");
    let places: Vec<String> =
        columns.iter().enumerate().map(|(place, column)| format!("{} AS c{place}", value(list, column))).collect();
    let places = places.join(", ");
    let order: Vec<(usize, Direction)> = (0..columns.len()).map(|place| (place, list.order())).collect();
    let keyword = keyword(list.order());
    let ordered: Vec<String> = order.iter().map(|(place, _)| format!("c{place} {keyword}")).collect();
    let ordered = ordered.join(", ");

    let rows = format!("{}{}", table.name, manner.keyword());
    let rest = rest_of(list.period(), list.order(), list.beginning());
    let wanted = conditions(list, rest, &mut params)?;
    let beyond = list.beginning().map(|place| format!(" WHERE {}", after(&order, place, &mut params)));
    let on_page = format!(
        "SELECT {keys} FROM (SELECT {keys}, {places} FROM {rows} WHERE {wanted}){} ORDER BY {ordered} LIMIT {}",
        beyond.unwrap_or_default(),
        list.max_events().saturating_add(1),
    );
    let (fields, names) = fields(list, &mut params);
    let places_of_row: Vec<String> = (0..columns.len()).map(|place| format!("c{place}")).collect();
    let (names, places_of_row) = ([names, places_of_row.clone()].concat().join(", "), places_of_row.join(", "));
    let span = conditions(&without_filters(list), rest, &mut params)?;
    let sql = format!(
        "SELECT if(before < {MAX_PAGE_BYTES}, row, 'null') FROM \
         (SELECT row, {places_of_row}, \
         sum(length(row)) OVER (ORDER BY {ordered} ROWS UNBOUNDED PRECEDING) - length(row) AS before FROM \
         (SELECT formatRowNoNewline('JSONCompactEachRow', {names}) AS row, {places_of_row} FROM \
         (SELECT {fields}{places} FROM {rows} WHERE {span} AND ({keys}) IN ({on_page})))) \
         ORDER BY {ordered} {}, max_memory_usage = {MAX_MEMORY}",
        manner.settings(),
    );
    Some((sql, params.0))
}

/// The time of the last of a number of the list's events, whatever their payloads are; no row if there are fewer.
pub(super) fn reach(list: &EventList, events: usize, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let before_last = events.checked_sub(1)?;
    let mut params = Params::default();
    let table = list.table();
    let wanted = conditions(&without_patterns(list), list.period(), &mut params)?;
    let (time, keyword) = (table.time.name, keyword(list.order()));
    let sql = format!(
        "SELECT toString({}) FROM (SELECT {time} FROM {} WHERE {wanted} ORDER BY {time} {keyword} \
         LIMIT 1 OFFSET {before_last}) {}",
        millis_of(table, time),
        table.name,
        manner.settings(),
    );
    Some((sql, params.0))
}

/// All events of the list, in the order of the table's sorting key, in which they are stored. `None` if the period
/// is empty for the store.
pub(super) fn stream(list: &EventList, manner: Manner<'_>, settings: &str) -> Option<(String, Vec<Param>)> {
    let mut params = Params::default();
    let wanted = conditions(list, list.period(), &mut params)?;
    let (fields, names) = fields(list, &mut params);
    let keys = list.table().sorting_key.join(", ");
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {}) FROM (SELECT {fields}{keys} FROM {} FINAL \
         WHERE {wanted} ORDER BY {keys}) {}, {settings}",
        names.join(", "),
        list.table().name,
        manner.settings(),
    );
    Some((sql, params.0))
}

/// The values of the fields, each followed by a comma, and their names.
fn fields(list: &EventList, params: &mut Params) -> (String, Vec<String>) {
    let values = list.fields().iter().enumerate();
    let values = values.map(|(place, field)| format!("{} AS f{place}, ", value_of(list.table(), field, params)));
    (values.collect(), (0..list.fields().len()).map(|place| format!("f{place}")).collect())
}

/// The value of a column of the place.
fn value(list: &EventList, column: &PlaceColumn) -> String {
    match column.kind {
        PlaceKind::Text | PlaceKind::Id => format!("toString({})", column.name),
        PlaceKind::Integer => format!("toInt64({})", column.name),
        PlaceKind::Time => millis_of(list.table(), column.name),
    }
}

/// What must hold for an event of a list in a period; `None` if the period is empty for the store.
fn conditions(list: &EventList, period: Period, params: &mut Params) -> Option<String> {
    let scope = Scope { table: list.table(), tenants: list.tenants(), period };
    let mut conditions = of_rows(scope, list.filters(), params)?;
    if let Some(payload) = list.table().payload {
        let matches = |pattern: &String| format!("match({}, {})", payload.name, params.bind("String", pattern));
        conditions.extend(list.patterns().iter().map(matches));
    }
    Some(conditions.join(" AND "))
}

fn without_filters(list: &EventList) -> EventList {
    EventList::new(*list.table(), list.tenants().clone(), list.period())
}

fn without_patterns(list: &EventList) -> EventList {
    list.filters().iter().cloned().fold(without_filters(list), EventList::filter)
}

//! What is read of stored events, by the names of their fields.

use serde_json::{Map, Value};
use voc_events::{DecodeOptions, Envelope, Family as _, FamilyEvent as _, Table, voc::Voc};
use voc_store::{Cell, EventList, Field, ListedEvent};

use crate::formats::{Row, batch_of, columns_of};

/// A list of whole events.
pub(super) fn whole(list: EventList) -> EventList {
    let table = *list.table();
    Field::all(&table).chain(Field::payload(&table)).fold(list, EventList::field)
}

/// The value of a field.
pub(super) fn cell<'e>(list: &EventList, event: &'e ListedEvent, field: &str) -> &'e Cell {
    let place = list.columns().position(|(name, _)| name == field);
    place.and_then(|place| event.cells.get(place)).unwrap_or(&Cell::Absent)
}

/// The text of a field.
pub(super) fn text(list: &EventList, event: &ListedEvent, field: &str) -> Option<String> {
    cell(list, event, field).text().map(str::to_owned)
}

/// The transcript of a stored event of the family `voc`, if it is a call that has one: its turns, if it has any.
pub(super) fn transcript(list: &EventList, event: &ListedEvent) -> Option<String> {
    let Cell::Json(payload) = cell(list, event, payload(list.table())?) else { return None };
    // What was stored was read once, perhaps by rules that were more lenient than today's.
    let voc = Voc::for_topic("", &DecodeOptions::default());
    let decoded = voc.decode(payload, &Envelope::default()).ok()?;
    decoded.event.text().map(str::to_owned)
}

/// The values that an event has, but not the event itself, by their names.
pub(super) fn present(list: &EventList, event: &ListedEvent) -> Map<String, Value> {
    let columns = columns_of(list.columns());
    let batch = batch_of(&columns, vec![event.cells.clone()]);
    let row = serde_json::to_value(Row { columns: &columns, batch: &batch, row: 0 }).unwrap_or_default();
    let Value::Object(mut row) = row else { return Map::new() };
    let payload = payload(list.table());
    row.retain(|name, value| Some(name.as_str()) != payload && !is_empty(value));
    row
}

fn payload(table: &Table) -> Option<&'static str> {
    table.payload.map(|column| column.name)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

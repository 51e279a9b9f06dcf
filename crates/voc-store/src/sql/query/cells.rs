//! The cells of rows that the store returns.

use voc_events::Timestamp;

use crate::{Cell, CellKind, StoreError};

/// The cells of a row.
pub(super) fn cells(row: Vec<serde_json::Value>, kinds: &[CellKind]) -> Result<Vec<Cell>, StoreError> {
    if row.len() != kinds.len() {
        return Err(unexpected());
    }
    let cells = row.into_iter().zip(kinds).map(|(value, kind)| cell(value, *kind));
    cells.collect::<Option<Vec<_>>>().ok_or_else(unexpected)
}

fn cell(value: serde_json::Value, kind: CellKind) -> Option<Cell> {
    use serde_json::Value;
    Some(match (value, kind) {
        (Value::Null, _) => Cell::Absent,
        // An absent text is stored as an empty one.
        (Value::String(text), CellKind::Text) if text.is_empty() => Cell::Absent,
        (Value::String(text), CellKind::Text) => Cell::Text(text),
        (Value::Bool(flag), CellKind::Boolean) => Cell::Boolean(flag),
        (Value::Number(number), CellKind::Integer) => Cell::Integer(number.as_i64()?),
        (Value::Number(number), CellKind::Float) => Cell::Float(number.as_f64()?),
        (Value::Number(number), CellKind::Time) => Cell::Time(Timestamp::from_millis(number.as_i64()?)),
        (Value::Array(texts), CellKind::Texts) => Cell::Texts(texts.into_iter().map(text_of).collect::<Option<_>>()?),
        // What the store has as a text is JSON already.
        (Value::String(json), CellKind::Json) => Cell::Json(json),
        (value @ (Value::Array(_) | Value::Object(_)), CellKind::Json) => Cell::Json(value.to_string()),
        _ => return None,
    })
}

fn text_of(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    }
}

/// A row that is not what a statement asks for.
pub(super) fn unexpected() -> StoreError {
    StoreError::Rejected { code: 0, message: "the store returned an unexpected row".to_owned() }
}

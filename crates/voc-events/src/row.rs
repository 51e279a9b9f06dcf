//! The values of a row.

use uuid::Uuid;

use crate::Timestamp;

/// A value for a column.
///
/// ```
/// use voc_events::{Timestamp, Value};
///
/// /// A value in a statement.
/// fn literal(value: Value<'_>) -> String {
///     match value {
///         Value::Str(text) => format!("'{}'", text.replace('\'', "''")),
///         Value::Timestamp(time) => format!("'{time}'"),
///         Value::I64(whole) => whole.to_string(),
///         other => format!("{other:?}"),
///     }
/// }
/// assert_eq!(literal(Value::Str("it's")), "'it''s'");
/// assert_eq!(literal(Value::Timestamp(Timestamp::from_millis(0))), "'1970-01-01T00:00:00.000Z'");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value<'v> {
    /// For a [`ColumnKind::Uuid`](crate::ColumnKind::Uuid).
    Uuid(Uuid),
    /// For a [`ColumnKind::Str`](crate::ColumnKind::Str) or [`OptStr`](crate::ColumnKind::OptStr).
    Str(&'v str),
    /// For a [`ColumnKind::StrList`](crate::ColumnKind::StrList).
    StrList(&'v [&'v str]),
    /// For a [`ColumnKind::Timestamp`](crate::ColumnKind::Timestamp), [`Seconds`](crate::ColumnKind::Seconds) or
    /// [`OptTimestamp`](crate::ColumnKind::OptTimestamp).
    Timestamp(Timestamp),
    /// For a [`ColumnKind::I64`](crate::ColumnKind::I64) or [`OptI64`](crate::ColumnKind::OptI64).
    I64(i64),
    /// For a [`ColumnKind::OptF32`](crate::ColumnKind::OptF32).
    F32(f32),
    /// For a [`ColumnKind::OptF64`](crate::ColumnKind::OptF64).
    F64(f64),
    /// For a [`ColumnKind::OptBool`](crate::ColumnKind::OptBool).
    Bool(bool),
    /// For a [`ColumnKind::F32List`](crate::ColumnKind::F32List).
    F32List(&'v [f32]),
    /// For a [`ColumnKind::OptF32List`](crate::ColumnKind::OptF32List).
    OptF32List(&'v [Option<f32>]),
    /// For a [`ColumnKind::StrMap`](crate::ColumnKind::StrMap), with distinct names.
    StrMap(&'v [(&'v str, &'v str)]),
    /// For a [`ColumnKind::F64Map`](crate::ColumnKind::F64Map), with distinct names.
    F64Map(&'v [(&'v str, f64)]),
}

/// Receives the promoted values of one row.
///
/// ```
/// use voc_events::{Family, FamilyEvent, RowWriter, Value, voc::{Voc, VocEvent}};
///
/// struct Row(Vec<String>);
/// impl RowWriter for Row {
///     fn put(&mut self, place: usize, value: Value<'_>) {
///         self.0.push(format!("{} = {value:?}", Voc::TABLE.promoted[place].name));
///     }
/// }
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme",
///     "timestamp":1770033600,"event_type":"call","call_id":"c-1","duration_ms":9000}"#;
/// let mut row = Row(Vec::new());
/// VocEvent::try_from(&record[..])?.write_row(&mut row);
/// assert_eq!(row.0, [r#"call_id = Str("c-1")"#, "duration_ms = I64(9000)"]);
/// # Ok::<(), voc_events::Invalid>(())
/// ```
pub trait RowWriter {
    /// Puts a value into the promoted column at a position, given by [`Table::place_of`](crate::Table::place_of). A
    /// column without a value is absent in this row: null, or empty.
    ///
    /// A value of another kind than its column, a second value for one column, or a position without a column makes
    /// the whole row one that cannot be stored.
    fn put(&mut self, place: usize, value: Value<'_>);

    /// Puts a text from a part of the event that its producer fills freely, such as `metadata`, into a column of
    /// texts. By default the same as [`put`](Self::put). A writer that removes personal data from texts, but not from
    /// identifiers, must not take the text for an identifier, whatever its column is called.
    fn put_free_text(&mut self, place: usize, text: &str) {
        self.put(place, Value::Str(text));
    }
}

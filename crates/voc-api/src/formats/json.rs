//! JSON: an object with all rows, or a row a line.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, value::RawValue};

use super::{
    columns::{Column, RowsBatch, Values},
    encode_error::EncodeError,
};

/// Writes `{"data":[…],…}`, with an object for each row, and other members after the rows.
pub(crate) struct Json {
    columns: Vec<Column>,
    /// The other members, each after a comma.
    members: String,
    rows: usize,
}

impl Json {
    pub(crate) fn new(columns: Vec<Column>, envelope: &Map<String, Value>) -> Self {
        let member = |(name, value): (&String, &Value)| format!(",{}:{value}", Value::from(name.as_str()));
        Self { columns, members: envelope.iter().map(member).collect(), rows: 0 }
    }

    pub(crate) fn batch(&mut self, batch: &RowsBatch) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        for row in 0..batch.rows(&self.columns)? {
            out.extend_from_slice(if self.rows == 0 { br#"{"data":["# } else { b"," });
            serde_json::to_writer(&mut out, &Row { columns: &self.columns, batch, row })?;
            self.rows += 1;
        }
        Ok(out)
    }

    pub(crate) fn end(self) -> Vec<u8> {
        let beginning = if self.rows == 0 { r#"{"data":["# } else { "" };
        format!("{beginning}]{}}}", self.members).into_bytes()
    }
}

/// Writes an object a line.
pub(crate) struct Ndjson {
    columns: Vec<Column>,
}

impl Ndjson {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns }
    }

    pub(crate) fn batch(&self, batch: &RowsBatch) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        for row in 0..batch.rows(&self.columns)? {
            serde_json::to_writer(&mut out, &Row { columns: &self.columns, batch, row })?;
            out.push(b'\n');
        }
        Ok(out)
    }
}

/// A row as an object with all columns; an absent value is null.
pub(crate) struct Row<'a> {
    pub(crate) columns: &'a [Column],
    pub(crate) batch: &'a RowsBatch,
    pub(crate) row: usize,
}

/// JSON as it was written: its numbers keep all their digits. What is none is a text.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Json(&'a RawValue),
    Text(&'a str),
}

impl<'a> Written<'a> {
    fn of(text: &'a str) -> Self {
        serde_json::from_str(text).map_or(Self::Text(text), Self::Json)
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, values) in self.columns.iter().zip(&self.batch.columns) {
            match values {
                Values::Text(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Integer(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Float(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Boolean(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Time(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Texts(values) => object.serialize_entry(column.name.as_ref(), &values.get(self.row))?,
                Values::Json(values) => {
                    let json = values.get(self.row).and_then(Option::as_deref).map(Written::of);
                    object.serialize_entry(column.name.as_ref(), &json)?;
                }
            }
        }
        object.end()
    }
}

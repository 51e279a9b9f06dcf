//! The values of rows by column, and conditions on them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voc_events::{ColumnKind, Timestamp};

use crate::{Cell, ColumnData, Condition, Field, FieldKind, Filter, RowBatch, StrColumn, Value};

/// A row's value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowValue {
    One(Cell),
    Many(Vec<String>),
    Map(BTreeMap<String, Cell>),
}

impl RowValue {
    /// The value of a field that has one.
    pub(super) fn one(self) -> Cell {
        match self {
            Self::One(cell) => cell,
            Self::Many(_) | Self::Map(_) => Cell::Absent,
        }
    }

    /// All distinct values of a field; an absent one, if there are none.
    pub(super) fn each(self) -> Vec<Cell> {
        let Self::Many(texts) = self else { return vec![self.one()] };
        let cell = |text: String| if text.is_empty() { Cell::Absent } else { Cell::Text(text) };
        let distinct: BTreeSet<String> = texts.into_iter().collect();
        if distinct.is_empty() { vec![Cell::Absent] } else { distinct.into_iter().map(cell).collect() }
    }

    /// The value of any field.
    pub(super) fn whole(self, field: &Field) -> Cell {
        match (self, field.kind()) {
            (Self::One(Cell::Text(json)), FieldKind::Json) => Cell::Json(json),
            (Self::One(cell), _) => cell,
            (Self::Many(texts), _) => Cell::Texts(texts),
            (Self::Map(map), _) => {
                let value = |cell| match cell {
                    // Within a map, an empty text is not an absent one.
                    Cell::Absent if field.column_kind() == ColumnKind::StrMap => "".into(),
                    cell => json(cell),
                };
                let members = map.into_iter().map(|(name, cell)| (name, value(cell)));
                Cell::Json(Json::Object(members.collect()).to_string())
            }
        }
    }
}

fn json(cell: Cell) -> Json {
    match cell {
        Cell::Text(text) => text.into(),
        Cell::Float(number) => number_of_json(&number),
        _ => Json::Null,
    }
}

/// A float as an engine writes it: with the fewest digits, and without a fraction if it is whole. JSON has no others
/// than finite ones.
fn number_of_json(number: &impl ToString) -> Json {
    serde_json::from_str(&number.to_string()).unwrap_or_default()
}

/// The values of a batch by column.
pub(super) struct Columns(BTreeMap<&'static str, Vec<RowValue>>);

impl Columns {
    pub(super) fn new(rows: &RowBatch) -> Self {
        Self(rows.columns().map(|(column, data)| (column.name, values(data))).collect())
    }

    pub(super) fn value(&self, field: &Field, row: usize) -> RowValue {
        let value = self.0.get(field.column()).and_then(|values| values.get(row));
        if let Some(names) = field.member() {
            let json = value.and_then(|value| match value {
                RowValue::One(Cell::Text(json)) => serde_json::from_str(json).ok(),
                _ => None,
            });
            return RowValue::One(json.map_or(Cell::Absent, |json| member(json, names, field.kind())));
        }
        match (value, field.key()) {
            (Some(RowValue::Map(map)), Some(key)) => RowValue::One(map.get(key).cloned().unwrap_or(Cell::Absent)),
            (value, _) => value.cloned().unwrap_or(RowValue::One(Cell::Absent)),
        }
    }

    pub(super) fn satisfy(&self, filter: &Filter, row: usize) -> bool {
        let value = self.value(filter.field(), row);
        let is_present = match &value {
            RowValue::One(cell) => *cell != Cell::Absent,
            RowValue::Many(texts) => !texts.is_empty(),
            RowValue::Map(map) => !map.is_empty(),
        };
        // A column of 32-bit floats has the nearest of fewer numbers.
        let is_short = filter.field().column_kind() == ColumnKind::OptF32;
        let stored = |wanted: &Value| match wanted {
            #[expect(clippy::cast_possible_truncation, reason = "as when a row is stored")]
            Value::Float(number) if is_short => Value::Float(f64::from(*number as f32)),
            other => other.clone(),
        };
        let is = |wanted: &Vec<Value>| wanted.iter().any(|wanted| is_value(&value, &stored(wanted)));
        let contains = |parts: &Vec<String>| match &value {
            RowValue::One(Cell::Text(text)) => parts.iter().any(|part| text.contains(part.as_str())),
            _ => false,
        };
        let compare = |wanted: &Value| match &value {
            RowValue::One(cell) => {
                number_of_cell(cell).zip(number_of(&stored(wanted))).map(|(cell, wanted)| cell.total_cmp(&wanted))
            }
            RowValue::Many(_) | RowValue::Map(_) => None,
        };
        match filter.condition() {
            Condition::Is(wanted) => is(wanted),
            Condition::IsNot(wanted) => !is(wanted),
            Condition::Contains(parts) => contains(parts),
            Condition::ContainsNot(parts) => !contains(parts),
            Condition::Less(wanted) => compare(wanted).is_some_and(std::cmp::Ordering::is_lt),
            Condition::AtMost(wanted) => compare(wanted).is_some_and(std::cmp::Ordering::is_le),
            Condition::More(wanted) => compare(wanted).is_some_and(std::cmp::Ordering::is_gt),
            Condition::AtLeast(wanted) => compare(wanted).is_some_and(std::cmp::Ordering::is_ge),
            Condition::Present => is_present,
            Condition::Absent => !is_present,
        }
    }
}

/// The member of an object: a number, or a text.
fn member<'n>(mut object: Json, names: impl Iterator<Item = &'n str>, kind: FieldKind) -> Cell {
    use serde_json::Value;
    for name in names {
        object = object.get_mut(name).map(Value::take).unwrap_or_default();
    }
    let text = match (object, kind) {
        (Value::Number(number), FieldKind::Float) => return number.as_f64().map_or(Cell::Absent, Cell::Float),
        (_, FieldKind::Float) => return Cell::Absent,
        (Value::String(text), _) => text,
        (Value::Number(number), _) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        (Value::Number(number), _) => number.to_string(),
        (Value::Bool(flag), _) => flag.to_string(),
        _ => return Cell::Absent,
    };
    if text.is_empty() { Cell::Absent } else { Cell::Text(text) }
}

fn is_value(value: &RowValue, wanted: &Value) -> bool {
    match (value, wanted) {
        (RowValue::One(Cell::Text(text)), Value::Text(wanted)) => text == wanted,
        (RowValue::One(Cell::Text(id)), Value::Id(wanted)) => *id == wanted.to_string(),
        (RowValue::One(Cell::Boolean(flag)), Value::Boolean(wanted)) => flag == wanted,
        (RowValue::Many(texts), Value::Text(wanted)) => texts.contains(wanted),
        (RowValue::One(cell), wanted) => number_of_cell(cell).is_some() && number_of_cell(cell) == number_of(wanted),
        _ => false,
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Time(time) => Some(time.as_millis() as f64),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
pub(super) fn number_of_cell(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Time(time) => Some(time.as_millis() as f64),
        Cell::Boolean(flag) => Some(f64::from(u8::from(*flag))),
        cell => cell.float(),
    }
}

/// The values of a column.
fn values(data: &ColumnData) -> Vec<RowValue> {
    fn optional<T: Copy>(nulls: &[u8], values: &[T], cell: impl Fn(T) -> Cell) -> Vec<RowValue> {
        let cells = nulls.iter().zip(values).map(|(null, value)| if *null == 0 { cell(*value) } else { Cell::Absent });
        cells.map(RowValue::One).collect()
    }
    let time = |millis: i64| Cell::Time(Timestamp::from_millis(millis));
    match data {
        ColumnData::Uuid(ids) => ids.iter().map(|id| RowValue::One(Cell::Text(id.to_string()))).collect(),
        ColumnData::Str(texts) => {
            let cell = |text: &str| if text.is_empty() { Cell::Absent } else { Cell::Text(text.to_owned()) };
            StrColumn::iter(texts).map(|text| RowValue::One(cell(text))).collect()
        }
        ColumnData::OptStr(nulls, texts) => {
            let cell = |(null, text): (&u8, &str)| if *null == 0 { Cell::Text(text.to_owned()) } else { Cell::Absent };
            nulls.iter().zip(StrColumn::iter(texts)).map(|row| RowValue::One(cell(row))).collect()
        }
        ColumnData::Timestamp(values) => values.iter().map(|millis| RowValue::One(time(*millis))).collect(),
        ColumnData::Seconds(values) => {
            values.iter().map(|seconds| RowValue::One(time(i64::from(*seconds) * 1000))).collect()
        }
        ColumnData::I64(values) => values.iter().map(|number| RowValue::One(Cell::Integer(*number))).collect(),
        ColumnData::OptTimestamp(nulls, values) => optional(nulls, values, time),
        ColumnData::OptI64(nulls, values) => optional(nulls, values, Cell::Integer),
        ColumnData::OptF32(nulls, values) => optional(nulls, values, |number| Cell::Float(f64::from(number))),
        ColumnData::OptF64(nulls, values) => optional(nulls, values, Cell::Float),
        ColumnData::OptBool(nulls, values) => optional(nulls, values, |flag| Cell::Boolean(flag != 0)),
        ColumnData::List(ends, inner) => {
            let ColumnData::Str(texts) = &**inner else { return numbers(ends, inner) };
            let texts: Vec<String> = StrColumn::iter(texts).map(str::to_owned).collect();
            let mut start = 0;
            let list = |end: &u64| {
                let end = usize::try_from(*end).unwrap_or(usize::MAX).min(texts.len());
                RowValue::Many(texts[std::mem::replace(&mut start, end)..end].to_vec())
            };
            ends.iter().map(list).collect()
        }
        ColumnData::Map(ends, entries) => {
            let entries: Vec<(Cell, Cell)> = values(&entries.0)
                .into_iter()
                .map(RowValue::one)
                .zip(values(&entries.1).into_iter().map(RowValue::one))
                .collect();
            let mut start = 0;
            let map = |end: &u64| {
                let end = usize::try_from(*end).unwrap_or(usize::MAX).min(entries.len());
                let of_row = &entries[std::mem::replace(&mut start, end)..end];
                // An engine finds the first entry of a name.
                let named =
                    of_row.iter().rev().map(|(key, value)| (key.text().unwrap_or("").to_owned(), value.clone()));
                RowValue::Map(named.collect())
            };
            ends.iter().map(map).collect()
        }
        ColumnData::F32(values) => values.iter().map(|number| RowValue::One(Cell::Float(f64::from(*number)))).collect(),
        ColumnData::F64(values) => values.iter().map(|number| RowValue::One(Cell::Float(*number))).collect(),
        _ => Vec::new(),
    }
}

/// Lists of numbers, as JSON.
fn numbers(ends: &[u64], inner: &ColumnData) -> Vec<RowValue> {
    let numbers: Vec<Json> = match inner {
        // As 64-bit floats, they would have more digits.
        ColumnData::F32(numbers) => numbers.iter().map(number_of_json).collect(),
        ColumnData::OptF32(nulls, numbers) => {
            let number = |(null, number): (&u8, &f32)| if *null == 0 { number_of_json(number) } else { Json::Null };
            nulls.iter().zip(numbers).map(number).collect()
        }
        inner => values(inner).into_iter().map(|value| json(value.one())).collect(),
    };
    let mut start = 0;
    let list = |end: &u64| {
        let end = usize::try_from(*end).unwrap_or(usize::MAX).min(numbers.len());
        let list = numbers[std::mem::replace(&mut start, end)..end].to_vec();
        RowValue::One(Cell::Json(Json::Array(list).to_string()))
    };
    ends.iter().map(list).collect()
}

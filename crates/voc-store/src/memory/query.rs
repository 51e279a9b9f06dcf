//! Answers by a fold over all rows: what questions mean, without an engine.

use std::collections::BTreeMap;

use async_trait::async_trait;
use voc_events::{ColumnKind, Table, Timestamp};

use super::{MemoryStore, rows::event_rows};
use crate::{
    Answer, Cell, CellKind, ColumnData, Condition, Dimension, Direction, EventQueries, Field, Filter, Function,
    LedgerFilter, Measure, Metric, PartitionLedger, Query, RowBatch, StoreError, StrColumn, Value,
};

#[async_trait]
impl EventQueries for MemoryStore {
    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        self.check_running()?;
        let (since, until) = (query.period().since, query.period().until);
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let state = self.state();
        let latest = state.latest_versions(query.table(), |_| true);
        for (place, (batch, part)) in state.parts.iter().enumerate() {
            let rows = &batch.parts[*part].rows;
            if rows.table() != query.table() || query.is_empty() {
                continue;
            }
            let columns = Columns::new(rows);
            for (number, row) in event_rows(batch, *part).into_iter().enumerate() {
                let is_latest = latest.get(&row.key) == Some(&(place, number));
                let of_tenants =
                    query.table().tenant.is_none() || query.tenants().includes(row.tenant_id.unwrap_or(""));
                let asked = is_latest && of_tenants && (since..until).contains(&row.time);
                if !asked || !query.filters().iter().all(|filter| columns.satisfy(filter, number)) {
                    continue;
                }
                let key: Vec<Cell> = query
                    .dimensions()
                    .iter()
                    .map(|dimension| match dimension {
                        Dimension::Field(field) => columns.value(field, number).one(),
                        Dimension::Time(buckets) => Cell::Time(buckets.start_of(row.time)),
                    })
                    .collect();
                let group = groups.entry(format!("{key:?}")).or_insert_with(|| Group::new(key, query));
                group.add(query, &columns, number, row.time);
            }
        }
        if query.dimensions().is_empty() && groups.is_empty() {
            groups.insert(String::new(), Group::new(Vec::new(), query));
        }
        let mut rows: Vec<Vec<Cell>> = groups.into_values().map(|group| group.row(query)).collect();
        rows.retain(|row| query.is_after_beginning(row));
        query.sort(&mut rows);
        let truncated = rows.len() > query.max_groups();
        rows.truncate(query.max_groups());
        Ok(Answer { rows, truncated })
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.check_running()?;
        let state = self.state();
        let of_table = state.parts.iter().filter(|(batch, part)| batch.parts[*part].rows.table() == table);
        let versions =
            of_table.map(|(batch, part)| format!("{} {:?}", batch.token(&batch.parts[*part]), batch.processed_at));
        Ok(Some(versions.collect::<Vec<_>>().join("/")))
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.check_running()?;
        Ok(super::ledger::partition_ledgers(&self.state().ledger, filter))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_running()
    }
}

/// A row's value of a field.
#[derive(Debug, Clone, PartialEq)]
enum RowValue {
    One(Cell),
    Many(Vec<String>),
    Map(BTreeMap<String, Cell>),
}

impl RowValue {
    /// The value of a field that has one.
    fn one(self) -> Cell {
        match self {
            Self::One(cell) => cell,
            Self::Many(_) | Self::Map(_) => Cell::Absent,
        }
    }
}

/// The values of a batch by column.
struct Columns(BTreeMap<&'static str, Vec<RowValue>>);

impl Columns {
    fn new(rows: &RowBatch) -> Self {
        Self(rows.columns().map(|(column, data)| (column.name, values(data))).collect())
    }

    fn value(&self, field: &Field, row: usize) -> RowValue {
        let value = self.0.get(field.column()).and_then(|values| values.get(row));
        match (value, field.key()) {
            (Some(RowValue::Map(map)), Some(key)) => RowValue::One(map.get(key).cloned().unwrap_or(Cell::Absent)),
            (value, _) => value.cloned().unwrap_or(RowValue::One(Cell::Absent)),
        }
    }

    fn satisfy(&self, filter: &Filter, row: usize) -> bool {
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
fn number_of_cell(cell: &Cell) -> Option<f64> {
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
            let ColumnData::Str(texts) = &**inner else { return Vec::new() };
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
        ColumnData::F64(values) => values.iter().map(|number| RowValue::One(Cell::Float(*number))).collect(),
        _ => Vec::new(),
    }
}

/// A group of rows: its dimensions, and the values of each metric.
struct Group {
    key: Vec<Cell>,
    values: Vec<Vec<Cell>>,
}

impl Group {
    fn new(key: Vec<Cell>, query: &Query) -> Self {
        Self { key, values: vec![Vec::new(); query.metrics().len()] }
    }

    fn add(&mut self, query: &Query, columns: &Columns, row: usize, time: Timestamp) {
        for (metric, values) in query.metrics().iter().zip(&mut self.values) {
            if !metric.filters().iter().all(|filter| columns.satisfy(filter, row)) {
                continue;
            }
            let value = match metric.measure() {
                Measure::Of(function @ (Function::First | Function::Last), field) => {
                    // Values in the order of their times, and only the outermost one is kept.
                    let value = (Cell::Time(time), columns.value(field, row).one());
                    keep_outermost(*function, values, value);
                    continue;
                }
                Measure::Of(_, field) => columns.value(field, row).one(),
                Measure::Events | Measure::FirstEvent | Measure::LastEvent => Cell::Time(time),
            };
            if value != Cell::Absent {
                values.push(value);
            }
        }
    }

    fn row(self, query: &Query) -> Vec<Cell> {
        let metrics = query.metrics().iter().zip(self.values).map(|(metric, values)| measure(metric, &values));
        self.key.into_iter().chain(metrics).collect()
    }
}

/// Keeps the value of the earliest or the latest time, which is next to it.
fn keep_outermost(function: Function, kept: &mut Vec<Cell>, (time, value): (Cell, Cell)) {
    if value == Cell::Absent {
        return;
    }
    let is_better = match kept.as_slice() {
        [known, known_time] => {
            let order = time.compare(known_time, Direction::Ascending).then(value.compare(known, Direction::Ascending));
            if function == Function::First { order.is_lt() } else { order.is_gt() }
        }
        _ => true,
    };
    if is_better {
        *kept = vec![value, time];
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
fn measure(metric: &Metric, values: &[Cell]) -> Cell {
    let count = |values: usize| Cell::Integer(i64::try_from(values).unwrap_or(i64::MAX));
    let by = |pick: fn(&f64, &f64) -> std::cmp::Ordering, values: &[Cell]| {
        let numbers = values.iter().filter_map(|cell| Some((number_of_cell(cell)?, cell)));
        numbers.max_by(|one, other| pick(&one.0, &other.0)).map_or(Cell::Absent, |(_, cell)| cell.clone())
    };
    let smallest = |values: &[Cell]| by(|one, other| other.total_cmp(one), values);
    let largest = |values: &[Cell]| by(f64::total_cmp, values);
    let mut numbers: Vec<f64> = values.iter().filter_map(number_of_cell).collect();
    let n = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    match metric.measure() {
        Measure::Events | Measure::Of(Function::Count, _) => count(values.len()),
        Measure::FirstEvent | Measure::Of(Function::Min, _) => smallest(values),
        Measure::LastEvent | Measure::Of(Function::Max, _) => largest(values),
        Measure::Of(Function::Unique, _) => {
            let distinct: std::collections::BTreeSet<String> = values.iter().map(|cell| format!("{cell:?}")).collect();
            count(distinct.len())
        }
        Measure::Of(Function::First | Function::Last, _) => values.first().cloned().unwrap_or(Cell::Absent),
        _ if numbers.is_empty() => Cell::Absent,
        Measure::Of(Function::Sum, _) if metric.kind() == CellKind::Integer => {
            Cell::Integer(values.iter().filter_map(Cell::integer).sum())
        }
        Measure::Of(Function::Sum, _) => Cell::Float(sum),
        Measure::Of(Function::Avg | Function::Share, _) => Cell::Float(sum / n),
        Measure::Of(Function::Stddev, _) if numbers.len() < 2 => Cell::Absent,
        Measure::Of(Function::Stddev, _) => {
            let squares: f64 = numbers.iter().map(|number| (number - sum / n).powi(2)).sum();
            Cell::Float((squares / (n - 1.0)).sqrt())
        }
        Measure::Of(function, _) => {
            numbers.sort_by(f64::total_cmp);
            let place = function.quantile().unwrap_or_default() * (n - 1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position in the list")]
            let below = place.floor() as usize;
            let (low, high) = (numbers[below], numbers[(below + 1).min(numbers.len() - 1)]);
            Cell::Float(low + (high - low) * place.fract())
        }
    }
}

//! Conversions between this crate's values and klickhouse's.

use klickhouse::{
    DateTime, DynDateTime64, IndexMap, Type, Tz, Value,
    block::{Block as ClientBlock, BlockInfo},
};

use crate::{Block, BlockValues, ColumnData, StoreError, StrColumn};

/// Maximum number of bytes in a block. A server accepts no compressed block above a gibibyte, and klickhouse counts
/// bytes in 31 bits.
const MAX_BYTES: usize = 1 << 30;

/// A block as klickhouse sends it. Texts are sent as `String` whatever the column's type is: the server converts them
/// to `LowCardinality`.
pub(super) fn encode(block: &Block) -> Result<ClientBlock, StoreError> {
    let rows = block.rows();
    let bytes: usize = block.columns().iter().map(|column| bytes(column.values, rows)).sum();
    if bytes > MAX_BYTES {
        let message = format!("{rows} rows of {bytes} bytes cannot be sent at once; the limit is {MAX_BYTES} bytes");
        return Err(StoreError::Rejected { code: 0, message });
    }
    let mut column_types = IndexMap::new();
    let mut column_data = IndexMap::new();
    for column in block.columns() {
        let kind: Type = column.values.type_name().parse().map_err(|error| unsupported(column.name, error))?;
        column_types.insert(column.name.to_owned(), kind);
        column_data.insert(column.name.to_owned(), column_values(column.values, rows));
    }
    Ok(ClientBlock { info: BlockInfo::default(), rows: rows as u64, column_types, column_data })
}

fn unsupported(column: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Rejected { code: 0, message: format!("column {column} cannot be sent: {error}") }
}

fn bytes(values: BlockValues<'_>, rows: usize) -> usize {
    match values {
        BlockValues::Each(data) => data.bytes(),
        BlockValues::SameTimestamp(_) => rows * size_of::<i64>(),
        BlockValues::SameStr(text) => rows * (text.len() + 1),
        BlockValues::SameI32(_) => rows * size_of::<i32>(),
        BlockValues::SameI64(_) => rows * size_of::<i64>(),
    }
}

fn column_values(values: BlockValues<'_>, rows: usize) -> Vec<Value> {
    match values {
        BlockValues::Each(data) => each(data),
        BlockValues::SameTimestamp(timestamp) => vec![date_time(timestamp.as_millis()); rows],
        BlockValues::SameStr(text) => vec![Value::String(text.as_bytes().to_vec()); rows],
        BlockValues::SameI32(number) => vec![Value::Int32(number); rows],
        BlockValues::SameI64(number) => vec![Value::Int64(number); rows],
    }
}

fn each(data: &ColumnData) -> Vec<Value> {
    match data {
        ColumnData::Uuid(values) => values.iter().copied().map(Value::Uuid).collect(),
        ColumnData::Str(texts) => strings(texts).collect(),
        ColumnData::OptStr(nulls, texts) => optional(nulls, strings(texts)),
        ColumnData::Timestamp(values) => values.iter().copied().map(date_time).collect(),
        ColumnData::Seconds(values) => {
            values.iter().map(|seconds| Value::DateTime(DateTime(Tz::UTC, *seconds))).collect()
        }
        ColumnData::OptTimestamp(nulls, values) => optional(nulls, values.iter().copied().map(date_time)),
        ColumnData::I32(values) => values.iter().copied().map(Value::Int32).collect(),
        ColumnData::U32(values) => values.iter().copied().map(Value::UInt32).collect(),
        ColumnData::I64(values) => values.iter().copied().map(Value::Int64).collect(),
        ColumnData::OptI64(nulls, values) => optional(nulls, values.iter().copied().map(Value::Int64)),
        ColumnData::OptF32(nulls, values) => optional(nulls, values.iter().copied().map(Value::Float32)),
        ColumnData::OptF64(nulls, values) => optional(nulls, values.iter().copied().map(Value::Float64)),
        ColumnData::Bool(values) => values.iter().copied().map(Value::UInt8).collect(),
        ColumnData::OptBool(nulls, values) => optional(nulls, values.iter().copied().map(Value::UInt8)),
        ColumnData::F32(values) => values.iter().copied().map(Value::Float32).collect(),
        ColumnData::F64(values) => values.iter().copied().map(Value::Float64).collect(),
        ColumnData::List(ends, values) => in_rows(ends, each(values)).map(Value::Array).collect(),
        ColumnData::Map(ends, entries) => {
            let names = in_rows(ends, each(&entries.0));
            names.zip(in_rows(ends, each(&entries.1))).map(|(names, values)| Value::Map(names, values)).collect()
        }
    }
}

fn strings(texts: &StrColumn) -> impl Iterator<Item = Value> {
    texts.iter_bytes().map(|text| Value::String(text.to_vec()))
}

fn date_time(millis: i64) -> Value {
    // Two's complement on the wire, which klickhouse keeps as an unsigned number.
    Value::DateTime64(DynDateTime64(Tz::UTC, millis.cast_unsigned(), 3))
}

fn optional(nulls: &[u8], values: impl Iterator<Item = Value>) -> Vec<Value> {
    nulls.iter().zip(values).map(|(null, value)| if *null == 0 { value } else { Value::Null }).collect()
}

/// The values of each row, given the rows' end offsets within the values of all.
fn in_rows(ends: &[u64], values: Vec<Value>) -> impl Iterator<Item = Vec<Value>> {
    let mut values = values.into_iter();
    let mut start = 0;
    ends.iter().map(move |end| {
        let length = usize::try_from(end - start).unwrap_or(usize::MAX);
        start = *end;
        values.by_ref().take(length).collect()
    })
}

/// The texts of a single-column result.
pub(super) fn texts(blocks: Vec<ClientBlock>) -> Result<Vec<String>, StoreError> {
    let unexpected =
        |what: &str| StoreError::Rejected { code: 0, message: format!("the query's result is not {what}") };
    let mut texts = Vec::new();
    // A server also sends the header, and may end with an empty block.
    for block in blocks.into_iter().filter(|block| block.rows > 0) {
        let mut columns = block.column_data.into_values();
        let (Some(values), None) = (columns.next(), columns.next()) else {
            return Err(unexpected("a single column"));
        };
        for value in values {
            let Value::String(bytes) = value else { return Err(unexpected("a column of texts")) };
            texts.push(String::from_utf8(bytes).map_err(|_| unexpected("UTF-8"))?);
        }
    }
    Ok(texts)
}

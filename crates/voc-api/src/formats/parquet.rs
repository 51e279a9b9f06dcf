//! Parquet: typed columns in row groups of bounded size.

use std::sync::Arc;

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::types::{Type, TypePtr},
};

use super::{
    columns::{Column, Kind, RowsBatch, Values},
    encode_error::EncodeError,
};

/// Rows of a row group at most.
const GROUP_ROWS: usize = 64 * 1024;
/// Bytes of the texts of a row group, from which on it is written.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// Writes a file. A row group is kept until it is full; of those that are written, only where they are.
pub(crate) struct Parquet {
    columns: Vec<Column>,
    writer: SerializedFileWriter<Vec<u8>>,
    kept: Vec<RowsBatch>,
    kept_rows: usize,
    kept_bytes: usize,
}

impl Parquet {
    pub(crate) fn new(columns: Vec<Column>) -> Result<Self, EncodeError> {
        let fields = columns.iter().map(field).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("voc-query ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            // Statistics and offsets of pages are kept until the end, so their memory grows with the file.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        Ok(Self { columns, writer, kept: Vec::new(), kept_rows: 0, kept_bytes: 0 })
    }

    pub(crate) fn batch(&mut self, batch: RowsBatch) -> Result<Vec<u8>, EncodeError> {
        self.kept_rows += batch.rows(&self.columns)?;
        self.kept_bytes += batch.columns.iter().map(bytes).sum::<usize>();
        self.kept.push(batch);
        if self.kept_rows < GROUP_ROWS && self.kept_bytes < GROUP_BYTES {
            return Ok(Vec::new());
        }
        self.write_group()?;
        self.written()
    }

    pub(crate) fn end(mut self) -> Result<Vec<u8>, EncodeError> {
        if self.kept_rows > 0 {
            self.write_group()?;
        }
        Ok(self.writer.into_inner()?)
    }

    fn write_group(&mut self) -> Result<(), EncodeError> {
        let kept = std::mem::take(&mut self.kept);
        (self.kept_rows, self.kept_bytes) = (0, 0);
        let mut group = self.writer.next_row_group()?;
        let mut index = 0;
        while let Some(mut column) = group.next_column()? {
            for batch in &kept {
                batch.columns.get(index).map_or(Ok(()), |values| write(&mut column, values))?;
            }
            column.close()?;
            index += 1;
        }
        group.close()?;
        Ok(())
    }

    /// What was written since the last time; the writer counts its offsets itself.
    fn written(&mut self) -> Result<Vec<u8>, EncodeError> {
        self.writer.flush().map_err(ParquetError::from)?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }
}

/// About how much memory the values take beyond their number.
fn bytes(values: &Values) -> usize {
    match values {
        Values::Text(values) | Values::Json(values) => values.iter().flatten().map(String::len).sum(),
        Values::Texts(values) => values.iter().flatten().map(|text| text.len() + size_of::<String>()).sum(),
        _ => 0,
    }
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let physical = match column.kind {
        Kind::Text | Kind::Texts | Kind::Json => PhysicalType::BYTE_ARRAY,
        Kind::Integer | Kind::Time => PhysicalType::INT64,
        Kind::Float => PhysicalType::DOUBLE,
        Kind::Boolean => PhysicalType::BOOLEAN,
    };
    let logical = match column.kind {
        // Not as JSON, which several readers do not know.
        Kind::Text | Kind::Texts | Kind::Json => Some(LogicalType::String),
        Kind::Time => Some(LogicalType::timestamp(true, TimeUnit::MILLIS)),
        Kind::Integer | Kind::Float | Kind::Boolean => None,
    };
    let primitive = |name, repetition| {
        let builder = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        builder.with_logical_type(logical.clone()).build().map(Arc::new)
    };
    if column.kind != Kind::Texts {
        return primitive(&column.name, Repetition::OPTIONAL);
    }
    let element = primitive("element", Repetition::REQUIRED)?;
    let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![element]);
    let field = Type::group_type_builder(&column.name).with_repetition(Repetition::REQUIRED);
    let field = field.with_logical_type(Some(LogicalType::List)).with_fields(vec![Arc::new(list.build()?)]);
    field.build().map(Arc::new)
}

/// Writes values with their definition levels: 1 where there is one.
fn write(column: &mut SerializedColumnWriter<'_>, values: &Values) -> Result<(), ParquetError> {
    match values {
        Values::Text(values) | Values::Json(values) => {
            let present: Vec<ByteArray> = values.iter().flatten().map(|text| text.as_str().into()).collect();
            column.typed::<ByteArrayType>().write_batch(&present, Some(&levels(values)), None)?;
        }
        Values::Integer(values) => {
            let present: Vec<i64> = values.iter().flatten().copied().collect();
            column.typed::<Int64Type>().write_batch(&present, Some(&levels(values)), None)?;
        }
        Values::Float(values) => {
            let finite: Vec<Option<f64>> = values.iter().map(|value| value.filter(|value| value.is_finite())).collect();
            let present: Vec<f64> = finite.iter().flatten().copied().collect();
            column.typed::<DoubleType>().write_batch(&present, Some(&levels(&finite)), None)?;
        }
        Values::Boolean(values) => {
            let present: Vec<bool> = values.iter().flatten().copied().collect();
            column.typed::<BoolType>().write_batch(&present, Some(&levels(values)), None)?;
        }
        Values::Time(values) => {
            let present: Vec<i64> = values.iter().flatten().map(|time| time.as_millis()).collect();
            column.typed::<Int64Type>().write_batch(&present, Some(&levels(values)), None)?;
        }
        Values::Texts(lists) => {
            let present: Vec<ByteArray> = lists.iter().flatten().map(|text| text.as_str().into()).collect();
            // An empty list has one level of definition, 0, and a further element of a list repeats, 1.
            let defined =
                lists.iter().flat_map(|list| std::iter::repeat_n(i16::from(!list.is_empty()), list.len().max(1)));
            let repeated = lists.iter().flat_map(|list| (0..list.len().max(1)).map(|index| i16::from(index > 0)));
            let (defined, repeated): (Vec<i16>, Vec<i16>) = (defined.collect(), repeated.collect());
            column.typed::<ByteArrayType>().write_batch(&present, Some(&defined), Some(&repeated))?;
        }
    }
    Ok(())
}

fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
    values.iter().map(|value| i16::from(value.is_some())).collect()
}

//! Parquet: typed columns in row groups of bounded size.

use std::{io::Write as _, sync::Arc};

use actix_web::web::Bytes;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData},
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr},
        writer::{SerializedColumnWriter, SerializedRowGroupWriter, TrackedWrite},
    },
    schema::types::{ColumnPath, SchemaDescPtr, SchemaDescriptor, Type, TypePtr},
};

use super::{
    columns::{Column, Kind, Misfit, RowsBatch, Values},
    encode_error::EncodeError,
};

/// Rows of a row group, from which on it is written.
const GROUP_ROWS: usize = 64 * 1024;
/// Bytes of the texts of a row group, from which on it is written.
const GROUP_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a page, and of the distinct values of a column, at most: a writer has some of each in memory.
const PAGE_BYTES: usize = 256 * 1024;

/// Begins and ends every file.
const MAGIC: &[u8; 4] = b"PAR1";
/// Bytes of a footer after what it says: its length, and the magic ones.
const FOOTER_TAIL: usize = 8;

/// Writes a file. A row group is kept until it is full; of those that are written, only where they are.
pub(crate) struct Parquet {
    columns: Vec<Column>,
    schema: SchemaDescPtr,
    properties: WriterPropertiesPtr,
    file: TrackedWrite<Vec<u8>>,
    /// What the footer says about each group that is written, as if it were the only one. As values of the library,
    /// those of a file of gigabytes would take tens of megabytes.
    groups: Vec<Box<[u8]>>,
    rows: i64,
    kept: Vec<Kept>,
    kept_rows: usize,
}

impl Parquet {
    pub(crate) fn new(columns: Vec<Column>) -> Result<Self, EncodeError> {
        let fields = columns.iter().map(field).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("voc-query ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            // Statistics and offsets are kept until the end. Those of the times let a reader skip row groups.
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true)
            .set_data_page_size_limit(PAGE_BYTES)
            .set_dictionary_page_size_limit(PAGE_BYTES);
        let times = columns.iter().filter(|column| column.kind == Kind::Time);
        let properties = times
            .fold(properties, |properties, column| {
                let path = ColumnPath::from(column.name.as_ref());
                properties.set_column_statistics_enabled(path, EnabledStatistics::Chunk)
            })
            .build();
        let mut file = TrackedWrite::new(Vec::new());
        file.write_all(MAGIC).map_err(ParquetError::from)?;
        Ok(Self {
            schema: Arc::new(SchemaDescriptor::new(Arc::new(schema))),
            properties: Arc::new(properties),
            file,
            groups: Vec::new(),
            rows: 0,
            kept: columns.iter().map(|column| Kept::new(column.kind)).collect(),
            kept_rows: 0,
            columns,
        })
    }

    pub(crate) fn batch(&mut self, batch: RowsBatch) -> Result<Vec<u8>, EncodeError> {
        self.kept_rows += batch.rows(&self.columns)?;
        for (kept, values) in self.kept.iter_mut().zip(batch.columns) {
            kept.push(values)?;
        }
        if self.kept_rows < GROUP_ROWS && self.kept.iter().map(Kept::bytes).sum::<usize>() < GROUP_BYTES {
            return Ok(Vec::new());
        }
        self.write_group()?;
        self.written()
    }

    pub(crate) fn end(mut self) -> Result<Vec<u8>, EncodeError> {
        if self.kept_rows > 0 {
            self.write_group()?;
        }
        let mut groups = Vec::with_capacity(self.groups.len());
        for said in std::mem::take(&mut self.groups) {
            groups.append(&mut ParquetMetaDataReader::decode_metadata(&said)?.into_builder().take_row_groups());
        }
        let mut end = self.written()?;
        end.append(&mut self.footer(self.rows, groups)?);
        Ok(end)
    }

    fn write_group(&mut self) -> Result<(), EncodeError> {
        self.kept_rows = 0;
        let ordinal = i32::try_from(self.groups.len())
            .map_err(|_| ParquetError::General("there are too many row groups for one file".to_owned()))?;
        let (schema, properties) = (Arc::clone(&self.schema), Arc::clone(&self.properties));
        let mut group = SerializedRowGroupWriter::new(schema, properties, &mut self.file, ordinal, None);
        let mut columns = self.kept.iter_mut();
        while let (Some(writer), Some(kept)) = (group.next_column()?, columns.next()) {
            kept.write(writer)?;
        }
        let group = group.close()?;
        self.rows = self.rows.saturating_add(group.num_rows());
        let mut said = self.footer(group.num_rows(), vec![RowGroupMetaData::clone(&group)])?;
        said.truncate(said.len().saturating_sub(FOOTER_TAIL));
        self.groups.push(said.into_boxed_slice());
        Ok(())
    }

    /// The footer of a file of these groups.
    fn footer(&self, rows: i64, groups: Vec<RowGroupMetaData>) -> Result<Vec<u8>, EncodeError> {
        let version = self.properties.writer_version().as_num();
        let created_by = Some(self.properties.created_by().to_owned());
        let file = FileMetaData::new(version, rows, created_by, None, Arc::clone(&self.schema), None);
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &ParquetMetaData::new(file, groups)).finish()?;
        Ok(footer)
    }

    /// What was written since the last time; the file counts its offsets itself.
    fn written(&mut self) -> Result<Vec<u8>, EncodeError> {
        self.file.flush().map_err(ParquetError::from)?;
        Ok(std::mem::take(self.file.inner_mut()))
    }
}

/// The values of a column of a row group. Texts lie in one piece: millions of small ones would scatter the memory of
/// the process.
struct Kept {
    values: KeptValues,
    /// 1 where there is a value; an empty list has none.
    defined: Vec<i16>,
    /// 1 for a further element of a list; nothing for columns without lists.
    repeated: Vec<i16>,
}

enum KeptValues {
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Boolean(Vec<bool>),
    Text { bytes: Vec<u8>, ends: Vec<usize> },
}

impl Kept {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Integer | Kind::Time => KeptValues::Integer(Vec::new()),
            Kind::Float => KeptValues::Float(Vec::new()),
            Kind::Boolean => KeptValues::Boolean(Vec::new()),
            Kind::Text | Kind::Texts | Kind::Json => KeptValues::Text { bytes: Vec::new(), ends: Vec::new() },
        };
        Self { values, defined: Vec::new(), repeated: Vec::new() }
    }

    /// About how many bytes of texts there are.
    fn bytes(&self) -> usize {
        match &self.values {
            KeptValues::Text { bytes, ends } => bytes.len() + size_of_val(ends.as_slice()),
            _ => 0,
        }
    }

    fn push(&mut self, values: Values) -> Result<(), Misfit> {
        let Self { values: kept, defined, repeated } = self;
        match (kept, values) {
            (KeptValues::Integer(kept), Values::Integer(values)) => keep(kept, defined, values.into_iter()),
            (KeptValues::Integer(kept), Values::Time(values)) => {
                keep(kept, defined, values.into_iter().map(|time| Some(time?.as_millis())));
            }
            (KeptValues::Float(kept), Values::Float(values)) => {
                keep(kept, defined, values.into_iter().map(|value| value.filter(|value| value.is_finite())));
            }
            (KeptValues::Boolean(kept), Values::Boolean(values)) => keep(kept, defined, values.into_iter()),
            (KeptValues::Text { bytes, ends }, Values::Text(values) | Values::Json(values)) => {
                keep(ends, defined, values.into_iter().map(|text| Some(append(bytes, &text?))));
            }
            (KeptValues::Text { bytes, ends }, Values::Texts(lists)) => {
                for list in lists {
                    // An empty list has one level of definition, 0.
                    defined.extend(std::iter::repeat_n(i16::from(!list.is_empty()), list.len().max(1)));
                    repeated.extend((0..list.len().max(1)).map(|index| i16::from(index > 0)));
                    ends.extend(list.iter().map(|text| append(bytes, text)));
                }
            }
            _ => return Err(Misfit),
        }
        Ok(())
    }

    /// Writes the column and forgets its values, but keeps their memory for the next group.
    fn write(&mut self, writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let Self { values, defined, repeated } = self;
        let levels = (Some(defined.as_slice()), Some(repeated.as_slice()).filter(|levels| !levels.is_empty()));
        match values {
            KeptValues::Integer(values) => write::<Int64Type>(writer, values, levels)?,
            KeptValues::Float(values) => write::<DoubleType>(writer, values, levels)?,
            KeptValues::Boolean(values) => write::<BoolType>(writer, values, levels)?,
            KeptValues::Text { bytes, ends } => {
                let all = Bytes::from(std::mem::take(bytes));
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts = starts.zip(&*ends).map(|(start, end)| ByteArray::from(all.slice(start..*end)));
                let mut texts: Vec<ByteArray> = texts.collect();
                write::<ByteArrayType>(writer, &mut texts, levels)?;
                ends.clear();
                *bytes = all.into();
                bytes.clear();
            }
        }
        defined.clear();
        repeated.clear();
        Ok(())
    }
}

fn write<T: DataType>(
    mut writer: SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    (defined, repeated): (Option<&[i16]>, Option<&[i16]>),
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, defined, repeated)?;
    values.clear();
    writer.close()
}

/// Appends those of the values that are there, and for each whether it is.
fn keep<T>(kept: &mut Vec<T>, defined: &mut Vec<i16>, values: impl Iterator<Item = Option<T>>) {
    for value in values {
        defined.push(i16::from(value.is_some()));
        kept.extend(value);
    }
}

/// Appends a text, and returns where it ends.
fn append(bytes: &mut Vec<u8>, text: &str) -> usize {
    bytes.extend_from_slice(text.as_bytes());
    bytes.len()
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

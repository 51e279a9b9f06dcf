//! Column buffers in the layout of the store's native format, so that encoding is copying.

use uuid::Uuid;
use voc_events::{ColumnKind, Value};

/// The values of one column of a batch.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnData {
    /// UUIDs.
    Uuid(Vec<Uuid>),
    /// Text, empty when absent.
    Str(StrColumn),
    /// Optional text: a null flag per row (1 = null) and the text, empty if null.
    OptStr(Vec<u8>, StrColumn),
    /// UTC milliseconds.
    Timestamp(Vec<i64>),
    /// UTC seconds.
    Seconds(Vec<u32>),
    /// Null flags and UTC milliseconds.
    OptTimestamp(Vec<u8>, Vec<i64>),
    /// 32-bit signed integers.
    I32(Vec<i32>),
    /// 32-bit unsigned integers.
    U32(Vec<u32>),
    /// 64-bit signed integers.
    I64(Vec<i64>),
    /// Null flags and 64-bit signed integers.
    OptI64(Vec<u8>, Vec<i64>),
    /// Null flags and 32-bit floats.
    OptF32(Vec<u8>, Vec<f32>),
    /// Null flags and 64-bit floats.
    OptF64(Vec<u8>, Vec<f64>),
    /// Truth values (0 or 1).
    Bool(Vec<u8>),
    /// Null flags and truth values (0 or 1).
    OptBool(Vec<u8>, Vec<u8>),
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// Lists: each row's end offset within the values of all rows, and those values.
    List(Vec<u64>, Box<ColumnData>),
    /// Maps: each row's end offset within the entries of all rows, and the names and values of those.
    Map(Vec<u64>, Box<(ColumnData, ColumnData)>),
}

impl ColumnData {
    /// An empty column of a kind.
    ///
    /// # Panics
    /// Never: every kind in this workspace's `voc-events` has its column.
    #[must_use]
    pub fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Uuid => Self::Uuid(Vec::new()),
            ColumnKind::OptStr => Self::OptStr(Vec::new(), StrColumn::default()),
            ColumnKind::StrList => Self::List(Vec::new(), Box::new(Self::Str(StrColumn::default()))),
            ColumnKind::Timestamp => Self::Timestamp(Vec::new()),
            ColumnKind::Seconds => Self::Seconds(Vec::new()),
            ColumnKind::OptTimestamp => Self::OptTimestamp(Vec::new(), Vec::new()),
            ColumnKind::I64 => Self::I64(Vec::new()),
            ColumnKind::OptI64 => Self::OptI64(Vec::new(), Vec::new()),
            ColumnKind::OptF32 => Self::OptF32(Vec::new(), Vec::new()),
            ColumnKind::OptF64 => Self::OptF64(Vec::new(), Vec::new()),
            ColumnKind::OptBool => Self::OptBool(Vec::new(), Vec::new()),
            ColumnKind::F32List => Self::List(Vec::new(), Box::new(Self::F32(Vec::new()))),
            ColumnKind::OptF32List => Self::List(Vec::new(), Box::new(Self::OptF32(Vec::new(), Vec::new()))),
            ColumnKind::StrMap => Self::map_of(Self::Str(StrColumn::default())),
            ColumnKind::F64Map => Self::map_of(Self::F64(Vec::new())),
            // `ColumnKind` may grow in `voc-events`; `Str` and kinds unknown to this crate are text.
            _ => Self::Str(StrColumn::default()),
        }
    }

    fn map_of(values: Self) -> Self {
        Self::Map(Vec::new(), Box::new((Self::Str(StrColumn::default()), values)))
    }

    /// The column's type as the store names it, such as `Nullable(Float32)`.
    #[must_use]
    pub fn type_name(&self) -> String {
        let name = match self {
            Self::Uuid(_) => "UUID",
            Self::Str(_) => "String",
            Self::OptStr(..) => "Nullable(String)",
            Self::Timestamp(_) => "DateTime64(3, 'UTC')",
            Self::Seconds(_) => "DateTime('UTC')",
            Self::OptTimestamp(..) => "Nullable(DateTime64(3, 'UTC'))",
            Self::I32(_) => "Int32",
            Self::U32(_) => "UInt32",
            Self::I64(_) => "Int64",
            Self::OptI64(..) => "Nullable(Int64)",
            Self::OptF32(..) => "Nullable(Float32)",
            Self::OptF64(..) => "Nullable(Float64)",
            Self::Bool(_) => "Bool",
            Self::OptBool(..) => "Nullable(Bool)",
            Self::F32(_) => "Float32",
            Self::F64(_) => "Float64",
            Self::List(_, values) => return format!("Array({})", values.type_name()),
            Self::Map(_, entries) => return format!("Map({}, {})", entries.0.type_name(), entries.1.type_name()),
        };
        name.to_owned()
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Uuid(values) => values.len(),
            Self::Str(values) => values.len(),
            Self::Timestamp(values) | Self::I64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::Seconds(values) | Self::U32(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::OptStr(nulls, _)
            | Self::OptTimestamp(nulls, _)
            | Self::OptI64(nulls, _)
            | Self::OptF32(nulls, _)
            | Self::OptF64(nulls, _)
            | Self::OptBool(nulls, _) => nulls.len(),
            Self::List(ends, _) | Self::Map(ends, _) => ends.len(),
        }
    }

    /// Memory held by the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Uuid(values) => values.len() * 16,
            Self::Str(text) => text.wire().len(),
            Self::OptStr(nulls, text) => nulls.len() + text.wire().len(),
            Self::Timestamp(values) | Self::I64(values) => values.len() * 8,
            Self::I32(values) => values.len() * 4,
            Self::Seconds(values) | Self::U32(values) => values.len() * 4,
            Self::OptTimestamp(_, values) | Self::OptI64(_, values) => values.len() * 9,
            Self::OptF32(_, values) => values.len() * 5,
            Self::OptF64(_, values) => values.len() * 9,
            Self::Bool(values) => values.len(),
            Self::OptBool(_, values) => values.len() * 2,
            Self::F32(values) => values.len() * 4,
            Self::F64(values) => values.len() * 8,
            Self::List(ends, values) => ends.len() * 8 + values.bytes(),
            Self::Map(ends, entries) => ends.len() * 8 + entries.0.bytes() + entries.1.bytes(),
        }
    }

    /// The values at some positions, in the order of the positions.
    pub(crate) fn select(&self, places: &[usize]) -> Self {
        match self {
            Self::Uuid(values) => Self::Uuid(pick(values, places)),
            Self::Str(texts) => Self::Str(texts.select(places)),
            Self::OptStr(nulls, texts) => Self::OptStr(pick(nulls, places), texts.select(places)),
            Self::Timestamp(values) => Self::Timestamp(pick(values, places)),
            Self::Seconds(values) => Self::Seconds(pick(values, places)),
            Self::OptTimestamp(nulls, values) => Self::OptTimestamp(pick(nulls, places), pick(values, places)),
            Self::I32(values) => Self::I32(pick(values, places)),
            Self::U32(values) => Self::U32(pick(values, places)),
            Self::I64(values) => Self::I64(pick(values, places)),
            Self::OptI64(nulls, values) => Self::OptI64(pick(nulls, places), pick(values, places)),
            Self::OptF32(nulls, values) => Self::OptF32(pick(nulls, places), pick(values, places)),
            Self::OptF64(nulls, values) => Self::OptF64(pick(nulls, places), pick(values, places)),
            Self::Bool(values) => Self::Bool(pick(values, places)),
            Self::OptBool(nulls, values) => Self::OptBool(pick(nulls, places), pick(values, places)),
            Self::F32(values) => Self::F32(pick(values, places)),
            Self::F64(values) => Self::F64(pick(values, places)),
            Self::List(ends, values) => {
                let (ends, inner) = inner_places(ends, places);
                Self::List(ends, Box::new(values.select(&inner)))
            }
            Self::Map(ends, entries) => {
                let (ends, inner) = inner_places(ends, places);
                Self::Map(ends, Box::new((entries.0.select(&inner), entries.1.select(&inner))))
            }
        }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// [`ColumnMismatch`]; the column is then unchanged.
    pub(crate) fn push(&mut self, value: Value<'_>) -> Result<(), ColumnMismatch> {
        match (self, value) {
            (Self::Uuid(values), Value::Uuid(value)) => values.push(value),
            (Self::Str(values), Value::Str(value)) => values.push(value),
            (Self::OptStr(nulls, values), Value::Str(value)) => {
                nulls.push(0);
                values.push(value);
            }
            (Self::Timestamp(values), Value::Timestamp(value)) => values.push(value.as_millis()),
            (Self::Seconds(values), Value::Timestamp(value)) => {
                let seconds = value.as_millis().div_euclid(1000);
                values.push(u32::try_from(seconds).map_err(|_| ColumnMismatch::OutOfRange)?);
            }
            (Self::OptTimestamp(nulls, values), Value::Timestamp(value)) => {
                push_present(nulls, values, value.as_millis());
            }
            (Self::I64(values), Value::I64(value)) => values.push(value),
            (Self::OptI64(nulls, values), Value::I64(value)) => push_present(nulls, values, value),
            (Self::OptF32(nulls, values), Value::F32(value)) => push_present(nulls, values, value),
            (Self::OptF64(nulls, values), Value::F64(value)) => push_present(nulls, values, value),
            (Self::OptBool(nulls, values), Value::Bool(value)) => push_present(nulls, values, u8::from(value)),
            (Self::List(ends, values), Value::StrList(list)) => {
                let Self::Str(texts) = &mut **values else { return Err(ColumnMismatch::Kind) };
                list.iter().for_each(|text| texts.push(text));
                ends.push(texts.len() as u64);
            }
            (Self::List(ends, values), Value::F32List(list)) => {
                let Self::F32(floats) = &mut **values else { return Err(ColumnMismatch::Kind) };
                floats.extend_from_slice(list);
                ends.push(floats.len() as u64);
            }
            (Self::List(ends, values), Value::OptF32List(list)) => {
                let Self::OptF32(nulls, floats) = &mut **values else { return Err(ColumnMismatch::Kind) };
                for float in list {
                    match float {
                        Some(float) => push_present(nulls, floats, *float),
                        None => push_null(nulls, floats),
                    }
                }
                ends.push(floats.len() as u64);
            }
            (Self::Map(ends, entries), Value::StrMap(map)) => {
                let (Self::Str(names), Self::Str(texts)) = &mut **entries else { return Err(ColumnMismatch::Kind) };
                for (name, text) in map {
                    names.push(name);
                    texts.push(text);
                }
                ends.push(names.len() as u64);
            }
            (Self::Map(ends, entries), Value::F64Map(map)) => {
                let (Self::Str(names), Self::F64(floats)) = &mut **entries else { return Err(ColumnMismatch::Kind) };
                for (name, float) in map {
                    names.push(name);
                    floats.push(*float);
                }
                ends.push(names.len() as u64);
            }
            _ => return Err(ColumnMismatch::Kind),
        }
        Ok(())
    }

    /// Appends the representation of an absent value: an empty text, list or map, or null.
    ///
    /// # Errors
    /// [`ColumnMismatch::Absent`] if the type has none; the column is then unchanged.
    pub(crate) fn push_absent(&mut self) -> Result<(), ColumnMismatch> {
        match self {
            Self::Str(values) => values.push(""),
            Self::OptStr(nulls, values) => {
                nulls.push(1);
                values.push("");
            }
            Self::OptTimestamp(nulls, values) | Self::OptI64(nulls, values) => push_null(nulls, values),
            Self::OptF32(nulls, values) => push_null(nulls, values),
            Self::OptF64(nulls, values) => push_null(nulls, values),
            Self::OptBool(nulls, values) => push_null(nulls, values),
            Self::List(ends, values) => ends.push(values.rows() as u64),
            Self::Map(ends, entries) => ends.push(entries.0.rows() as u64),
            _ => return Err(ColumnMismatch::Absent),
        }
        Ok(())
    }

    /// Truncates the column to this many rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Uuid(values) => values.truncate(rows),
            Self::Str(texts) => texts.truncate(rows),
            Self::OptStr(nulls, texts) => {
                nulls.truncate(rows);
                texts.truncate(rows);
            }
            Self::Timestamp(values) | Self::I64(values) => values.truncate(rows),
            Self::Seconds(values) | Self::U32(values) => values.truncate(rows),
            Self::I32(values) => values.truncate(rows),
            Self::Bool(values) => values.truncate(rows),
            Self::F32(values) => values.truncate(rows),
            Self::F64(values) => values.truncate(rows),
            Self::OptTimestamp(nulls, values) | Self::OptI64(nulls, values) => truncate_both(nulls, values, rows),
            Self::OptF32(nulls, values) => truncate_both(nulls, values, rows),
            Self::OptF64(nulls, values) => truncate_both(nulls, values, rows),
            Self::OptBool(nulls, values) => truncate_both(nulls, values, rows),
            Self::List(ends, values) => values.truncate(truncate_ends(ends, rows)),
            Self::Map(ends, entries) => {
                let count = truncate_ends(ends, rows);
                entries.0.truncate(count);
                entries.1.truncate(count);
            }
        }
    }
}

/// Why a column does not accept a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnMismatch {
    /// The column is of another kind.
    Kind,
    /// The value is out of the type's range.
    OutOfRange,
    /// The column's type cannot represent an absent value.
    Absent,
}

fn pick<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|place| values[*place]).collect()
}

/// The end offsets of the rows at some positions, and the positions of the values within these rows.
fn inner_places(ends: &[u64], places: &[usize]) -> (Vec<u64>, Vec<usize>) {
    let (mut new_ends, mut inner) = (Vec::with_capacity(places.len()), Vec::new());
    for &place in places {
        let start = place.checked_sub(1).map_or(0, |before| ends[before]);
        #[expect(clippy::cast_possible_truncation, reason = "the values are in memory")]
        inner.extend(start as usize..ends[place] as usize);
        new_ends.push(inner.len() as u64);
    }
    (new_ends, inner)
}

/// Truncates end offsets to this many rows, and returns how many values these have.
fn truncate_ends(ends: &mut Vec<u64>, rows: usize) -> usize {
    ends.truncate(rows);
    #[expect(clippy::cast_possible_truncation, reason = "the values are in memory")]
    ends.last().map_or(0, |end| *end as usize)
}

fn push_present<T>(nulls: &mut Vec<u8>, values: &mut Vec<T>, value: T) {
    nulls.push(0);
    values.push(value);
}

fn push_null<T: Default>(nulls: &mut Vec<u8>, values: &mut Vec<T>) {
    nulls.push(1);
    values.push(T::default());
}

fn truncate_both<T>(nulls: &mut Vec<u8>, values: &mut Vec<T>, rows: usize) {
    nulls.truncate(rows);
    values.truncate(rows);
}

/// Texts in sequence, each preceded by its length as an unsigned LEB128 number: the wire form of a ClickHouse `String`
/// column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StrColumn {
    wire: Vec<u8>,
    len: usize,
}

impl StrColumn {
    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    /// Appends bytes that need not be UTF-8, such as a record as it was received.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        push_varint(&mut self.wire, bytes.len());
        self.wire.extend_from_slice(bytes);
        self.len += 1;
    }

    fn select(&self, places: &[usize]) -> Self {
        let texts: Vec<&[u8]> = self.iter_bytes().collect();
        let mut selected = Self::default();
        places.iter().for_each(|place| selected.push_bytes(texts[*place]));
        selected
    }

    /// Truncates to this many texts.
    fn truncate(&mut self, len: usize) {
        if len < self.len {
            let mut rest = self.wire.as_slice();
            for _ in 0..len {
                take_bytes(&mut rest);
            }
            let kept = self.wire.len() - rest.len();
            self.wire.truncate(kept);
            self.len = len;
        }
    }

    /// The column's wire form.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Number of texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no texts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The texts in order, up to the first that is not UTF-8.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.iter_bytes().map_while(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The texts in order, as bytes.
    pub fn iter_bytes(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.wire.as_slice();
        std::iter::from_fn(move || take_bytes(&mut rest))
    }
}

/// Appends an unsigned LEB128 number.
pub(crate) fn push_varint(wire: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        wire.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128")]
    wire.push(rest as u8);
}

/// Takes the next length-prefixed bytes off the wire form; `None` at its end, or if it is truncated.
pub(crate) fn take_bytes<'w>(wire: &mut &'w [u8]) -> Option<&'w [u8]> {
    let mut rest = *wire;
    let mut len = 0_usize;
    let mut shift = 0;
    loop {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        len |= usize::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (bytes, tail) = rest.split_at_checked(len)?;
    *wire = tail;
    Some(bytes)
}

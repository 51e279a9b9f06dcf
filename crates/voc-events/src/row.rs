//! The values of a row.

use uuid::Uuid;

use crate::Timestamp;

/// A value for a column.
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
}

/// Receives the promoted values of one row.
pub trait RowWriter {
    /// Puts a value into the promoted column at a position, given by [`Table::place_of`](crate::Table::place_of). A
    /// column without a value is absent in this row: null, or empty.
    ///
    /// A value of another kind than its column, a second value for one column, or a position without a column makes
    /// the whole row one that cannot be stored.
    fn put(&mut self, place: usize, value: Value<'_>);
}

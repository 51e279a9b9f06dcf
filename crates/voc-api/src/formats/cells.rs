//! Rows of cells as columns of a table.

use std::borrow::Cow;

use voc_store::{Cell, CellKind};

use super::columns::{Column, Kind, RowsBatch, Values};

/// Columns with these names and kinds.
pub(crate) fn columns_of<'c>(columns: impl IntoIterator<Item = (&'c str, CellKind)>) -> Vec<Column> {
    let column = |(name, kind): (&str, CellKind)| Column { name: Cow::Owned(name.to_owned()), kind: kind_of(kind) };
    columns.into_iter().map(column).collect()
}

/// Rows of cells of these columns. A cell of another kind, which there is none of, would be absent.
pub(crate) fn batch_of(columns: &[Column], rows: Vec<Vec<Cell>>) -> RowsBatch {
    let mut values: Vec<Values> = columns.iter().map(|column| empty(column.kind, rows.len())).collect();
    for row in rows {
        let mut cells = row.into_iter();
        values.iter_mut().for_each(|values| push(values, cells.next().unwrap_or(Cell::Absent)));
    }
    RowsBatch { columns: values }
}

fn kind_of(kind: CellKind) -> Kind {
    match kind {
        CellKind::Integer => Kind::Integer,
        CellKind::Float => Kind::Float,
        CellKind::Boolean => Kind::Boolean,
        CellKind::Time => Kind::Time,
        CellKind::Texts => Kind::Texts,
        CellKind::Json => Kind::Json,
        _ => Kind::Text,
    }
}

fn empty(kind: Kind, rows: usize) -> Values {
    match kind {
        Kind::Text => Values::Text(Vec::with_capacity(rows)),
        Kind::Integer => Values::Integer(Vec::with_capacity(rows)),
        Kind::Float => Values::Float(Vec::with_capacity(rows)),
        Kind::Boolean => Values::Boolean(Vec::with_capacity(rows)),
        Kind::Time => Values::Time(Vec::with_capacity(rows)),
        Kind::Texts => Values::Texts(Vec::with_capacity(rows)),
        Kind::Json => Values::Json(Vec::with_capacity(rows)),
    }
}

fn push(values: &mut Values, cell: Cell) {
    match values {
        Values::Text(values) => values.push(match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        }),
        Values::Integer(values) => values.push(cell.integer()),
        Values::Float(values) => values.push(cell.float()),
        Values::Boolean(values) => values.push(cell.boolean()),
        Values::Time(values) => values.push(cell.time()),
        Values::Texts(values) => values.push(match cell {
            Cell::Texts(texts) => texts,
            _ => Vec::new(),
        }),
        Values::Json(values) => values.push(match cell {
            Cell::Json(json) => Some(json),
            _ => None,
        }),
    }
}

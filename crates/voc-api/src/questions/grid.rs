//! Answers as rows that can be written in any format.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use voc_store::{Answer, Cell, CellKind, Dimension, Query};

use super::range::local;
use crate::formats::{Column, RowsBatch, TableAnswer, batch_of, columns_of};

/// Rows of cells under named columns.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    columns: Vec<(String, CellKind)>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// An answer's rows. The starts of buckets are written as the time zone writes them.
    pub(super) fn of(query: &Query, answer: Answer, zone: &TimeZone) -> Self {
        let time = query.dimensions().iter().position(|dimension| matches!(dimension, Dimension::Time(_)));
        let columns = query.columns().enumerate();
        let columns = columns
            .map(|(place, (name, kind))| (name.to_owned(), if Some(place) == time { CellKind::Text } else { kind }));
        let mut rows = answer.rows;
        if let Some(time) = time {
            for cell in rows.iter_mut().filter_map(|row| row.get_mut(time)) {
                if let Some(start) = cell.time() {
                    *cell = Cell::Text(local(start, zone));
                }
            }
        }
        Self { columns: columns.collect(), rows }
    }

    /// The rows of an answer with these columns, and whether there are more.
    pub(super) fn with<'c>(columns: impl Iterator<Item = (&'c str, CellKind)>, answer: Answer) -> (Self, bool) {
        let columns = columns.map(|(name, kind)| (name.to_owned(), kind)).collect();
        (Self { columns, rows: answer.rows }, answer.truncated)
    }

    /// Adds a column, whose cells are made from the rows as they are.
    pub(super) fn add(&mut self, name: impl Into<String>, kind: CellKind, cell: impl Fn(usize, &[Cell]) -> Cell) {
        for (place, row) in self.rows.iter_mut().enumerate() {
            let cell = cell(place, row);
            row.push(cell);
        }
        self.columns.push((name.into(), kind));
    }

    /// Removes a column.
    pub(super) fn remove(&mut self, name: &str) {
        if let Some(place) = self.place(name) {
            self.columns.remove(place);
            self.rows.iter_mut().filter(|row| place < row.len()).for_each(|row| drop(row.remove(place)));
        }
    }

    /// The same columns without rows.
    pub(super) fn without_rows(self) -> Self {
        Self { rows: Vec::new(), ..self }
    }

    /// The position of a column.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| known == name)
    }

    /// Names and kinds of the columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = (String, CellKind)> {
        self.columns.iter().cloned()
    }

    /// The rows.
    pub(super) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The table; JSON has the members of `envelope` next to the rows.
    pub(super) fn into_table(self, name: &'static str, envelope: Map<String, Value>) -> TableAnswer {
        let columns = columns_of(self.columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
        TableAnswer::of_one(name, columns, self.rows).with(envelope)
    }

    /// The columns, and the rows of a table.
    pub(super) fn into_batch(self) -> (Vec<Column>, RowsBatch) {
        let columns = columns_of(self.columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
        let batch = batch_of(&columns, self.rows);
        (columns, batch)
    }
}

//! Rows of one table in columns.

use uuid::Uuid;
use voc_events::{Column, ColumnKind, FamilyEvent, RowWriter, Table, Timestamp};

use crate::{ColumnData, StrColumn};

/// What the annotator found in an event's text, as the row keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RowAnnotation<'a> {
    /// Score from -1 (negative) to 1 (positive), if the text has one.
    pub sentiment: Option<f32>,
    /// Best topic.
    pub topic: Option<&'a str>,
    /// Calibrated confidence from 0 to 1.
    pub confidence: Option<f32>,
    /// Language tag such as `en`; empty when there was no text.
    pub language: &'a str,
    /// Stage and version that decided, such as `fast@1`; empty when there was no text.
    pub decided_by: &'a str,
}

/// Columns of the annotation, in writing order.
const ANNOTATION_COLUMNS: [Column; 5] = [
    Column::new("sentiment", ColumnKind::OptF32),
    Column::new("topic", ColumnKind::OptStr),
    Column::new("confidence", ColumnKind::OptF32),
    Column::new("language", ColumnKind::Str),
    Column::new("decided_by", ColumnKind::Str),
];

/// The record's place in its partition; the other coordinates are the same for a whole batch.
const OFFSET_COLUMN: Column = Column::new("source_offset", ColumnKind::I64);

/// Rows of one table, column by column: the family's columns, the annotation's where the table has them, and `source_offset`.
///
/// The columns that are the same for every row of a batch (`processed_at`, `source_topic`, `source_partition`, `source_epoch`) are added when
/// the batch is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBatch {
    table: Table,
    columns: Vec<ColumnData>,
    rows: usize,
}

impl RowBatch {
    /// No rows yet.
    #[must_use]
    pub fn new(table: Table) -> Self {
        let columns = column_list(&table).map(|column| ColumnData::new(column.kind)).collect();
        Self { table, columns, rows: 0 }
    }

    /// Appends an event's row.
    pub fn push<E: FamilyEvent>(&mut self, event: &E, payload: &str, annotation: &RowAnnotation<'_>, offset: i64) {
        let mut row = RowCursor { columns: self.columns.iter_mut() };
        event.write_row(payload, &mut row);
        if self.table.annotated {
            row.opt_f32(annotation.sentiment);
            row.opt_str(annotation.topic);
            row.opt_f32(annotation.confidence);
            row.str(annotation.language);
            row.str(annotation.decided_by);
        }
        row.i64(offset);
        debug_assert!(row.columns.next().is_none(), "{}: the row has fewer values than columns", self.table.name);
        self.rows += 1;
    }

    /// The table the rows go to.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Memory held by the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(ColumnData::bytes).sum()
    }

    /// Names, kinds and values of the columns.
    pub fn columns(&self) -> impl Iterator<Item = (Column, &ColumnData)> {
        column_list(&self.table).zip(&self.columns)
    }

    /// The values of a column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnData> {
        self.columns().find(|(column, _)| column.name == name).map(|(_, data)| data)
    }

    /// The rows' offsets.
    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        // The last column: see `column_list`.
        match self.columns.last() {
            Some(ColumnData::I64(offsets)) => offsets,
            _ => &[],
        }
    }

    /// The rows whose offset is wanted, in their order.
    #[must_use]
    pub fn select(&self, is_wanted: impl Fn(i64) -> bool) -> Self {
        let offsets = self.offsets().iter().enumerate();
        let places: Vec<usize> = offsets.filter(|(_, offset)| is_wanted(**offset)).map(|(place, _)| place).collect();
        self.at(&places)
    }

    /// The rows at neighbouring places.
    pub(crate) fn slice(&self, places: std::ops::Range<usize>) -> Self {
        self.at(&places.collect::<Vec<_>>())
    }

    fn at(&self, places: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.select(places)).collect();
        Self { table: self.table, columns, rows: places.len() }
    }

    /// Texts of a text column by its name, in the rows' order; none for other kinds.
    pub fn texts<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> + use<'s> {
        let texts = match self.column(name) {
            Some(ColumnData::Str(texts)) => Some(StrColumn::iter(texts)),
            _ => None,
        };
        texts.into_iter().flatten()
    }
}

fn column_list(table: &Table) -> impl Iterator<Item = Column> + use<> {
    let annotation: &[Column] = if table.annotated { &ANNOTATION_COLUMNS } else { &[] };
    table.columns.iter().chain(annotation).copied().chain([OFFSET_COLUMN])
}

/// Writes one row across the columns.
struct RowCursor<'b> {
    columns: std::slice::IterMut<'b, ColumnData>,
}

impl RowCursor<'_> {
    /// A value of another kind than its column's is a mistake in a family's code, found by any test that writes a row.
    fn put(&mut self, push: impl FnOnce(&mut ColumnData) -> bool) {
        let fits = self.columns.next().is_some_and(push);
        debug_assert!(fits, "the value does not fit its column");
    }
}

impl RowWriter for RowCursor<'_> {
    fn uuid(&mut self, value: Uuid) {
        self.put(|column| column.push_uuid(value));
    }

    fn str(&mut self, value: &str) {
        self.put(|column| column.push_str(value));
    }

    fn opt_str(&mut self, value: Option<&str>) {
        self.put(|column| column.push_opt_str(value));
    }

    fn timestamp(&mut self, value: Timestamp) {
        self.put(|column| column.push_timestamp(value));
    }

    fn u32(&mut self, value: u32) {
        self.put(|column| column.push_u32(value));
    }

    fn i64(&mut self, value: i64) {
        self.put(|column| column.push_i64(value));
    }

    fn opt_i64(&mut self, value: Option<i64>) {
        self.put(|column| column.push_opt_i64(value));
    }

    fn opt_f32(&mut self, value: Option<f32>) {
        self.put(|column| column.push_opt_f32(value));
    }

    fn opt_f64(&mut self, value: Option<f64>) {
        self.put(|column| column.push_opt_f64(value));
    }

    fn opt_bool(&mut self, value: Option<bool>) {
        self.put(|column| column.push_opt_bool(value));
    }
}

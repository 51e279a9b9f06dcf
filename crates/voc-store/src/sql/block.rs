//! Rows to be inserted into one table partition, as the encoders of both engines read them.

use std::{borrow::Cow, sync::Arc};

use voc_events::Timestamp;

use crate::{ColumnData, InsertBatch, StoreError};

/// Settings of every insert, with reasons.
///
/// - `async_insert = 0`: the answer must mean that the rows are stored, not that they are queued.
/// - `insert_deduplicate = 1`: the token must take effect, whatever a server's profile says.
/// - `optimize_on_insert = 0`: rows with equal keys are collapsed by merges, not on insert. Otherwise a part would
///   hold fewer rows than the batch accounts for, and collapsing costs a pass over the block.
const SETTINGS: &str = "async_insert = 0, insert_deduplicate = 1, optimize_on_insert = 0";

/// Rows for one insert: they fall into one table partition and are stored atomically under one deduplication token.
///
/// Cloning is cheap: the rows are shared.
#[derive(Debug, Clone)]
pub struct Block {
    table: Cow<'static, str>,
    token: String,
    source: RowSource,
}

#[derive(Debug, Clone)]
enum RowSource {
    /// A part of a batch, by position.
    Part(Arc<InsertBatch>, usize),
    /// Columns of another table.
    Columns(Arc<[(&'static str, ColumnData)]>),
}

/// A column of a [`Block`].
#[derive(Debug, Clone, Copy)]
pub struct BlockColumn<'b> {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: BlockValues<'b>,
}

/// The values of a column of a [`Block`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum BlockValues<'b> {
    /// A value per row.
    Each(&'b ColumnData),
    /// The same UTC milliseconds in every row.
    SameTimestamp(Timestamp),
    /// The same text in every row.
    SameStr(&'b str),
    /// The same 32-bit signed integer in every row.
    SameI32(i32),
    /// The same 64-bit signed integer in every row.
    SameI64(i64),
}

impl BlockValues<'_> {
    /// The column's type as the store names it, such as `Nullable(Float32)`.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self {
            Self::Each(data) => data.type_name(),
            Self::SameTimestamp(_) => ColumnData::Timestamp(Vec::new()).type_name(),
            Self::SameStr(_) => ColumnData::Str(crate::StrColumn::default()).type_name(),
            Self::SameI32(_) => ColumnData::I32(Vec::new()).type_name(),
            Self::SameI64(_) => ColumnData::I64(Vec::new()).type_name(),
        }
    }
}

impl Block {
    /// A part of a batch, with the columns that have the same value in all its rows; `None` if there is no such part.
    #[must_use]
    pub fn of_part(batch: &Arc<InsertBatch>, part: usize) -> Option<Self> {
        let rows = batch.parts.get(part)?;
        let table = rows.rows.table().name;
        Some(Self { table: table.into(), token: batch.token(rows), source: RowSource::Part(batch.clone(), part) })
    }

    /// The same rows under another token.
    pub(crate) fn with_token(self, token: String) -> Self {
        Self { token, ..self }
    }

    /// Columns of equal length for a table.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] if they have different numbers of rows.
    pub(crate) fn of_columns(
        table: impl Into<Cow<'static, str>>,
        token: String,
        columns: Vec<(&'static str, ColumnData)>,
    ) -> Result<Self, StoreError> {
        let table = table.into();
        if columns.windows(2).any(|pair| pair[0].1.rows() != pair[1].1.rows()) {
            let message = format!("the columns for {table} have different numbers of rows");
            return Err(StoreError::Rejected { code: 0, message });
        }
        Ok(Self { table, token, source: RowSource::Columns(columns.into()) })
    }

    /// The table to insert into.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The deduplication token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match &self.source {
            RowSource::Part(batch, part) => batch.parts[*part].rows.rows(),
            RowSource::Columns(columns) => columns.first().map_or(0, |(_, data)| data.rows()),
        }
    }

    /// The columns, in the order of the statement.
    #[must_use]
    pub fn columns(&self) -> Vec<BlockColumn<'_>> {
        match &self.source {
            RowSource::Part(batch, part) => {
                let each = batch.parts[*part].rows.columns();
                each.map(|(column, data)| BlockColumn { name: column.name, values: BlockValues::Each(data) })
                    .chain([
                        BlockColumn { name: "processed_at", values: BlockValues::SameTimestamp(batch.processed_at) },
                        BlockColumn { name: "source_topic", values: BlockValues::SameStr(&batch.range.topic) },
                        BlockColumn { name: "source_partition", values: BlockValues::SameI32(batch.range.partition) },
                        BlockColumn { name: "source_epoch", values: BlockValues::SameI64(batch.range.epoch) },
                    ])
                    .collect()
            }
            RowSource::Columns(columns) => {
                columns.iter().map(|(name, data)| BlockColumn { name, values: BlockValues::Each(data) }).collect()
            }
        }
    }

    /// The insert up to its format: table, columns, settings, token.
    #[must_use]
    pub fn statement(&self) -> String {
        let columns: Vec<&str> = self.columns().iter().map(|column| column.name).collect();
        format!(
            "INSERT INTO {} ({}) SETTINGS {SETTINGS}, insert_deduplication_token = {}",
            self.table,
            columns.join(", "),
            quoted(&self.token)
        )
    }
}

/// A text as a literal. Settings take no parameters, and the token contains a topic's name.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('\'');
    literal
}

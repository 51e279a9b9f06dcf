//! Columns of a table, and batches of its rows.

use std::borrow::Cow;

use futures_util::stream::BoxStream;
use voc_events::Timestamp;
use voc_store::StoreError;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Time,
    /// A list of texts, which is never absent.
    Texts,
    /// Anything, as JSON.
    Json,
}

/// The values of a column in a batch; an absent one is `None`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
    /// What is not finite counts as absent: JSON cannot write it.
    Float(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
    Time(Vec<Option<Timestamp>>),
    Texts(Vec<Vec<String>>),
    Json(Vec<Option<String>>),
}

/// Consecutive rows, column by column in the order of the table's columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowsBatch {
    pub(crate) columns: Vec<Values>,
}

/// Batches of rows as the store gives them.
pub(crate) type Batches = BoxStream<'static, Result<RowsBatch, StoreError>>;

/// A batch that does not have the columns of its table, or columns of different lengths.
#[derive(Debug, thiserror::Error)]
#[error("a batch does not fit the columns of its table")]
pub(crate) struct Misfit;

impl Values {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Boolean(values) => values.len(),
            Self::Time(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Json(values) => values.len(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Integer(_) => Kind::Integer,
            Self::Float(_) => Kind::Float,
            Self::Boolean(_) => Kind::Boolean,
            Self::Time(_) => Kind::Time,
            Self::Texts(_) => Kind::Texts,
            Self::Json(_) => Kind::Json,
        }
    }
}

impl RowsBatch {
    /// The number of rows, if the batch fits the columns.
    pub(super) fn rows(&self, columns: &[Column]) -> Result<usize, Misfit> {
        let rows = self.columns.first().map_or(0, Values::len);
        let fits = self.columns.len() == columns.len()
            && self.columns.iter().zip(columns).all(|(values, column)| values.kind() == column.kind)
            && self.columns.iter().all(|values| values.len() == rows);
        if fits { Ok(rows) } else { Err(Misfit) }
    }
}

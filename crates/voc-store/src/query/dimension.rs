//! Dimensions: by what events are grouped.

use voc_events::Table;

use super::{Buckets, CellKind, Field, FieldKind, QueryError};

/// By what events are grouped.
#[derive(Debug, Clone, PartialEq)]
pub enum Dimension {
    /// By the values of a field; events without one are a group of their own. If events have lists of values, an event
    /// is in the group of each of its values, once.
    Field(Field),
    /// By time.
    Time(Buckets),
}

/// The name of the dimension of time.
const TIME: &str = "time";

impl Dimension {
    /// The values of the field of this name.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if events have maps or lists of numbers in it.
    pub fn parse(table: &Table, field: &str) -> Result<Self, QueryError> {
        let field = Field::find(table, field)?;
        match field.kind() {
            kind @ (FieldKind::NumberList | FieldKind::Map) => {
                Err(QueryError::Dimension { field: field.name().to_owned(), kind })
            }
            _ => Ok(Self::Field(field)),
        }
    }

    /// Its name: that of the answer's column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Field(field) => field.name(),
            Self::Time(_) => TIME,
        }
    }

    /// The kind of its values.
    #[must_use]
    pub fn kind(&self) -> CellKind {
        match self {
            Self::Time(_) => CellKind::Time,
            Self::Field(field) if field.kind() == FieldKind::TextList => CellKind::Text,
            Self::Field(field) => CellKind::of(field.kind()),
        }
    }
}

//! Fields: what questions can name.

use std::fmt;

use voc_events::{Column, ColumnKind, Table};

use super::QueryError;
use crate::rows::column_list;

/// Names of roles that every table with the role understands, whatever its column is called.
const ROLE_NAMES: [&str; 4] = ["timestamp", "tenant_id", "event_id", "event_type"];

/// The kind of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// A text.
    Text,
    /// A UUID.
    Id,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
    /// A list of texts.
    TextList,
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Id => "a UUID",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Boolean => "true or false",
            Self::Time => "a time",
            Self::TextList => "a list of texts",
        })
    }
}

/// Something a question can be about: a column of a family's table, by its own name or that of its role.
///
/// ```
/// use voc_events::{Family as _, product::Product, voc::Voc};
/// use voc_store::{Field, FieldKind};
///
/// assert_eq!(Field::find(&Voc::TABLE, "duration_ms")?.kind(), FieldKind::Integer);
/// // The type of an event of the product family is in the column `event_name`.
/// assert_eq!(Field::find(&Product::TABLE, "event_type")?.column(), "event_name");
/// assert!(Field::find(&Voc::TABLE, "duration").is_err());
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    name: String,
    column: Column,
    kind: FieldKind,
}

impl Field {
    /// A table's field by its name.
    ///
    /// # Errors
    /// [`QueryError::Unknown`] with the names there are.
    pub fn find(table: &Table, name: &str) -> Result<Self, QueryError> {
        let of_role = || match name {
            "timestamp" => Some(table.time),
            "tenant_id" => table.tenant,
            "event_id" => table.identifier,
            "event_type" => table.event_type,
            _ => None,
        };
        let column = columns(table).find(|column| column.name == name).or_else(of_role);
        let found = column.and_then(|column| Some((column, kind_of(column)?)));
        let Some((column, kind)) = found else {
            let known = Self::all(table).map(|field| field.name).collect();
            return Err(QueryError::Unknown { what: "field", name: name.to_owned(), known });
        };
        Ok(Self { name: name.to_owned(), column, kind })
    }

    /// The fields of a table: roles by the names that all tables share, then its other columns.
    pub fn all(table: &Table) -> impl Iterator<Item = Self> {
        let roles: Vec<Column> = table.roles().collect();
        let of_role = ROLE_NAMES.into_iter().filter_map(|name| {
            let known = match name {
                "timestamp" => Some(table.time),
                "tenant_id" => table.tenant,
                "event_id" => table.identifier,
                _ => table.event_type,
            };
            let column = known?;
            Some(Self { name: name.to_owned(), column, kind: kind_of(column)? })
        });
        let others = columns(table).filter(move |column| !roles.contains(column));
        of_role.chain(
            others.filter_map(|column| Some(Self { name: column.name.to_owned(), column, kind: kind_of(column)? })),
        )
    }

    /// The name by which it was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column's name in the store.
    #[must_use]
    pub fn column(&self) -> &'static str {
        self.column.name
    }

    /// The kind of the column in the store.
    pub(crate) fn column_kind(&self) -> ColumnKind {
        self.column.kind
    }

    /// The kind of its values.
    #[must_use]
    pub fn kind(&self) -> FieldKind {
        self.kind
    }

    /// Whether its values are numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.kind, FieldKind::Integer | FieldKind::Float)
    }
}

/// The columns that questions may name: not whole events, nor where they came from.
fn columns(table: &Table) -> impl Iterator<Item = Column> + use<> {
    let payload = table.payload.map(|column| column.name);
    column_list(table).filter(move |column| Some(column.name) != payload && column.name != "source_offset")
}

fn kind_of(column: Column) -> Option<FieldKind> {
    Some(match column.kind {
        ColumnKind::Str | ColumnKind::OptStr => FieldKind::Text,
        ColumnKind::Uuid => FieldKind::Id,
        ColumnKind::I64 | ColumnKind::OptI64 => FieldKind::Integer,
        ColumnKind::OptF32 | ColumnKind::OptF64 => FieldKind::Float,
        ColumnKind::OptBool => FieldKind::Boolean,
        ColumnKind::Timestamp | ColumnKind::Seconds | ColumnKind::OptTimestamp => FieldKind::Time,
        ColumnKind::StrList => FieldKind::TextList,
        _ => return None,
    })
}

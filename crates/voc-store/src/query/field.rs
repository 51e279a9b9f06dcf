//! Fields: what questions can name.

use voc_events::{Column, ColumnKind, Table};

use super::{FieldKind, QueryError};
use crate::rows::column_list;

/// Names of roles that every table with the role understands, whatever its column is called.
const ROLE_NAMES: [&str; 4] = ["timestamp", "tenant_id", "event_id", "event_type"];

/// Something a question can be about: a column of a family's table, by its own name or that of its role; a value of a
/// map, as `tags.region`; or a member of the event as JSON, as `payload.metadata.station`, or of its properties, as
/// `properties.watch_time`.
///
/// A member is a text, and absent if it is an object, a list or an empty text. Where only numbers make sense, as in a
/// mean, it is a number, and absent if it is anything else.
///
/// ```
/// use voc_events::{Family as _, product::Product, voc::Voc};
/// use voc_store::{Field, FieldKind};
///
/// assert_eq!(Field::find(&Voc::TABLE, "duration_ms")?.kind(), FieldKind::Integer);
/// // The type of an event of the product family is in the column `event_name`.
/// assert_eq!(Field::find(&Product::TABLE, "event_type")?.column(), "event_name");
/// assert_eq!(Field::find(&Voc::TABLE, "call_quality.mos")?.kind(), FieldKind::Float);
/// assert_eq!(Field::find(&Product::TABLE, "properties.watch_time")?.kind(), FieldKind::Text);
/// assert!(Field::find(&Voc::TABLE, "duration").is_err());
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    name: String,
    column: Column,
    key: Option<String>,
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
        let of_table = |name: &str| columns(table).find(|column| column.name == name);
        let of_map = || {
            let (map, key) = name.split_once('.').filter(|(_, key)| !key.is_empty())?;
            let is_object = |column: &Column| table.properties == Some(column.name);
            let object = table.payload.filter(|column| column.name == map).or_else(|| of_table(map).filter(is_object));
            if let Some(column) = object.filter(|_| key.split('.').all(|name| !name.is_empty())) {
                return Some((column, Some(key.to_owned()), FieldKind::Text));
            }
            let column = of_table(map)?;
            let kind = match column.kind {
                ColumnKind::StrMap => FieldKind::Text,
                ColumnKind::F64Map => FieldKind::Float,
                _ => return None,
            };
            Some((column, Some(key.to_owned()), kind))
        };
        let column = of_table(name).or_else(of_role);
        let found = column.and_then(|column| Some((column, None, kind_of(column)?)));
        let Some((column, key, kind)) = found.or_else(of_map) else {
            let known = Self::all(table).map(|field| field.name).collect();
            return Err(QueryError::Unknown { what: "field", name: name.to_owned(), known });
        };
        Ok(Self { name: name.to_owned(), column, key, kind })
    }

    /// The same, if an event has one value of it at most.
    ///
    /// # Errors
    /// [`QueryError`] if there is no such field, or if events have lists of its values.
    pub(crate) fn single(table: &Table, name: &str) -> Result<Self, QueryError> {
        let field = Self::find(table, name)?;
        match field.kind {
            kind @ (FieldKind::TextList | FieldKind::NumberList | FieldKind::Map) => {
                Err(QueryError::Dimension { field: field.name, kind })
            }
            _ => Ok(field),
        }
    }

    /// The same field where only numbers make sense.
    pub(crate) fn numeric(self) -> Self {
        if self.member().is_some() { Self { kind: FieldKind::Float, ..self } } else { self }
    }

    /// The same field under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
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
            Self::of_column(name, column)
        });
        let others = columns(table).filter(move |column| !roles.contains(column));
        of_role.chain(others.filter_map(|column| Self::of_column(column.name, column)))
    }

    /// The whole event; `None` if the table does not store it. Only lists of events can have it.
    #[must_use]
    pub fn payload(table: &Table) -> Option<Self> {
        let column = table.payload?;
        Some(Self { name: column.name.to_owned(), column, key: None, kind: FieldKind::Json })
    }

    fn of_column(name: &str, column: Column) -> Option<Self> {
        Some(Self { name: name.to_owned(), column, key: None, kind: kind_of(column)? })
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

    /// Whether its values are identifiers, which are those of one tenant: equal ones of two tenants mean different
    /// things.
    pub(crate) fn is_identifier(&self) -> bool {
        self.key.as_deref().unwrap_or(self.column.name).ends_with("_id")
    }

    /// The names that lead to the member, if the column is an object as JSON.
    pub(crate) fn member(&self) -> Option<impl Iterator<Item = &str>> {
        let key = self.key.as_deref().filter(|_| self.column.kind == ColumnKind::Str)?;
        Some(key.split('.'))
    }

    /// The name of the value, if the column is a map.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
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
        ColumnKind::F32List | ColumnKind::OptF32List => FieldKind::NumberList,
        ColumnKind::StrMap | ColumnKind::F64Map => FieldKind::Map,
        _ => return None,
    })
}

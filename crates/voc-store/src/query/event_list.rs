//! Lists of stored events.

use std::cmp::Ordering;

use futures_util::stream::BoxStream;
use voc_events::{ColumnKind, Table};

use super::{Cell, CellKind, Direction, Field, Filter, QueryError, TenantScope};
use crate::{Period, StoreError};

/// Maximum number of events of a page, unless the list has another limit.
const DEFAULT_LIMIT: usize = 100;

/// A list of stored events: the values of some fields of every event of a table, in a period, for tenants, with
/// filters.
///
/// The order is that of time; events of the same time are in the order of the rest of their sorting key.
///
/// ```
/// use voc_events::{Family as _, Timestamp, voc::Voc};
/// use voc_store::{Direction, EventList, Field, Period, TenantScope};
///
/// let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(86_400_000) };
/// let list = EventList::new(Voc::TABLE, TenantScope::All, period)
///     .field(Field::find(&Voc::TABLE, "timestamp")?)
///     .field(Field::find(&Voc::TABLE, "topic")?)
///     .direction(Direction::Descending)
///     .limit(20);
/// assert_eq!(list.columns().map(|(name, _)| name).collect::<Vec<_>>(), ["timestamp", "topic"]);
/// # Ok::<(), voc_store::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EventList {
    table: Table,
    tenants: TenantScope,
    period: Period,
    fields: Vec<Field>,
    filters: Vec<Filter>,
    patterns: Vec<String>,
    direction: Direction,
    after: Option<Vec<Cell>>,
    limit: usize,
}

/// Bytes of the events of a page, about, after which it ends before its limit.
pub(crate) const MAX_PAGE_BYTES: usize = 32 * 1024 * 1024;

/// A page of a list. One with long texts ends before its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// The events, in the order of the list.
    pub events: Vec<ListedEvent>,
    /// Whether there are more events after the last one.
    pub truncated: bool,
}

/// An event of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedEvent {
    /// The values of the list's fields.
    pub cells: Vec<Cell>,
    /// What distinguishes it from all other events: its time, and the rest of its sorting key.
    pub place: Vec<Cell>,
}

/// The events of a list, batch by batch. An error ends it.
pub type EventStream = BoxStream<'static, Result<Vec<Vec<Cell>>, StoreError>>;

/// A column of the place of an event in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlaceColumn {
    pub(crate) name: &'static str,
    pub(crate) kind: PlaceKind,
}

/// The kind of the values of a column of the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    Text,
    /// Ordered by its text, as every store can.
    Id,
    Integer,
    /// The event's time.
    Time,
}

impl PlaceKind {
    pub(crate) fn cell(self) -> CellKind {
        match self {
            Self::Text | Self::Id => CellKind::Text,
            Self::Integer => CellKind::Integer,
            Self::Time => CellKind::Time,
        }
    }
}

impl EventList {
    /// The events of a period, the earliest first, without fields and filters.
    #[must_use]
    pub fn new(table: Table, tenants: TenantScope, period: Period) -> Self {
        Self {
            table,
            tenants,
            period,
            fields: Vec::new(),
            filters: Vec::new(),
            patterns: Vec::new(),
            direction: Direction::Ascending,
            after: None,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a filter; all of them must hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Adds a regular expression (RE2) that the JSON text of a wanted event matches. A store may leave out events that
    /// do not match it, and need not: it makes a search of texts cheap, and decides nothing.
    #[must_use]
    pub fn matching(mut self, pattern: impl Into<String>) -> Self {
        self.patterns.push(pattern.into());
        self
    }

    /// Orders the events by time.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Limits the number of events of a page.
    #[must_use]
    pub fn limit(mut self, events: usize) -> Self {
        self.limit = events;
        self
    }

    /// Only the events after the one with this [place](ListedEvent::place).
    ///
    /// # Errors
    /// [`QueryError::Place`] if it is not a place in such a list.
    pub fn after(mut self, place: Vec<Cell>) -> Result<Self, QueryError> {
        let columns = self.place_columns();
        let fits = columns.len() == place.len()
            && columns.iter().zip(&place).all(|(column, cell)| cell.kind() == Some(column.kind.cell()));
        if !fits {
            return Err(QueryError::Place);
        }
        self.after = Some(place);
        Ok(self)
    }

    /// The same list about another period.
    #[must_use]
    pub fn during(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// The same list from the first event on.
    #[must_use]
    pub fn from_beginning(mut self) -> Self {
        self.after = None;
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The filters.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// Names and kinds of the values of an event.
    pub fn columns(&self) -> impl Iterator<Item = (&str, CellKind)> {
        self.fields.iter().map(|field| (field.name(), CellKind::of(field.kind())))
    }

    /// The maximum number of events of a page.
    #[must_use]
    pub fn max_events(&self) -> usize {
        self.limit
    }

    pub(crate) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    pub(crate) fn order(&self) -> Direction {
        self.direction
    }

    /// Where the page begins.
    pub(crate) fn beginning(&self) -> Option<&[Cell]> {
        self.after.as_deref()
    }

    /// Whether no event can be in the list.
    pub(crate) fn is_empty(&self) -> bool {
        self.tenants.is_none_of(&self.table) || self.period.since >= self.period.until
    }

    /// The columns by which events are ordered: time, then the rest of the sorting key.
    pub(crate) fn place_columns(&self) -> Vec<PlaceColumn> {
        let time = PlaceColumn { name: self.table.time.name, kind: PlaceKind::Time };
        let rest = self.table.sorting_key.iter().filter(|name| **name != time.name).map(|name| {
            let known = self.table.columns().find(|column| column.name == *name).map(|column| column.kind);
            let kind = match known {
                Some(ColumnKind::Uuid) => PlaceKind::Id,
                Some(ColumnKind::I64) => PlaceKind::Integer,
                Some(_) => PlaceKind::Text,
                None if *name == "source_topic" => PlaceKind::Text,
                None => PlaceKind::Integer,
            };
            PlaceColumn { name, kind }
        });
        std::iter::once(time).chain(rest).collect()
    }

    /// The order of two places.
    pub(crate) fn compare(&self, one: &[Cell], other: &[Cell]) -> Ordering {
        let by_column = one.iter().zip(other).map(|(one, other)| one.compare(other, self.direction));
        by_column.fold(Ordering::Equal, Ordering::then)
    }
}

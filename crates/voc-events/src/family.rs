//! The family abstraction: what the pipeline must know of a group of event types, and nothing more.

use std::fmt;

use uuid::Uuid;

use crate::{Invalid, Limits, Timestamp};

/// A group of event types that share topics, a table and presets.
///
/// The pipeline is generic over it: a further family is a further implementation of this trait and a migration for its table.
pub trait Family: Send + Sync + 'static {
    /// The decoded event; borrows from the record.
    type Event<'a>: FamilyEvent;

    /// Short name for configuration, metric labels and insert tokens, such as `voc`.
    const NAME: &'static str;

    /// Topics consumed when the operator names none.
    const TOPICS: &'static [&'static str];

    /// The event types that have fields of their own. Events of any other type may be kept without them.
    const TYPES: &'static [&'static str];

    /// The table that holds this family's rows, and the columns [`FamilyEvent::write_row`] writes.
    const TABLE: Table;

    /// Decodes and validates one event. `text` is that of [`record_text`](crate::record_text).
    ///
    /// # Errors
    /// [`Invalid`] with every violation found, not only the first.
    fn decode<'a>(text: &'a str, limits: &Limits) -> Result<Self::Event<'a>, Invalid>;
}

/// What the pipeline asks of any decoded event.
pub trait FamilyEvent {
    /// The producer's identifier of the event, if the family has one; used to recognise resends.
    fn event_id(&self) -> Option<Uuid>;

    /// Whose event it is.
    fn tenant_id(&self) -> &str;

    /// When the event happened.
    fn timestamp(&self) -> Timestamp;

    /// The event's type as the producer wrote it.
    fn event_type(&self) -> &str;

    /// The customer's words to annotate, if the event carries any.
    fn text(&self) -> Option<&str>;

    /// Writes the values of the family's [`Table::columns`], in their order. `payload` is the text that was decoded.
    fn write_row<W: RowWriter + ?Sized>(&self, payload: &str, row: &mut W);
}

/// A family's table: its name and the columns the family itself fills.
///
/// The store appends columns of its own: the annotation's when [`annotated`](Self::annotated) is set, `processed_at`, and the
/// record's coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Table name in the store.
    pub name: &'static str,
    /// Columns filled by [`FamilyEvent::write_row`], in writing order.
    pub columns: &'static [Column],
    /// Whether rows carry annotation columns (sentiment, topic and their provenance).
    pub annotated: bool,
}

/// A column's name and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Column name in the store.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of the given name and kind.
    #[must_use]
    pub const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self { name, kind }
    }
}

/// The kinds of value a column can hold; the store maps each to a type of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// A UUID.
    Uuid,
    /// UTF-8 text; empty stands for absent.
    Str,
    /// Optional UTF-8 text where absent and empty differ.
    OptStr,
    /// UTC milliseconds.
    Timestamp,
    /// A 32-bit unsigned integer.
    U32,
    /// A 64-bit signed integer.
    I64,
    /// An optional 64-bit signed integer.
    OptI64,
    /// An optional 32-bit float.
    OptF32,
    /// An optional 64-bit float.
    OptF64,
    /// An optional truth value.
    OptBool,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Receives one row, a value per column, in the order of the table's columns.
pub trait RowWriter {
    /// Writes a [`ColumnKind::Uuid`].
    fn uuid(&mut self, value: Uuid);
    /// Writes a [`ColumnKind::Str`].
    fn str(&mut self, value: &str);
    /// Writes a [`ColumnKind::OptStr`].
    fn opt_str(&mut self, value: Option<&str>);
    /// Writes a [`ColumnKind::Timestamp`].
    fn timestamp(&mut self, value: Timestamp);
    /// Writes a [`ColumnKind::U32`].
    fn u32(&mut self, value: u32);
    /// Writes a [`ColumnKind::I64`].
    fn i64(&mut self, value: i64);
    /// Writes a [`ColumnKind::OptI64`].
    fn opt_i64(&mut self, value: Option<i64>);
    /// Writes a [`ColumnKind::OptF32`].
    fn opt_f32(&mut self, value: Option<f32>);
    /// Writes a [`ColumnKind::OptF64`].
    fn opt_f64(&mut self, value: Option<f64>);
    /// Writes a [`ColumnKind::OptBool`].
    fn opt_bool(&mut self, value: Option<bool>);
}

//! The family abstraction: what the pipeline must know about a group of event types, and nothing more.

use uuid::Uuid;

use crate::{Invalid, Limits, RowWriter, Table, Timestamp, fields::FieldInfo};

/// A group of event types that share topics, a table and presets. A value of the type decodes the records of one
/// topic.
///
/// The pipeline is generic over it: a new family needs only an implementation of this trait and a migration for its
/// table.
pub trait Family: Sized + Send + Sync + 'static {
    /// The decoded event; borrows from the record's text.
    type Event<'a>: FamilyEvent;

    /// Short name for configuration, metric labels and insert tokens, such as `voc`: ASCII letters, digits and `_`.
    const NAME: &'static str;

    /// The event types that have their own fields. Events of any other type may be kept without them.
    const TYPES: &'static [&'static str];

    /// The table that holds this family's rows.
    const TABLE: Table;

    /// The defaults of its settings.
    const PRESETS: Presets;

    /// The fields of the events, for schemas; empty if they are not described.
    const FIELDS: EventFields = EventFields::NONE;

    /// The types of event on a topic, with their own fields: all of [`FIELDS`](Self::FIELDS), unless a family
    /// distinguishes its topics.
    #[must_use]
    fn types_on(topic: &str) -> Vec<TypeFields> {
        let _ = topic;
        Self::FIELDS.types.to_vec()
    }

    /// The decoder of a topic's records.
    fn for_topic(topic: &str, options: &DecodeOptions) -> Self;

    /// Decodes and validates one event. `text` is that of [`record_text`](crate::record_text).
    ///
    /// # Errors
    /// [`Invalid`] with every violation found, not only the first.
    fn decode<'a>(&self, text: &'a str, envelope: &Envelope<'_>) -> Result<Decoded<Self::Event<'a>>, Invalid>;
}

/// A type of event, and the fields that only it has.
pub type TypeFields = (&'static str, &'static [FieldInfo]);

/// The fields of a family's events.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct EventFields {
    /// Those that every event has.
    pub common: &'static [FieldInfo],
    /// Those of the types that have their own fields.
    pub types: &'static [TypeFields],
    /// The name of the field that distinguishes the types; empty if there are none.
    pub tag: &'static str,
}

impl EventFields {
    /// Fields that are not described.
    pub const NONE: Self = Self { common: &[], types: &[], tag: "" };

    /// Fields of events that are all of one type.
    #[must_use]
    pub const fn of(common: &'static [FieldInfo]) -> Self {
        Self { common, ..Self::NONE }
    }

    /// The same with types that have their own fields, distinguished by the field `tag`.
    #[must_use]
    pub const fn with_types(self, tag: &'static str, types: &'static [TypeFields]) -> Self {
        Self { types, tag, ..self }
    }
}

/// The default settings of a family.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Presets {
    /// Topics to consume.
    pub topics: &'static [&'static str],
    /// Consumer group.
    pub group_id: &'static str,
    /// Number of records at which a batch is written.
    pub batch_size: usize,
    /// Longest time the first record of a batch waits for more, in seconds.
    pub flush_seconds: f64,
    /// The prefix of the metrics of a replaced system that counted the same; see [`Self::metrics_as`].
    pub metrics_prefix: Option<&'static str>,
}

impl Presets {
    /// These topics and this group, with batches of 500 records or 2 seconds.
    #[must_use]
    pub const fn new(topics: &'static [&'static str], group_id: &'static str) -> Self {
        Self { topics, group_id, batch_size: 500, flush_seconds: 2.0, metrics_prefix: None }
    }

    /// The same with other batches.
    #[must_use]
    pub const fn batches(mut self, size: usize, flush_seconds: f64) -> Self {
        self.batch_size = size;
        self.flush_seconds = flush_seconds;
        self
    }

    /// The same with four metrics under a second name, so that the dashboards of a replaced system keep working:
    /// `<prefix>_events_consumed_total`, `<prefix>_events_inserted_total`, `<prefix>_pipeline_errors_total` and
    /// `<prefix>_batch_flush_seconds`.
    #[must_use]
    pub const fn metrics_as(mut self, prefix: &'static str) -> Self {
        self.metrics_prefix = Some(prefix);
        self
    }
}

/// How records are decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// Limits on records and events.
    pub limits: Limits,
    /// Whether values in an unexpected form, such as a number as a string, are refused. Default false: they are
    /// accepted, and named in [`Decoded::coerced`].
    pub is_strict: bool,
}

impl DecodeOptions {
    /// The defaults with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with values in an unexpected form refused or accepted.
    #[must_use]
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.is_strict = is_strict;
        self
    }
}

/// What accompanies a record's value.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Envelope<'r> {
    /// The key's bytes, if the record has one.
    pub key: Option<&'r [u8]>,
    /// Headers in order; a name may occur several times.
    pub headers: &'r [(String, Option<Vec<u8>>)],
    /// When the record was sent, according to its transport.
    pub time: Option<Timestamp>,
}

impl<'r> Envelope<'r> {
    /// An envelope of a record's key, headers and time.
    #[must_use]
    pub fn new(key: Option<&'r [u8]>, headers: &'r [(String, Option<Vec<u8>>)], time: Option<Timestamp>) -> Self {
        Self { key, headers, time }
    }
}

/// A decoded event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Decoded<E> {
    /// The event.
    pub event: E,
    /// Names of the fields that were accepted although written in an unexpected form, without duplicates.
    pub coerced: Vec<&'static str>,
}

impl<E> Decoded<E> {
    /// An event whose values all had the expected form.
    pub fn new(event: E) -> Self {
        Self { event, coerced: Vec::new() }
    }

    /// The same with the event converted.
    pub fn map<T>(self, make: impl FnOnce(E) -> T) -> Decoded<T> {
        Decoded { event: make(self.event), coerced: self.coerced }
    }
}

/// The pipeline's view of a decoded event.
pub trait FamilyEvent {
    /// The producer's identifier of the event, used to recognise resends. `None` if it has none.
    fn event_id(&self) -> Option<Uuid> {
        None
    }

    /// The event's tenant; `None` if the family has no tenants.
    fn tenant_id(&self) -> Option<&str> {
        None
    }

    /// When the event happened.
    fn timestamp(&self) -> Timestamp;

    /// The event's type as the producer wrote it.
    fn event_type(&self) -> &str;

    /// The customer's words to annotate, if the event carries any.
    fn text(&self) -> Option<&str> {
        None
    }

    /// Writes the values of the [promoted](Table::promoted) columns. The columns of roles are filled from the other
    /// methods.
    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W);
}

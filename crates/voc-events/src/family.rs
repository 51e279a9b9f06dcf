//! The family abstraction: what the pipeline must know about a group of event types, and nothing more.

use uuid::Uuid;

use crate::{Invalid, Limits, RowWriter, Table, Timestamp, fields::FieldInfo};

/// A group of event types that share topics, a table and presets. A value of the type decodes the records of one
/// topic.
///
/// The pipeline is generic over it: a new family needs only an implementation of this trait and a migration for its
/// table.
///
/// ```
/// use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, Invalid, product::Product, voc::Voc};
///
/// /// Works for every family.
/// fn type_of<F: Family>(text: &str) -> Result<String, Invalid> {
///     let family = F::for_topic(F::PRESETS.topics[0], &DecodeOptions::default());
///     let decoded = family.decode(text, &Envelope::default())?;
///     Ok(decoded.event.event_type().to_owned())
/// }
/// let text = r#"{"app_id":"a","event_name":"search","user_id":"u","timestamp":"2026-02-02T12:00:00Z"}"#;
/// assert_eq!(type_of::<Product>(text)?, "search");
/// assert!(type_of::<Voc>(text).is_err());
/// # Ok::<(), Invalid>(())
/// ```
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
    ///
    /// ```
    /// use voc_events::{Family, quality::Quality, voc::Voc};
    ///
    /// let names = |types: Vec<voc_events::TypeFields>| types.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    /// assert_eq!(names(Voc::types_on("voc.events")), Voc::TYPES);
    /// assert_eq!(
    ///     names(Quality::types_on("chip-quality.user.events")),
    ///     ["USER_LOGIN", "USER_LOGOUT", "AUDIT_ACTION", "PERMISSION_GRANTED"],
    /// );
    /// ```
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
///
/// ```
/// use voc_events::{TypeFields, voc::VocEvent};
///
/// let types: &[TypeFields] = VocEvent::TYPE_FIELDS;
/// let having = |field| types.iter().filter(move |(_, fields)| fields.iter().any(|other| other.name == field));
/// assert_eq!(having("duration_ms").map(|(name, _)| *name).collect::<Vec<_>>(), ["call", "tool_invocation"]);
/// ```
pub type TypeFields = (&'static str, &'static [FieldInfo]);

/// The fields of a family's events.
///
/// ```
/// use voc_events::{EventFields, Family, voc::{BaseEvent, Voc, VocEvent}};
///
/// const ALIKE: EventFields = EventFields::of(BaseEvent::OWN_FIELDS);
/// assert_eq!((ALIKE.tag, ALIKE.types), (EventFields::NONE.tag, EventFields::NONE.types));
///
/// const OF_TYPES: EventFields = ALIKE.with_types("event_type", VocEvent::TYPE_FIELDS);
/// assert_eq!(OF_TYPES, Voc::FIELDS);
/// ```
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
///
/// ```
/// use voc_events::Presets;
///
/// const PRESETS: Presets =
///     Presets::new(&["parking.events"], "parking-processor").batches(1000, 0.5).metrics_as("garage");
/// assert_eq!((PRESETS.batch_size, PRESETS.flush_seconds), (1000, 0.5));
/// assert_eq!(PRESETS.metrics_prefix, Some("garage"));
/// assert_eq!(Presets::new(PRESETS.topics, PRESETS.group_id).batch_size, 500);
/// ```
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
///
/// ```
/// use voc_events::{DecodeOptions, Limits, fields::decode, product::ProductEvent};
///
/// let text = r#"{"app_id":"a","event_name":"search","user_id":7,"timestamp":"2026-02-02T12:00:00Z"}"#;
/// let options = DecodeOptions::default().with_limits(Limits::default().with_max_record_bytes(10_000));
/// assert_eq!(decode::<ProductEvent>(text, &options, None)?.coerced, ["user_id"]);
///
/// let invalid = decode::<ProductEvent>(text, &options.strict(true), None).unwrap_err();
/// assert_eq!(invalid.to_string(), "$.user_id: expected a string, found number 7");
/// # Ok::<(), voc_events::Invalid>(())
/// ```
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
///
/// ```
/// use voc_events::{Envelope, Timestamp};
///
/// let headers = [("trace".to_owned(), Some(b"t-1".to_vec())), ("flag".to_owned(), None)];
/// let envelope = Envelope::new(Some(b"acme"), &headers, Some(Timestamp::from_millis(1_770_033_600_000)));
/// assert_eq!(envelope.key, Some(&b"acme"[..]));
/// assert_eq!(envelope.headers[0].1.as_deref(), Some(&b"t-1"[..]));
/// // A record of a file, for example, has none of them.
/// assert!(Envelope::default().time.is_none());
/// ```
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
///
/// ```
/// use voc_events::{Decoded, DecodeOptions, fields::decode, voc::VocEvent};
///
/// let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
///     "event_type":"tool_invocation","tool_name":"search","success":"yes"}"#;
/// let decoded: Decoded<VocEvent> = decode(text, &DecodeOptions::default(), None)?;
/// // The event may outlive the text; what was coerced stays known.
/// let decoded: Decoded<VocEvent<'static>> = decoded.map(VocEvent::into_owned);
/// assert_eq!(decoded.coerced, ["success"]);
/// assert!(Decoded::new(decoded.event).coerced.is_empty());
/// # Ok::<(), voc_events::Invalid>(())
/// ```
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
///
/// ```
/// use voc_events::{FamilyEvent, voc::VocEvent};
///
/// fn label(event: &impl FamilyEvent) -> String {
///     format!("{}/{} at {}", event.tenant_id().unwrap_or("-"), event.event_type(), event.timestamp())
/// }
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme",
///     "timestamp":1770033600,"event_type":"call","call_id":"c-1","transcript":"Thank you!"}"#;
/// let event = VocEvent::try_from(&record[..])?;
/// assert_eq!(label(&event), "acme/call at 2026-02-02T12:00:00.000Z");
/// assert_eq!(event.text(), Some("Thank you!"));
/// # Ok::<(), voc_events::Invalid>(())
/// ```
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

//! Reasons why an event was refused.

use std::{borrow::Cow, fmt};

/// An event that was refused, with every reason found.
///
/// ```
/// use voc_events::{Invalid, InvalidKind, Violation};
///
/// // How a family of one's own refuses an event.
/// let violation = Violation::new("$.plate", "a licence plate", "an empty string");
/// let mut invalid = Invalid::new(InvalidKind::Schema, violation);
/// invalid.violations.push(Violation::new("$.paid", "a whole number", "null"));
/// assert_eq!(invalid.path(), "$.plate");
/// assert_eq!(
///     invalid.to_string(),
///     "$.plate: expected a licence plate, found an empty string; $.paid: expected a whole number, found null",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Invalid {
    /// The class of the problem, for metric labels and filters.
    pub kind: InvalidKind,
    /// Every problem found, in the order of the type's fields; never empty.
    pub violations: Vec<Violation>,
    /// The event's tenant, if it could be read from the bad event.
    pub tenant_id: Option<String>,
}

impl Invalid {
    /// An event refused for one reason.
    #[must_use]
    pub fn new(kind: InvalidKind, violation: Violation) -> Self {
        Self { kind, violations: vec![violation], tenant_id: None }
    }

    /// Path of the first violation, such as `$.call_id`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.violations.first().map_or("$", |violation| violation.path.as_str())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.violations.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

/// Classes of invalid records.
///
/// ```
/// use voc_events::{InvalidKind, voc::VocEvent};
///
/// let kind_of = |record: &[u8]| VocEvent::try_from(record).unwrap_err().kind;
/// let kinds = [b"  ", &b"\xff"[..], b"{", b"{}"].map(kind_of);
/// assert_eq!(kinds, [InvalidKind::Empty, InvalidKind::Utf8, InvalidKind::Json, InvalidKind::Schema]);
/// assert_eq!(kinds.map(InvalidKind::as_str), ["empty", "invalid_utf8", "invalid_json", "invalid_event"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidKind {
    /// No value at all: a Kafka tombstone.
    Tombstone,
    /// A value of zero bytes, or of white space only.
    Empty,
    /// More bytes than [`Limits::max_record_bytes`](crate::Limits::max_record_bytes).
    TooLarge,
    /// Not UTF-8.
    Utf8,
    /// Not JSON.
    Json,
    /// JSON nested deeper than [`Limits::max_depth`](crate::Limits::max_depth).
    Depth,
    /// JSON, but not a valid event.
    Schema,
    /// Bytes that do not match the schema that the record names.
    Encoding,
    /// A record with a schema that the registry does not know.
    UnknownSchema,
}

impl InvalidKind {
    /// Stable name for metric labels and dead letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tombstone => "tombstone",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::Utf8 => "invalid_utf8",
            Self::Json => "invalid_json",
            Self::Depth => "too_deep",
            Self::Schema => "invalid_event",
            Self::Encoding => "invalid_encoding",
            Self::UnknownSchema => "unknown_schema",
        }
    }
}

impl fmt::Display for InvalidKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason why an event was refused.
///
/// ```
/// use voc_events::{Violation, activity::EnrichedEvent};
///
/// let record = br#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","event_type":"click",
///     "timestamp":"2026-02-02T12:00:00Z","processing_info":{"processing_ms":"long"}}"#;
/// let invalid = EnrichedEvent::try_from(&record[..]).unwrap_err();
/// let [Violation { path, expected, .. }] = &invalid.violations[..] else { panic!("{invalid}") };
/// assert_eq!(path, "$.processing_info.processing_ms");
/// assert_eq!(expected, "a whole number of 64 bits");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// JSON path of the offending value, such as `$.tags.region`; `$` is the event itself.
    pub path: String,
    /// What was expected there.
    pub expected: Cow<'static, str>,
    /// What was found there, shortened.
    pub found: Cow<'static, str>,
}

impl Violation {
    /// A violation at `path`.
    pub fn new(
        path: impl Into<String>,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { path: path.into(), expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

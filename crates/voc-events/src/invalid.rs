//! Reasons why an event was refused.

use std::{borrow::Cow, fmt};

/// An event that was refused, with every reason found.
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

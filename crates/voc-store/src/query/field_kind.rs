//! Kinds of fields.

use std::fmt;

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
    /// A list of numbers.
    NumberList,
    /// Values by name, each of which is a field of its own.
    Map,
    /// A whole event.
    Json,
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
            Self::NumberList => "a list of numbers",
            Self::Map => "a map",
            Self::Json => "a whole event",
        })
    }
}

//! What is wrong with a text in restricted SQL.

use std::fmt;

use sqlparser::tokenizer::{Location, Span};

/// What is wrong with a text in restricted SQL, and where, if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlMistake {
    message: String,
    /// Line and column, from 1.
    place: Option<(u64, u64)>,
}

impl SqlMistake {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None }
    }

    pub(super) fn at(span: Span, message: impl Into<String>) -> Self {
        Self::at_location(span.start, message)
    }

    pub(super) fn at_location(location: Location, message: impl Into<String>) -> Self {
        // Line 0 is that of parts without a place.
        let place = (location.line > 0).then_some((location.line, location.column));
        Self { message: message.into(), place }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line in the text, from 1, if it is known.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.place.map(|(line, _)| line)
    }
}

/// `line 2, column 8: unknown table 'sessions'`.
impl fmt::Display for SqlMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for SqlMistake {}

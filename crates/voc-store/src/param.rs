//! Statement parameters: values bound to `{name:Type}`, never spliced into SQL.

use std::{borrow::Cow, fmt};

/// A value for the placeholder `{name:Type}` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    name: Cow<'static, str>,
    value: String,
}

impl Param {
    /// Binds the value's text (a number in decimal, a text as it is) to a placeholder's name.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        Self { name: name.into(), value: value.to_string() }
    }

    /// The placeholder's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value's text as given.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value's text as the engine reads it: escaped as in tab-separated text.
    #[must_use]
    pub fn escaped_value(&self) -> String {
        let mut escaped = String::with_capacity(self.value.len());
        for character in self.value.chars() {
            match character {
                '\\' => escaped.push_str("\\\\"),
                '\t' => escaped.push_str("\\t"),
                '\n' => escaped.push_str("\\n"),
                '\r' => escaped.push_str("\\r"),
                '\0' => escaped.push_str("\\0"),
                other => escaped.push(other),
            }
        }
        escaped
    }
}

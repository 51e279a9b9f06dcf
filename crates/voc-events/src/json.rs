//! JSON values kept in their original form, and the texts of strings.

use std::borrow::Cow;

use memchr::memchr;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value kept as its text, usually borrowed from the record; parsed only on request.
///
/// Equality is that of the text, so `{"a":1}` and `{ "a": 1 }` differ.
///
/// ```
/// use serde_json::{json, value::to_raw_value};
/// use voc_events::Json;
///
/// let raw = to_raw_value(&json!({ "plan": "gold" }))?;
/// let metadata = Json::from_raw(&raw);
/// assert_eq!(metadata.as_str(), r#"{"plan":"gold"}"#);
/// assert_eq!(metadata.parse()?["plan"], "gold");
/// let owned: Json<'static> = metadata.into_owned();
/// assert_eq!(serde_json::to_string(&owned)?, r#"{"plan":"gold"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Json<'a>(Cow<'a, RawValue>);

impl<'a> Json<'a> {
    /// Borrows a raw value that the caller owns; this is how an event to be produced gets its metadata.
    #[must_use]
    pub fn from_raw(raw: &'a RawValue) -> Self {
        Self(Cow::Borrowed(raw))
    }

    /// The value's original text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The owned form of the value.
    #[must_use]
    pub fn into_owned(self) -> Json<'static> {
        Json(Cow::Owned(self.0.into_owned()))
    }

    /// Parses the value.
    ///
    /// # Errors
    /// The error of `serde_json`, such as a number that no type can hold.
    pub fn parse(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json<'_> {}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The text of a JSON string given with its quotes, borrowed unless it contains an escape.
///
/// # Errors
/// The error of `serde_json` in an escape, such as half a surrogate pair.
#[inline]
pub(crate) fn unescaped(literal: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if memchr(b'\\', inner.as_bytes()).is_none() => Ok(Cow::Borrowed(inner)),
        _ => serde_json::from_str(literal).map(Cow::Owned),
    }
}

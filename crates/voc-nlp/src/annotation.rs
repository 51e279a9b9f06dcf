//! What a text means: the result every stage gives.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Characters of a text that are read; what follows is ignored and [`Annotation::truncated`] says so.
pub const MAX_CHARS: usize = 20_000;

/// What a text means.
///
/// [`Annotation::default`] is that of an empty text; a [`FastStage`](crate::FastStage) of your own starts from it and sets fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Annotation {
    /// From -1 (very negative) through 0 (neutral, or nothing found) to 1 (very positive). `None` when the text has no words at
    /// all: no letter, digit or known symbol.
    pub sentiment: Option<f32>,
    /// How far the sentiment can be trusted, from 0 (nothing found) to 1.
    pub confidence: f32,
    /// The language of the text.
    pub language: Language,
    /// What the text is mostly about; `None` when no topic's words occur.
    pub topic: Option<Topic>,
    /// Which stage gave the sentiment.
    pub decided_by: DecidedBy,
    /// Whether the text was longer than [`MAX_CHARS`], so that its end was not read.
    pub truncated: bool,
}

/// The language of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Language {
    /// English.
    En,
    /// Portuguese.
    Pt,
    /// Another language, or too little to tell.
    #[default]
    Unknown,
}

impl Language {
    /// The ISO 639-1 code in lower case, or `"unknown"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which stage gave the sentiment of an [`Annotation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DecidedBy {
    /// The fast stage.
    #[default]
    Rules,
    /// The model, asked for this text.
    Model,
    /// The model, whose earlier answer for the same text was kept.
    Cache,
    /// The fast stage, unsure of its answer, because the model did not give a usable one.
    Fallback,
}

impl DecidedBy {
    /// `"rules"`, `"model"`, `"cache"` or `"fallback"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Model => "model",
            Self::Cache => "cache",
            Self::Fallback => "fallback",
        }
    }
}

impl fmt::Display for DecidedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a topic. Cheap to clone; compares, hashes, prints and serialises as its name.
///
/// ```
/// use voc_nlp::Topic;
///
/// assert_eq!(Topic::BILLING.as_str(), "billing");
/// assert_eq!(Topic::from("returns"), Topic::from(String::from("returns")));
/// ```
#[derive(Clone)]
pub struct Topic(Name);

/// Built-in names are not counted references, so that threads do not share a counter for them.
#[derive(Clone)]
enum Name {
    BuiltIn(&'static str),
    Shared(Arc<str>),
}

impl Topic {
    /// Invoices, payments, charges, refunds and prices.
    pub const BILLING: Self = Self(Name::BuiltIn("billing"));
    /// Faults of the product or service and the work of mending them.
    pub const TECHNICAL: Self = Self(Name::BuiltIn("technical"));
    /// Access, passwords, profiles and personal details.
    pub const ACCOUNT: Self = Self(Name::BuiltIn("account"));
    /// Buying, ordering, plans and upgrades.
    pub const SALES: Self = Self(Name::BuiltIn("sales"));
    /// Questions and requests for help that say no more.
    pub const GENERAL: Self = Self(Name::BuiltIn("general"));

    /// The topic's name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::BuiltIn(name) => name,
            Name::Shared(name) => name,
        }
    }
}

impl From<&str> for Topic {
    fn from(name: &str) -> Self {
        Self(Name::Shared(name.into()))
    }
}

impl From<String> for Topic {
    fn from(name: String) -> Self {
        Self(Name::Shared(name.into()))
    }
}

impl Deref for Topic {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Topic {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Topic {}

impl std::hash::Hash for Topic {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The part of a text that is read, and whether something was cut off. Cuts between characters.
pub(crate) fn truncate(text: &str) -> (&str, bool) {
    // A text of so many bytes cannot have more characters.
    if text.len() <= MAX_CHARS {
        return (text, false);
    }
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_keeps_whole_characters() {
        let ascii = "a".repeat(MAX_CHARS);
        assert_eq!(truncate(&ascii), (ascii.as_str(), false));
        assert_eq!(truncate(&format!("{ascii}b")), (ascii.as_str(), true));

        let accented = "ç".repeat(MAX_CHARS);
        assert_eq!(truncate(&accented), (accented.as_str(), false));
        assert_eq!(truncate(&format!("{accented}b")), (accented.as_str(), true));
    }

    #[test]
    fn serialises_as_plain_names() {
        let annotation = Annotation {
            sentiment: Some(0.5),
            confidence: 1.0,
            language: Language::Pt,
            topic: Some(Topic::BILLING),
            decided_by: DecidedBy::Fallback,
            truncated: false,
        };
        let json = serde_json::to_value(&annotation).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "sentiment": 0.5, "confidence": 1.0, "language": "pt", "topic": "billing",
                "decided_by": "fallback", "truncated": false,
            })
        );
    }
}

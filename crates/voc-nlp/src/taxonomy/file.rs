//! The content of a taxonomy's file.

use serde::Deserialize;

use super::error::TaxonomyError;
use super::limits;
use crate::annotation::Language;

/// The content of a taxonomy's file, for `serde`: a list of topics.
///
/// In TOML:
///
/// ```toml
/// [[topic]]
/// name = "logistics"
///
/// [[topic]]
/// name = "delivery"
/// parent = "logistics"
/// language = "en"               # "en", "pt" or none for both
/// phrases = ["delivery", { phrase = "never arrived", weight = 2.0 }]
/// ```
///
/// With the feature `files` it is read by `from_toml` and `from_json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaxonomyFile {
    /// The topics, in any order.
    #[serde(rename = "topic", default)]
    pub topics: Vec<TopicEntry>,
}

/// A topic of a [`TaxonomyFile`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TopicEntry {
    /// Its unique name. It may be that of a built-in topic, which it then extends.
    pub name: String,
    /// The name of the topic that it is part of.
    #[serde(default)]
    pub parent: Option<String>,
    /// The language of its phrases, `"en"` or `"pt"`; any language if there is none.
    #[serde(default)]
    pub language: Option<String>,
    /// The phrases that indicate it.
    #[serde(default)]
    pub phrases: Vec<PhraseEntry>,
}

/// A phrase of a [`TopicEntry`]: a text, or a text with a weight.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "PhraseForm")]
#[non_exhaustive]
pub struct PhraseEntry {
    /// Its words.
    pub phrase: String,
    /// Its weight, above 0 and at most 100; 1 by default.
    pub weight: f32,
}

/// The accepted forms of a phrase.
#[derive(Deserialize)]
#[serde(untagged)]
enum PhraseForm {
    Plain(String),
    Weighed { phrase: String, weight: f32 },
}

impl From<PhraseForm> for PhraseEntry {
    fn from(written: PhraseForm) -> Self {
        match written {
            PhraseForm::Plain(phrase) => Self { phrase, weight: 1.0 },
            PhraseForm::Weighed { phrase, weight } => Self { phrase, weight },
        }
    }
}

impl From<&str> for PhraseEntry {
    fn from(phrase: &str) -> Self {
        Self::new(phrase)
    }
}

impl PhraseEntry {
    /// A phrase of weight 1.
    pub fn new(phrase: impl Into<String>) -> Self {
        Self { phrase: phrase.into(), weight: 1.0 }
    }

    /// The same with a weight.
    #[must_use]
    pub fn weight(mut self, weight: f32) -> Self {
        self.weight = weight;
        self
    }
}

impl TopicEntry {
    /// A topic without phrases.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same as part of another topic.
    #[must_use]
    pub fn parent(mut self, parent: impl Into<String>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// The same for one language.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = Some(language.as_str().to_owned());
        self
    }

    /// The same with these phrases.
    #[must_use]
    pub fn phrases<P: Into<PhraseEntry>>(mut self, phrases: impl IntoIterator<Item = P>) -> Self {
        self.phrases = phrases.into_iter().map(Into::into).collect();
        self
    }

    /// The language; unknown if there is none.
    pub(super) fn known_language(&self) -> Result<Language, TaxonomyError> {
        match self.language.as_deref() {
            None => Ok(Language::Unknown),
            Some(code) if code.eq_ignore_ascii_case("en") => Ok(Language::En),
            Some(code) if code.eq_ignore_ascii_case("pt") => Ok(Language::Pt),
            Some(code) => Err(TaxonomyError::UnknownLanguage { topic: self.name.clone(), language: code.to_owned() }),
        }
    }
}

impl TaxonomyFile {
    /// Maximum number of topics, and of phrases in all topics together.
    pub const MAX_ENTRIES: usize = limits::MAX_ENTRIES;
    /// Maximum length of a phrase, in bytes.
    pub const MAX_PHRASE_BYTES: usize = limits::MAX_PHRASE_BYTES;

    /// A file with these topics.
    pub fn new(topics: impl IntoIterator<Item = TopicEntry>) -> Self {
        Self { topics: topics.into_iter().collect() }
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`TaxonomyError::Format`] with the position of the error.
    #[cfg(feature = "files")]
    pub fn from_toml(text: &str) -> Result<Self, TaxonomyError> {
        toml::from_str(text).map_err(|error| TaxonomyError::Format(error.to_string()))
    }

    /// Reads JSON: an object with a list `topic`, with the same members as in TOML.
    ///
    /// # Errors
    /// [`TaxonomyError::Format`] with the position of the error.
    #[cfg(feature = "files")]
    pub fn from_json(text: &str) -> Result<Self, TaxonomyError> {
        serde_json::from_str(text).map_err(|error| TaxonomyError::Format(error.to_string()))
    }

    /// Checks what can be decided for single entries.
    pub(super) fn check(&self) -> Result<(), TaxonomyError> {
        let phrases: usize = self.topics.iter().map(|entry| entry.phrases.len()).sum();
        if self.topics.len() > Self::MAX_ENTRIES || phrases > Self::MAX_ENTRIES {
            return Err(TaxonomyError::TooMany);
        }
        for TopicEntry { name, phrases, .. } in &self.topics {
            if name.trim().is_empty() {
                return Err(TaxonomyError::BlankName);
            }
            for PhraseEntry { phrase, weight } in phrases {
                // PhraseForm so that NaN is rejected, too.
                if !(*weight > 0.0 && *weight <= 100.0) {
                    let (topic, phrase) = (name.clone(), phrase.clone());
                    return Err(TaxonomyError::InvalidWeight { topic, phrase, weight: *weight });
                }
            }
        }
        Ok(())
    }
}

//! The customisation of a single tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::annotation::Language;
use crate::calibration::{Calibration, CalibrationError};
use crate::conversation::CallStage;
use crate::lexicon::ExtraWordError;
use crate::redact::{PersonalData, Redactor};
use crate::taxonomy::{Taxonomy, TaxonomyError, TaxonomyFile, TopicEntry};

/// The content of a tenant's file, for `serde`: words with valences from -4 to 4, names of companies and products,
/// topics as in a [`TaxonomyFile`], and which personal data are redacted.
///
/// ```toml
/// tenant = "acme"          # where the file's name does not say it
/// brands = ["Happy Cow", "Joy"]
///
/// [words]
/// laggy = -2.0
/// sick = 2.0
///
/// [[topic]]
/// name = "games"
/// phrases = ["ranked match"]
///
/// [redaction]
/// without = ["cep", "birth_date"]
/// order_numbers = true
/// ```
///
/// With the feature `files` it is read by `from_toml` and `from_json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CustomisationFile {
    /// The tenant, unless it is given elsewhere.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Valences by word, for texts in every language.
    #[serde(default)]
    pub words: BTreeMap<String, f32>,
    /// Names of companies and products, of one or more words, that say nothing about sentiment, in addition to the
    /// built-in ones. They are recognised everywhere, ignoring case and accents, except single words that have a
    /// valence of their own: these are names only if they begin with a capital letter.
    #[serde(default)]
    pub brands: Vec<String>,
    /// Topics in addition to the built-in ones.
    #[serde(rename = "topic", default)]
    pub topics: Vec<TopicEntry>,
    /// Which personal data of this tenant are redacted.
    #[serde(default)]
    pub redaction: RedactionChoice,
}

/// A tenant's choice of personal data to redact. By default, what a redactor finds without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RedactionChoice {
    /// These kinds only, named as in `"birth_date"`.
    #[serde(default)]
    pub only: Option<Vec<PersonalData>>,
    /// All kinds but these.
    #[serde(default)]
    pub without: Vec<PersonalData>,
    /// Whether the numbers of orders and protocols are redacted, see [`Redactor::order_numbers`].
    #[serde(default)]
    pub order_numbers: Option<bool>,
}

impl RedactionChoice {
    /// A redactor with this choice.
    pub fn apply(&self, redactor: Redactor) -> Redactor {
        let redactor = match &self.only {
            Some(kinds) => redactor.only(kinds.iter().copied()),
            None => redactor,
        };
        let redactor = self.without.iter().copied().fold(redactor, Redactor::without);
        match self.order_numbers {
            Some(are_found) => redactor.order_numbers(are_found),
            None => redactor,
        }
    }

    /// An error if the choice contradicts itself.
    fn check(&self) -> Result<(), CustomisationError> {
        match (&self.only, self.without.as_slice()) {
            (Some(only), _) if only.is_empty() => Err(CustomisationError::Redaction(
                "redaction.only names no kind; leave it out to redact all kinds, or turn redaction off",
            )),
            (Some(_), [_, ..]) => {
                Err(CustomisationError::Redaction("redaction has both only and without; keep one of them"))
            }
            _ => Ok(()),
        }
    }
}

impl CustomisationFile {
    /// The same with an additional word.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>, valence: f32) -> Self {
        self.words.insert(word.into(), valence);
        self
    }

    /// The same with an additional name of a company or product.
    #[must_use]
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.brands.push(brand.into());
        self
    }

    /// The same with an additional topic.
    #[must_use]
    pub fn topic(mut self, topic: TopicEntry) -> Self {
        self.topics.push(topic);
        self
    }

    /// The same with a choice of personal data to redact.
    #[must_use]
    pub fn redaction(mut self, choice: RedactionChoice) -> Self {
        self.redaction = choice;
        self
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`CustomisationError::Format`] with the position of the error.
    #[cfg(feature = "files")]
    pub fn from_toml(text: &str) -> Result<Self, CustomisationError> {
        toml::from_str(text).map_err(|error| CustomisationError::Format(error.to_string()))
    }

    /// Reads JSON: an object with the members `tenant`, `brands`, `words`, `topic` and `redaction`.
    ///
    /// # Errors
    /// [`CustomisationError::Format`] with the position of the error.
    #[cfg(feature = "files")]
    pub fn from_json(text: &str) -> Result<Self, CustomisationError> {
        serde_json::from_str(text).map_err(|error| CustomisationError::Format(error.to_string()))
    }
}

/// One tenant's words, brands, topics, choice of personal data and calibration, ready for use.
#[derive(Clone, Debug)]
pub struct Customisation {
    stage: CallStage,
    redaction: RedactionChoice,
}

impl Customisation {
    pub(super) fn new(base: &CallStage, file: &CustomisationFile) -> Result<Self, CustomisationError> {
        file.redaction.check()?;
        let mut stage = base.clone();
        if !(file.words.is_empty() && file.brands.is_empty()) {
            let words: Vec<(&str, f32)> = file.words.iter().map(|(word, valence)| (word.as_str(), *valence)).collect();
            stage = stage.with_engine(base.engine().with_extra_words_and_brands(
                &words,
                &file.brands,
                Language::Unknown,
            )?);
        }
        if !file.topics.is_empty() {
            let taxonomy = Taxonomy::new(&TaxonomyFile::new(file.topics.iter().cloned()))?;
            stage = stage.with_taxonomy(Arc::new(taxonomy));
        }
        Ok(Self { stage, redaction: file.redaction.clone() })
    }

    /// The same with the tenant's own calibration.
    ///
    /// # Errors
    /// [`CalibrationError::OtherEngine`] if it was made with another engine.
    pub fn with_calibration(self, calibration: &Calibration) -> Result<Self, CalibrationError> {
        let engine = self.stage.engine().with_calibration(calibration)?;
        Ok(Self { stage: self.stage.with_engine(engine), ..self })
    }

    /// The fast stage with the tenant's words, topics and calibration.
    pub fn stage(&self) -> &CallStage {
        &self.stage
    }

    /// A redactor with the tenant's choice.
    pub fn redactor(&self, base: Redactor) -> Redactor {
        self.redaction.apply(base)
    }
}

/// A tenant's file that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CustomisationError {
    /// A word or brand.
    #[error(transparent)]
    Word(#[from] ExtraWordError),
    /// A topic.
    #[error(transparent)]
    Topic(#[from] TaxonomyError),
    /// The choice of personal data contradicts itself.
    #[error("{0}")]
    Redaction(&'static str),
    /// The file is not TOML or JSON of this form.
    #[error("{0}")]
    Format(String),
}

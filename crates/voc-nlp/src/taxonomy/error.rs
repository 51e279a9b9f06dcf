//! Reasons why a taxonomy cannot be used.

use super::limits::{MAX_DEPTH, MAX_ENTRIES, MAX_PHRASE_BYTES};

/// A taxonomy that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TaxonomyError {
    /// A topic has no name.
    #[error("a topic's name is blank")]
    BlankName,
    /// Two topics have the same name.
    #[error("topic {topic:?} is defined twice")]
    DuplicateTopic {
        /// The name.
        topic: String,
    },
    /// A topic's parent is not among the topics.
    #[error("topic {topic:?} has the parent {parent:?}, which is not a topic")]
    UnknownParent {
        /// The topic.
        topic: String,
        /// Its parent.
        parent: String,
    },
    /// A topic is, by way of its parents, its own parent, or has too many ancestors.
    #[error("topic {topic:?} is its own ancestor or has more than {MAX_DEPTH} ancestors")]
    TooDeep {
        /// The topic.
        topic: String,
    },
    /// A topic's language is not supported.
    #[error("topic {topic:?} has the language {language:?}, which is neither \"en\" nor \"pt\"")]
    UnknownLanguage {
        /// The topic.
        topic: String,
        /// The given language.
        language: String,
    },
    /// A phrase has no letters or digits, or too many.
    #[error("phrase {phrase:?} of topic {topic:?} is not of 1 to {MAX_PHRASE_BYTES} letters and digits")]
    InvalidPhrase {
        /// The topic.
        topic: String,
        /// The given phrase.
        phrase: String,
    },
    /// A phrase's weight is out of range.
    #[error("the weight {weight} of phrase {phrase:?} of topic {topic:?} is not above 0 and at most 100")]
    InvalidWeight {
        /// The topic.
        topic: String,
        /// The phrase.
        phrase: String,
        /// The given weight.
        weight: f32,
    },
    /// There are more topics or phrases than are allowed.
    #[error("there are more than {MAX_ENTRIES} topics or phrases")]
    TooMany,
    /// The file is not TOML or JSON of this form.
    #[error("{0}")]
    Format(String),
}

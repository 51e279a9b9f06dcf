//! A linear model over words and pairs of words.
//!
//! Words, stems and pairs of words are hashed to the rows of one table; a row holds a weight of one byte for each
//! class. The sums of a text's weights, together with the findings of the lexicon's rules, yield its probabilities.

pub(crate) mod head;
#[cfg(feature = "train")]
pub(crate) mod minimise;
#[cfg(feature = "train")]
pub(crate) mod regression;
pub(crate) mod rows;

use head::{Head, ROW_TOPIC_FEATURES, SENTIMENT_FEATURES, SENTIMENTS, TOPIC_CLASSES, TOPIC_FEATURES, TOPICS_IN_ROWS};
use rows::COLUMNS;

/// The parameters of the model, except the table's rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    /// The value of a weight of 1 in the table, by column.
    pub(crate) scales: [f32; COLUMNS],
    pub(crate) sentiment_head: Head<SENTIMENT_FEATURES, SENTIMENTS>,
    /// The divisor of the logits, which calibrates the probabilities for kinds of texts that the model was not trained
    /// on.
    pub(crate) sentiment_temperature: f32,
    /// For the topics that have columns, together with the table's rows.
    pub(crate) topic_head: Head<ROW_TOPIC_FEATURES, TOPICS_IN_ROWS>,
    /// For all topics, without the table.
    pub(crate) topic_head_alone: Head<TOPIC_FEATURES, TOPIC_CLASSES>,
    pub(crate) topic_temperature: f32,
    /// Whether the table knows topics of Portuguese words: 1, or 0 if not.
    pub(crate) topics_in_portuguese: f32,
    /// Below this score the best topic is dropped.
    pub(crate) least_topic_score: f32,
}

impl Model {
    /// All numbers, in the order of the file of weights.
    pub(crate) fn floats(&mut self) -> impl Iterator<Item = &mut f32> {
        let Self {
            scales,
            sentiment_head: Head(sentiments),
            sentiment_temperature,
            topic_head: Head(topics),
            topic_head_alone: Head(topics_alone),
            topic_temperature,
            topics_in_portuguese,
            least_topic_score,
        } = self;
        let singles = [sentiment_temperature, topic_temperature, topics_in_portuguese, least_topic_score];
        let topics = topics.iter_mut().flatten().chain(topics_alone.iter_mut().flatten());
        scales.iter_mut().chain(sentiments.iter_mut().flatten()).chain(topics).chain(singles)
    }
}

impl Default for Model {
    /// A model without knowledge.
    fn default() -> Self {
        Self {
            scales: [0.0; COLUMNS],
            sentiment_head: Head::ZERO,
            sentiment_temperature: 1.0,
            topic_head: Head::ZERO,
            topic_head_alone: Head::ZERO,
            topic_temperature: 1.0,
            topics_in_portuguese: 0.0,
            least_topic_score: 0.0,
        }
    }
}

//! What a trainer of weights needs to know about the engine. Not for general use: it changes with the format of the
//! weights.

use std::ops::Range;

use crate::annotation::Annotation;
pub use crate::calibrate::{CalibrationFigures, CalibrationReport, FitError};
use crate::engine::Engine;
pub use crate::engine::features::{Extractor, Features};
use crate::linear::Model;
use crate::linear::head;
use crate::linear::head::Head;
use crate::linear::rows::Row;
use crate::weights::Weights;
use crate::words::key_of;

/// Measures of the quality of annotations.
pub mod metrics {
    pub use crate::calibrate::metrics::{JudgedText, accuracy, calibration_error, macro_f1, pearson, spearman};
}

/// Minimises smooth functions of many variables.
pub use crate::linear::minimise::minimise;

/// Multinomial logistic regression over hashed rows and dense features.
pub mod regression {
    pub use crate::linear::regression::{
        FULL, Penalty, Prediction, ROUGH, Sample, Weights, fit, loss, probabilities, temperature,
    };
}

/// Languages with valences: English, Portuguese.
pub const TRACKS: usize = crate::lexicon::TRACKS;
/// Columns of the table: sentiments, then the first topics.
pub const COLUMNS: usize = crate::linear::rows::COLUMNS;
/// Classes of sentiment.
pub const SENTIMENTS: usize = head::SENTIMENTS;
/// Features of the sentiment's head.
pub const SENTIMENT_FEATURES: usize = head::SENTIMENT_FEATURES;
/// Those of them that depend on the language: whether it is English, whether it is Portuguese, and the rest for
/// Portuguese alone.
pub const LANGUAGE_FEATURES: Range<usize> = head::LANGUAGE_FEATURES;
/// Topics.
pub const TOPIC_CLASSES: usize = head::TOPIC_CLASSES;
/// The first topics, which have columns in the table.
pub const TOPICS_IN_ROWS: usize = head::TOPICS_IN_ROWS;
/// Features of the head of the topics in the rows.
pub const ROW_TOPIC_FEATURES: usize = head::ROW_TOPIC_FEATURES;
/// Features of the head of all topics.
pub const TOPIC_FEATURES: usize = head::TOPIC_FEATURES;

/// The names of the topics; the first ones in the order of their columns, which follow those of the sentiments.
pub fn topic_names() -> [String; TOPIC_CLASSES] {
    crate::lexicon::TOPICS.map(|topic| topic.to_string())
}

/// The annotation of `text` with the choice of topics restricted to the [`TOPICS_IN_ROWS`], to compare them with
/// weights that know no others.
pub fn annotate_in_rows(engine: &Engine, text: &str) -> Annotation {
    engine.annotate_in_rows(text)
}

/// A word as it is looked up, in lower case and without accents; `None` if the lexicon cannot hold it.
pub fn folded(word: &str) -> Option<String> {
    key_of(word).map(|key| key.to_string())
}

/// Everything that a trainer learns.
#[derive(Clone, Debug)]
pub struct LearnedWeights {
    /// Distinguishes these weights from others.
    pub name: String,
    /// FoldedChar words in byte order, without duplicates, with their valences in English and Portuguese.
    pub words: Vec<(String, [f32; TRACKS])>,
    /// Weights by row and column: the sentiments, then the first topics. At most 65 536 rows.
    pub rows: Vec<[f32; COLUMNS]>,
    /// Weights by feature and sentiment.
    pub sentiment_head: [[f32; SENTIMENTS]; SENTIMENT_FEATURES],
    /// The divisor of the logits of the sentiments.
    pub sentiment_temperature: f32,
    /// Weights by feature and topic that has a column, in addition to those of the rows.
    pub topic_head: [[f32; TOPICS_IN_ROWS]; ROW_TOPIC_FEATURES],
    /// Weights by feature and topic, without rows.
    pub topic_head_alone: [[f32; TOPIC_CLASSES]; TOPIC_FEATURES],
    /// The divisor of the logits of the topics.
    pub topic_temperature: f32,
    /// Whether the rows learned topics from texts in Portuguese, too.
    pub topics_in_portuguese: bool,
    /// Below this score the best topic is dropped.
    pub least_topic_score: f32,
}

impl LearnedWeights {
    /// The file of weights, for [`Engine::load`](crate::Engine::load).
    pub fn file(&self) -> Vec<u8> {
        let scales: [f32; COLUMNS] = std::array::from_fn(|column| {
            let largest =
                self.rows.iter().filter_map(|row| row.get(column)).fold(0.0, |largest: f32, w| largest.max(w.abs()));
            largest / 127.0
        });
        let quantised = |(weight, scale): (&f32, &f32)| if *scale > 0.0 { (weight / scale).round() as i8 } else { 0 };
        let rows = self.rows.iter().map(|row| {
            let mut quantised_row = Row::default();
            for (to, from) in quantised_row.iter_mut().zip(row.iter().zip(&scales).map(quantised)) {
                *to = from;
            }
            quantised_row
        });
        let model = Model {
            scales,
            sentiment_head: Head(self.sentiment_head),
            sentiment_temperature: self.sentiment_temperature,
            topic_head: Head(self.topic_head),
            topic_head_alone: Head(self.topic_head_alone),
            topic_temperature: self.topic_temperature,
            topics_in_portuguese: f32::from(u8::from(self.topics_in_portuguese)),
            least_topic_score: self.least_topic_score,
        };
        let rows = rows.collect();
        Weights { name: self.name.clone(), words: self.words.clone(), rows, model }.write()
    }
}

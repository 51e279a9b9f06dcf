//! The features of a text as the engine sees them, for a trainer.

use std::cell::Cell;
use std::fmt;

use super::observation::Places;
use super::reader::Reader;
use super::tables::Tables;
use crate::annotation::{Language, truncate};
use crate::lexicon::TRACKS;
use crate::linear::head::{ROW_TOPIC_FEATURES, SENTIMENT_FEATURES, SENTIMENTS, TOPIC_FEATURES, damping};
use crate::linear::rows::row_at;
use crate::weights::Weights;

/// Extracts the features of texts.
pub struct Extractor {
    tables: Tables,
    rows: usize,
}

/// The features of a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Features {
    /// The numbers of the table's rows, as often as they are added.
    pub rows: Vec<u32>,
    /// The factor of the sum of the rows.
    pub damping: f32,
    /// For the sentiment head.
    pub sentiment: [f32; SENTIMENT_FEATURES],
    /// The logits of the sentiments that rules add to what is trained.
    pub prior: [f32; SENTIMENTS],
    /// For the head of all topics.
    pub topics: [f32; TOPIC_FEATURES],
    /// For the head of the topics in the rows.
    pub row_topics: [f32; ROW_TOPIC_FEATURES],
    /// The language.
    pub language: Language,
}

impl fmt::Debug for Extractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extractor").finish_non_exhaustive()
    }
}

impl Extractor {
    /// With a lexicon's words, by their valences in English and Portuguese, and a table of `rows` rows, at most 65
    /// 536.
    pub fn new(words: Vec<(String, [f32; TRACKS])>, rows: usize) -> Self {
        Self { tables: Tables::of(Weights { words, ..Weights::default() }), rows }
    }

    /// The features of `text`; `None` if it has no words.
    pub fn features(&self, text: &str) -> Option<Features> {
        let is_heard = Cell::new(true);
        let mut recorded = Places { places: Vec::new(), is_heard: &is_heard };
        let reading = Reader::<_, false>::new(truncate(text).0, &self.tables, None, &mut recorded).read();
        (reading.words + reading.symbols > 0).then(|| Features {
            damping: damping(reading.rows.finish().1),
            sentiment: reading.sentiment_features(),
            prior: reading.sentiment_prior(),
            topics: reading.topic_features(),
            row_topics: reading.row_topic_features(),
            language: reading.language,
            rows: recorded.places.iter().map(|place| row_at(*place, self.rows) as u32).collect(),
        })
    }
}

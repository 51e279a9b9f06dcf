//! The features of a text as the engine sees them, for a trainer.

use std::fmt;

use super::reader::{Reader, Sink};
use super::tables::Tables;
use super::track::Weighed;
use crate::annotation::{Language, truncate};
use crate::lexicon::TRACKS;
use crate::linear::head::{ROW_TOPIC_FEATURES, SENTIMENT_FEATURES, SENTIMENTS, TOPIC_FEATURES, damping};
use crate::linear::rows::{Place, row_at};
use crate::weights::Weights;
use crate::words::Span;

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
        let mut rows = RowNumbers { numbers: Vec::new(), rows: self.rows };
        let reading = Reader::<_, false>::new(truncate(text).0, &self.tables, None, &mut rows).read();
        (reading.words + reading.symbols > 0).then(|| Features {
            damping: damping(reading.rows.finish().1),
            sentiment: reading.sentiment_features(),
            prior: reading.sentiment_prior(),
            topics: reading.topic_features(),
            row_topics: reading.row_topic_features(),
            language: reading.language,
            rows: rows.numbers,
        })
    }
}

/// Records which rows are added.
struct RowNumbers {
    numbers: Vec<u32>,
    rows: usize,
}

impl Sink for RowNumbers {
    const WANTS_WORDS: bool = false;
    const WANTS_ROWS: bool = true;

    fn word(&mut self, _position: u32, _start: usize) {}

    fn words_evidence(&mut self, _first: u32, _end: usize, _weighed: Weighed) {}

    fn take_back(&mut self, _first: u32) {}

    fn rows(&mut self, places: &[Place]) {
        self.numbers.extend(places.iter().map(|place| row_at(*place, self.rows) as u32));
    }

    fn symbol_evidence(&mut self, _span: Span, _valence: f32) {}
}

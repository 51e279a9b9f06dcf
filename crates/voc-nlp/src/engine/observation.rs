//! What a calibration is learned from.

use std::cell::Cell;

use super::call::{CallReading, CallTurn, shift};
use super::reader::Sink;
use super::reading::Reading;
use super::track::Weighed;
use super::{Engine, truncate};
use crate::linear::head::{SENTIMENT_FEATURES, SENTIMENTS};
use crate::linear::rows::Place;
use crate::words::Span;

/// A text as a calibration sees it.
pub(crate) struct Observation {
    /// The engine's logits of the sentiments.
    pub(crate) logits: [f32; SENTIMENTS],
    /// The features they were computed from.
    pub(crate) features: [f32; SENTIMENT_FEATURES],
    /// The slots of its words in the table of rows.
    pub(crate) places: Vec<Place>,
    /// Added to the logits after calibration: what the turns of a call say.
    pub(crate) added: [f32; SENTIMENTS],
}

impl Engine {
    /// What a calibration sees of a text; `None` if it has no words.
    pub(crate) fn observe(&self, text: &str) -> Option<Observation> {
        let is_heard = Cell::new(true);
        let mut places = Places { places: Vec::new(), is_heard: &is_heard };
        let reading = self.read(truncate(text).0, &mut places);
        self.observation(&reading, places, [0.0; SENTIMENTS])
    }

    /// The same for a call; `None` if those who are heard say nothing.
    pub(crate) fn observe_call(&self, text: &str, turns: impl Iterator<Item = CallTurn>) -> Option<Observation> {
        let is_heard = Cell::new(false);
        let mut places = Places { places: Vec::new(), is_heard: &is_heard };
        // A turn is read before the next one is asked for.
        let turns = turns.map(|said| {
            is_heard.set(said.is_heard);
            ((), said)
        });
        let call = self.read_speakers(text, turns, &mut places, |(), _| ());
        let CallReading { heard, all, valences } = call;
        let shift = shift(valences.get(all.understood_track()).copied().unwrap_or_default());
        self.observation(&heard, places, [-shift, 0.0, shift])
    }

    fn observation(&self, reading: &Reading, places: Places<'_>, added: [f32; SENTIMENTS]) -> Option<Observation> {
        let (logits, features) = reading.sentiment_logits(&self.tables.model);
        (reading.words + reading.symbols > 0).then_some(Observation { logits, features, places: places.places, added })
    }
}

/// Records the slots of words.
pub(super) struct Places<'a> {
    pub(super) places: Vec<Place>,
    /// Whether what is being read counts.
    pub(super) is_heard: &'a Cell<bool>,
}

impl Sink for Places<'_> {
    const WANTS_WORDS: bool = false;
    const WANTS_ROWS: bool = true;

    fn word(&mut self, _position: u32, _start: usize) {}

    fn words_evidence(&mut self, _first: u32, _end: usize, _weighed: Weighed) {}

    fn take_back(&mut self, _first: u32) {}

    fn rows(&mut self, places: &[Place]) {
        if self.is_heard.get() {
            self.places.extend(places);
        }
    }

    fn symbol_evidence(&mut self, _span: Span, _valence: f32) {}
}

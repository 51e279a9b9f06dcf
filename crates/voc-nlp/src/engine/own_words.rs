//! The sum of a tenant's own words during the pass.

use std::cell::Cell;

use super::reader::Sink;
use super::track::Weighed;
use crate::calibration::{OwnSum, OwnWords};
use crate::linear::rows::Place;
use crate::words::Span;

/// Sums own words, and passes everything on to another sink.
pub(super) struct OwnWordsSink<'a, S> {
    pub(super) sink: &'a mut S,
    pub(super) words: &'a OwnWords,
    /// Whether what is being read counts.
    pub(super) is_heard: &'a Cell<bool>,
    pub(super) sum: OwnSum,
}

impl<S: Sink> Sink for OwnWordsSink<'_, S> {
    const WANTS_WORDS: bool = S::WANTS_WORDS;
    const WANTS_ROWS: bool = true;

    #[inline(always)]
    fn word(&mut self, position: u32, start: usize) {
        self.sink.word(position, start);
    }

    #[inline(always)]
    fn words_evidence(&mut self, first: u32, end: usize, weighed: Weighed) {
        self.sink.words_evidence(first, end, weighed);
    }

    #[inline(always)]
    fn take_back(&mut self, first: u32) {
        self.sink.take_back(first);
    }

    #[inline(always)]
    fn rows(&mut self, places: &[Place]) {
        if self.is_heard.get() {
            self.sum.add(self.words, places);
        }
    }

    #[inline(always)]
    fn symbol_evidence(&mut self, span: Span, valence: f32) {
        self.sink.symbol_evidence(span, valence);
    }
}

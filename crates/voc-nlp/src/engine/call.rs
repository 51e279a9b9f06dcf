//! A call with several speakers, read in one pass but scored separately.

use std::cell::Cell;

use crate::annotation::{Annotation, Evidence, Probabilities};
use crate::calibration::OwnSum;
use crate::lexicon::TRACKS;
use crate::words::{Batch, Span};

use super::own_words::OwnWordsSink;
use super::reader::{PartReading, Reader, Sink, capitals_count, topics_in};
use super::reading::Reading;
use super::{Engine, Findings};

/// How much the valences of a call's turns change the logarithm of the odds at most.
const LARGEST_SHIFT: f32 = 2.0;
/// The normalisation of their sum; it is about 7 in a call of ten turns.
const SHIFT_ALPHA: f32 = 150.0;

/// What one speaker says before another one does, and its weight.
#[derive(Clone, Copy)]
pub(crate) struct CallTurn {
    /// Its position in the call's text.
    pub(crate) span: Span,
    /// The factor of its valence, which counts only below 0 if the speaker is not heard.
    pub(crate) weight: f32,
    /// Added to its valence for what the words do not express.
    pub(crate) sign: f32,
    /// Whether the call's score is that of this speaker.
    pub(crate) is_heard: bool,
}

/// A call's annotation with its details.
pub(crate) struct CallExplanation {
    pub(crate) annotation: Annotation,
    /// The valences of the turns.
    pub(crate) valences: Vec<f32>,
    /// The evidence behind them, in the order of the text.
    pub(crate) evidence: Vec<Evidence>,
}

impl Engine {
    /// The annotation of a call, and the language track that counts, which is none if the call is in another language.
    /// `report` receives each turn with what was read of it.
    pub(crate) fn read_turns<T>(
        &self,
        text: &str,
        turns: impl Iterator<Item = (T, CallTurn)>,
        report: impl FnMut(T, PartReading),
    ) -> (Annotation, usize) {
        self.read_call(text, turns, &mut (), report)
    }

    /// The annotation of a text as a whole, the language track that counts, and what was read.
    pub(crate) fn read_whole(&self, text: &str) -> (Annotation, usize, PartReading) {
        let reading = self.read(text, &mut ());
        let sum = |track| reading.tracks.closed().of(track);
        let valence = |track| sum(track).valence(reading.capitals_count, reading.exclamations, reading.questions);
        let part = PartReading {
            valences: std::array::from_fn(valence),
            words: reading.words,
            topics: topics_in(&reading.topics, &Default::default()),
            has_cue: reading.has_cue,
        };
        (self.annotation_of(&reading), reading.understood_track(), part)
    }

    /// The annotation of a call. Its probabilities are those of the text of the speakers whose score counts, shifted
    /// by the weighted sum of the turns' valences; the score follows from them. Language and topics are those of the
    /// whole call.
    pub(crate) fn annotate_call(&self, text: &str, turns: impl Iterator<Item = CallTurn>) -> Annotation {
        self.read_call(text, turns.map(|said| ((), said)), &mut (), |(), _| ()).0
    }

    /// The same with its details.
    pub(crate) fn explain_call(&self, text: &str, turns: impl Iterator<Item = CallTurn>) -> CallExplanation {
        let mut findings = Findings::default();
        let mut valences = Vec::new();
        let turns = turns.map(|said| ((), said));
        let report = |(), of_turn: PartReading| valences.push(of_turn.valences);
        let (annotation, track) = self.read_call(text, turns, &mut findings, report);
        let valences = valences.iter().map(|of_turn| of_turn.get(track).copied().unwrap_or_default()).collect();
        CallExplanation { annotation, valences, evidence: findings.evidence(track) }
    }

    fn read_call<T>(
        &self,
        text: &str,
        turns: impl Iterator<Item = (T, CallTurn)>,
        sink: &mut impl Sink,
        report: impl FnMut(T, PartReading),
    ) -> (Annotation, usize) {
        let CallReading { heard, all, valences } = self.read_speakers(text, turns, sink, report);
        let track = all.understood_track();
        let of_heard = heard.probabilities(&self.tables.model, self.calibration.as_ref());
        let by_turns = valences.get(track).copied().unwrap_or_default();
        let probabilities = shifted(of_heard.unwrap_or_default(), by_turns);
        let annotation = all.annotation_with_sentiment(probabilities, &self.tables.model, self.calibration.as_ref());
        let confidence = of_heard.map_or(0.0, |_| annotation.confidence);
        (Annotation { probabilities, confidence, ..annotation }, track)
    }

    /// What was said in a call, in the language of the whole call.
    pub(super) fn read_speakers<T>(
        &self,
        text: &str,
        turns: impl Iterator<Item = (T, CallTurn)>,
        sink: &mut impl Sink,
        report: impl FnMut(T, PartReading),
    ) -> CallReading {
        let (call, own_words) = match self.own_words() {
            None => (self.read_speakers_with(text, turns, sink, report), OwnSum::default()),
            Some(words) => {
                let is_heard = Cell::new(false);
                let mut sink = OwnWordsSink { sink, words, is_heard: &is_heard, sum: OwnSum::default() };
                // A turn is read before the next one is asked for.
                let turns = turns.inspect(|(_, said)| is_heard.set(said.is_heard));
                let call = self.read_speakers_with(text, turns, &mut sink, report);
                (call, sink.sum)
            }
        };
        let CallReading { heard, mut all, valences } = call;
        all.merge(&heard);
        all.settle(text);
        // A speaker who says little in a language does not change it.
        let heard = Reading {
            language: all.language,
            track: all.track,
            foreignness: all.foreignness,
            is_of_call: true,
            own_words,
            ..heard
        };
        CallReading { heard, all, valences }
    }

    fn read_speakers_with<T>(
        &self,
        text: &str,
        turns: impl Iterator<Item = (T, CallTurn)>,
        sink: &mut impl Sink,
        report: impl FnMut(T, PartReading),
    ) -> CallReading {
        match &self.extra {
            None => Reader::<_, false>::new(text, &self.tables, None, sink).read_call(turns, report),
            Some(extra) => Reader::<_, true>::new(text, &self.tables, Some(extra), sink).read_call(turns, report),
        }
    }
}

/// The probabilities after what the turns say, of which the valence is the weighted sum: the odds of positive against
/// neutral, and of neutral against negative, become e to the power of [`LARGEST_SHIFT`] times as high at most.
fn shifted(probabilities: Probabilities, valence: f32) -> Probabilities {
    let odds = shift(valence).exp();
    let Probabilities { negative, neutral, positive } = probabilities;
    let (negative, positive) = (negative / odds, positive * odds);
    let sum = negative + neutral + positive;
    Probabilities { negative: negative / sum, neutral: neutral / sum, positive: positive / sum }
}

/// The logarithm of these odds.
pub(super) fn shift(valence: f32) -> f32 {
    LARGEST_SHIFT * valence / (valence * valence + SHIFT_ALPHA).sqrt()
}

/// What was said.
pub(super) struct CallReading {
    /// By the speakers whose score counts.
    pub(super) heard: Reading,
    /// By the others; at the end, by all.
    pub(super) all: Reading,
    /// The weighted sums of the turns' valences, by language.
    pub(super) valences: [f32; TRACKS],
}

impl<S: Sink, const EXTRA: bool> Reader<'_, S, EXTRA> {
    fn read_call<T>(
        mut self,
        turns: impl Iterator<Item = (T, CallTurn)>,
        mut report: impl FnMut(T, PartReading),
    ) -> CallReading {
        let capitals_count = capitals_count(self.text());
        let mut elsewhere = Reading::default();
        let mut hears = false;
        let mut batch = Batch::default();
        let mut sums = [0.0; TRACKS];
        for (turn, said) in turns {
            if said.is_heard != hears {
                self.swap(&mut elsewhere);
                hears = said.is_heard;
            }
            let mut part = self.read_part(said.span, &mut batch, capitals_count);
            for (sum, valence) in sums.iter_mut().zip(&mut part.valences) {
                *valence += said.sign;
                // Courtesy of others says nothing.
                let counted = if said.is_heard { *valence } else { valence.min(0.0) };
                *sum += said.weight * counted;
            }
            report(turn, part);
        }
        let here = Reading { capitals_count, ..self.conclude() };
        elsewhere.capitals_count = capitals_count;
        let (heard, all) = if hears { (here, elsewhere) } else { (elsewhere, here) };
        CallReading { heard, all, valences: sums }
    }
}

//! Fits the numbers of a calibration.

use sha2::{Digest, Sha256};

use crate::annotation::Sentiment;
use crate::calibration::{CALIBRATION_FEATURES, Calibration, CalibrationError, Numbers, OwnWords, inputs};
use crate::conversation::CallStage;
use crate::engine::Engine;
use crate::linear::head::{Head, SENTIMENTS, damping};
use crate::linear::regression::{self, Penalty, Prediction, Sample, Weights};

/// Texts are divided into this many folds, each of which is annotated with a calibration from the others.
pub(super) const FOLDS: u8 = 5;

type CalibrationSample = Sample<CALIBRATION_FEATURES, SENTIMENTS>;
type CalibrationWeights = Weights<CALIBRATION_FEATURES, SENTIMENTS>;

/// A labelled text as a calibration sees it.
#[derive(Clone)]
pub(super) struct Observed<'a> {
    pub(super) text: &'a str,
    pub(super) label: Sentiment,
    /// Equal texts are in the same fold.
    pub(super) fold: u8,
    /// Among the texts of other folds.
    inner_fold: u8,
    sample: CalibrationSample,
    /// The part of the sample's prior that a temperature does not divide.
    added: [f32; SENTIMENTS],
}

impl<'a> Observed<'a> {
    /// `None` if the text has no words.
    pub(super) fn of(stage: &CallStage, (text, label): (&'a str, Sentiment)) -> Option<Self> {
        let of_text = stage.observe(text)?;
        let digest = Sha256::digest(text.as_bytes());
        let fold = |byte: usize| digest.get(byte).copied().unwrap_or_default() % FOLDS;
        let mut target = [0.0; SENTIMENTS];
        target[label as usize] = 1.0;
        let rows: Vec<u32> = of_text.places.iter().map(|place| OwnWords::row_at(*place) as u32).collect();
        let sample = Sample {
            damping: damping(rows.len() as u32),
            rows,
            features: inputs(of_text.logits, &of_text.features),
            prior: std::array::from_fn(|i| of_text.logits[i] + of_text.added[i]),
            target,
            weight: 1.0,
        };
        Some(Self { text, label, fold: fold(0), inner_fold: fold(1), sample, added: of_text.added })
    }
}

impl Observed<'_> {
    /// With a weight by which frequent labels count less than they occur, and rare ones more. With equal weights a
    /// rare sentiment would hardly ever be predicted; if each sentiment had the same total weight, it would be
    /// predicted too often, and the confidence would be wrong.
    fn weighted(&self, counts: &[u32; SENTIMENTS]) -> Self {
        let mut text = self.clone();
        text.sample.weight = 1.0 / (counts[text.label as usize] as f32).sqrt();
        text
    }
}

/// How strongly weights are regularised, relative to the loss of one text. Own words have none without a strength.
#[derive(Clone, Copy)]
struct Strength {
    features: f64,
    own_words: Option<f64>,
}

/// The strengths that are tried.
const OF_FEATURES: [f64; 3] = [3.0, 10.0, 30.0];
const OF_OWN_WORDS: [f64; 3] = [3.0, 10.0, 30.0];
/// The strength for features beside own words.
const BESIDE_OWN_WORDS: f64 = 10.0;
const ITERATIONS: usize = 100;

fn strengths(with_own_words: bool) -> impl Iterator<Item = Strength> {
    let features = OF_FEATURES.into_iter().map(|features| Strength { features, own_words: None });
    let own_words = OF_OWN_WORDS.into_iter().filter(move |_| with_own_words);
    features.chain(own_words.map(|own_words| Strength { features: BESIDE_OWN_WORDS, own_words: Some(own_words) }))
}

/// Learns calibrations.
pub(super) struct Learner<'a> {
    pub(super) engine: &'a Engine,
    pub(super) tenant: &'a str,
    /// Whether there are enough texts for own words.
    pub(super) may_have_own_words: bool,
}

impl Learner<'_> {
    /// The calibration of the strength with the lowest loss in cross-validation.
    pub(super) fn learn(&self, texts: &[&Observed<'_>]) -> Result<Calibration, CalibrationError> {
        let counts = counts(texts);
        let texts: Vec<Observed<'_>> = texts.iter().map(|text| text.weighted(&counts)).collect();
        let mut best = (f64::INFINITY, Strength { features: 100.0, own_words: None }, 1.0);
        for strength in strengths(self.may_have_own_words) {
            let predictions = predictions(&texts, strength);
            let temperature = regression::temperature(&predictions, false);
            let loss = regression::loss(&predictions, temperature.into(), false);
            if loss < best.0 {
                best = (loss, strength, temperature);
            }
        }
        let (_, strength, temperature) = best;
        let samples: Vec<_> = texts.iter().map(|text| text.sample.clone()).collect();
        let weights = fit(&samples, strength);
        let mut numbers = Numbers { scale: 1.0 / temperature, ..Numbers::NOTHING };
        numbers.head = Head(weights.features.map(|of_feature| of_feature.map(|weight| weight / temperature)));
        let own_words = strength.own_words.and_then(|_| {
            let largest: [f32; SENTIMENTS] = std::array::from_fn(|class| {
                weights.rows.iter().fold(0.0, |largest: f32, row| largest.max(row[class].abs()))
            });
            numbers.own_words_scales = largest.map(|largest| largest / MOST / temperature);
            let quantised = |row: &[f32; SENTIMENTS]| {
                std::array::from_fn(|class| (row[class] / largest[class].max(f32::MIN_POSITIVE) * MOST).round() as i8)
            };
            OwnWords::of(weights.rows.iter().map(quantised).collect())
        });
        Calibration::new((self.tenant, self.engine.base_version()), counts, numbers, own_words)
    }
}

/// The number of texts with each label.
pub(super) fn counts(texts: &[&Observed<'_>]) -> [u32; SENTIMENTS] {
    let mut counts = [0; SENTIMENTS];
    texts.iter().for_each(|text| counts[text.label as usize] += 1);
    counts
}

/// The largest weight of a row.
const MOST: f32 = 127.0;

fn fit(samples: &[CalibrationSample], strength: Strength) -> CalibrationWeights {
    let Strength { features, own_words } = strength;
    let texts = samples.len() as f64;
    let penalty = Penalty { rows: own_words.unwrap_or(1.0) / texts, features: features / texts };
    regression::fit(samples, OwnWords::ROWS, false, own_words.is_some(), penalty, ITERATIONS)
}

/// What weights from the other folds predict for each fold.
fn predictions(texts: &[Observed<'_>], strength: Strength) -> Vec<Prediction<SENTIMENTS>> {
    let mut predictions = Vec::new();
    for out in 0..FOLDS {
        let (held_out, others): (Vec<&Observed<'_>>, Vec<_>) = texts.iter().partition(|text| text.inner_fold == out);
        let others: Vec<_> = others.into_iter().map(|text| text.sample.clone()).collect();
        let weights = fit(&others, strength);
        predictions.extend(held_out.into_iter().map(|text| {
            let (logits, added) = (weights.logits(&text.sample), text.added.map(f64::from));
            Prediction {
                logits: std::array::from_fn(|class| logits[class] - added[class]),
                added,
                target: text.sample.target,
                weight: f64::from(text.sample.weight),
            }
        }));
    }
    predictions
}

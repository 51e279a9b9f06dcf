//! Whether a calibration helps.

use std::fmt;

use super::metrics::{JudgedText, accuracy, calibration_error, macro_f1};
use crate::annotation::Sentiment;
use crate::calibration::Calibration;
use crate::linear::head::SENTIMENTS;

/// The quality of annotations of labelled texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationFigures {
    /// The mean of the sentiments' F1.
    pub macro_f1: f64,
    /// The share of texts that get their label.
    pub accuracy: f64,
    /// The expected calibration error: how far the confidence is from the accuracy, on average.
    pub calibration_error: f64,
}

/// What a calibration was made from, and what it changes for texts that it was not made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationReport {
    /// Number of texts with words.
    pub texts: usize,
    /// Number of texts without words.
    pub ignored: usize,
    /// The texts with words by label: negative, neutral, positive.
    pub by_sentiment: [u32; SENTIMENTS],
    /// Whether the calibration has weights of the tenant's own words.
    pub has_own_words: bool,
    /// Of the engine alone.
    pub before: CalibrationFigures,
    /// Of the engine with calibrations from other texts.
    pub after: CalibrationFigures,
}

impl CalibrationFigures {
    pub(super) fn of(judged: &[JudgedText]) -> Self {
        let (macro_f1, accuracy) = (macro_f1(judged), accuracy(judged));
        Self { macro_f1, accuracy, calibration_error: calibration_error(judged) }
    }

    /// One number for all three.
    fn total(&self) -> f64 {
        self.macro_f1 + self.accuracy - self.calibration_error
    }
}

impl CalibrationReport {
    /// A gain below this is no reason to use a calibration.
    const LEAST_GAIN: f64 = 0.01;
    /// Neither macro-F1 nor accuracy may fall by more than this.
    const MOST_LOSS: f64 = 0.01;

    /// Whether the calibration helps: macro-F1 plus accuracy minus calibration error rises by .01 or more, and neither
    /// macro-F1 nor accuracy falls by more than .01.
    pub fn helps(&self) -> bool {
        let Self { before, after, .. } = self;
        let gains = [after.macro_f1 - before.macro_f1, after.accuracy - before.accuracy];
        after.total() - before.total() >= Self::LEAST_GAIN && gains.iter().all(|gain| *gain >= -Self::MOST_LOSS)
    }

    /// What is doubtful about the texts.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.texts < Calibration::ENOUGH_TEXTS {
            let enough = Calibration::ENOUGH_TEXTS;
            warnings
                .push(format!("{} texts are few: label {enough} or more, and the figures will be surer", self.texts));
        }
        let sentiments = [Sentiment::Negative, Sentiment::Neutral, Sentiment::Positive];
        for (sentiment, count) in sentiments.into_iter().zip(self.by_sentiment) {
            if count == 0 {
                warnings.push(format!("no text is labelled {sentiment}: hardly any will be annotated so"));
            } else if (count as usize) < Self::FEW {
                warnings.push(format!("only {count} texts are labelled {sentiment}: it will seldom be recognised"));
            }
        }
        if self.ignored > 0 {
            warnings.push(format!("{} texts have no words and are ignored", self.ignored));
        }
        warnings
    }

    /// A sentiment with fewer texts than this is hardly learned.
    const FEW: usize = 20;
}

impl fmt::Display for CalibrationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { texts, by_sentiment: [negative, neutral, positive], has_own_words, before, after, .. } = self;
        writeln!(f, "{texts} labelled texts: {negative} negative, {neutral} neutral, {positive} positive")?;
        writeln!(f, "the tenant's own words {}", if *has_own_words { "count" } else { "do not count" })?;
        writeln!(f, "{:<20} {:>8} {:>8} {:>8}", "", "before", "after", "change")?;
        for (name, of) in [
            ("macro-F1", (|figures| figures.macro_f1) as fn(&CalibrationFigures) -> f64),
            ("accuracy", |figures| figures.accuracy),
            ("calibration error", |figures| figures.calibration_error),
        ] {
            let (before, after) = (of(before), of(after));
            writeln!(f, "{name:<20} {before:>8.3} {after:>8.3} {:>+8.3}", after - before)?;
        }
        Ok(())
    }
}

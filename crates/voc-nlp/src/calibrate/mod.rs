//! Learns a calibration from labelled texts, and measures whether it helps.

mod fit;
pub(crate) mod metrics;
mod report;

use crate::annotation::Sentiment;
use crate::calibration::{Calibration, CalibrationError};
use crate::conversation::CallStage;
use crate::engine::FastStage;
use fit::{FOLDS, Learner, Observed};
use metrics::JudgedText;
pub use report::{CalibrationFigures, CalibrationReport};

/// Labelled texts that no calibration can be learned from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Not enough texts.
    #[error("{0} labelled texts with words are too few: a calibration needs at least {min}, and helps from about {enough} on", min = Calibration::MIN_TEXTS, enough = Calibration::ENOUGH_TEXTS)]
    Texts(usize),
    /// All texts have the same label.
    #[error("all texts are labelled {0}: a calibration needs texts of at least two sentiments")]
    OneSentiment(Sentiment),
    /// The result cannot be stored, because the tenant's name is too long or numbers are not finite.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
}

impl Calibration {
    /// Learns the calibration of a tenant from labelled texts, and measures by cross-validation whether it helps:
    /// each fifth of the texts is annotated with a calibration learned from the other four.
    ///
    /// `stage` is that of the tenant, with its words and brands. A calibration that it has already is not used. A text
    /// may be a transcript. Texts without words are ignored. The same texts, in the same order, give the same
    /// calibration.
    ///
    /// # Errors
    /// [`FitError`] if there is hardly anything to learn from, or the tenant's name is too long.
    pub fn fit(
        stage: &CallStage,
        tenant: &str,
        texts: &[(&str, Sentiment)],
    ) -> Result<(Self, CalibrationReport), FitError> {
        let stage = stage.clone().with_engine(stage.engine().without_calibration());
        let observed: Vec<Observed<'_>> = texts.iter().filter_map(|text| Observed::of(&stage, *text)).collect();
        if observed.len() < Self::MIN_TEXTS {
            return Err(FitError::Texts(observed.len()));
        }
        let mut labels = observed.iter().map(|text| text.label);
        if let Some(first) = labels.next().filter(|first| labels.all(|label| label == *first)) {
            return Err(FitError::OneSentiment(first));
        }
        let may_have_own_words = observed.len() >= Self::MIN_TEXTS_OF_OWN_WORDS;
        let learner = Learner { engine: stage.engine(), tenant, may_have_own_words };
        let calibration = learner.learn(&observed.iter().collect::<Vec<_>>())?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for out in 0..FOLDS {
            let (held_out, others): (Vec<&Observed<'_>>, Vec<_>) = observed.iter().partition(|text| text.fold == out);
            let calibrated = stage.clone().with_engine(stage.engine().with_calibration(&learner.learn(&others)?)?);
            before.extend(held_out.iter().map(|text| text.judged_by(&stage)));
            after.extend(held_out.iter().map(|text| text.judged_by(&calibrated)));
        }
        let report = CalibrationReport {
            texts: observed.len(),
            ignored: texts.len() - observed.len(),
            by_sentiment: calibration.texts(),
            has_own_words: calibration.has_own_words(),
            before: CalibrationFigures::of(&before),
            after: CalibrationFigures::of(&after),
        };
        Ok((calibration, report))
    }
}

impl Observed<'_> {
    fn judged_by(&self, stage: &CallStage) -> JudgedText {
        let annotation = stage.annotate(self.text);
        JudgedText {
            gold: self.label as usize,
            found: Some(annotation.label() as usize),
            confidence: annotation.confidence,
        }
    }
}

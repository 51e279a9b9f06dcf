//! The slow, accurate stage: a model behind a trait.

use std::time::Duration;

use crate::annotation::Topic;

/// A model that is asked about the texts the fast stage is unsure of.
///
/// Calls block the calling thread and may do I/O: see [`Annotator::has_model`](crate::Annotator::has_model). The model is called
/// from several threads at once.
pub trait Model: Send + Sync {
    /// A short name, such as `distilbert`. Part of [`Annotator::version`](crate::Annotator::version).
    fn name(&self) -> &str;

    /// What distinguishes this state of the model from others. A change of it makes earlier cached answers unreachable.
    fn version(&self) -> &str;

    /// Answers for all `texts`, in their order and exactly as many.
    ///
    /// `texts` is never empty, never longer than [`AnnotatorBuilder::max_model_batch`](crate::AnnotatorBuilder::max_model_batch),
    /// and holds no text twice.
    ///
    /// # Errors
    /// Any [`ModelError`]: the fast stage's answers then stand for all of `texts`.
    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError>;
}

/// What a model says about one text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelAnswer {
    /// From -1 to 1, as [`Annotation::sentiment`](crate::Annotation::sentiment).
    pub sentiment: f32,
    /// From 0 to 1, as [`Annotation::confidence`](crate::Annotation::confidence).
    pub confidence: f32,
    /// The topic, if the model knows one; otherwise the fast stage's topic stands.
    pub topic: Option<Topic>,
}

impl ModelAnswer {
    /// An answer without a topic.
    pub fn new(sentiment: f32, confidence: f32) -> Self {
        Self { sentiment, confidence, topic: None }
    }

    /// The same answer with a topic.
    #[must_use]
    pub fn with_topic(mut self, topic: Topic) -> Self {
        self.topic = Some(topic);
        self
    }

    /// The answer with values that left their range by rounding put back; `None` when a value is no number or far outside.
    pub(crate) fn checked(mut self) -> Option<Self> {
        const ROUNDING: f32 = 1e-3;
        // Written so that NaN is refused too.
        let usable =
            self.sentiment.abs() <= 1.0 + ROUNDING && self.confidence >= -ROUNDING && self.confidence <= 1.0 + ROUNDING;
        self.sentiment = self.sentiment.clamp(-1.0, 1.0);
        self.confidence = self.confidence.clamp(0.0, 1.0);
        usable.then_some(self)
    }
}

/// Why a model gave no answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The model cannot be reached or used at all. The rest of the batch in hand is not tried.
    #[error("the model is unavailable: {0}")]
    Unavailable(String),
    /// The model did not answer in time. The rest of the batch in hand is not tried.
    #[error("the model did not answer within {0:?}")]
    TimedOut(Duration),
    /// The model refused these texts, or its answer could not be understood. Other texts are still tried.
    #[error("the model gave no usable answer: {0}")]
    BadAnswer(String),
    /// The model gave another number of answers than it was given texts.
    #[error("the model gave {got} answers for {expected} texts")]
    WrongCount {
        /// How many texts there were.
        expected: usize,
        /// How many answers came.
        got: usize,
    },
}

impl ModelError {
    /// Whether the next call is likely to fail in the same way, whatever its texts.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TimedOut(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_checked() {
        let kept = ModelAnswer::new(1.0005, -0.0005).checked();
        assert_eq!(kept, Some(ModelAnswer::new(1.0, 0.0)));
        for (sentiment, confidence) in [(f32::NAN, 0.5), (0.5, f32::NAN), (1.5, 0.5), (0.0, f32::INFINITY), (0.0, -1.0)]
        {
            assert_eq!(ModelAnswer::new(sentiment, confidence).checked(), None);
        }
    }
}

//! The slow, accurate stage: a model behind a trait, with its batching, breaker and budget.

mod batcher;
mod breaker;
mod budget;
mod unanswered;

use std::time::Duration;

use crate::annotation::{Probabilities, Topic};

pub(crate) use self::batcher::{Batcher, BatcherSettings, Clock, Outcome, Question};
pub(crate) use self::breaker::Breaker;
pub use self::breaker::BreakerState;
pub use self::budget::ModelBudget;
pub(crate) use self::unanswered::UnansweredReason;

/// A model that is called for the texts on which the fast stage is uncertain.
///
/// It is called on the annotator's own threads, on several at once if
/// [`AnnotatorBuilder::max_concurrent_calls`](crate::AnnotatorBuilder::max_concurrent_calls) allows it. A call may
/// block and do I/O. It should time out, because calls cannot be cancelled: until it returns, its thread is occupied.
///
/// ```
/// use voc_nlp::{Model, ModelAnswer, ModelError, Probabilities, Topic};
///
/// struct Classifier;
///
/// impl Model for Classifier {
///     fn name(&self) -> &str { "classifier" }
///     fn version(&self) -> &str { "2026-01" }
///
///     fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
///         let answer = |_text: &&str| {
///             let probabilities = Probabilities { negative: 0.7, neutral: 0.2, positive: 0.1 };
///             ModelAnswer::from_probabilities(probabilities).with_topic(Topic::BILLING)
///         };
///         Ok(texts.iter().map(answer).collect())
///     }
/// }
///
/// let answers = Classifier.annotate_batch(&["charged twice"])?;
/// assert_eq!(answers[0].confidence, 0.7);
/// # Ok::<(), ModelError>(())
/// ```
pub trait Model: Send + Sync {
    /// A short name, such as `distilbert`. Part of [`Annotator::version`](crate::Annotator::version).
    fn name(&self) -> &str;

    /// Distinguishes this version of the model from others. A change makes earlier cached answers unreachable.
    fn version(&self) -> &str;

    /// Answers for all `texts`, in their order and exactly as many.
    ///
    /// `texts` is never empty, never longer than
    /// [`AnnotatorBuilder::max_model_batch`](crate::AnnotatorBuilder::max_model_batch), and contains no duplicates.
    /// The texts may come from several callers.
    ///
    /// # Errors
    /// Any [`ModelError`]: the fast stage's answers are then kept for all of `texts`.
    fn annotate_batch(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError>;
}

/// A model's answer about one text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelAnswer {
    /// From -1 to 1, as [`Annotation::sentiment`](crate::Annotation::sentiment).
    pub sentiment: f32,
    /// As [`Annotation::probabilities`](crate::Annotation::probabilities).
    pub probabilities: Probabilities,
    /// From 0 to 1, as [`Annotation::confidence`](crate::Annotation::confidence).
    pub confidence: f32,
    /// The topic, if the model knows one; otherwise the fast stage's topic is kept.
    pub topic: Option<Topic>,
}

impl ModelAnswer {
    /// An answer without a topic, with the simplest probabilities of that sentiment: those of its direction and of
    /// neutral.
    pub fn new(sentiment: f32, confidence: f32) -> Self {
        let probabilities = Probabilities {
            negative: (-sentiment).max(0.0),
            neutral: 1.0 - sentiment.abs(),
            positive: sentiment.max(0.0),
        };
        Self { sentiment, probabilities, confidence, topic: None }
    }

    /// The answer of a model that only returns a score: its confidence is the highest of the probabilities that
    /// [`new`](Self::new) derives from it.
    pub fn from_score(sentiment: f32) -> Self {
        Self::new(sentiment, sentiment.abs().max(1.0 - sentiment.abs()))
    }

    /// The answer of a classifier: the sentiment is the expectation, and the confidence is the probability of the most
    /// likely class.
    pub fn from_probabilities(probabilities: Probabilities) -> Self {
        let Probabilities { negative, neutral, positive } = probabilities;
        let confidence = negative.max(neutral).max(positive);
        Self { sentiment: positive - negative, probabilities, confidence, topic: None }
    }

    /// The same answer with a topic.
    #[must_use]
    pub fn with_topic(mut self, topic: Topic) -> Self {
        self.topic = Some(topic);
        self
    }

    /// The answer, with values clamped that left their range by rounding; `None` if a value is NaN or far outside.
    pub(crate) fn checked(mut self) -> Option<Self> {
        const ROUNDING: f32 = 1e-3;
        // Comparisons reject NaN, too.
        let is_share = |value: f32| (-ROUNDING..=1.0 + ROUNDING).contains(&value);
        let Probabilities { negative, neutral, positive } = self.probabilities;
        let usable = self.sentiment.abs() <= 1.0 + ROUNDING
            && [self.confidence, negative, neutral, positive].into_iter().all(is_share)
            && (negative + neutral + positive - 1.0).abs() <= 10.0 * ROUNDING;
        self.sentiment = self.sentiment.clamp(-1.0, 1.0);
        self.confidence = self.confidence.clamp(0.0, 1.0);
        self.probabilities = Probabilities {
            negative: negative.clamp(0.0, 1.0),
            neutral: neutral.clamp(0.0, 1.0),
            positive: positive.clamp(0.0, 1.0),
        };
        usable.then_some(self)
    }
}

/// Why a model gave no answers. Error texts contain neither the annotated texts nor secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The model cannot be reached or used at all. Other waiting texts are not attempted.
    #[error("the model is unavailable: {0}")]
    Unavailable(String),
    /// The model did not answer in time. Other waiting texts are not attempted.
    #[error("the model did not answer within {0:?}")]
    TimedOut(Duration),
    /// The connection was lost before there was an answer. Such a call is repeated once.
    #[error("the connection to the model was lost")]
    ConnectionLost,
    /// The model asks for a pause, possibly for a stated time. Other waiting texts are not attempted.
    #[error("the model is called too often")]
    Overloaded {
        /// When it may be called again.
        retry_after: Option<Duration>,
    },
    /// The model rejected these texts, or its answer could not be understood. Other texts are still attempted.
    #[error("the model gave no usable answer: {0}")]
    BadAnswer(String),
    /// The model returned another number of answers than texts.
    #[error("the model gave {got} answers for {expected} texts")]
    WrongCount {
        /// Number of texts.
        expected: usize,
        /// Number of answers.
        got: usize,
    },
}

impl ModelError {
    /// Whether the next call is likely to fail in the same way, whatever its texts.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::TimedOut(_) | Self::ConnectionLost | Self::Overloaded { .. } => true,
            Self::BadAnswer(_) | Self::WrongCount { .. } => false,
        }
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

    #[test]
    fn probabilities_are_checked() {
        let answer = |negative, neutral, positive| {
            ModelAnswer::from_probabilities(Probabilities { negative, neutral, positive }).checked()
        };
        assert!(answer(0.2, 0.3, 0.5005).is_some());
        for (negative, neutral, positive) in [(f32::NAN, 0.5, 0.5), (0.5, 0.5, 0.5), (-0.5, 0.5, 1.0), (0.0, 0.0, 0.0)]
        {
            assert_eq!(answer(negative, neutral, positive), None);
        }
    }

    #[test]
    fn a_score_alone_has_probabilities_too() {
        let answer = ModelAnswer::from_score(-0.75);
        assert_eq!(answer.probabilities, Probabilities { negative: 0.75, neutral: 0.25, positive: 0.0 });
        assert_eq!((answer.sentiment, answer.confidence), (-0.75, 0.75));
        assert_eq!(ModelAnswer::from_score(0.0).confidence, 1.0);
    }

    #[test]
    fn a_classifiers_answer_is_its_expectation() {
        let answer = ModelAnswer::from_probabilities(Probabilities { negative: 0.25, neutral: 0.25, positive: 0.5 });
        assert_eq!((answer.sentiment, answer.confidence), (0.25, 0.5));
    }
}

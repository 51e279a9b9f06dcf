//! Combines the stages: fast stage, cache, model.

mod builder;
mod slow;
mod stats;

use std::fmt;
use std::sync::Arc;

use self::slow::SlowStage;
use crate::annotation::Annotation;
use crate::call_facts::AnnotatedCall;
use crate::engine::FastStage;
use crate::redact::Redactor;

pub use self::builder::AnnotatorBuilder;
pub use self::stats::AnnotatorStats;
pub(crate) use self::stats::Counters;

/// Annotates texts: the fast stage always, the model where the fast stage is uncertain.
///
/// Share one among threads (in an [`Arc`]): it holds the cache of the model's answers, and gathers the questions of
/// all threads into calls to the model.
///
/// ```
/// use voc_nlp::{Annotator, Sentiment};
///
/// let annotator = Annotator::default();
/// let annotations = annotator.annotate_batch(&["I love it!", "Péssimo, não funciona."]);
/// let labels: Vec<_> = annotations.iter().map(|annotation| annotation.label()).collect();
/// assert_eq!(labels, [Sentiment::Positive, Sentiment::Negative]);
/// ```
pub struct Annotator {
    fast: Arc<dyn FastStage>,
    slow: Option<SlowStage>,
    threshold: f32,
    version: String,
    counters: Arc<Counters>,
}

impl fmt::Debug for Annotator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotator")
            .field("version", &self.version)
            .field("threshold", &self.threshold)
            .finish_non_exhaustive()
    }
}

impl Annotator {
    /// The version to store with annotations: the fast stage's version and, if there is a model, `+name@version`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether annotating may block on a model, for at most [`AnnotatorBuilder::model_timeout`]. Without one, it only
    /// computes, for microseconds per text.
    pub fn has_model(&self) -> bool {
        self.slow.is_some()
    }

    /// Annotates one text.
    pub fn annotate(&self, text: &str) -> Annotation {
        let mut annotation = self.fast.annotate(text);
        self.counters.count_texts(1);
        if let Some(slow) = &self.slow
            && self.is_unsure(&annotation)
        {
            slow.decide([(text, &mut annotation)], &self.counters);
        }
        annotation
    }

    /// Annotates texts, in order. Each result is what [`annotate`](Self::annotate) would return for that text alone;
    /// only the number of calls to the model is smaller.
    pub fn annotate_batch(&self, texts: &[&str]) -> Vec<Annotation> {
        let mut annotations: Vec<Annotation> = texts.iter().map(|text| self.fast.annotate(text)).collect();
        self.decide(texts.iter().copied().zip(&mut annotations));
        annotations
    }

    /// Annotates texts of tenants, each a pair of tenant and text, with the words and topics that the fast stage has
    /// for the tenant.
    pub fn annotate_batch_for(&self, texts: &[(&str, &str)]) -> Vec<Annotation> {
        let mut annotations: Vec<Annotation> =
            texts.iter().map(|(tenant, text)| self.fast.annotate_for(tenant, text)).collect();
        self.decide(texts.iter().map(|(_, text)| *text).zip(&mut annotations));
        annotations
    }

    /// The same with what the fast stage knows of conversations beyond their annotations, whichever stage decides
    /// their sentiments.
    pub fn annotate_calls_for(&self, texts: &[(&str, &str)]) -> Vec<AnnotatedCall> {
        let mut calls: Vec<AnnotatedCall> =
            texts.iter().map(|(tenant, text)| self.fast.annotate_call_for(tenant, text)).collect();
        let annotations = calls.iter_mut().map(|call| &mut call.annotation);
        self.decide(texts.iter().map(|(_, text)| *text).zip(annotations));
        calls
    }

    /// The redactor for a tenant's texts: `base` with the tenant's choice, if the fast stage knows one.
    pub fn redactor_for(&self, tenant: &str, base: Redactor) -> Redactor {
        self.fast.redactor_for(tenant, base)
    }

    /// Calls the model, if there is one, for the texts on which the fast stage was uncertain.
    fn decide<'a>(&self, texts: impl ExactSizeIterator<Item = (&'a str, &'a mut Annotation)>) {
        self.counters.count_texts(texts.len());
        if let Some(slow) = &self.slow {
            slow.decide(texts.filter(|(_, annotation)| self.is_unsure(annotation)), &self.counters);
        }
    }

    /// Counts since this annotator was built.
    pub fn stats(&self) -> AnnotatorStats {
        self.counters.snapshot(self.slow.as_ref().map(SlowStage::breaker).unwrap_or_default())
    }

    /// Whether a text should go to the model: it has words, and the fast stage is uncertain about them.
    fn is_unsure(&self, annotation: &Annotation) -> bool {
        annotation.sentiment.is_some() && annotation.confidence < self.threshold
    }
}

//! The stages put together: fast stage, cache, model.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::annotation::{Annotation, DecidedBy, truncate};
use crate::cache::{AnswerCache, Key};
use crate::engine::{Engine, FastStage};
use crate::model::{Model, ModelAnswer, ModelError};

/// Annotates texts: the fast stage always, the model for what the fast stage is unsure of.
///
/// Share one among threads (in an [`Arc`]); it holds the cache of the model's answers.
pub struct Annotator {
    fast: Arc<dyn FastStage>,
    slow: Option<SlowStage>,
    threshold: f32,
    version: String,
    counters: Counters,
}

/// A model with what belongs to it.
struct SlowStage {
    model: Arc<dyn Model>,
    cache: AnswerCache,
    max_batch: usize,
}

impl Default for Annotator {
    /// The built-in rules, without a model.
    fn default() -> Self {
        Self::builder().build()
    }
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
    /// Starts from the built-in rules without a model.
    pub fn builder() -> AnnotatorBuilder {
        AnnotatorBuilder::default()
    }

    /// What annotates here, to be stored with what was annotated: the fast stage's version and, if there is a model,
    /// `+name@version`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether annotating may block on a model. Without one, annotating only computes, for microseconds a text.
    pub fn has_model(&self) -> bool {
        self.slow.is_some()
    }

    /// Annotates one text.
    pub fn annotate(&self, text: &str) -> Annotation {
        let mut annotation = self.fast.annotate(text);
        count(&self.counters.texts, 1);
        if let Some(slow) = &self.slow
            && self.is_unsure(&annotation)
        {
            let unsure = vec![(text, &mut annotation)];
            slow.decide(unsure, &self.counters);
        }
        annotation
    }

    /// Annotates texts, in their order. Each result is what [`annotate`](Self::annotate) would give for that text alone; only the
    /// calls to the model are fewer.
    pub fn annotate_batch(&self, texts: &[&str]) -> Vec<Annotation> {
        let mut annotations: Vec<Annotation> = texts.iter().map(|text| self.fast.annotate(text)).collect();
        count(&self.counters.texts, texts.len());
        if let Some(slow) = &self.slow {
            let unsure: Vec<_> = texts
                .iter()
                .copied()
                .zip(&mut annotations)
                .filter(|(_, annotation)| self.is_unsure(annotation))
                .collect();
            slow.decide(unsure, &self.counters);
        }
        annotations
    }

    /// What happened since this annotator was built.
    pub fn stats(&self) -> AnnotatorStats {
        self.counters.snapshot()
    }

    /// Whether a model should see the text: it has something to say and the fast stage does not know what.
    fn is_unsure(&self, annotation: &Annotation) -> bool {
        annotation.sentiment.is_some() && annotation.confidence < self.threshold
    }
}

impl SlowStage {
    /// Replaces the fast stage's annotations by the model's as far as the cache or the model has an answer.
    fn decide(&self, unsure: Vec<(&str, &mut Annotation)>, counters: &Counters) {
        let mut cache_hits = 0;
        let mut questions = Questions::default();
        for (text, annotation) in unsure {
            let (text, _) = truncate(text);
            let key = self.cache.key(text);
            if let Some(answer) = self.cache.get(&key) {
                apply(&answer, DecidedBy::Cache, annotation);
                cache_hits += 1;
            } else {
                annotation.decided_by = DecidedBy::Fallback;
                questions.ask(key, text, annotation);
            }
        }
        count(&counters.cache_hits, cache_hits);

        for batch in questions.distinct.chunks_mut(self.max_batch) {
            let texts: Vec<&str> = batch.iter().map(|question| question.text).collect();
            count(&counters.model_calls, 1);
            count(&counters.model_texts, texts.len());
            match self.ask(&texts) {
                Ok(answers) => {
                    for (question, answer) in batch.iter_mut().zip(answers) {
                        self.accept(question, answer, counters);
                    }
                }
                Err(error) => {
                    counters.fail(&error);
                    if error.is_outage() {
                        break;
                    }
                }
            }
        }
    }

    fn ask(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        let answers = self.model.annotate_batch(texts)?;
        if answers.len() == texts.len() {
            Ok(answers)
        } else {
            Err(ModelError::WrongCount { expected: texts.len(), got: answers.len() })
        }
    }

    fn accept(&self, question: &mut Question<'_>, answer: ModelAnswer, counters: &Counters) {
        let Some(answer) = answer.checked() else {
            count(&counters.bad_answers, 1);
            return;
        };
        for annotation in &mut question.annotations {
            apply(&answer, DecidedBy::Model, annotation);
        }
        self.cache.insert(question.key, answer);
    }
}

fn apply(answer: &ModelAnswer, decided_by: DecidedBy, annotation: &mut Annotation) {
    annotation.sentiment = Some(answer.sentiment);
    annotation.confidence = answer.confidence;
    annotation.decided_by = decided_by;
    if let Some(topic) = &answer.topic {
        annotation.topic = Some(topic.clone());
    }
}

/// What to ask the model: each text once, however often it occurs.
#[derive(Default)]
struct Questions<'a> {
    distinct: Vec<Question<'a>>,
    by_key: HashMap<Key, usize>,
}

struct Question<'a> {
    key: Key,
    text: &'a str,
    annotations: Vec<&'a mut Annotation>,
}

impl<'a> Questions<'a> {
    fn ask(&mut self, key: Key, text: &'a str, annotation: &'a mut Annotation) {
        let next = self.distinct.len();
        let index = *self.by_key.entry(key).or_insert(next);
        match self.distinct.get_mut(index) {
            Some(question) => question.annotations.push(annotation),
            None => self.distinct.push(Question { key, text, annotations: vec![annotation] }),
        }
    }
}

/// Builds an [`Annotator`].
#[must_use]
pub struct AnnotatorBuilder {
    fast: Option<Arc<dyn FastStage>>,
    model: Option<Arc<dyn Model>>,
    threshold: f32,
    max_batch: usize,
    cache_capacity: u64,
}

impl Default for AnnotatorBuilder {
    fn default() -> Self {
        Self {
            fast: None,
            model: None,
            threshold: Self::DEFAULT_CONFIDENCE_THRESHOLD,
            max_batch: Self::DEFAULT_MAX_MODEL_BATCH,
            cache_capacity: Self::DEFAULT_CACHE_CAPACITY,
        }
    }
}

impl fmt::Debug for AnnotatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnnotatorBuilder")
            .field("threshold", &self.threshold)
            .field("max_batch", &self.max_batch)
            .field("cache_capacity", &self.cache_capacity)
            .finish_non_exhaustive()
    }
}

impl AnnotatorBuilder {
    /// The threshold unless [`confidence_threshold`](Self::confidence_threshold) sets another.
    pub const DEFAULT_CONFIDENCE_THRESHOLD: f32 = 0.6;
    /// Texts per model call unless [`max_model_batch`](Self::max_model_batch) sets another number.
    pub const DEFAULT_MAX_MODEL_BATCH: usize = 32;
    /// Cached answers unless [`cache_capacity`](Self::cache_capacity) sets another number.
    pub const DEFAULT_CACHE_CAPACITY: u64 = 10_000;

    /// Replaces the built-in [`Engine`].
    pub fn fast_stage(mut self, stage: Arc<dyn FastStage>) -> Self {
        self.fast = Some(stage);
        self
    }

    /// Adds a model for the texts the fast stage is unsure of.
    pub fn model(mut self, model: Arc<dyn Model>) -> Self {
        self.model = Some(model);
        self
    }

    /// The model is asked about texts whose confidence is below this, from 0 (never) to above 1 (always). Not a number counts as
    /// 0.
    pub fn confidence_threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// At most this many texts in one call of the model; 0 counts as 1.
    pub fn max_model_batch(mut self, texts: usize) -> Self {
        self.max_batch = texts.max(1);
        self
    }

    /// At most about this many of the model's answers are kept; 0 keeps none.
    pub fn cache_capacity(mut self, answers: u64) -> Self {
        self.cache_capacity = answers;
        self
    }

    /// The annotator.
    pub fn build(self) -> Annotator {
        let fast = self.fast.unwrap_or_else(|| Arc::new(Engine::built_in()));
        let mut version = fast.version().to_owned();
        if let Some(model) = &self.model {
            version.push_str(&format!("+{}@{}", model.name(), model.version()));
        }
        let slow = self.model.map(|model| SlowStage {
            cache: AnswerCache::new(model.as_ref(), self.cache_capacity),
            model,
            max_batch: self.max_batch,
        });
        Annotator { fast, slow, threshold: self.threshold, version, counters: Counters::default() }
    }
}

/// What happened in an [`Annotator`] since it was built. All numbers only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnnotatorStats {
    /// Texts annotated.
    pub texts: u64,
    /// Texts for which a cached answer of the model was used.
    pub cache_hits: u64,
    /// Calls of the model.
    pub model_calls: u64,
    /// Texts in these calls.
    pub model_texts: u64,
    /// Calls of the model that failed as a whole.
    pub model_failures: u64,
    /// Single answers that were refused because they were not numbers or out of range.
    pub bad_answers: u64,
    /// The last failure.
    pub last_failure: Option<ModelError>,
}

#[derive(Default)]
struct Counters {
    texts: AtomicU64,
    cache_hits: AtomicU64,
    model_calls: AtomicU64,
    model_texts: AtomicU64,
    model_failures: AtomicU64,
    bad_answers: AtomicU64,
    last_failure: Mutex<Option<ModelError>>,
}

impl Counters {
    fn fail(&self, error: &ModelError) {
        count(&self.model_failures, 1);
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }

    fn snapshot(&self) -> AnnotatorStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        AnnotatorStats {
            texts: read(&self.texts),
            cache_hits: read(&self.cache_hits),
            model_calls: read(&self.model_calls),
            model_texts: read(&self.model_texts),
            model_failures: read(&self.model_failures),
            bad_answers: read(&self.bad_answers),
            last_failure: self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

fn count(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

//! The slow stage: cache, then model.

use std::collections::HashMap;
use std::sync::Arc;

use super::Counters;
use crate::annotation::{Annotation, DecidedBy};
use crate::cache::{AnswerCache, CacheKey};
use crate::conversation::Conversation;
use crate::model::{Batcher, BatcherSettings, BreakerState, Model, ModelAnswer, Outcome, Question};

/// A model with its cache and batcher.
pub(super) struct SlowStage {
    cache: Arc<AnswerCache>,
    batcher: Batcher,
}

impl SlowStage {
    pub(super) fn new(
        model: Arc<dyn Model>,
        cache_capacity: usize,
        settings: BatcherSettings,
        counters: Arc<Counters>,
    ) -> Self {
        let cache = Arc::new(AnswerCache::new(model.as_ref(), cache_capacity));
        Self { batcher: Batcher::new(model, Arc::clone(&cache), counters, settings), cache }
    }

    pub(super) fn breaker(&self) -> BreakerState {
        self.batcher.breaker()
    }

    /// Replaces the fast stage's annotations by the model's if the cache or the model has an answer.
    ///
    /// The model reads what the fast stage does: the names of speakers and what they say, without the markup and the
    /// times of a transcript's format. The same conversation in two formats is one question.
    pub(super) fn decide<'a>(
        &self,
        unsure: impl IntoIterator<Item = (&'a str, &'a mut Annotation)>,
        counters: &Counters,
    ) {
        let mut unknown = Unknown::default();
        let mut cache_hits = 0;
        for (text, annotation) in unsure {
            let conversation = Conversation::parse(text);
            let text = conversation.text().trim_end();
            let key = self.cache.key(text);
            if let Some(answer) = self.cache.get(&key) {
                apply(&answer, DecidedBy::Cache, annotation);
                cache_hits += 1;
            } else {
                annotation.decided_by = DecidedBy::Fallback;
                unknown.add(key, text, annotation);
            }
        }
        counters.count_cache_hits(cache_hits);
        if unknown.questions.is_empty() {
            return;
        }
        let outcomes = self.batcher.ask(unknown.questions);
        for (outcome, annotations) in outcomes.into_iter().zip(unknown.annotations) {
            match outcome {
                Outcome::Answered(answer) => {
                    counters.count_answered(annotations.len());
                    annotations.into_iter().for_each(|annotation| apply(&answer, DecidedBy::Model, annotation));
                }
                Outcome::Cached(answer) => {
                    counters.count_cache_hits(annotations.len());
                    annotations.into_iter().for_each(|annotation| apply(&answer, DecidedBy::Cache, annotation));
                }
                Outcome::Unanswered(why) => counters.count_unanswered(why, annotations.len()),
            }
        }
    }
}

fn apply(answer: &ModelAnswer, decided_by: DecidedBy, annotation: &mut Annotation) {
    annotation.sentiment = Some(answer.sentiment);
    annotation.probabilities = answer.probabilities;
    annotation.confidence = answer.confidence;
    annotation.decided_by = decided_by;
    annotation.calibration = None;
    if let Some(topic) = &answer.topic {
        annotation.topics.insert(topic.clone(), 1.0);
        annotation.topic = Some(topic.clone());
    }
}

/// The questions for the model: each text once, however often it occurs.
#[derive(Default)]
struct Unknown<'a> {
    questions: Vec<Question>,
    /// The annotations that wait for each question.
    annotations: Vec<Vec<&'a mut Annotation>>,
    by_key: HashMap<CacheKey, usize>,
}

impl<'a> Unknown<'a> {
    fn add(&mut self, key: CacheKey, text: &str, annotation: &'a mut Annotation) {
        let next = self.questions.len();
        let index = *self.by_key.entry(key).or_insert(next);
        match self.annotations.get_mut(index) {
            Some(annotations) => annotations.push(annotation),
            None => {
                self.questions.push(Question { key, text: text.into() });
                self.annotations.push(vec![annotation]);
            }
        }
    }
}

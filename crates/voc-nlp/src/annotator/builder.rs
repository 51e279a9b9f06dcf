//! Building an annotator.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::slow::SlowStage;
use super::{Annotator, Counters};
use crate::conversation::CallStage;
use crate::engine::FastStage;
use crate::model::{BatcherSettings, Breaker, Clock, Model, ModelBudget};

/// Builds an [`Annotator`].
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use voc_nlp::{Annotator, Model, ModelBudget, Tenants};
///
/// /// With words of tenants, and a model that may be asked about 600 texts a minute.
/// fn annotator(tenants: Arc<Tenants>, model: Arc<dyn Model>) -> Annotator {
///     Annotator::builder()
///         .fast_stage(tenants)
///         .model(model)
///         .confidence_threshold(0.7)
///         .model_timeout(Duration::from_millis(500))
///         .model_budget(ModelBudget::TextsPerMinute(600))
///         .build()
/// }
/// ```
#[must_use]
pub struct AnnotatorBuilder {
    fast: Option<Arc<dyn FastStage>>,
    model: Option<Arc<dyn Model>>,
    threshold: f32,
    cache_capacity: usize,
    max_batch: usize,
    batch_wait: Duration,
    queue: usize,
    timeout: Duration,
    max_concurrent_calls: usize,
    budget: Option<ModelBudget>,
    breaker: (u32, Duration),
    clock: Clock,
}

impl Default for AnnotatorBuilder {
    fn default() -> Self {
        Self {
            fast: None,
            model: None,
            threshold: Self::DEFAULT_CONFIDENCE_THRESHOLD,
            cache_capacity: Self::DEFAULT_CACHE_CAPACITY,
            max_batch: Self::DEFAULT_MAX_MODEL_BATCH,
            batch_wait: Self::DEFAULT_MODEL_BATCH_WAIT,
            queue: Self::DEFAULT_MODEL_QUEUE,
            timeout: Self::DEFAULT_MODEL_TIMEOUT,
            max_concurrent_calls: Self::DEFAULT_MAX_CONCURRENT_CALLS,
            budget: None,
            breaker: Self::DEFAULT_MODEL_BREAKER,
            clock: Arc::new(Instant::now),
        }
    }
}

impl fmt::Debug for AnnotatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnnotatorBuilder")
            .field("threshold", &self.threshold)
            .field("cache_capacity", &self.cache_capacity)
            .field("max_batch", &self.max_batch)
            .field("batch_wait", &self.batch_wait)
            .field("queue", &self.queue)
            .field("timeout", &self.timeout)
            .field("max_concurrent_calls", &self.max_concurrent_calls)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl AnnotatorBuilder {
    /// The threshold unless [`confidence_threshold`](Self::confidence_threshold) sets another.
    pub const DEFAULT_CONFIDENCE_THRESHOLD: f32 = 0.6;
    /// Cached answers unless [`cache_capacity`](Self::cache_capacity) sets another number.
    pub const DEFAULT_CACHE_CAPACITY: usize = 10_000;
    /// Texts per model call unless [`max_model_batch`](Self::max_model_batch) sets another number.
    pub const DEFAULT_MAX_MODEL_BATCH: usize = 32;
    /// The wait unless [`model_batch_wait`](Self::model_batch_wait) sets another.
    pub const DEFAULT_MODEL_BATCH_WAIT: Duration = Duration::from_millis(5);
    /// Waiting texts unless [`model_queue`](Self::model_queue) sets another number.
    pub const DEFAULT_MODEL_QUEUE: usize = 2_048;
    /// The time unless [`model_timeout`](Self::model_timeout) sets another.
    pub const DEFAULT_MODEL_TIMEOUT: Duration = Duration::from_secs(2);
    /// Calls at once unless [`max_concurrent_calls`](Self::max_concurrent_calls) sets another number.
    pub const DEFAULT_MAX_CONCURRENT_CALLS: usize = 1;
    /// Failures and pause unless [`model_breaker`](Self::model_breaker) sets others.
    pub const DEFAULT_MODEL_BREAKER: (u32, Duration) = (5, Duration::from_secs(10));

    /// Replaces the built-in [`CallStage`].
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

    /// At most so many of the model's answers are kept; 0 keeps none.
    pub fn cache_capacity(mut self, answers: usize) -> Self {
        self.cache_capacity = answers;
        self
    }

    /// At most this many texts in one call of the model; 0 counts as 1.
    pub fn max_model_batch(mut self, texts: usize) -> Self {
        self.max_batch = texts;
        self
    }

    /// How long a text waits for others, of any caller, to fill a call.
    pub fn model_batch_wait(mut self, wait: Duration) -> Self {
        self.batch_wait = wait;
        self
    }

    /// At most this many texts wait for the model, those in calls not counted; for others the fast stage's answer stands at once. 0
    /// counts as 1.
    pub fn model_queue(mut self, texts: usize) -> Self {
        self.queue = texts;
        self
    }

    /// The longest time that annotating takes because of the model: then the fast stage's answer stands. A model's own time-out
    /// is best about the same.
    pub fn model_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// So many calls of the model may be under way at the same time, each on a thread of its own; 0 counts as 1.
    pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.max_concurrent_calls = calls;
        self
    }

    /// Bounds what the model is asked per minute; beyond that the fast stage's answer stands.
    pub fn model_budget(mut self, budget: ModelBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// After so many failed calls in a row the model is left alone for `pause`, at most a day; then one call shows whether it works
    /// again. 0 failures count as 1. A model that says itself when to come back is left alone at once, for as long, at most five
    /// minutes.
    pub fn model_breaker(mut self, failures: u32, pause: Duration) -> Self {
        self.breaker = (failures, pause);
        self
    }

    /// Another clock for the breaker and the budget, for tests and simulations.
    pub fn model_clock(mut self, clock: Arc<dyn Fn() -> Instant + Send + Sync>) -> Self {
        self.clock = clock;
        self
    }

    /// The annotator.
    pub fn build(self) -> Annotator {
        let fast = self.fast.unwrap_or_else(|| Arc::new(CallStage::default()));
        let mut version = fast.version().to_owned();
        if let Some(model) = &self.model {
            version.push_str(&format!("+{}@{}", model.name(), model.version()));
        }
        let counters = Arc::new(Counters::default());
        let (failures, pause) = self.breaker;
        let settings = BatcherSettings {
            max_batch: self.max_batch,
            max_wait: self.batch_wait,
            queue: self.queue,
            timeout: self.timeout,
            max_concurrent_calls: self.max_concurrent_calls,
            budget: self.budget,
            breaker: Breaker::new(failures, pause),
            clock: self.clock,
        };
        let slow = self.model.map(|model| SlowStage::new(model, self.cache_capacity, settings, Arc::clone(&counters)));
        Annotator { fast, slow, threshold: self.threshold, version, counters }
    }
}

impl Default for Annotator {
    /// The built-in rules, without a model.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Annotator {
    /// Starts from the built-in rules without a model.
    pub fn builder() -> AnnotatorBuilder {
        AnnotatorBuilder::default()
    }
}

//! Builds an annotator.

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
    /// The default of [`confidence_threshold`](Self::confidence_threshold).
    pub const DEFAULT_CONFIDENCE_THRESHOLD: f32 = 0.6;
    /// The default of [`cache_capacity`](Self::cache_capacity).
    pub const DEFAULT_CACHE_CAPACITY: usize = 10_000;
    /// The default of [`max_model_batch`](Self::max_model_batch).
    pub const DEFAULT_MAX_MODEL_BATCH: usize = 32;
    /// The default of [`model_batch_wait`](Self::model_batch_wait).
    pub const DEFAULT_MODEL_BATCH_WAIT: Duration = Duration::from_millis(5);
    /// The default of [`model_queue`](Self::model_queue).
    pub const DEFAULT_MODEL_QUEUE: usize = 2_048;
    /// The default of [`model_timeout`](Self::model_timeout).
    pub const DEFAULT_MODEL_TIMEOUT: Duration = Duration::from_secs(2);
    /// The default of [`max_concurrent_calls`](Self::max_concurrent_calls).
    pub const DEFAULT_MAX_CONCURRENT_CALLS: usize = 1;
    /// The defaults of [`model_breaker`](Self::model_breaker): number of failures and pause.
    pub const DEFAULT_MODEL_BREAKER: (u32, Duration) = (5, Duration::from_secs(10));

    /// Replaces the built-in [`CallStage`].
    pub fn fast_stage(mut self, stage: Arc<dyn FastStage>) -> Self {
        self.fast = Some(stage);
        self
    }

    /// Adds a model for the texts on which the fast stage is uncertain.
    pub fn model(mut self, model: Arc<dyn Model>) -> Self {
        self.model = Some(model);
        self
    }

    /// Calls the model for texts whose confidence is below this, from 0 (never) to above 1 (always). NaN counts as 0.
    pub fn confidence_threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// Maximum number of the model's answers that are cached; 0 disables the cache.
    pub fn cache_capacity(mut self, answers: usize) -> Self {
        self.cache_capacity = answers;
        self
    }

    /// Maximum number of texts in one call to the model; 0 counts as 1.
    pub fn max_model_batch(mut self, texts: usize) -> Self {
        self.max_batch = texts;
        self
    }

    /// How long a text waits for others, from any caller, to fill a call.
    pub fn model_batch_wait(mut self, wait: Duration) -> Self {
        self.batch_wait = wait;
        self
    }

    /// Maximum number of texts that wait for the model, not counting those in calls; others keep the fast stage's
    /// answer at once. 0 counts as 1.
    pub fn model_queue(mut self, texts: usize) -> Self {
        self.queue = texts;
        self
    }

    /// Maximum time that annotating waits for the model; then the fast stage's answer is kept. A model's own timeout
    /// is best about the same.
    pub fn model_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Maximum number of concurrent calls to the model, each on its own thread; 0 counts as 1.
    pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.max_concurrent_calls = calls;
        self
    }

    /// Limits the model's use per minute; beyond that the fast stage's answer is kept.
    pub fn model_budget(mut self, budget: ModelBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// After this many consecutive failed calls no calls are made for `pause`, at most a day; then one call probes
    /// whether the model works again. 0 failures count as 1. If a model itself says when to come back, calls stop at
    /// once, for that time, at most five minutes.
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
    /// An annotator with the built-in rules, without a model.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Annotator {
    /// Starts from the built-in rules, without a model.
    pub fn builder() -> AnnotatorBuilder {
        AnnotatorBuilder::default()
    }
}

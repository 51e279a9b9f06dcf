//! The counters of an annotator.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::{BreakerState, ModelError, UnansweredReason};

/// Counts of an [`Annotator`](crate::Annotator) since it was built. All numbers only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnnotatorStats {
    /// Texts annotated.
    pub texts: u64,
    /// Texts answered from the cache.
    pub cache_hits: u64,
    /// Texts that the model answered.
    pub model_answers: u64,
    /// Calls to the model.
    pub model_calls: u64,
    /// Texts in these calls.
    pub model_texts: u64,
    /// Calls to the model that failed as a whole, or took longer than any caller waits.
    pub model_failures: u64,
    /// Calls that were repeated because the connection was lost.
    pub model_retries: u64,
    /// Texts whose call failed, or was not made because an earlier one failed: the fast stage's answer is kept.
    pub failed: u64,
    /// Texts whose answer was rejected because it was not a number or out of range: the fast stage's answer is kept.
    pub bad_answers: u64,
    /// Texts that were not sent because too many others waited: the fast stage's answer is kept.
    pub queue_full: u64,
    /// Texts without an answer in time: the fast stage's answer is kept.
    pub timed_out: u64,
    /// Texts that were not sent because the circuit breaker was open: the fast stage's answer is kept.
    pub breaker_open: u64,
    /// Texts that were not sent because the model's budget was used up: the fast stage's answer is kept.
    pub over_budget: u64,
    /// Texts that were not sent because all running calls took longer than any caller waits: the fast stage's answer
    /// is kept.
    pub stalled: u64,
    /// Whether the model is called.
    pub breaker: BreakerState,
    /// The last failure.
    pub last_failure: Option<ModelError>,
}

impl AnnotatorStats {
    /// Texts that kept the fast stage's uncertain answer, by reason.
    pub fn fallbacks(&self) -> [(&'static str, u64); 7] {
        [
            ("failed", self.failed),
            ("bad_answer", self.bad_answers),
            ("queue_full", self.queue_full),
            ("timed_out", self.timed_out),
            ("breaker_open", self.breaker_open),
            ("over_budget", self.over_budget),
            ("stalled", self.stalled),
        ]
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    texts: AtomicU64,
    cache_hits: AtomicU64,
    model_answers: AtomicU64,
    model_calls: AtomicU64,
    model_texts: AtomicU64,
    model_failures: AtomicU64,
    model_retries: AtomicU64,
    failed: AtomicU64,
    bad_answers: AtomicU64,
    queue_full: AtomicU64,
    timed_out: AtomicU64,
    breaker_open: AtomicU64,
    over_budget: AtomicU64,
    stalled: AtomicU64,
    last_failure: Mutex<Option<ModelError>>,
}

impl Counters {
    pub(crate) fn count_texts(&self, texts: usize) {
        add(&self.texts, texts);
    }

    pub(crate) fn count_cache_hits(&self, texts: usize) {
        add(&self.cache_hits, texts);
    }

    pub(crate) fn count_answered(&self, texts: usize) {
        add(&self.model_answers, texts);
    }

    pub(crate) fn count_call(&self, texts: usize) {
        add(&self.model_calls, 1);
        add(&self.model_texts, texts);
    }

    pub(crate) fn count_retry(&self) {
        add(&self.model_retries, 1);
    }

    pub(crate) fn count_unanswered(&self, why: UnansweredReason, texts: usize) {
        let counter = match why {
            UnansweredReason::Failed => &self.failed,
            UnansweredReason::BadAnswer => &self.bad_answers,
            UnansweredReason::QueueFull => &self.queue_full,
            UnansweredReason::TimedOut => &self.timed_out,
            UnansweredReason::BreakerOpen => &self.breaker_open,
            UnansweredReason::OverBudget => &self.over_budget,
            UnansweredReason::Stalled => &self.stalled,
        };
        add(counter, texts);
    }

    pub(crate) fn fail(&self, error: &ModelError) {
        add(&self.model_failures, 1);
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }

    pub(crate) fn snapshot(&self, breaker: BreakerState) -> AnnotatorStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        AnnotatorStats {
            texts: read(&self.texts),
            cache_hits: read(&self.cache_hits),
            model_answers: read(&self.model_answers),
            model_calls: read(&self.model_calls),
            model_texts: read(&self.model_texts),
            model_failures: read(&self.model_failures),
            model_retries: read(&self.model_retries),
            failed: read(&self.failed),
            bad_answers: read(&self.bad_answers),
            queue_full: read(&self.queue_full),
            timed_out: read(&self.timed_out),
            breaker_open: read(&self.breaker_open),
            over_budget: read(&self.over_budget),
            stalled: read(&self.stalled),
            breaker,
            last_failure: self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

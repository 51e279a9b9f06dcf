//! Gathers the questions of many callers into calls to the model, on its own threads.
//!
//! ```text
//!  annotate_batch ─┐
//!  annotate_batch ─┼─► queue ──► gates ──────────► call ──► cache ──► callers
//!  annotate_batch ─┘   bounded   breaker, budget   max_batch texts
//! ```
//!
//! A caller waits until its questions are answered, at most [`BatcherSettings::timeout`]. A question that has no
//! answer by then, or cannot be sent, gets an [`Outcome`] with the reason. A text that is already waiting or being
//! asked is not asked a second time: its callers share the answer. An answer that is too late for its caller is still
//! cached.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::breaker::{Breaker, BreakerState};
use super::budget::{Bucket, ModelBudget};
use super::unanswered::UnansweredReason;
use super::{Model, ModelAnswer, ModelError};
use crate::annotator::Counters;
use crate::cache::{AnswerCache, CacheKey};

/// The clock of the breaker and the budget.
pub(crate) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// How questions are gathered, and what the model may cost.
pub(crate) struct BatcherSettings {
    /// Maximum number of texts in a call.
    pub(crate) max_batch: usize,
    /// How long the first question of a call waits for others.
    pub(crate) max_wait: Duration,
    /// Maximum number of waiting questions.
    pub(crate) queue: usize,
    /// How long a caller waits.
    pub(crate) timeout: Duration,
    /// Maximum number of concurrent calls.
    pub(crate) max_concurrent_calls: usize,
    pub(crate) budget: Option<ModelBudget>,
    pub(crate) breaker: Breaker,
    pub(crate) clock: Clock,
}

/// A text to ask about.
pub(crate) struct Question {
    pub(crate) key: CacheKey,
    pub(crate) text: Arc<str>,
}

/// The outcome of a question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The model's answer.
    Answered(ModelAnswer),
    /// The model's answer to another caller that asked the same a moment ago.
    Cached(ModelAnswer),
    /// No answer, with the reason.
    Unanswered(UnansweredReason),
}

/// Gathers questions into calls. Its threads are started on demand, and end with it.
pub(crate) struct Batcher {
    shared: Arc<Shared>,
}

struct Shared {
    model: Arc<dyn Model>,
    cache: Arc<AnswerCache>,
    counters: Arc<Counters>,
    max_batch: usize,
    max_wait: Duration,
    queue: usize,
    timeout: Duration,
    max_concurrent_calls: usize,
    clock: Clock,
    state: Mutex<State>,
    /// Signals a new question, or the end.
    changed: Condvar,
}

struct State {
    waiting: VecDeque<Arc<Pending>>,
    /// Questions that wait or are being asked.
    pending: HashMap<CacheKey, Arc<Pending>>,
    breaker: Breaker,
    bucket: Option<Bucket>,
    /// When the running calls began, by thread.
    running: HashMap<usize, Instant>,
    threads: usize,
    idle_threads: usize,
    is_closed: bool,
}

/// A question with all of its callers.
struct Pending {
    question: Question,
    asked_at: Instant,
    askers: Mutex<Vec<OutcomeSlot>>,
}

/// A slot among a caller's outcomes.
struct OutcomeSlot {
    caller: Arc<Caller>,
    place: usize,
}

/// A waiting caller.
struct Caller {
    outcomes: Mutex<Outcomes>,
    complete: Condvar,
    has_left: AtomicBool,
}

struct Outcomes {
    found: Vec<Option<Outcome>>,
    missing: usize,
}

impl Batcher {
    pub(crate) fn new(
        model: Arc<dyn Model>,
        cache: Arc<AnswerCache>,
        counters: Arc<Counters>,
        settings: BatcherSettings,
    ) -> Self {
        let now = (settings.clock)();
        let state = State {
            waiting: VecDeque::new(),
            pending: HashMap::new(),
            breaker: settings.breaker,
            bucket: settings.budget.map(|budget| Bucket::new(budget, now)),
            running: HashMap::new(),
            threads: 0,
            idle_threads: 0,
            is_closed: false,
        };
        let shared = Shared {
            model,
            cache,
            counters,
            max_batch: settings.max_batch.max(1),
            max_wait: settings.max_wait,
            queue: settings.queue.max(1),
            timeout: settings.timeout,
            max_concurrent_calls: settings.max_concurrent_calls.max(1),
            clock: settings.clock,
            state: Mutex::new(state),
            changed: Condvar::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The outcomes of all questions, in order.
    pub(crate) fn ask(&self, questions: Vec<Question>) -> Vec<Outcome> {
        let asked_at = Instant::now();
        let caller = Arc::new(Caller::new(questions.len()));
        self.shared.enqueue(questions, &caller, asked_at);
        caller.wait(asked_at, self.shared.timeout)
    }

    pub(crate) fn breaker(&self) -> BreakerState {
        self.shared.state().breaker.state()
    }
}

impl Drop for Batcher {
    /// Lets the threads end; does not wait for a running call.
    fn drop(&mut self) {
        self.shared.state().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Queues questions, or decides their outcome at once.
    fn enqueue(self: &Arc<Self>, questions: Vec<Question>, caller: &Arc<Caller>, asked_at: Instant) {
        let mut state = self.state();
        let refusal = self.refusal(&mut state);
        // A question to a model that is down may never be answered.
        let can_join = matches!(refusal, None | Some(UnansweredReason::OverBudget));
        for (place, question) in questions.into_iter().enumerate() {
            if can_join && let Some(pending) = state.pending.get(&question.key) {
                lock(&pending.askers).push(OutcomeSlot { caller: Arc::clone(caller), place });
            } else if let Some(answer) = self.cache.get(&question.key) {
                caller.report(place, Outcome::Cached(answer));
            } else if let Some(refusal) = refusal {
                caller.report(place, Outcome::Unanswered(refusal));
            } else if state.waiting.len() >= self.queue {
                caller.report(place, Outcome::Unanswered(UnansweredReason::QueueFull));
            } else {
                let key = question.key;
                let askers = Mutex::new(vec![OutcomeSlot { caller: Arc::clone(caller), place }]);
                let pending = Arc::new(Pending { question, asked_at, askers });
                state.pending.insert(key, Arc::clone(&pending));
                state.waiting.push_back(pending);
            }
        }
        if !state.waiting.is_empty() {
            self.staff(&mut state);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Why no question can be accepted now.
    fn refusal(&self, state: &mut State) -> Option<UnansweredReason> {
        let now = (self.clock)();
        if !state.breaker.admits(now) {
            return Some(UnansweredReason::BreakerOpen);
        }
        if state.bucket.as_mut().is_some_and(|bucket| bucket.is_empty(now)) {
            return Some(UnansweredReason::OverBudget);
        }
        let is_stuck = |began_at: &Instant| began_at.elapsed() >= self.timeout;
        let is_stalled = state.running.len() >= self.max_concurrent_calls && state.running.values().all(is_stuck);
        is_stalled.then_some(UnansweredReason::Stalled)
    }

    /// Starts threads for the waiting questions, as many as are missing and allowed.
    fn staff(self: &Arc<Self>, state: &mut State) {
        let calls = state.waiting.len().div_ceil(self.max_batch);
        let wanted = calls.saturating_sub(state.idle_threads);
        let allowed = self.max_concurrent_calls.saturating_sub(state.threads);
        for _ in 0..wanted.min(allowed) {
            let (shared, number) = (Arc::clone(self), state.threads);
            let thread = thread::Builder::new().name("voc-nlp-model".to_owned());
            match thread.spawn(move || shared.work(number)) {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    self.counters.fail(&ModelError::Unavailable(format!("no thread to call it on: {}", error.kind())));
                    return state.abandon_waiting();
                }
                // The existing threads have to suffice.
                Err(_) => return,
            }
        }
    }

    /// The loop of a thread.
    fn work(&self, thread: usize) {
        while let Some(batch) = self.next_batch(thread) {
            let result = self.call(&batch);
            self.conclude(thread, &batch, result);
        }
    }

    /// Waits for the questions of the next call; `None` at the end.
    fn next_batch(&self, thread: usize) -> Option<Vec<Arc<Pending>>> {
        let mut state = self.state();
        loop {
            while state.waiting.is_empty() && !state.is_closed {
                state.idle_threads += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle_threads -= 1;
            }
            while let Some(first) = state.waiting.front()
                && state.waiting.len() < self.max_batch
                && !state.is_closed
            {
                let Some(left) = self.max_wait.checked_sub(first.asked_at.elapsed()).filter(|left| !left.is_zero())
                else {
                    break;
                };
                let woken = self.changed.wait_timeout(state, left);
                (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
            }
            if state.is_closed {
                return None;
            }
            let batch = self.admitted(&mut state);
            if !batch.is_empty() {
                state.running.insert(thread, Instant::now());
                return Some(batch);
            }
        }
    }

    /// Takes the next call's questions from the queue, as many as breaker and budget allow.
    fn admitted(&self, state: &mut State) -> Vec<Arc<Pending>> {
        let mut batch = Vec::new();
        while batch.len() < self.max_batch
            && let Some(pending) = state.waiting.pop_front()
        {
            if pending.is_abandoned() {
                state.pending.remove(&pending.question.key);
            } else {
                batch.push(pending);
            }
        }
        if batch.is_empty() {
            return batch;
        }
        let now = (self.clock)();
        let mut refuse = |refused: Vec<Arc<Pending>>, why| {
            for pending in refused {
                state.pending.remove(&pending.question.key);
                pending.report(&Outcome::Unanswered(why));
            }
        };
        if !state.breaker.admits(now) {
            refuse(batch, UnansweredReason::BreakerOpen);
            return Vec::new();
        }
        if let Some(bucket) = &mut state.bucket {
            let granted = bucket.take(batch.len(), now);
            refuse(batch.split_off(granted), UnansweredReason::OverBudget);
        }
        if !batch.is_empty() {
            state.breaker.begin();
        }
        batch
    }

    fn call(&self, batch: &[Arc<Pending>]) -> Result<Vec<ModelAnswer>, ModelError> {
        let texts: Vec<&str> = batch.iter().map(|pending| &*pending.question.text).collect();
        let mut result = self.call_once(&texts);
        if result == Err(ModelError::ConnectionLost) && self.may_call_again(texts.len()) {
            self.counters.count_retry();
            result = self.call_once(&texts);
        }
        result
    }

    fn call_once(&self, texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        self.counters.count_call(texts.len());
        // A model is foreign code, and responsible for its own consistency after a panic. The panic's message may
        // contain a text, so it is not reported.
        let answers = catch_unwind(AssertUnwindSafe(|| self.model.annotate_batch(texts)))
            .unwrap_or_else(|_| Err(ModelError::BadAnswer("it panicked".to_owned())))?;
        if answers.len() == texts.len() {
            Ok(answers)
        } else {
            Err(ModelError::WrongCount { expected: texts.len(), got: answers.len() })
        }
    }

    fn may_call_again(&self, texts: usize) -> bool {
        let now = (self.clock)();
        self.state().bucket.as_mut().is_none_or(|bucket| bucket.take(texts, now) == texts)
    }

    /// Distributes the outcome of a call to all callers.
    fn conclude(&self, thread: usize, batch: &[Arc<Pending>], result: Result<Vec<ModelAnswer>, ModelError>) {
        let outcomes: Vec<Outcome> = match &result {
            Ok(answers) => answers.iter().zip(batch).map(|(answer, pending)| self.accept(answer, pending)).collect(),
            Err(_) => vec![Outcome::Unanswered(UnansweredReason::Failed); batch.len()],
        };
        // An answer for which no caller waits any more is a failure of the model, although it is useful later.
        let failure = match result {
            Err(error) => Some(error),
            Ok(_) if batch.iter().all(|pending| pending.is_abandoned()) => Some(ModelError::TimedOut(self.timeout)),
            Ok(_) => None,
        };
        if let Some(error) = &failure {
            self.counters.fail(error);
        }

        let now = (self.clock)();
        let mut state = self.state();
        state.running.remove(&thread);
        match &failure {
            Some(ModelError::Overloaded { retry_after }) => state.breaker.failed(now, *retry_after),
            Some(_) => state.breaker.failed(now, None),
            None => state.breaker.succeeded(),
        }
        for pending in batch {
            state.pending.remove(&pending.question.key);
        }
        if failure.is_some_and(|error| error.is_outage()) {
            state.abandon_waiting();
        }
        drop(state);
        for (pending, outcome) in batch.iter().zip(&outcomes) {
            pending.report(outcome);
        }
    }

    fn accept(&self, answer: &ModelAnswer, pending: &Pending) -> Outcome {
        match answer.clone().checked() {
            Some(answer) => {
                self.cache.insert(pending.question.key, answer.clone());
                Outcome::Answered(answer)
            }
            None => Outcome::Unanswered(UnansweredReason::BadAnswer),
        }
    }
}

impl State {
    /// Releases the waiting callers, because the model is down.
    fn abandon_waiting(&mut self) {
        for pending in self.waiting.drain(..) {
            self.pending.remove(&pending.question.key);
            pending.report(&Outcome::Unanswered(UnansweredReason::Failed));
        }
    }
}

impl Pending {
    /// Whether no caller waits for it any more.
    fn is_abandoned(&self) -> bool {
        lock(&self.askers).iter().all(|asker| asker.caller.has_left.load(Ordering::Relaxed))
    }

    /// Informs all callers. No further caller can join them.
    fn report(&self, outcome: &Outcome) {
        for OutcomeSlot { caller, place } in lock(&self.askers).drain(..) {
            caller.report(place, outcome.clone());
        }
    }
}

impl Caller {
    fn new(questions: usize) -> Self {
        let outcomes = Outcomes { found: vec![None; questions], missing: questions };
        Self { outcomes: Mutex::new(outcomes), complete: Condvar::new(), has_left: AtomicBool::new(false) }
    }

    fn report(&self, place: usize, outcome: Outcome) {
        let mut outcomes = lock(&self.outcomes);
        if let Some(found) = outcomes.found.get_mut(place)
            && found.replace(outcome).is_none()
        {
            outcomes.missing -= 1;
            if outcomes.missing == 0 {
                self.complete.notify_one();
            }
        }
    }

    /// Waits until all outcomes are there, or the time is over.
    fn wait(&self, since: Instant, timeout: Duration) -> Vec<Outcome> {
        let mut outcomes = lock(&self.outcomes);
        while outcomes.missing > 0 {
            let Some(left) = timeout.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) else {
                break;
            };
            let woken = self.complete.wait_timeout(outcomes, left);
            (outcomes, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        self.has_left.store(true, Ordering::Relaxed);
        let found = std::mem::take(&mut outcomes.found);
        found.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unanswered(UnansweredReason::TimedOut))).collect()
    }
}

/// A model's panic leaves the data behind a lock consistent, because calls are made outside of locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

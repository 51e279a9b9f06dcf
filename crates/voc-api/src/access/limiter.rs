//! What a caller may use, so that none uses up what the others need.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    bucket::{Allowance, Bucket},
    clock::Clock,
    refusal::Refusal,
};
use crate::{current_route, telemetry::LIMITED};

/// Callers and payers that are remembered.
const MAX_REMEMBERED: u64 = 100_000;
/// Burst of requests, in seconds of the rate.
const BURST_SECONDS: u64 = 2;
const HOUR: Duration = Duration::from_secs(3600);
/// Questions that wait for each one that may run at once.
const WAITING_PER_SLOT: usize = 8;
/// After which to ask again, if too many questions are asked at once.
const RETRY: Duration = Duration::from_secs(1);

/// What one caller, or one tenant, may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerLimits {
    /// Requests of a caller per second; twice as many in a burst. It applies to callers with credentials.
    pub requests_per_second: u32,
    /// Rows that may be read per hour for a caller that asks about a tenant, or about several; `None` for any number.
    pub rows_per_hour: Option<u64>,
    /// Questions about a tenant, or of a caller that asks about several, that the store works on at once.
    pub at_once: usize,
    /// How long a further question waits.
    pub patience: Duration,
}

impl Default for CallerLimits {
    fn default() -> Self {
        Self {
            requests_per_second: 50,
            rows_per_hour: Some(10_000_000_000),
            at_once: 4,
            patience: Duration::from_secs(5),
        }
    }
}

/// Who has to share: a tenant, or a caller that asks about several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Payer {
    Tenant(String),
    Caller(String),
}

/// Keeps count.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: CallerLimits,
    /// By caller.
    requests: Buckets<String>,
    /// By caller, and what it asks about: what one reads is never missing to another, and what is read about one
    /// tenant is not missing to questions about another.
    rows: Option<Buckets<(String, Payer)>>,
    slots: Mutex<HashMap<Payer, Weak<Slots>>>,
}

struct Buckets<K> {
    allowance: Allowance,
    clock: Clock,
    of: Cache<K, Arc<Mutex<Bucket>>>,
}

/// The questions of a payer.
#[derive(Debug)]
struct Slots {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Permission to ask the store, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
    /// As long as somebody holds a slot, the others of its payer are counted.
    _slots: Arc<Slots>,
}

impl Limiter {
    pub(super) fn new(limits: CallerLimits, clock: &Clock) -> Self {
        let burst = u64::from(limits.requests_per_second) * BURST_SECONDS;
        let window = Duration::from_secs(BURST_SECONDS);
        Self {
            limits,
            requests: Buckets::new(Allowance { size: whole(burst), window }, clock),
            rows: limits.rows_per_hour.map(|rows| Buckets::new(Allowance { size: whole(rows), window: HOUR }, clock)),
            slots: Mutex::default(),
        }
    }

    /// Counts a request of a caller.
    pub(super) fn request(&self, caller: &str) -> Result<(), Refusal> {
        let taken = self.requests.with(caller.to_owned(), |bucket, now| bucket.take(1.0, now));
        taken.map_err(|retry_after| limited("requests", Refusal::TooManyRequests { retry_after }))
    }

    /// Waits until a question may be asked.
    pub(super) async fn slot(&self, payer: &Payer) -> Result<Slot, Refusal> {
        let slots = self.slots_of(payer);
        let too_many = || limited("at_once", Refusal::TooManyAtOnce { retry_after: RETRY });
        let permit = match Arc::clone(&slots.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let waiting = Waiting::begin(&slots, self.limits.at_once * WAITING_PER_SLOT).ok_or_else(too_many)?;
                let permit = tokio::time::timeout(self.limits.patience, Arc::clone(&slots.free).acquire_owned()).await;
                drop(waiting);
                permit.ok().and_then(Result::ok).ok_or_else(too_many)?
            }
        };
        Ok(Slot { _permit: permit, _slots: slots })
    }

    /// Whether a caller may have any rows read. How many a question reads is known only afterwards.
    pub(super) fn rows_left(&self, caller: &str, payer: &Payer) -> Result<(), Refusal> {
        let Some(rows) = &self.rows else { return Ok(()) };
        let left = rows.with((caller.to_owned(), payer.clone()), |bucket, now| bucket.take(f64::MIN_POSITIVE, now));
        left.map_err(|retry_after| limited("rows", Refusal::RowsUsedUp { retry_after }))
    }

    /// Counts rows that were read for a caller.
    pub(super) fn spend(&self, caller: &str, payer: &Payer, rows: u64) {
        if let Some(buckets) = &self.rows {
            buckets.with((caller.to_owned(), payer.clone()), |bucket, now| bucket.overdraw(whole(rows), now));
        }
    }

    /// The headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11).
    pub(super) fn headers(&self, caller: &str, payer: &Payer) -> (String, String) {
        let (mut policy, mut state) = self.requests.describe("requests", caller.to_owned());
        if let Some(rows) = &self.rows {
            let (rows_policy, rows_state) = rows.describe("rows", (caller.to_owned(), payer.clone()));
            policy = format!("{policy}, {rows_policy}");
            state = format!("{state}, {rows_state}");
        }
        (policy, state)
    }

    /// Payers without questions are forgotten, so there are never more than questions.
    fn slots_of(&self, payer: &Payer) -> Arc<Slots> {
        let mut all = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slots) = all.get(payer).and_then(Weak::upgrade) {
            return slots;
        }
        all.retain(|_, slots| slots.strong_count() > 0);
        let free = Arc::new(Semaphore::new(self.limits.at_once));
        let slots = Arc::new(Slots { free, waiting: AtomicUsize::new(0) });
        all.insert(payer.clone(), Arc::downgrade(&slots));
        slots
    }
}

impl<K> fmt::Debug for Buckets<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets").field("allowance", &self.allowance).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    fn new(allowance: Allowance, clock: &Clock) -> Self {
        // One that is forgotten has all of its allowance again.
        let of = Cache::builder().max_capacity(MAX_REMEMBERED).time_to_idle(allowance.recovery()).build();
        Self { allowance, clock: clock.clone(), of }
    }

    fn with<T>(&self, of: K, change: impl FnOnce(&mut Bucket, Instant) -> T) -> T {
        let now = self.clock.now();
        let bucket = self.of.get_with(of, || Arc::new(Mutex::new(Bucket::full(self.allowance, now))));
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut bucket, now)
    }

    fn describe(&self, name: &str, of: K) -> (String, String) {
        let (left, until_full) = self.with(of, Bucket::state);
        let (size, window) = (self.allowance.size, self.allowance.window.as_secs());
        let reset = until_full.as_secs_f64().ceil();
        (format!("\"{name}\";q={size:.0};w={window}"), format!("\"{name}\";r={:.0};t={reset:.0}", left.floor()))
    }
}

/// A question that waits, until it is dropped.
struct Waiting<'a>(&'a Slots);

impl<'a> Waiting<'a> {
    fn begin(slots: &'a Slots, most: usize) -> Option<Self> {
        let waiting = Self(slots);
        let before = slots.waiting.fetch_add(1, Ordering::Relaxed);
        (before < most).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn limited(limit: &'static str, refusal: Refusal) -> Refusal {
    metrics::counter!(LIMITED, "route" => current_route::current(), "limit" => limit).increment(1);
    refusal
}

#[expect(clippy::cast_precision_loss, reason = "a limit need not be exact beyond 2^53")]
fn whole(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn rows_are_paid_for_afterwards() {
        let limits = CallerLimits { rows_per_hour: Some(1000), ..CallerLimits::default() };
        let start = Instant::now();
        let limiter = Limiter::new(limits, &Clock::new(move || start));
        let [acme, globex] = ["acme", "globex"].map(|tenant| Payer::Tenant(tenant.to_owned()));
        assert_eq!(limiter.rows_left("key:a", &acme), Ok(()));
        limiter.spend("key:a", &acme, 3000);
        assert_eq!(limiter.rows_left("key:a", &acme), Err(Refusal::RowsUsedUp { retry_after: 2 * HOUR }));
        for (caller, payer) in [("key:a", &globex), ("key:b", &acme), ("key:a", &Payer::Caller("key:a".to_owned()))] {
            assert_eq!(limiter.rows_left(caller, payer), Ok(()), "{caller} {payer:?}");
        }
        let (policy, state) = limiter.headers("key:a", &acme);
        assert_eq!(policy, "\"requests\";q=100;w=2, \"rows\";q=1000;w=3600");
        assert_eq!(state, "\"requests\";r=100;t=0, \"rows\";r=0;t=10800");
    }

    #[tokio::test]
    async fn only_so_many_questions_wait() {
        let limits = CallerLimits { at_once: 1, patience: Duration::from_secs(600), ..CallerLimits::default() };
        let limiter = Arc::new(Limiter::new(limits, &Clock::default()));
        let payer = Payer::Tenant("acme".to_owned());
        let slot = limiter.slot(&payer).await.unwrap();
        let wait = || {
            let (limiter, payer) = (Arc::clone(&limiter), payer.clone());
            async move { limiter.slot(&payer).await.map(drop) }
        };
        let mut waiting: Vec<_> = (0..WAITING_PER_SLOT).map(|_| Box::pin(wait())).collect();
        for question in &mut waiting {
            assert!(question.now_or_never().is_none());
        }
        assert_eq!(wait().await, Err(Refusal::TooManyAtOnce { retry_after: RETRY }));
        drop(slot);
        for question in waiting {
            assert_eq!(question.await, Ok(()));
        }
        // Nothing is kept of a payer without questions, once another one asks.
        limiter.slot(&Payer::Caller("key:a".to_owned())).await.unwrap();
        assert_eq!(limiter.slots.lock().unwrap().len(), 1);
    }
}

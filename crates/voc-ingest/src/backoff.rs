//! Waiting between attempts.

use std::time::Duration;

/// Exponential back-off with full jitter: each wait is drawn uniformly from zero to a bound that doubles ("Exponential
/// Backoff And Jitter", AWS Architecture Blog, 2015), so that many lanes do not return at once to a store that has
/// just recovered.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    next_bound: Duration,
    max: Duration,
    random: u64,
}

impl Backoff {
    /// Waits that start below `first` and stay below `max`.
    pub(crate) fn new(first: Duration, max: Duration) -> Self {
        let random = uuid::Uuid::new_v4().as_u64_pair().0 | 1;
        Self { next_bound: first, max, random }
    }

    /// How long to wait before the next attempt, in whole milliseconds: the log shows it.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let bound = self.next_bound.min(self.max);
        self.next_bound = bound.saturating_mul(2);
        // xorshift64 (Marsaglia, 2003): jitter needs to be uneven, not unpredictable.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        #[expect(clippy::cast_precision_loss, reason = "a fraction of 53 bits is fine enough")]
        let fraction = (self.random >> 11) as f64 / (1_u64 << 53) as f64;
        let wait = bound.mul_f64(fraction);
        wait.saturating_sub(Duration::from_nanos((wait.subsec_nanos() % 1_000_000).into()))
    }
}

impl Default for Backoff {
    /// From 100 ms to 10 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(10))
    }
}

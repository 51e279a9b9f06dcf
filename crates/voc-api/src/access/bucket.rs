//! An allowance that is used up and grows back.

use std::time::{Duration, Instant};

/// What can be overdrawn, in allowances: the cost of a question is known only afterwards.
const MAX_DEBT: f64 = 10.0;

/// A size, and the time in which it grows back from nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Allowance {
    pub(super) size: f64,
    pub(super) window: Duration,
}

impl Allowance {
    /// The time after which all of it is there again, however much was taken.
    pub(super) fn recovery(&self) -> Duration {
        self.window.mul_f64(MAX_DEBT + 1.0)
    }
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    allowance: Allowance,
    left: f64,
    /// When `left` was right.
    at: Instant,
}

impl Bucket {
    pub(super) fn full(allowance: Allowance, now: Instant) -> Self {
        Self { allowance, left: allowance.size, at: now }
    }

    /// Takes `amount`, or says how long to wait until it is there.
    pub(super) fn take(&mut self, amount: f64, now: Instant) -> Result<(), Duration> {
        self.grow(now);
        if self.left < amount {
            return Err(self.time_for(amount - self.left));
        }
        self.left -= amount;
        Ok(())
    }

    /// Takes `amount`, whether it is there or not.
    pub(super) fn overdraw(&mut self, amount: f64, now: Instant) {
        self.grow(now);
        self.left = (self.left - amount).max(-MAX_DEBT * self.allowance.size);
    }

    /// What is left, and how long it takes until all is there again.
    pub(super) fn state(&mut self, now: Instant) -> (f64, Duration) {
        self.grow(now);
        (self.left.max(0.0), self.time_for(self.allowance.size - self.left))
    }

    fn grow(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        let grown = self.left + self.allowance.size * passed.as_secs_f64() / self.allowance.window.as_secs_f64();
        self.left = grown.min(self.allowance.size);
        self.at = now.max(self.at);
    }

    fn time_for(&self, amount: f64) -> Duration {
        self.allowance.window.mul_f64((amount / self.allowance.size).clamp(0.0, MAX_DEBT + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance { size: 10.0, window: Duration::from_secs(5) };

    #[test]
    fn it_is_used_up_and_grows_back() {
        let start = Instant::now();
        let mut bucket = Bucket::full(ALLOWANCE, start);
        for _ in 0..10 {
            assert_eq!(bucket.take(1.0, start), Ok(()));
        }
        assert_eq!(bucket.take(1.0, start), Err(Duration::from_millis(500)));
        assert_eq!(bucket.state(start), (0.0, Duration::from_secs(5)));
        let later = start + Duration::from_millis(500);
        assert_eq!((bucket.take(1.0, later), bucket.take(1.0, later).is_err()), (Ok(()), true));
        // Not beyond its size, and an earlier time adds nothing.
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((bucket.state(much_later).0, bucket.state(start).0), (10.0, 10.0));
    }

    #[test]
    fn debts_are_waited_for_and_bounded() {
        let start = Instant::now();
        let mut bucket = Bucket::full(ALLOWANCE, start);
        bucket.overdraw(30.0, start);
        assert_eq!(bucket.take(0.0, start), Err(Duration::from_secs(10)));
        assert_eq!(bucket.take(0.0, start + Duration::from_secs(10)), Ok(()));
        bucket.overdraw(1e18, start);
        assert_eq!(bucket.take(0.0, start + Duration::from_secs(10)), Err(Duration::from_secs(50)));
    }
}

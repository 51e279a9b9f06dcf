//! Limits on a model's use: calls or texts per minute.

use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Limits on the use of a model, for models that cost money or reject too frequent calls.
///
/// What is unused in a minute can be used in the next, but no more than one minute's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelBudget {
    /// Calls per minute, whatever their size.
    CallsPerMinute(u32),
    /// Texts per minute, over all calls.
    TextsPerMinute(u32),
}

/// A token bucket. It is given the time with every call, so it has no clock of its own.
#[derive(Debug)]
pub(crate) struct Bucket {
    budget: ModelBudget,
    /// The available amount, times the nanoseconds of a minute, so that refilling never rounds.
    level: u128,
    filled_at: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(budget: ModelBudget, now: Instant) -> Self {
        let mut bucket = Self { budget, level: 0, filled_at: now };
        bucket.level = bucket.size();
        bucket
    }

    /// Whether anything is available now.
    pub(crate) fn is_empty(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.level < MINUTE.as_nanos()
    }

    /// Takes the cost of a call with up to `texts` texts, and returns how many texts it may have.
    pub(crate) fn take(&mut self, texts: usize, now: Instant) -> usize {
        self.fill(now);
        let available = self.level / MINUTE.as_nanos();
        let (cost, granted) = match self.budget {
            ModelBudget::CallsPerMinute(_) => (available.min(1), if available > 0 { texts } else { 0 }),
            ModelBudget::TextsPerMinute(_) => {
                let granted = texts.min(usize::try_from(available).unwrap_or(usize::MAX));
                (granted as u128, granted)
            }
        };
        self.level -= cost * MINUTE.as_nanos();
        granted
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled_at);
        let gained = passed.as_nanos().saturating_mul(self.per_minute());
        self.level = self.level.saturating_add(gained).min(self.size());
        self.filled_at = self.filled_at.max(now);
    }

    fn size(&self) -> u128 {
        self.per_minute() * MINUTE.as_nanos()
    }

    fn per_minute(&self) -> u128 {
        match self.budget {
            ModelBudget::CallsPerMinute(number) | ModelBudget::TextsPerMinute(number) => number.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_granted_while_available() {
        let now = Instant::now();
        let mut bucket = Bucket::new(ModelBudget::TextsPerMinute(60), now);
        assert_eq!(bucket.take(50, now), 50);
        assert_eq!(bucket.take(50, now), 10);
        assert!(bucket.is_empty(now));
        assert_eq!(bucket.take(50, now + Duration::from_millis(999)), 0);
        assert_eq!(bucket.take(50, now + Duration::from_millis(1000)), 1);
        assert_eq!(bucket.take(500, now + Duration::from_secs(3600)), 60, "no more than a minute's worth");
    }

    #[test]
    fn a_call_costs_the_same_whatever_its_size() {
        let now = Instant::now();
        let mut bucket = Bucket::new(ModelBudget::CallsPerMinute(2), now);
        assert_eq!([bucket.take(32, now), bucket.take(1, now), bucket.take(1, now)], [32, 1, 0]);
        assert_eq!(bucket.take(32, now + Duration::from_secs(30)), 32);
    }

    #[test]
    fn small_steps_of_time_add_up_and_time_never_goes_back() {
        let start = Instant::now();
        let mut bucket = Bucket::new(ModelBudget::TextsPerMinute(7), start);
        assert_eq!(bucket.take(7, start), 7);
        let mut granted = 0;
        for step in 1..=60_000 {
            granted += bucket.take(1, start + Duration::from_millis(step));
        }
        assert_eq!(granted, 7);
        assert_eq!(bucket.take(1, start), 0);
    }

    #[test]
    fn a_budget_of_nothing_grants_nothing() {
        let now = Instant::now();
        for budget in [ModelBudget::TextsPerMinute(0), ModelBudget::CallsPerMinute(0)] {
            let mut bucket = Bucket::new(budget, now);
            assert!(bucket.is_empty(now + MINUTE));
            assert_eq!(bucket.take(1, now + MINUTE), 0);
        }
    }
}

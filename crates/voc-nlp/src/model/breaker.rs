//! A circuit breaker: after consecutive failures, no calls for a while, then one probe.

use std::fmt;
use std::time::{Duration, Instant};

/// Longest pause accepted from a model that says when to come back.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(300);
/// The longest pause of any kind.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// Whether the model is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BreakerState {
    /// Calls are made.
    #[default]
    Closed,
    /// Consecutive calls failed: none is made for a while.
    Open,
    /// The pause is over, and one call probes the model.
    HalfOpen,
}

impl BreakerState {
    /// `"closed"`, `"open"` or `"half_open"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Counts failures. It is given the time with every call, so it has no clock of its own.
#[derive(Debug)]
pub(crate) struct Breaker {
    failures_to_open: u32,
    open_for: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

impl Breaker {
    /// Opens for `open_for`, at most a day, after this many consecutive failures; 0 counts as 1.
    pub(crate) fn new(failures_to_open: u32, open_for: Duration) -> Self {
        Self {
            failures_to_open: failures_to_open.max(1),
            open_for: open_for.min(LONGEST_PAUSE),
            state: State::Closed { failures: 0 },
        }
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen => BreakerState::HalfOpen,
        }
    }

    /// Whether a call may be made.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { until } => now >= until,
            State::HalfOpen => false,
        }
    }

    /// An admitted call begins.
    pub(crate) fn begin(&mut self) {
        if let State::Open { .. } = self.state {
            self.state = State::HalfOpen;
        }
    }

    /// A call has succeeded. A call that began before the breaker opened does not close it.
    pub(crate) fn succeeded(&mut self) {
        if !matches!(self.state, State::Open { .. }) {
            self.state = State::Closed { failures: 0 };
        }
    }

    /// A call has failed. A model that said when to come back is not called earlier, whatever the count.
    pub(crate) fn failed(&mut self, now: Instant, retry_after: Option<Duration>) {
        let failures = match self.state {
            State::Closed { failures } => failures.saturating_add(1),
            State::HalfOpen => self.failures_to_open,
            State::Open { .. } => return,
        };
        self.state = if failures >= self.failures_to_open || retry_after.is_some() {
            let pause = retry_after.map_or(self.open_for, |pause| pause.min(LONGEST_ASKED_PAUSE));
            State::Open { until: now + pause }
        } else {
            State::Closed { failures }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// After three failures, for ten seconds.
    fn breaker() -> (Breaker, Instant) {
        (Breaker::new(3, 10 * SECOND), Instant::now())
    }

    fn opened() -> (Breaker, Instant) {
        let (mut breaker, now) = breaker();
        (0..3).for_each(|_| breaker.failed(now, None));
        assert_eq!(breaker.state(), BreakerState::Open);
        (breaker, now)
    }

    #[test]
    fn it_opens_only_after_consecutive_failures() {
        let (mut breaker, now) = breaker();
        for _ in 0..5 {
            breaker.failed(now, None);
            breaker.failed(now, None);
            assert!(breaker.admits(now));
            breaker.succeeded();
        }
        (0..3).for_each(|_| breaker.failed(now, None));
        assert!(!breaker.admits(now) && !breaker.admits(now + 9 * SECOND));
    }

    #[test]
    fn after_the_pause_one_call_probes() {
        let (mut breaker, now) = opened();
        let later = now + 10 * SECOND;
        assert!(breaker.admits(later));
        breaker.begin();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(!breaker.admits(later), "one at a time");
        breaker.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.failed(later, None);
        assert!(breaker.admits(later), "counting starts over");
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let (mut breaker, now) = opened();
        breaker.begin();
        breaker.failed(now + 10 * SECOND, None);
        assert!(!breaker.admits(now + 19 * SECOND));
        assert!(breaker.admits(now + 20 * SECOND));
    }

    #[test]
    fn calls_from_before_it_opened_change_nothing() {
        let (mut breaker, now) = opened();
        breaker.succeeded();
        breaker.failed(now + 5 * SECOND, None);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.admits(now + 10 * SECOND));
    }

    #[test]
    fn a_models_retry_time_is_respected_within_limits() {
        let (mut breaker, now) = breaker();
        breaker.failed(now, Some(30 * SECOND));
        assert!(!breaker.admits(now + 29 * SECOND) && breaker.admits(now + 30 * SECOND));
        breaker.begin();
        breaker.failed(now, Some(Duration::from_secs(u64::MAX)));
        assert!(breaker.admits(now + LONGEST_ASKED_PAUSE));
    }
}

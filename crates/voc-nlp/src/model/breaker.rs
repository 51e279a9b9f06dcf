//! A circuit breaker: after failures in a row no calls for a while, then one to see.

use std::fmt;
use std::time::{Duration, Instant};

/// How long a model that says when to come back is believed at most.
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
    /// Calls failed one after the other: none is made for a while.
    Open,
    /// The while is over, and one call is being made to see.
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

/// Keeps count of failures. Told the time with every question, it has no clock of its own.
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
    /// Opens for `open_for`, at most a day, after so many failures in a row; 0 counts as 1.
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

    /// A call has succeeded. One that began before the breaker opened does not close it.
    pub(crate) fn succeeded(&mut self) {
        if !matches!(self.state, State::Open { .. }) {
            self.state = State::Closed { failures: 0 };
        }
    }

    /// A call has failed. A model that said when to come back is not asked earlier, whatever the count.
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
    fn it_opens_after_failures_in_a_row_only() {
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
    fn after_the_pause_one_call_tries() {
        let (mut breaker, now) = opened();
        let later = now + 10 * SECOND;
        assert!(breaker.admits(later));
        breaker.begin();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(!breaker.admits(later), "one at a time");
        breaker.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.failed(later, None);
        assert!(breaker.admits(later), "counting begins anew");
    }

    #[test]
    fn a_failed_try_opens_it_again() {
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
    fn a_model_that_says_when_to_come_back_is_believed_within_reason() {
        let (mut breaker, now) = breaker();
        breaker.failed(now, Some(30 * SECOND));
        assert!(!breaker.admits(now + 29 * SECOND) && breaker.admits(now + 30 * SECOND));
        breaker.begin();
        breaker.failed(now, Some(Duration::from_secs(u64::MAX)));
        assert!(breaker.admits(now + LONGEST_ASKED_PAUSE));
    }
}

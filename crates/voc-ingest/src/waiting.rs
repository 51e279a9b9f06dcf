//! Deliveries that fail and are attempted again, for readiness checks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Deliveries that have failed and have not succeeded since, by number: the oldest first.
#[derive(Debug, Default)]
pub(crate) struct WaitingDeliveries(Mutex<Numbered>);

#[derive(Debug, Default)]
struct Numbered {
    next: u64,
    deliveries: BTreeMap<u64, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    /// Which delivery, and its last error.
    reason: String,
}

impl WaitingDeliveries {
    /// Adds a delivery at its first failure; returns its number.
    pub(crate) fn add(&self, reason: String) -> u64 {
        let mut numbered = self.lock();
        let number = numbered.next;
        numbered.next += 1;
        numbered.deliveries.insert(number, Waiting { since: Instant::now(), reason });
        number
    }

    /// Replaces the reason after another failure.
    pub(crate) fn update(&self, number: u64, reason: String) {
        if let Some(waiting) = self.lock().deliveries.get_mut(&number) {
            waiting.reason = reason;
        }
    }

    /// Removes a delivery that succeeded or was given up.
    pub(crate) fn remove(&self, number: u64) {
        self.lock().deliveries.remove(&number);
    }

    /// The reason of the delivery that has been failing for the longest time, if that is at least `patience`.
    pub(crate) fn longer_than(&self, patience: Duration) -> Option<String> {
        let numbered = self.lock();
        let (_, Waiting { since, reason }) = numbered.deliveries.first_key_value()?;
        let time = since.elapsed();
        (time >= patience).then(|| format!("failing for {} s: {reason}", time.as_secs()))
    }

    fn lock(&self) -> MutexGuard<'_, Numbered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_failing_delivery_is_reported_until_it_ends() {
        let waiting = WaitingDeliveries::default();
        assert_eq!(waiting.longer_than(Duration::ZERO), None);
        let (first, second) = (waiting.add("the batch 0-9".to_owned()), waiting.add("the batch 10-19".to_owned()));
        waiting.update(first, "the batch 0-9, again".to_owned());
        assert_eq!(waiting.longer_than(Duration::from_secs(30)), None, "it has just begun to fail");
        assert_eq!(waiting.longer_than(Duration::ZERO).as_deref(), Some("failing for 0 s: the batch 0-9, again"));
        waiting.remove(first);
        assert_eq!(waiting.longer_than(Duration::ZERO).as_deref(), Some("failing for 0 s: the batch 10-19"));
        waiting.remove(second);
        assert_eq!(waiting.longer_than(Duration::ZERO), None);
    }
}

//! The recent window: recognises events that a producer resent.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::RecentSettings;

/// Remembers the events of the recent past by tenant and event id, in bounded memory.
///
/// Holds two generations of IDs. A new ID goes to the young generation; when that is full or old, it becomes the old
/// generation, and the former old one is dropped. So at least the last [`RecentSettings::events`] IDs are known
/// (unless they are older than [`RecentSettings::keep`]), and at most twice as many. The tenant is part of the key: no
/// tenant can suppress the events of another.
#[derive(Debug)]
pub(crate) struct RecentEvents {
    settings: RecentSettings,
    tenants: RandomState,
    young: HashSet<(u64, Uuid)>,
    old: HashSet<(u64, Uuid)>,
    young_since: Instant,
}

impl RecentEvents {
    /// An empty window.
    pub(crate) fn new(settings: RecentSettings, now: Instant) -> Self {
        Self { settings, tenants: RandomState::new(), young: HashSet::new(), old: HashSet::new(), young_since: now }
    }

    /// Remembers an event and returns whether it was known already.
    pub(crate) fn is_resend(&mut self, tenant_id: &str, event_id: Uuid, now: Instant) -> bool {
        if self.settings.events == 0 {
            return false;
        }
        self.age(now);
        let key = (self.tenants.hash_one(tenant_id), event_id);
        self.old.contains(&key) || !self.young.insert(key)
    }

    fn age(&mut self, now: Instant) {
        // Each generation lives half of the time, so an ID is forgotten after between half of `keep` and all of it.
        let half: Duration = self.settings.keep / 2;
        let age = now.duration_since(self.young_since);
        if self.young.len() < self.settings.events && age < half {
            return;
        }
        std::mem::swap(&mut self.young, &mut self.old);
        self.young.clear();
        if age >= self.settings.keep {
            self.old.clear();
        }
        self.young_since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(events: usize, keep_seconds: u64) -> (RecentEvents, Instant) {
        let now = Instant::now();
        let settings = RecentSettings { events, keep: Duration::from_secs(keep_seconds) };
        (RecentEvents::new(settings, now), now)
    }

    #[test]
    fn a_resend_is_known_for_its_tenant_only() {
        let (mut recent, now) = window(10, 60);
        let id = Uuid::from_u128(1);
        assert!(!recent.is_resend("acme", id, now));
        assert!(recent.is_resend("acme", id, now));
        assert!(!recent.is_resend("globex", id, now));
    }

    #[test]
    fn at_least_the_last_events_are_known_and_memory_is_bounded() {
        let (mut recent, now) = window(100, 60);
        for id in 0..10_000 {
            assert!(!recent.is_resend("acme", Uuid::from_u128(id), now));
            assert!(recent.young.len() + recent.old.len() <= 201);
        }
        for id in 9_900..10_000 {
            assert!(recent.is_resend("acme", Uuid::from_u128(id), now));
        }
        assert!(!recent.is_resend("acme", Uuid::from_u128(0), now));
    }

    #[test]
    fn an_old_event_is_forgotten() {
        let (mut recent, start) = window(100, 60);
        let id = Uuid::from_u128(1);
        assert!(!recent.is_resend("acme", id, start));
        assert!(recent.is_resend("acme", id, start + Duration::from_secs(29)));
        assert!(!recent.is_resend("acme", id, start + Duration::from_secs(120)));
    }

    #[test]
    fn a_window_of_zero_is_off() {
        let (mut recent, now) = window(0, 60);
        let id = Uuid::from_u128(1);
        assert!(!recent.is_resend("acme", id, now));
        assert!(!recent.is_resend("acme", id, now));
    }
}

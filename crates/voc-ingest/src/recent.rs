//! The recent window: recognises events that a producer resent.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use uuid::Uuid;
use voc_store::DeadLetter;

use crate::RecentSettings;

/// What an event is remembered by: a hash of its tenant, and its ID.
type RecentKey = (u64, Uuid);

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
    young: HashSet<RecentKey>,
    old: HashSet<RecentKey>,
    young_since: Instant,
    /// Where deliveries report what to forget.
    forgotten: (mpsc::UnboundedSender<RecentKey>, mpsc::UnboundedReceiver<RecentKey>),
}

/// The IDs that the records of a batch left in the window.
///
/// A record that becomes a dead letter must be forgotten: sent again, it would count as a duplicate of its own dead
/// letter, and its event would be nowhere. That happens only when the batch is delivered. Until then resends of the
/// record are dropped, so every attempt at the batch drops the same ones, however its records are cut into chunks.
#[derive(Debug)]
pub(crate) struct BatchIds {
    by_offset: Vec<(i64, RecentKey)>,
    forgotten: mpsc::UnboundedSender<RecentKey>,
}

impl BatchIds {
    /// Notes the event of a record.
    pub(crate) fn add(&mut self, offset: i64, key: RecentKey) {
        self.by_offset.push((offset, key));
    }

    /// Makes the window forget the events of dead letters. Call before these can be read, and so sent again.
    pub(crate) fn forget(&self, dead_letters: &[DeadLetter]) {
        let offsets: HashSet<i64> = dead_letters.iter().map(|dead_letter| dead_letter.offset).collect();
        for (_, key) in self.by_offset.iter().filter(|(offset, _)| offsets.contains(offset)) {
            // Without its receiver, the lane has ended, and its window with it.
            let _ended = self.forgotten.send(*key);
        }
    }
}

impl RecentEvents {
    /// An empty window.
    pub(crate) fn new(settings: RecentSettings, now: Instant) -> Self {
        Self {
            settings,
            tenants: RandomState::new(),
            young: HashSet::new(),
            old: HashSet::new(),
            young_since: now,
            forgotten: mpsc::unbounded_channel(),
        }
    }

    /// What an event is remembered by; `None` if the window is off.
    pub(crate) fn key(&self, tenant_id: &str, event_id: Uuid) -> Option<RecentKey> {
        (self.settings.events > 0).then(|| (self.tenants.hash_one(tenant_id), event_id))
    }

    /// Remembers an event and returns whether it was known already.
    pub(crate) fn is_resend(&mut self, key: RecentKey, now: Instant) -> bool {
        self.age(now);
        self.old.contains(&key) || !self.young.insert(key)
    }

    /// An empty list for the IDs of a batch.
    pub(crate) fn batch(&self) -> BatchIds {
        BatchIds { by_offset: Vec::new(), forgotten: self.forgotten.0.clone() }
    }

    /// Forgets the events of records that became dead letters since the last call.
    pub(crate) fn forget_dead_letters(&mut self) {
        while let Ok(key) = self.forgotten.1.try_recv() {
            self.young.remove(&key);
            self.old.remove(&key);
        }
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

    fn is_resend(recent: &mut RecentEvents, tenant_id: &str, id: u128, now: Instant) -> bool {
        recent.key(tenant_id, Uuid::from_u128(id)).is_some_and(|key| recent.is_resend(key, now))
    }

    #[test]
    fn a_resend_is_known_for_its_tenant_only() {
        let (mut recent, now) = window(10, 60);
        assert!(!is_resend(&mut recent, "acme", 1, now));
        assert!(is_resend(&mut recent, "acme", 1, now));
        assert!(!is_resend(&mut recent, "globex", 1, now));
    }

    #[test]
    fn at_least_the_last_events_are_known_and_memory_is_bounded() {
        let (mut recent, now) = window(100, 60);
        for id in 0..10_000 {
            assert!(!is_resend(&mut recent, "acme", id, now));
            assert!(recent.young.len() + recent.old.len() <= 201);
        }
        for id in 9_900..10_000 {
            assert!(is_resend(&mut recent, "acme", id, now));
        }
        assert!(!is_resend(&mut recent, "acme", 0, now));
    }

    #[test]
    fn an_old_event_is_forgotten() {
        let (mut recent, start) = window(100, 60);
        assert!(!is_resend(&mut recent, "acme", 1, start));
        assert!(is_resend(&mut recent, "acme", 1, start + Duration::from_secs(29)));
        assert!(!is_resend(&mut recent, "acme", 1, start + Duration::from_secs(120)));
    }

    #[test]
    fn a_window_of_zero_is_off() {
        let (mut recent, now) = window(0, 60);
        assert!(!is_resend(&mut recent, "acme", 1, now));
        assert!(!is_resend(&mut recent, "acme", 1, now));
    }
}

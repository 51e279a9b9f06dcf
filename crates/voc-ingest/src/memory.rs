//! The bound on memory held by records between their source and the store.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A budget in bytes, shared by all lanes of a process. A source acquires memory before it hands records on, and the
/// memory is released when their rows are stored. So a slow or unavailable store stops the sources instead of
/// exhausting the machine.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    units: Arc<Semaphore>,
    total_units: u32,
}

/// Budgets are counted in units of this size because a semaphore counts to 2³².
const UNIT_BYTES: usize = 1024;

impl MemoryBudget {
    /// A budget of about `bytes` bytes, at least one unit of 1 KiB.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let total_units = u32::try_from((bytes / UNIT_BYTES).max(1)).unwrap_or(u32::MAX / 2);
        Self { units: Arc::new(Semaphore::new(total_units as usize)), total_units }
    }

    /// Acquires memory for `bytes` bytes, waiting until it is available. A request larger than the budget acquires all
    /// of it.
    pub async fn acquire(&self, bytes: usize) -> MemoryPermit {
        // The semaphore is never closed, so this cannot fail.
        let units = units_of(bytes, self.total_units);
        MemoryPermit { shared: Arc::clone(&self.units).acquire_many_owned(units).await.ok(), own: None }
    }

    /// Bytes currently held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        (self.total_units as usize).saturating_sub(self.units.available_permits()) * UNIT_BYTES
    }

    /// A share for one of several lanes.
    pub(crate) fn share(&self) -> MemoryShare {
        let own_units = self.total_units.div_ceil(2);
        MemoryShare { budget: self.clone(), own: Arc::new(Semaphore::new(own_units as usize)), own_units }
    }
}

/// One lane's access to a [`MemoryBudget`], which ensures that no lane blocks another: a lane gets at most half of the
/// budget, and a lane that holds nothing gets what it asks for even if the budget is exhausted. So every lane makes
/// progress, and the total held is bounded by the budget plus one chunk per lane.
#[derive(Debug, Clone)]
pub(crate) struct MemoryShare {
    budget: MemoryBudget,
    own: Arc<Semaphore>,
    own_units: u32,
}

/// The limit that denies memory to a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryLimit {
    /// The lane holds its share already.
    OwnShare,
    /// The budget is exhausted, or reserved for a lane that has waited longer.
    Budget,
}

impl MemoryShare {
    /// Acquires memory for `bytes` bytes. A request larger than the share acquires all of it. If another lane waits
    /// for the budget, nothing is taken from it.
    ///
    /// # Errors
    /// [`MemoryLimit`] if the lane holds some memory and cannot get more now.
    pub(crate) fn try_acquire(&self, bytes: usize, another_waits: bool) -> Result<MemoryPermit, MemoryLimit> {
        let units = units_of(bytes, self.own_units);
        let holds_nothing = self.own.available_permits() == self.own_units as usize;
        let own = try_acquire(&self.own, units).ok_or(MemoryLimit::OwnShare)?;
        let shared = if another_waits { None } else { try_acquire(&self.budget.units, units) };
        if shared.is_none() && !holds_nothing {
            return Err(MemoryLimit::Budget);
        }
        Ok(MemoryPermit { shared, own: Some(own) })
    }
}

fn try_acquire(units: &Arc<Semaphore>, wanted: u32) -> Option<OwnedSemaphorePermit> {
    Arc::clone(units).try_acquire_many_owned(wanted).ok()
}

fn units_of(bytes: usize, max: u32) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).min(max)
}

/// Memory acquired from a [`MemoryBudget`]; released when dropped.
#[derive(Debug, Default)]
pub struct MemoryPermit {
    shared: Option<OwnedSemaphorePermit>,
    /// The same memory as counted by the lane's share.
    own: Option<OwnedSemaphorePermit>,
}

impl MemoryPermit {
    /// Adds another permit of the same budget and lane to this one.
    pub fn merge(&mut self, other: Self) {
        merge(&mut self.shared, other.shared);
        merge(&mut self.own, other.own);
    }
}

fn merge(permit: &mut Option<OwnedSemaphorePermit>, other: Option<OwnedSemaphorePermit>) {
    match (permit, other) {
        (Some(permit), Some(other)) => permit.merge(other),
        (none @ None, other) => *none = other,
        (Some(_), None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    #[test]
    fn a_lane_gets_at_most_half_and_every_lane_makes_progress() {
        let budget = MemoryBudget::new(10 * KIB);
        let lanes = [(); 4].map(|()| budget.share());
        let held: Vec<_> = (0..2).map(|lane| lanes[lane].try_acquire(5 * KIB, false).unwrap()).collect();
        assert_eq!(lanes[0].try_acquire(1, false).unwrap_err(), MemoryLimit::OwnShare);
        assert_eq!(budget.held_bytes(), 10 * KIB);
        // The budget is exhausted; a lane that holds nothing still gets something, once.
        let credit = lanes[2].try_acquire(2 * KIB, false).unwrap();
        assert_eq!(lanes[2].try_acquire(1, false).unwrap_err(), MemoryLimit::Budget);
        drop(credit);
        assert!(lanes[2].try_acquire(2 * KIB, false).is_ok());
        drop(held);
        assert_eq!(budget.held_bytes(), 0);
    }

    #[test]
    fn memory_that_another_lane_waits_for_is_not_taken() {
        let budget = MemoryBudget::new(10 * KIB);
        let lane = budget.share();
        let credit = lane.try_acquire(KIB, true).unwrap();
        assert_eq!((budget.held_bytes(), lane.try_acquire(KIB, true).unwrap_err()), (0, MemoryLimit::Budget));
        drop(credit);
        // A record larger than the share takes all of it.
        let large = lane.try_acquire(100 * KIB, false).unwrap();
        assert_eq!((budget.held_bytes(), lane.try_acquire(1, false).unwrap_err()), (5 * KIB, MemoryLimit::OwnShare));
        drop(large);
        assert_eq!(budget.held_bytes(), 0);
    }
}

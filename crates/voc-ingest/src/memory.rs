//! The bound on memory held by records between their source and the store.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A budget in bytes, shared by all lanes of a pipeline, and in part by the pipelines of a process. A source acquires
/// memory before it hands records on, and the memory is released when their rows are stored. So a slow or unavailable
/// store stops the sources instead of exhausting the machine.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    /// Shared with other pipelines.
    common: Units,
    /// For this pipeline alone.
    reserve: Units,
}

/// Budgets are counted in units of this size because a semaphore counts to 2³².
const UNIT_BYTES: usize = 1024;

impl MemoryBudget {
    /// A budget of about `bytes` bytes, at least one unit of 1 KiB.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { common: Units::of(bytes.max(UNIT_BYTES)), reserve: Units::of(0) }
    }

    /// The budgets of several pipelines that hold about `bytes` bytes together. One half is divided among them, so
    /// that a pipeline whose rows cannot be stored leaves the others enough for whole batches. The other half goes to
    /// whoever needs it.
    ///
    /// ```
    /// use voc_ingest::MemoryBudget;
    ///
    /// let budgets = MemoryBudget::shared(256 << 20, 4);
    /// assert_eq!(budgets.len(), 4);
    /// ```
    #[must_use]
    pub fn shared(bytes: usize, pipelines: usize) -> Vec<Self> {
        if pipelines < 2 {
            return vec![Self::new(bytes); pipelines];
        }
        let common = Self::new(bytes / 2).common;
        let budget = |_| Self { common: common.clone(), reserve: Units::of(bytes / 2 / pipelines) };
        (0..pipelines).map(budget).collect()
    }

    /// Acquires memory for `bytes` bytes, waiting until it is available. A request larger than the common part of the
    /// budget acquires all of that part.
    pub async fn acquire(&self, bytes: usize) -> MemoryPermit {
        let units = units_of(bytes).min(self.common.total);
        // The semaphores are never closed, so this cannot fail.
        tokio::select! {
            biased;
            reserve = Arc::clone(&self.reserve.free).acquire_many_owned(units), if units <= self.reserve.total => {
                MemoryPermit { reserve: reserve.ok(), ..MemoryPermit::default() }
            }
            common = Arc::clone(&self.common.free).acquire_many_owned(units) => {
                MemoryPermit { common: common.ok(), ..MemoryPermit::default() }
            }
        }
    }

    /// Bytes currently held: in the pipeline's own part, and by all pipelines in the common part.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.common.held_bytes() + self.reserve.held_bytes()
    }

    /// A share for one of several lanes.
    pub(crate) fn share(&self) -> MemoryShare {
        let lane = Units::of((self.common.bytes() + self.reserve.bytes()).div_ceil(2));
        MemoryShare { budget: self.clone(), lane }
    }
}

/// Some units of memory, of which a part is free.
#[derive(Debug, Clone)]
struct Units {
    free: Arc<Semaphore>,
    total: u32,
}

impl Units {
    fn of(bytes: usize) -> Self {
        let total = units_of(bytes).min(u32::MAX / 2);
        Self { free: Arc::new(Semaphore::new(total as usize)), total }
    }

    fn bytes(&self) -> usize {
        self.total as usize * UNIT_BYTES
    }

    fn held_bytes(&self) -> usize {
        (self.total as usize).saturating_sub(self.free.available_permits()) * UNIT_BYTES
    }

    fn try_acquire(&self, wanted: u32) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_many_owned(wanted).ok()
    }
}

fn units_of(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

/// One lane's access to a [`MemoryBudget`], which ensures that no lane blocks another: a lane gets at most half of the
/// budget, and a lane that holds nothing gets what it asks for even if the budget is exhausted. So every lane makes
/// progress, and the total held is bounded by the budget plus one chunk per lane.
#[derive(Debug, Clone)]
pub(crate) struct MemoryShare {
    budget: MemoryBudget,
    lane: Units,
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
        let units = units_of(bytes).min(self.lane.total);
        let holds_nothing = self.lane.free.available_permits() == self.lane.total as usize;
        let lane = self.lane.try_acquire(units).ok_or(MemoryLimit::OwnShare)?;
        let MemoryBudget { common, reserve } = &self.budget;
        let of = |part: &Units| if another_waits { None } else { part.try_acquire(units) };
        let reserve = of(reserve);
        let common = if reserve.is_none() { of(common) } else { None };
        if reserve.is_none() && common.is_none() && !holds_nothing {
            return Err(MemoryLimit::Budget);
        }
        Ok(MemoryPermit { common, reserve, lane: Some(lane) })
    }
}

/// Memory acquired from a [`MemoryBudget`]; released when dropped.
#[derive(Debug, Default)]
pub struct MemoryPermit {
    common: Option<OwnedSemaphorePermit>,
    reserve: Option<OwnedSemaphorePermit>,
    /// The same memory as counted by the lane's share.
    lane: Option<OwnedSemaphorePermit>,
}

impl MemoryPermit {
    /// Adds another permit of the same budget and lane to this one.
    pub fn merge(&mut self, other: Self) {
        merge(&mut self.common, other.common);
        merge(&mut self.reserve, other.reserve);
        merge(&mut self.lane, other.lane);
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

    #[test]
    fn a_pipeline_that_stores_nothing_leaves_the_others_their_part() {
        let budgets = MemoryBudget::shared(40 * KIB, 2);
        // Lanes of the first pipeline take all they can get.
        let stuck = [(); 4].map(|()| budgets[0].share());
        let held: Vec<_> =
            std::iter::from_fn(|| stuck.iter().find_map(|lane| lane.try_acquire(KIB, false).ok())).collect();
        assert_eq!((held.len(), budgets[0].held_bytes()), (30 + 2, 30 * KIB), "a lane without memory gets one chunk");
        // A lane of the second gets the quarter that is reserved for its pipeline.
        let lane = budgets[1].share();
        let own: Vec<_> = std::iter::from_fn(|| lane.try_acquire(KIB, false).ok()).collect();
        assert_eq!(own.len(), 10);
        drop((held, own));
        assert_eq!((budgets[0].held_bytes(), budgets[1].held_bytes()), (0, 0));
    }

    #[tokio::test]
    async fn whoever_waits_gets_memory_of_either_part() {
        let budgets = MemoryBudget::shared(8 * KIB, 2);
        // A pipeline may hold both parts.
        let (reserve, common) = (budgets[0].acquire(2 * KIB).await, budgets[0].acquire(4 * KIB).await);
        assert_eq!(budgets[0].held_bytes(), 6 * KIB);
        for freed in [reserve, common] {
            let mut waiting = Box::pin(budgets[0].acquire(2 * KIB));
            assert!(futures_util::poll!(&mut waiting).is_pending());
            drop(freed);
            std::mem::forget(waiting.await);
        }
    }
}

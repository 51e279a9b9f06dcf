//! The bound on memory held by records between their source and the store.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A budget in bytes shared by all lanes of a process. A source takes from it before it hands records on; the memory comes back
/// when their rows are stored. So a store that is down or slow stops the sources, and not the machine.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    units: Arc<Semaphore>,
    total_units: u32,
}

/// Budgets are counted in units of this many bytes, as a semaphore counts to 2³².
const UNIT_BYTES: usize = 1024;

impl MemoryBudget {
    /// A budget of about `bytes` bytes, at least one unit of 1 KiB.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let total_units = u32::try_from((bytes / UNIT_BYTES).max(1)).unwrap_or(u32::MAX / 2);
        Self { units: Arc::new(Semaphore::new(total_units as usize)), total_units }
    }

    /// Takes memory for `bytes` bytes, waiting until there is some. What is larger than the whole budget takes all of it.
    pub async fn acquire(&self, bytes: usize) -> MemoryPermit {
        // The semaphore is never closed, so an error cannot be.
        MemoryPermit(Arc::clone(&self.units).acquire_many_owned(self.units_of(bytes)).await.ok())
    }

    /// Takes memory for `bytes` bytes if there is some now.
    #[must_use]
    pub fn try_acquire(&self, bytes: usize) -> Option<MemoryPermit> {
        Arc::clone(&self.units)
            .try_acquire_many_owned(self.units_of(bytes))
            .ok()
            .map(|permit| MemoryPermit(Some(permit)))
    }

    /// Bytes held at the moment.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        (self.total_units as usize).saturating_sub(self.units.available_permits()) * UNIT_BYTES
    }

    fn units_of(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).min(self.total_units)
    }
}

/// Memory taken from a [`MemoryBudget`]; given back when dropped.
#[derive(Debug, Default)]
pub struct MemoryPermit(Option<OwnedSemaphorePermit>);

impl MemoryPermit {
    /// Adds another permit of the same budget to this one.
    pub fn merge(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (Some(permit), Some(other)) => permit.merge(other),
            (none @ None, other) => *none = other,
            (Some(_), None) => {}
        }
    }
}

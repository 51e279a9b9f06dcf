//! Which questions may ask the store now, which wait, and which are refused.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{current_route, limits::Limits, problem::Problem, telemetry::LIMITED};

/// Bounds how many questions the store has at once, and how many wait.
pub(crate) struct QuerySlots {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// Permission to ask the store, until it is dropped.
pub(crate) struct QuerySlot {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl QuerySlots {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(limits.running.saturating_add(limits.waiting))),
            running: Arc::new(Semaphore::new(limits.running)),
        }
    }

    /// Waits for a slot, unless too many wait already.
    pub(crate) async fn acquire(&self) -> Result<QuerySlot, Problem> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| {
            metrics::counter!(LIMITED, "route" => current_route::current(), "limit" => "busy").increment(1);
            Problem::Overloaded
        })?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Problem::Internal)?;
        Ok(QuerySlot { _admitted: admitted, _running: running })
    }
}

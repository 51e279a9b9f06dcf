//! Which questions may ask the store now, which wait, and which are refused.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{current_route, limits::Limits, problem::Problem, telemetry::LIMITED};

/// Bounds how many questions the store has at once, and how many wait.
pub(crate) struct QuerySlots {
    admitted: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// Permission to ask the store, until it is dropped.
pub(crate) struct QuerySlot {
    _admitted: OwnedSemaphorePermit,
    _exporting: Option<OwnedSemaphorePermit>,
    _running: OwnedSemaphorePermit,
}

impl QuerySlots {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(limits.running.saturating_add(limits.waiting))),
            exporting: Arc::new(Semaphore::new(limits.exporting)),
            running: Arc::new(Semaphore::new(limits.running)),
        }
    }

    /// Waits for a slot, unless too many wait already.
    pub(crate) async fn acquire(&self) -> Result<QuerySlot, Problem> {
        self.admitted_with(None).await
    }

    /// The same for an export. It keeps its slot for as long as its client reads, so questions keep some of their own.
    pub(crate) async fn acquire_for_export(&self) -> Result<QuerySlot, Problem> {
        self.admitted_with(Some(&self.exporting)).await
    }

    async fn admitted_with(&self, further: Option<&Arc<Semaphore>>) -> Result<QuerySlot, Problem> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| {
            metrics::counter!(LIMITED, "route" => current_route::current(), "limit" => "busy").increment(1);
            Problem::Overloaded
        })?;
        let exporting = match further {
            Some(exporting) => Some(Arc::clone(exporting).acquire_owned().await.map_err(|_| Problem::Internal)?),
            None => None,
        };
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Problem::Internal)?;
        Ok(QuerySlot { _admitted: admitted, _exporting: exporting, _running: running })
    }
}

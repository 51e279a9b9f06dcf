//! Who may ask the store now, who waits, and who is sent away.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{limits::Limits, problem::Problem};

/// The turns of questions.
pub(crate) struct Turns {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// Permission to ask the store, until it is dropped.
pub(crate) struct Turn {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Turns {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(limits.running.saturating_add(limits.waiting))),
            running: Arc::new(Semaphore::new(limits.running)),
        }
    }

    /// Waits for a turn, unless too many wait already.
    pub(crate) async fn next(&self) -> Result<Turn, Problem> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| Problem::Overloaded)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Problem::Internal)?;
        Ok(Turn { _admitted: admitted, _running: running })
    }
}

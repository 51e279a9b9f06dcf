//! How many inserts run at once.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Limits concurrent inserts, of one pipeline or of several. Clones share the same slots.
///
/// Of each pipeline one lane at a time waits for a slot, and the others wait behind it. So a pipeline with many lanes
/// gets no more turns than one with a single lane, and none waits for longer than one insert of each other pipeline.
///
/// ```
/// use voc_ingest::InsertSlots;
///
/// // For pipelines that share two connections to a store.
/// let slots = InsertSlots::new(2);
/// # let _ = slots;
/// ```
#[derive(Debug, Clone)]
pub struct InsertSlots(Arc<Semaphore>);

impl InsertSlots {
    /// Allows `slots` concurrent inserts, at least one.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self(Arc::new(Semaphore::new(slots.max(1))))
    }

    /// The queue of another pipeline.
    pub(crate) fn queue(&self) -> InsertQueue {
        InsertQueue { slots: Arc::clone(&self.0), turn: Arc::new(Semaphore::new(1)) }
    }
}

/// A pipeline's lanes that wait for a slot.
#[derive(Debug, Clone)]
pub(crate) struct InsertQueue {
    slots: Arc<Semaphore>,
    /// Held by the lane whose turn it is.
    turn: Arc<Semaphore>,
}

impl InsertQueue {
    /// Waits for a slot, which is occupied until the permit is dropped.
    pub(crate) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        // Neither is ever closed.
        let _turn = self.turn.acquire().await.ok()?;
        self.slots.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, PoisonError},
        time::Duration,
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pipeline_with_one_lane_has_as_many_turns_as_one_with_forty() {
        let slots = InsertSlots::new(2);
        let (many, one) = (slots.queue(), slots.queue());
        let inserts = Arc::new(Mutex::new(Vec::new()));
        let lane = |name: &'static str, queue: &InsertQueue, inserts_of_lane: usize| {
            let (queue, inserts) = (queue.clone(), Arc::clone(&inserts));
            tokio::spawn(async move {
                for _ in 0..inserts_of_lane {
                    let _slot = queue.slot().await;
                    inserts.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            })
        };
        let lanes: Vec<_> = (0..40).map(|_| lane("many", &many, 10)).collect();
        lane("one", &one, 10).await.expect("no panic");
        let begun = inserts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(begun.iter().filter(|name| **name == "one").count(), 10);
        // Two slots: for each insert of the one lane the others had at most three.
        assert!(begun.len() <= 42, "{} inserts", begun.len());
        lanes.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

//! Delivering: dead letters, then rows, then the commit; each repeated until it works.

use std::{fmt, sync::Arc, time::Instant};

use tokio::task::JoinHandle;

use super::{LaneContext, collect::SealedBatch};
use crate::{Backoff, CommitError, Committer, TopicPartition};

/// Why a batch will not be delivered by this lane.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeliveryError {
    /// The partition has another owner, who will deliver these records.
    #[error("fenced: {0}")]
    Fenced(String),
}

/// A batch under way. Dropping it gives it up.
pub(super) struct Delivery {
    task: JoinHandle<Result<(), DeliveryError>>,
}

impl Delivery {
    pub(super) fn start(
        context: Arc<LaneContext>,
        partition: TopicPartition,
        committer: Arc<dyn Committer>,
        batch: SealedBatch,
    ) -> Self {
        Self { task: tokio::spawn(deliver(context, partition, committer, batch)) }
    }

    /// Waits for the end. Safe to cancel.
    pub(super) async fn outcome(&mut self) -> Result<(), DeliveryError> {
        match (&mut self.task).await {
            Ok(outcome) => outcome,
            // The task is aborted only by dropping, so it panicked: the lane does not go past records it did not deliver.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn deliver(
    context: Arc<LaneContext>,
    partition: TopicPartition,
    committer: Arc<dyn Committer>,
    batch: SealedBatch,
) -> Result<(), DeliveryError> {
    let sealed_at = Instant::now();
    let last = batch.insert.range.last;
    if !batch.letters.is_empty() {
        let mut backoff = Backoff::default();
        while let Err(error) = context.dead_letters.deliver(Arc::clone(&batch.letters)).await {
            context.meter.error("dead_letter");
            wait(&partition, "dead letters are waiting", &error, &mut backoff).await;
        }
        context.meter.dead_lettered(batch.letters.len());
    }
    if !batch.insert.parts.is_empty() {
        insert(&context, &partition, &batch).await;
        context.meter.processed(batch.insert.rows());
    }
    context.meter.duplicates(batch.duplicates);
    commit(&context, &partition, committer.as_ref(), last + 1).await?;
    context.meter.batch(batch.records, sealed_at.elapsed());
    drop(batch.permit);
    Ok(())
}

async fn insert(context: &LaneContext, partition: &TopicPartition, batch: &SealedBatch) {
    let mut backoff = Backoff::default();
    loop {
        let outcome = {
            // The semaphore is never closed.
            let _slot = context.insert_slots.acquire().await;
            context.store.insert(Arc::clone(&batch.insert)).await
        };
        let Err(error) = outcome else { return };
        context.meter.error(error.kind());
        wait(partition, "rows are waiting", &error, &mut backoff).await;
    }
}

async fn commit(
    context: &LaneContext,
    partition: &TopicPartition,
    committer: &dyn Committer,
    next_offset: i64,
) -> Result<(), DeliveryError> {
    let mut backoff = Backoff::default();
    loop {
        match committer.commit(partition, next_offset, None).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Fenced(reason)) => {
                context.meter.error("commit_fenced");
                return Err(DeliveryError::Fenced(reason));
            }
            Err(error @ CommitError::Unavailable(_)) => {
                context.meter.error("commit");
                wait(partition, "the commit is waiting", &error, &mut backoff).await;
            }
        }
    }
}

async fn wait(partition: &TopicPartition, what: &str, error: &impl fmt::Display, backoff: &mut Backoff) {
    let pause = backoff.next_wait();
    tracing::warn!(%partition, %error, retry_in = ?pause, "{what}");
    tokio::time::sleep(pause).await;
}

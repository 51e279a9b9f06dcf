//! A lane: one partition from its records to the committed batch.
//!
//! ```text
//! records ─► collect (decode, annotate, columns) ─► seal ─► deliver (dead letters, insert, commit)
//!               └── goes on while a batch is delivered ◄──────────┘ one batch at a time, in order
//! ```

mod collect;
mod deliver;

use std::{sync::Arc, time::Instant};

use tokio::sync::{Semaphore, watch};
use voc_events::{Family, Limits};
use voc_nlp::Annotator;
use voc_store::{EventStore, PartitionBy};

use self::{
    collect::Collector,
    deliver::{Delivery, DeliveryError},
};
use crate::{Assignment, BatchSettings, DeadLetterSink, LaneControl, RecentSettings, pipeline::Meter};

/// What all lanes of a pipeline share.
pub(crate) struct LaneContext {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) annotator: Arc<Annotator>,
    pub(crate) dead_letters: Arc<dyn DeadLetterSink>,
    pub(crate) limits: Limits,
    pub(crate) batch: BatchSettings,
    pub(crate) recent: RecentSettings,
    pub(crate) partition_by: PartitionBy,
    /// Inserts that may run at the same time.
    pub(crate) insert_slots: Arc<Semaphore>,
    pub(crate) meter: Meter,
}

/// Runs a lane until its records end or it is told to stop.
pub(crate) async fn run<F: Family>(context: Arc<LaneContext>, assignment: Assignment) {
    let Assignment { partition, mut records, mut control, committer, done, .. } = assignment;
    tracing::debug!(%partition, "lane starts");
    let mut collector = Collector::<F>::new(Arc::clone(&context), partition.clone());
    let mut delivery: Option<Delivery> = None;
    let mut taking = true;
    loop {
        if delivery.is_none() && collector.is_due(taking, Instant::now()) {
            delivery = collector
                .seal()
                .map(|batch| Delivery::start(Arc::clone(&context), partition.clone(), Arc::clone(&committer), batch));
        }
        if !taking && delivery.is_none() {
            break;
        }
        let due_at = if delivery.is_none() { collector.due_at() } else { None };
        tokio::select! {
            biased;
            wish = changed(&mut control) => match wish {
                LaneControl::Run => {}
                LaneControl::Drain => {
                    // What waits in the channel belongs to the partition's next owner.
                    records.close();
                    taking = false;
                }
                LaneControl::Abandon => {
                    tracing::warn!(%partition, "lane abandoned; its uncommitted records are left to the next owner");
                    break;
                }
            },
            outcome = finished(&mut delivery) => {
                delivery = None;
                match outcome {
                    Ok(()) => {}
                    Err(DeliveryError::Fenced(reason)) => {
                        tracing::warn!(%partition, reason, "lane ends: the partition has another owner");
                        break;
                    }
                }
            }
            chunk = records.recv(), if taking && collector.has_room() => match chunk {
                Some(chunk) => collector.take(chunk),
                None => taking = false,
            },
            () = sleep_until(due_at) => {}
        }
    }
    tracing::debug!(%partition, "lane ends");
    drop(done);
}

/// The source's next wish; never ready once the source has nothing more to say.
async fn changed(control: &mut watch::Receiver<LaneControl>) -> LaneControl {
    match control.changed().await {
        Ok(()) => *control.borrow_and_update(),
        Err(_) => std::future::pending().await,
    }
}

async fn finished(delivery: &mut Option<Delivery>) -> Result<(), DeliveryError> {
    match delivery {
        Some(delivery) => delivery.outcome().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

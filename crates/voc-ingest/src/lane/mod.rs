//! A lane: processes one partition, from its records to the committed batch.
//!
//! ```text
//! records ─► collect (decode, annotate, columns) ─► seal ─► deliver (commit of the intent, dead letters, insert, ledger)
//!               └── continues while a batch is delivered ◄────────┘ one batch at a time, in order
//! ```
//!
//! The commit that declares a batch also completes the previous one. If no batch follows immediately, a separate
//! commit completes it. See [`crate::Protocol`].

mod account;
mod attempts;
mod collect;
mod context;
mod deliver;
mod delivery_error;
mod insert;
mod redaction;
mod rows;
mod schemas;
mod site;
mod window;

use std::{pin::Pin, sync::Arc, time::Instant};

use tokio::sync::watch;
use voc_events::Family;

pub use self::delivery_error::{DeliveryError, Failure};
use self::{collect::Collector, deliver::Delivery, site::Site};
pub(crate) use self::{
    context::LaneContext,
    rows::{DecodedRecord, RecordText, RowMaker, TopicDecoder, UnusableRecord},
};
use crate::{
    Assignment, CommittedOffset, Inheritance, LaneControl, NewEpoch, Protocol, TopicPartition, UnknownCommitMetadata,
    registry::{KnownSchemas, TopicSchemas},
};

/// Runs a lane until its records end or it is asked to stop.
///
/// # Errors
/// [`LaneError`] if it cannot continue.
pub(crate) async fn run<F: Family>(context: Arc<LaneContext>, assignment: Assignment) -> Result<(), LaneError> {
    let Assignment { partition, mut records, mut control, committer, committed, new_epoch, done } = assignment;
    let inheritance = inherit(&partition, committed.as_ref(), new_epoch)?;
    let Inheritance { epoch, inherited_batch, .. } = inheritance;
    let mut protocol = Some(Protocol::take_over(inherited_batch));
    let next = committed.map(|committed| committed.next_offset);
    let mut collector = Collector::<F>::new(Arc::clone(&context), partition.clone(), epoch, next, inherited_batch);
    let mut site = Site { context: Arc::clone(&context), partition: partition.clone(), epoch, committer };
    // Nothing is stored yet in an epoch that begins now.
    let before = next.filter(|_| inheritance.new_epoch.is_none() || epoch == 0);
    // If the new epoch is not for another log than the earlier ones, these count too.
    let epochs = new_epoch.min(epoch)..=epoch;
    let mut known = before.map(|before| Box::pin(window::newest_events::<F>(&context, &partition, epochs, before)));
    let topic_schemas = Arc::new(TopicSchemas::of::<F>(&partition.topic, context.schemas.clone()));
    // A chunk whose schemas are being looked up.
    let mut prepared = None;
    let mut delivery: Option<Delivery> = None;
    let mut taking = true;
    loop {
        if collector.has_lost_inherited(Instant::now()) {
            tracing::warn!(
                %partition,
                ?inherited_batch,
                epoch = new_epoch,
                "the log ends before the last record of a declared batch: the broker lost records; the lane begins a new epoch"
            );
            context.meter.reset("log_ends_early");
            protocol = Some(Protocol::take_over(None));
            collector.begin_epoch(new_epoch);
            site.epoch = new_epoch;
        }
        if let Some(idle) = protocol.take() {
            if collector.is_due(taking, Instant::now()) {
                delivery = Some(Delivery::of_batch(site.clone(), idle, collector.seal()));
            } else if let Some(commit) = idle.completion() {
                delivery = Some(Delivery::of_commit(site.clone(), idle, commit));
            } else if taking {
                protocol = Some(idle);
            } else {
                if let Some(batch) = collector.inherited() {
                    tracing::warn!(%partition, %batch, "records of a declared batch did not arrive; the batch stays declared");
                }
                break;
            }
        }
        let due_at = if delivery.is_none() { collector.due_at() } else { None };
        tokio::select! {
            biased;
            request = changed(&mut control) => match request {
                LaneControl::Run => {}
                LaneControl::Drain => {
                    // Records waiting in the channel belong to the next owner of the partition.
                    records.close();
                    prepared = None;
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
                    Ok(advanced) => protocol = Some(advanced),
                    Err(DeliveryError::Fenced(reason)) => {
                        tracing::warn!(%partition, reason, "lane ends: the partition has another owner");
                        break;
                    }
                    Err(error) => return Err(LaneError::Delivery { partition: partition.clone(), error }),
                }
            }
            newest = answered(&mut known), if known.is_some() => {
                known = None;
                collector.remember(newest);
            }
            (chunk, schemas) = answered(&mut prepared), if prepared.is_some() => {
                prepared = None;
                collector.take(chunk, &schemas);
            }
            chunk = records.recv(), if known.is_none() && prepared.is_none() && taking && collector.has_room() => {
                match chunk {
                    Some(chunk) if schemas::are_needed(&chunk) => {
                        collector.await_records();
                        let (context, schemas) = (Arc::clone(&context), Arc::clone(&topic_schemas));
                        prepared = Some(Box::pin(schemas::prepared(context, partition.clone(), schemas, chunk)));
                    }
                    Some(chunk) => collector.take(chunk, &KnownSchemas::default()),
                    None => taking = false,
                }
            }
            () = sleep_until(due_at) => {}
        }
    }
    tracing::debug!(%partition, "lane ends");
    drop(done);
    Ok(())
}

/// What the lane takes over. Logs anything unexpected.
fn inherit(
    partition: &TopicPartition,
    committed: Option<&CommittedOffset>,
    new_epoch: i64,
) -> Result<Inheritance, LaneError> {
    let inheritance = Inheritance::of(committed, new_epoch)
        .map_err(|error| LaneError::Metadata { partition: partition.clone(), error })?;
    let Inheritance { epoch, inherited_batch, new_epoch } = &inheritance;
    match new_epoch {
        Some(reason @ (NewEpoch::ForeignMetadata | NewEpoch::OtherOffset)) => {
            tracing::warn!(%partition, ?committed, epoch, "the lane begins a new epoch: {reason}");
        }
        Some(reason) => tracing::debug!(%partition, epoch, "the lane begins a new epoch: {reason}"),
        None => tracing::debug!(%partition, epoch, ?inherited_batch, "the lane resumes"),
    }
    Ok(inheritance)
}

/// Why a lane cannot continue. Nothing was stored or committed since.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaneError {
    /// A batch cannot be delivered.
    #[error("{partition}: {error}")]
    Delivery {
        /// The partition.
        partition: TopicPartition,
        /// Why.
        #[source]
        error: DeliveryError,
    },
    /// The metadata of the last commit was written by another version.
    #[error("{partition}: {error}")]
    Metadata {
        /// The partition.
        partition: TopicPartition,
        /// Why.
        #[source]
        error: UnknownCommitMetadata,
    },
}

/// The next request of the source. Never ready once the source is gone.
async fn changed(control: &mut watch::Receiver<LaneControl>) -> LaneControl {
    match control.changed().await {
        Ok(()) => *control.borrow_and_update(),
        Err(_) => std::future::pending().await,
    }
}

/// The result of a pending future; never ready if there is none.
async fn answered<T>(pending: &mut Option<Pin<Box<impl Future<Output = T>>>>) -> T {
    match pending {
        Some(pending) => pending.await,
        None => std::future::pending().await,
    }
}

async fn finished(delivery: &mut Option<Delivery>) -> Result<Protocol, DeliveryError> {
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

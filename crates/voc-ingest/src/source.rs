//! Where records come from.
//!
//! A [`Source`] hands out *assignments*: a partition, the channel that carries its records, and the means to commit
//! progress. The pipeline runs one lane per assignment. A full channel is the back-pressure: the source stops reading
//! that partition, and no other.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};

use crate::{
    RecordChunk, TopicPartition,
    files::{Damage, ForeignFormat},
};

/// Hands out partitions to process.
#[async_trait]
pub trait Source: Send {
    /// The next partition to process, or `None` when there are no more. Cancel-safe.
    ///
    /// # Errors
    /// [`SourceError`] if the source cannot continue. Lanes that were already handed out are asked to stop.
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError>;
}

/// A partition that this process owns exclusively until the lane is asked to stop.
pub struct Assignment {
    /// The partition.
    pub partition: TopicPartition,
    /// Its records in offset order. The channel is closed when there are no more; the lane then finishes them all and
    /// ends.
    pub records: mpsc::Receiver<RecordChunk>,
    /// What the source asks of the lane.
    pub control: watch::Receiver<LaneControl>,
    /// How the lane commits.
    pub committer: Arc<dyn Committer>,
    /// The last commit, made by the previous owner.
    pub committed: Option<CommittedOffset>,
    /// The epoch to begin if that commit carries none; see [`CommitMetadata`](crate::CommitMetadata). It is 0 if the
    /// name of the partition already identifies its log uniquely. Otherwise it is above every earlier epoch of the
    /// partition.
    pub new_epoch: i64,
    /// Dropped when the lane ends, for whatever reason. This tells the source that the partition is free.
    pub done: LaneDone,
}

/// A partition's last commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// All records before this offset are done.
    pub next_offset: i64,
    /// The metadata that was committed with it.
    pub metadata: Option<String>,
}

/// What a source asks of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneControl {
    /// Take records.
    Run,
    /// Take no more records. Store and commit those already taken, then end.
    Drain,
    /// End at once, because the partition has another owner by now.
    Abandon,
}

/// Signals the end of a lane to the source when dropped.
#[derive(Debug)]
pub struct LaneDone {
    _sender: std::sync::mpsc::Sender<std::convert::Infallible>,
}

/// Waits for a lane to end.
#[derive(Debug)]
pub struct LaneEnd(std::sync::mpsc::Receiver<std::convert::Infallible>);

impl LaneEnd {
    /// Blocks until the lane has ended or the timeout expires. Returns whether it has ended.
    pub fn wait(&self, timeout: std::time::Duration) -> bool {
        matches!(self.0.recv_timeout(timeout), Err(std::sync::mpsc::RecvTimeoutError::Disconnected))
    }
}

/// The source's side of an assignment.
#[derive(Debug)]
pub struct LaneHandle {
    /// Where records go.
    pub records: mpsc::Sender<RecordChunk>,
    /// Asks the lane to stop.
    pub control: watch::Sender<LaneControl>,
    /// Waits for the lane to end.
    pub end: LaneEnd,
}

impl Assignment {
    /// Creates an assignment for a partition and the source's side of it. `queue_chunks` bounds the number of chunks
    /// waiting for the lane.
    #[must_use]
    pub fn new(
        partition: TopicPartition,
        committer: Arc<dyn Committer>,
        committed: Option<CommittedOffset>,
        new_epoch: i64,
        queue_chunks: usize,
    ) -> (Self, LaneHandle) {
        let (records_sender, records) = mpsc::channel(queue_chunks);
        let (control_sender, control) = watch::channel(LaneControl::Run);
        let (done_sender, done_receiver) = std::sync::mpsc::channel();
        let done = LaneDone { _sender: done_sender };
        let assignment = Self { partition, records, control, committer, committed, new_epoch, done };
        (assignment, LaneHandle { records: records_sender, control: control_sender, end: LaneEnd(done_receiver) })
    }
}

/// Records how far a partition has been processed.
#[async_trait]
pub trait Committer: Send + Sync {
    /// Commits that all records before `next_offset` are done, with metadata for the next owner of the partition.
    ///
    /// # Errors
    /// [`CommitError::Fenced`] if the partition has another owner by now, [`CommitError::Unavailable`] if a retry may
    /// succeed.
    async fn commit(
        &self,
        partition: &TopicPartition,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Result<(), CommitError>;
}

/// A failed commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The partition has another owner by now; the lane must end.
    #[error("partition has another owner: {0}")]
    Fenced(String),
    /// A retry may succeed.
    #[error("commit failed: {0}")]
    Unavailable(String),
    /// The commit is refused until the cause is repaired.
    #[error("commit refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
        /// What to do.
        repair: &'static str,
    },
}

/// Why a source cannot continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The configuration cannot work, for example because of a missing file or a rejected login.
    #[error("{0}")]
    Misconfigured(String),
    /// The input holds no readable events; none of it was taken.
    #[error("{name} is {format}, and was not read; {}", .format.remedy())]
    Foreign {
        /// The input.
        name: String,
        /// What it is.
        format: ForeignFormat,
    },
    /// The input is an archive that cannot be decompressed to its end.
    #[error("{name} cannot be read to the end, and {advice}")]
    Damaged {
        /// The input.
        name: String,
        /// How much of it is stored, and what to do.
        advice: &'static str,
        /// What is wrong with it.
        source: Damage,
    },
    /// The input ends within an array or an event.
    #[error(
        "{name} ends within an array or an event, at event {events}: it was truncated, or its last event is malformed and \
         has no recognisable end. Complete events are stored, and the incomplete one is a dead letter; import a \
         complete copy, which resumes from there"
    )]
    Incomplete {
        /// The input.
        name: String,
        /// The last event that was found in it, counted from 1.
        events: i64,
    },
    /// Some inputs could not be read to the end; the log names them. The others were read.
    #[error(
        "{failed} of {inputs} inputs could not be read to the end, {foreign} of them because they hold no events; see above"
    )]
    Inputs {
        /// How many failed.
        failed: usize,
        /// How many there are.
        inputs: usize,
        /// How many of the failed ones are [`SourceError::Foreign`].
        foreign: usize,
    },
    /// Reading failed.
    #[error("{context}")]
    Io {
        /// What was read.
        context: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The table of a predecessor cannot be read to its end.
    #[error("cannot read the rows to be adopted")]
    Table {
        /// The store's error.
        source: voc_store::StoreError,
    },
    /// The broker's client failed for good.
    #[error("kafka: {0}")]
    Kafka(String),
}

//! Where records come from.
//!
//! A [`Source`] hands out *assignments*: a partition, the channel its records come through, and the way to commit what is done.
//! The pipeline runs one lane per assignment. A full channel is the back-pressure: the source stops reading that partition, and
//! only that one.

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
    /// The next partition to process; `None` when there will be no more. Safe to cancel.
    ///
    /// # Errors
    /// [`SourceError`] if the source cannot go on; lanes already handed out are told to stop.
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError>;
}

/// A partition that this process has to itself until the lane is told to stop.
pub struct Assignment {
    /// The partition.
    pub partition: TopicPartition,
    /// Its records in order of their offsets. Closed when there will be no more: the lane finishes them all and ends.
    pub records: mpsc::Receiver<RecordChunk>,
    /// What the source wants of the lane.
    pub control: watch::Receiver<LaneControl>,
    /// How the lane commits.
    pub committer: Arc<dyn Committer>,
    /// What was committed last, by whoever had the partition before.
    pub committed: Option<CommittedOffset>,
    /// The epoch that begins if that commit tells of none; see [`CommitMetadata`](crate::CommitMetadata). 0 where the partition's name is
    /// enough to tell its log from all others, whatever the epoch, else above every earlier epoch of the partition.
    pub new_epoch: i64,
    /// Dropped by the lane when it has ended, whichever way; how the source knows that a partition is free.
    pub done: LaneDone,
}

/// A partition's last commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// All records before this offset are done.
    pub next_offset: i64,
    /// The note that was committed with it.
    pub metadata: Option<String>,
}

/// What a source asks of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneControl {
    /// Take records.
    Run,
    /// Take no more records; store and commit what was taken, then end.
    Drain,
    /// End at once: the partition belongs to somebody else by now.
    Abandon,
}

/// Tells the source by being dropped that a lane has ended.
#[derive(Debug)]
pub struct LaneDone {
    _sender: std::sync::mpsc::Sender<std::convert::Infallible>,
}

/// Waits for a lane's end.
#[derive(Debug)]
pub struct LaneEnd(std::sync::mpsc::Receiver<std::convert::Infallible>);

impl LaneEnd {
    /// Blocks until the lane has ended or the time is over; whether it has ended.
    pub fn wait(&self, timeout: std::time::Duration) -> bool {
        matches!(self.0.recv_timeout(timeout), Err(std::sync::mpsc::RecvTimeoutError::Disconnected))
    }
}

/// The source's ends of an assignment.
#[derive(Debug)]
pub struct LaneHandle {
    /// Where records go.
    pub records: mpsc::Sender<RecordChunk>,
    /// How the lane is told to stop.
    pub control: watch::Sender<LaneControl>,
    /// How the lane's end is awaited.
    pub end: LaneEnd,
}

impl Assignment {
    /// A partition's assignment and the source's ends of it. `queue_chunks` bounds the chunks that wait for the lane.
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

/// Remembers how far a partition is done.
#[async_trait]
pub trait Committer: Send + Sync {
    /// Commits that all records before `next_offset` are done, with a note for whoever owns the partition next.
    ///
    /// # Errors
    /// [`CommitError::Fenced`] if the partition has another owner by now, [`CommitError::Unavailable`] if it may work later.
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
    /// The commit may succeed later.
    #[error("commit failed: {0}")]
    Unavailable(String),
    /// The commit is refused for what somebody must repair.
    #[error("commit refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
        /// What to do.
        repair: &'static str,
    },
}

/// A source that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The configuration cannot work, such as a file that is not there or a refused login.
    #[error("{0}")]
    Misconfigured(String),
    /// The input holds no events that can be read; nothing of it was taken.
    #[error("{name} is {format}, and was not read; {}", .format.remedy())]
    Foreign {
        /// The input.
        name: String,
        /// What it is.
        format: ForeignFormat,
    },
    /// The input is an archive that cannot be unpacked to its end.
    #[error("{name} cannot be read to its end, and {advice}")]
    Damaged {
        /// The input.
        name: String,
        /// What is stored of it, and what to do.
        advice: &'static str,
        /// What is wrong with it.
        source: Damage,
    },
    /// The input ends within an array or an event.
    #[error(
        "{name} ends within an array or an event, at event {events}: it was cut off, or the last one is broken so \
         that its end cannot be told. What was found is stored, and what is not whole is a dead letter; import a whole \
         copy of it, which goes on from there"
    )]
    Incomplete {
        /// The input.
        name: String,
        /// The last event that was found in it, counted from 1.
        events: i64,
    },
    /// Some of several inputs could not be read to their ends; the log says which. The others were read.
    #[error(
        "{failed} of {inputs} inputs could not be read to their ends, {foreign} of them as they hold no events; see above"
    )]
    Inputs {
        /// How many failed.
        failed: usize,
        /// How many there are.
        inputs: usize,
        /// How many of those that failed are [`SourceError::Foreign`].
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
    /// The broker's client failed for good.
    #[error("kafka: {0}")]
    Kafka(String),
}

//! Committing: offset and metadata of one partition, for as long as the partition is owned; and reading what was committed.
//!
//! The broker checks that a commit comes from a member of the group's current generation, and not whether that member owns the
//! partition. So ownership is checked here: the fence of a partition is closed before it is given up, and it is given up only
//! when no commit is under way. What the broker says of a stale generation may be about a rebalance in progress that leaves
//! the partition where it is, so it is no verdict: the lane tries again, and either the commit passes or the fence is closed.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::{KafkaError, KafkaResult},
    topic_partition_list::TopicPartitionListElem,
    types::RDKafkaErrorCode,
};

use super::group::GroupContext;
use crate::{CommitError, Committed, Committer, TopicPartition};

/// A partition's state that its lane, the commits under way and the polling thread share. Whoever may still commit holds it.
#[derive(Debug)]
pub(super) struct Ownership {
    fenced: AtomicBool,
    commits_under_way: AtomicUsize,
    topic_is_gone: AtomicBool,
    done_before: AtomicI64,
    /// The log's oldest offset, as far as known.
    oldest: AtomicI64,
    /// The first jump of the offsets that was not looked into yet.
    gap: Mutex<Option<Range<i64>>>,
}

const UNKNOWN: i64 = -1;

fn known(offset: i64) -> Option<i64> {
    Some(offset).filter(|offset| *offset != UNKNOWN)
}

impl Ownership {
    pub(super) fn new(committed: Option<i64>) -> Arc<Self> {
        Arc::new(Self {
            fenced: AtomicBool::new(false),
            commits_under_way: AtomicUsize::new(0),
            topic_is_gone: AtomicBool::new(false),
            oldest: AtomicI64::new(UNKNOWN),
            gap: Mutex::default(),
            done_before: AtomicI64::new(committed.unwrap_or(UNKNOWN)),
        })
    }

    /// From now on every commit is refused.
    pub(super) fn fence(&self) {
        self.fenced.store(true, Ordering::SeqCst);
    }

    fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::SeqCst)
    }

    /// Whether a commit was handed to the client and is not answered. After [`fence`](Self::fence), none can follow.
    pub(super) fn has_commits_under_way(&self) -> bool {
        self.commits_under_way.load(Ordering::SeqCst) > 0
    }

    /// Whether the last commit was refused because the topic does not exist.
    pub(super) fn is_topic_gone(&self) -> bool {
        self.topic_is_gone.load(Ordering::Relaxed)
    }

    pub(super) fn note_topic_gone(&self, is_gone: bool) {
        self.topic_is_gone.store(is_gone, Ordering::Relaxed);
    }

    /// The source went from one offset to a later one.
    pub(super) fn jumped(&self, gap: Range<i64>) {
        self.gap.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(gap);
    }

    /// The log begins at this offset.
    pub(super) fn log_begins_at(&self, oldest: i64) {
        self.oldest.store(oldest, Ordering::Relaxed);
    }

    /// Where the log begins, as far as known. It may begin later by now.
    pub(super) fn oldest(&self) -> Option<i64> {
        known(self.oldest.load(Ordering::Relaxed))
    }

    /// A jump that was not looked into yet.
    pub(super) fn take_gap(&self) -> Option<Range<i64>> {
        self.gap.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The offset before which all is done, once known.
    pub(super) fn done_before(&self) -> Option<i64> {
        known(self.done_before.load(Ordering::Relaxed))
    }

    /// Where the lane began, if nothing was committed before.
    pub(super) fn began_at(&self, offset: i64) {
        // Where something was committed before, that says more.
        let _known = self.done_before.compare_exchange(UNKNOWN, offset, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Commits for one lane.
pub(super) struct GroupCommitter {
    pub(super) consumer: Weak<BaseConsumer<GroupContext>>,
    pub(super) ownership: Arc<Ownership>,
}

#[async_trait]
impl Committer for GroupCommitter {
    async fn commit(
        &self,
        partition: &TopicPartition,
        next_offset: i64,
        metadata: Option<&str>,
    ) -> Result<(), CommitError> {
        let request = request(partition, next_offset, metadata)
            .map_err(|error| CommitError::Unavailable(format!("{partition} at {next_offset}: {error}")))?;
        let consumer = Weak::clone(&self.consumer);
        let ownership = Arc::clone(&self.ownership);
        // librdkafka answers a commit only to a thread that waits for it.
        let committed = tokio::task::spawn_blocking(move || {
            let outcome = commit(&consumer, &ownership, &request);
            if outcome.is_ok() {
                ownership.done_before.store(next_offset, Ordering::Relaxed);
            }
            outcome
        });
        committed.await.unwrap_or_else(|_| Err(CommitError::Unavailable("the commit was interrupted".to_owned())))
    }
}

fn request(partition: &TopicPartition, next_offset: i64, metadata: Option<&str>) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(1);
    let mut element = list.add_partition(&partition.topic, partition.partition);
    element.set_offset(Offset::Offset(next_offset))?;
    if let Some(metadata) = metadata {
        element.set_metadata(metadata);
    }
    Ok(list)
}

fn commit(
    consumer: &Weak<BaseConsumer<GroupContext>>,
    ownership: &Ownership,
    request: &TopicPartitionList,
) -> Result<(), CommitError> {
    let Some(consumer) = consumer.upgrade() else {
        return Err(CommitError::Fenced("the consumer is closed".to_owned()));
    };
    let _under_way = CommitUnderWay::begin(ownership);
    if ownership.is_fenced() {
        return Err(CommitError::Fenced("the partition was given up".to_owned()));
    }
    let outcome = consumer.commit(request, CommitMode::Sync);
    let code = outcome.as_ref().err().and_then(KafkaError::rdkafka_error_code);
    ownership.note_topic_gone(code == Some(RDKafkaErrorCode::UnknownTopicOrPartition));
    outcome.map_err(|error| commit_error(&error))
}

/// A commit that is under way while this lives.
pub(super) struct CommitUnderWay<'o>(&'o Ownership);

impl<'o> CommitUnderWay<'o> {
    pub(super) fn begin(ownership: &'o Ownership) -> Self {
        ownership.commits_under_way.fetch_add(1, Ordering::SeqCst);
        Self(ownership)
    }
}

impl Drop for CommitUnderWay<'_> {
    fn drop(&mut self) {
        self.0.commits_under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a refused commit means for the lane; see the module's text on generations.
fn commit_error(error: &KafkaError) -> CommitError {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::AssignmentLost
            // No commit is possible after a fatal error, and the source ends with it.
            | RDKafkaErrorCode::Fatal,
        ) => CommitError::Fenced(error.to_string()),
        _ => CommitError::Unavailable(error.to_string()),
    }
}

/// What an answer of the brokers says was committed of a partition; none if nothing was.
pub(super) fn committed_in(element: &TopicPartitionListElem<'_>, partition: &TopicPartition) -> Option<Committed> {
    match element.offset() {
        Offset::Offset(next_offset) => Some(Committed { next_offset, note: metadata_of(element, partition) }),
        _ => None,
    }
}

/// The metadata of a commit, if it has any.
fn metadata_of(element: &TopicPartitionListElem<'_>, partition: &TopicPartition) -> Option<String> {
    // The client library panics on metadata that is not UTF-8, which anybody may have committed.
    let read = catch_unwind(AssertUnwindSafe(|| element.metadata().to_owned()));
    if read.is_err() {
        tracing::warn!(%partition, "metadata of the committed offset is not UTF-8 and is ignored");
    }
    read.ok().filter(|metadata| !metadata.is_empty())
}

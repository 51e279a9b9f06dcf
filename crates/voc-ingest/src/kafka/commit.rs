//! Committing offset and metadata of one partition as long as it is owned, and reading commits back.
//!
//! The broker checks that a commit comes from a member of the current group generation, but not that this member owns
//! the partition. So ownership is checked here: a partition is fenced before it is released, and it is released only
//! when no commit is in flight. An error about a stale generation may be due to a rebalance that leaves the partition
//! in place, so it is not final: the lane retries until the commit succeeds or the partition is fenced.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::{KafkaError, KafkaResult},
    topic_partition_list::TopicPartitionListElem,
    types::RDKafkaErrorCode,
};

use super::{
    group::GroupContext,
    ownership::{CommitUnderWay, Ownership},
};
use crate::{CommitError, CommittedOffset, Committer, TopicPartition};

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
        // librdkafka answers a commit only to a blocked thread.
        let committed = tokio::task::spawn_blocking(move || {
            let outcome = commit(&consumer, &ownership, &request);
            if outcome.is_ok() {
                ownership.set_done_before(next_offset);
            }
            outcome
        });
        committed.await.unwrap_or_else(|_| Err(CommitError::Unavailable("the commit was interrupted".to_owned())))
    }
}

/// The commit of an offset of one partition.
pub(super) fn request(
    partition: &TopicPartition,
    next_offset: i64,
    metadata: Option<&str>,
) -> KafkaResult<TopicPartitionList> {
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
        return Err(CommitError::Fenced("the partition was released".to_owned()));
    }
    let outcome = consumer.commit(request, CommitMode::Sync);
    let code = outcome.as_ref().err().and_then(KafkaError::rdkafka_error_code);
    ownership.set_topic_gone(code == Some(RDKafkaErrorCode::UnknownTopicOrPartition));
    outcome.map_err(|error| commit_error(&error))
}

/// Maps a failed commit to the lane's error; see the module documentation on generations.
fn commit_error(error: &KafkaError) -> CommitError {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::AssignmentLost
            // No commit is possible after a fatal error, which also ends the source.
            | RDKafkaErrorCode::Fatal,
        ) => CommitError::Fenced(error.to_string()),
        Some(RDKafkaErrorCode::GroupAuthorizationFailed | RDKafkaErrorCode::TopicAuthorizationFailed) => {
            CommitError::Refused { reason: error.to_string(), repair: "allow this client to read the topic and the group" }
        }
        _ => CommitError::Unavailable(error.to_string()),
    }
}

/// The committed offset in a response of the brokers; `None` if nothing was committed.
pub(super) fn committed_in(
    element: &TopicPartitionListElem<'_>,
    partition: &TopicPartition,
) -> Option<CommittedOffset> {
    match element.offset() {
        Offset::Offset(next_offset) => Some(CommittedOffset { next_offset, metadata: metadata_of(element, partition) }),
        _ => None,
    }
}

/// The metadata of a commit, if it has any.
fn metadata_of(element: &TopicPartitionListElem<'_>, partition: &TopicPartition) -> Option<String> {
    // The client library panics on metadata that is not UTF-8, and any client may commit such metadata.
    let read = catch_unwind(AssertUnwindSafe(|| element.metadata().to_owned()));
    if read.is_err() {
        tracing::warn!(%partition, "metadata of the committed offset is not UTF-8 and is ignored");
    }
    read.ok().filter(|metadata| !metadata.is_empty())
}

//! Releasing partitions: their lanes finish and commit within a bounded time.
//!
//! A commit in flight is awaited without a timeout of our own. The client may resend it when it finds a coordinator,
//! under the generation of the group at that time, and so overwrite the commit of the next owner. While the rebalance
//! waits for the answer of this member, the commit cannot reach a later generation, and the client eventually abandons
//! it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{feed::Feed, ownership::Ownership};
use crate::{LaneControl, LaneEnd, LaneHandle, TopicPartition};

/// How long an abandoned lane may take to end.
const ABANDONED_GRACE: Duration = Duration::from_secs(5);

/// A partition whose lane is ending.
pub(super) struct Release {
    pub(super) partition: TopicPartition,
    /// What happens to the partition then.
    pub(super) then: AfterRelease,
    control: watch::Sender<LaneControl>,
    end: LaneEnd,
    ownership: Arc<Ownership>,
    deadline: Instant,
    abandoned: bool,
    waits_for_commit: bool,
}

/// What happens to a partition when its lane has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRelease {
    /// It is released.
    Release,
    /// Another lane reads it again.
    Restart(RestartReason),
}

/// Why a partition is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RestartReason {
    /// Its offsets went back to this one.
    WentBack {
        /// The offset received.
        found: i64,
    },
    /// Its topic was deleted and recreated.
    TopicRecreated,
}

impl Release {
    /// Asks the lane to store and commit what it took.
    pub(super) fn drain(feed: Feed, deadline: Instant) -> Self {
        let Feed { partition, lane, ownership, .. } = feed;
        Self::begin(partition, lane, ownership, LaneControl::Drain, deadline)
    }

    /// Ends the lane without any further commit.
    pub(super) fn abandon(feed: Feed, now: Instant) -> Self {
        let Feed { partition, lane, ownership, .. } = feed;
        ownership.fence();
        Self::begin(partition, lane, ownership, LaneControl::Abandon, now + ABANDONED_GRACE)
    }

    fn begin(
        partition: TopicPartition,
        lane: LaneHandle,
        ownership: Arc<Ownership>,
        request: LaneControl,
        deadline: Instant,
    ) -> Self {
        // Must precede the closing of the channel, which also happens here.
        lane.control.send_replace(request);
        let abandoned = request == LaneControl::Abandon;
        let LaneHandle { control, end, .. } = lane;
        let then = AfterRelease::Release;
        Self { partition, then, control, end, ownership, deadline, abandoned, waits_for_commit: false }
    }

    /// Whether the lane has ended and no commit can follow, or the time is over and no commit is in flight.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        let is_committing = self.ownership.has_commits_under_way();
        if !is_committing && self.end.wait(Duration::ZERO) {
            return true;
        }
        // A commit to a deleted topic cannot succeed, and all partitions would wait for it.
        let is_hopeless = !self.abandoned && self.ownership.is_topic_gone();
        if now < self.deadline && !is_hopeless {
            return false;
        }
        if !self.abandoned {
            let reason = if is_hopeless { "the topic no longer exists" } else { "it did not finish in time" };
            tracing::warn!(partition = %self.partition, reason, "the lane is abandoned");
            self.ownership.fence();
            self.control.send_replace(LaneControl::Abandon);
            self.abandoned = true;
            self.deadline = now + ABANDONED_GRACE;
            return false;
        }
        if is_committing {
            if !std::mem::replace(&mut self.waits_for_commit, true) {
                tracing::warn!(partition = %self.partition, "the commit of an abandoned lane is still in flight; waiting for its end");
            }
            return false;
        }
        tracing::warn!(partition = %self.partition, "an abandoned lane has not ended; its partition is released");
        true
    }

    /// Whether only an in-flight commit is awaited, which concerns only the next owner of the partition.
    pub(super) fn waits_for_commit(&self) -> bool {
        self.waits_for_commit
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        self.ownership.fence();
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{Assignment, CommitError, Committer, kafka::ownership::CommitUnderWay};

    struct NoCommits;

    #[async_trait]
    impl Committer for NoCommits {
        async fn commit(&self, _: &TopicPartition, _: i64, _: Option<&str>) -> Result<(), CommitError> {
            Ok(())
        }
    }

    #[test]
    fn a_partition_is_not_released_while_a_commit_is_in_flight() {
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        let (assignment, lane) = Assignment::new(partition.clone(), Arc::new(NoCommits), None, 1, 1);
        let ownership = Ownership::new(None);
        let commit = CommitUnderWay::begin(&ownership);
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let mut release = Release::begin(partition, lane, Arc::clone(&ownership), LaneControl::Drain, later(10));
        assert!(!release.is_over(later(9)));
        assert_eq!(*assignment.control.borrow(), LaneControl::Drain);
        assert!(!release.is_over(later(10)) && !release.is_over(later(10_000)));
        assert_eq!(*assignment.control.borrow(), LaneControl::Abandon);
        drop(assignment);
        assert!(!release.is_over(later(10_001)), "the lane has ended, but its commit has not");
        drop(commit);
        assert!(release.is_over(later(10_001)));
    }

    #[test]
    fn a_lane_of_a_deleted_topic_is_not_awaited() {
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        let (assignment, lane) = Assignment::new(partition.clone(), Arc::new(NoCommits), None, 1, 1);
        let ownership = Ownership::new(None);
        let now = Instant::now();
        let deadline = now + Duration::from_secs(10);
        let mut release = Release::begin(partition, lane, Arc::clone(&ownership), LaneControl::Drain, deadline);
        assert!(!release.is_over(now));
        ownership.set_topic_gone(true);
        assert!(!release.is_over(now));
        assert_eq!(*assignment.control.borrow(), LaneControl::Abandon);
        drop(assignment);
        assert!(release.is_over(now));
    }

    #[test]
    fn a_lane_that_does_not_end_does_not_hold_its_partition_forever() {
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        let (_assignment, lane) = Assignment::new(partition.clone(), Arc::new(NoCommits), None, 1, 1);
        let start = Instant::now();
        let mut release = Release::begin(partition, lane, Ownership::new(None), LaneControl::Drain, start);
        assert!(!release.is_over(start));
        assert!(release.is_over(Instant::now() + ABANDONED_GRACE * 2));
    }
}

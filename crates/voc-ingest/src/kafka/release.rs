//! Giving partitions up: their lanes finish and commit, for a bounded time.
//!
//! A commit under way is waited for without a bound of our own. The client may send it again when it finds a coordinator, under
//! the generation that the group has then, and so overwrite what the partition's next owner has committed. It does not come to
//! a later generation while the rebalance waits for this member's answer; and it gives a commit up by itself in the end.

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
    /// What becomes of the partition then.
    pub(super) then: AfterRelease,
    control: watch::Sender<LaneControl>,
    end: LaneEnd,
    ownership: Arc<Ownership>,
    deadline: Instant,
    abandoned: bool,
    waits_for_commit: bool,
}

/// What becomes of a partition whose lane has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRelease {
    /// It is given up.
    GiveUp,
    /// It is read anew by another lane.
    Restart(RestartReason),
}

/// Why a partition is read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RestartReason {
    /// Its offsets fell to this one.
    WentBack {
        /// The offset that came.
        found: i64,
    },
    /// Its topic was deleted and made anew.
    TopicRecreated,
}

impl Release {
    /// Asks the lane to store and commit what it took.
    pub(super) fn drain(feed: Feed, deadline: Instant) -> Self {
        let Feed { partition, lane, ownership, .. } = feed;
        Self::begin(partition, lane, ownership, LaneControl::Drain, deadline)
    }

    /// Ends the lane; nothing is committed any more.
    pub(super) fn abandon(feed: Feed, now: Instant) -> Self {
        let Feed { partition, lane, ownership, .. } = feed;
        ownership.fence();
        Self::begin(partition, lane, ownership, LaneControl::Abandon, now + ABANDONED_GRACE)
    }

    fn begin(
        partition: TopicPartition,
        lane: LaneHandle,
        ownership: Arc<Ownership>,
        wish: LaneControl,
        deadline: Instant,
    ) -> Self {
        // Before the channel closes, which happens here, too.
        lane.control.send_replace(wish);
        let abandoned = wish == LaneControl::Abandon;
        let LaneHandle { control, end, .. } = lane;
        let then = AfterRelease::GiveUp;
        Self { partition, then, control, end, ownership, deadline, abandoned, waits_for_commit: false }
    }

    /// Whether the lane has ended and nobody can commit any more; or the time is over, and no commit is under way.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        let is_committing = self.ownership.has_commits_under_way();
        if !is_committing && self.end.wait(Duration::ZERO) {
            return true;
        }
        // Of a topic that is gone no commit is to be had, and all partitions wait for this one.
        let is_hopeless = !self.abandoned && self.ownership.is_topic_gone();
        if now < self.deadline && !is_hopeless {
            return false;
        }
        if !self.abandoned {
            let reason = if is_hopeless { "the topic does not exist any more" } else { "it did not finish in time" };
            tracing::warn!(partition = %self.partition, reason, "the lane is abandoned");
            self.ownership.fence();
            self.control.send_replace(LaneControl::Abandon);
            self.abandoned = true;
            self.deadline = now + ABANDONED_GRACE;
            return false;
        }
        if is_committing {
            if !std::mem::replace(&mut self.waits_for_commit, true) {
                tracing::warn!(partition = %self.partition, "an abandoned lane's commit is still under way; waiting for its end");
            }
            return false;
        }
        tracing::warn!(partition = %self.partition, "an abandoned lane has not ended; its partition is given up");
        true
    }

    /// Whether only a commit is waited for, which nobody but the partition's next owner would mind.
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
    fn a_partition_is_not_given_up_while_a_commit_is_under_way() {
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
        assert!(!release.is_over(later(10_001)), "the lane has ended, and its commit has not");
        drop(commit);
        assert!(release.is_over(later(10_001)));
    }

    #[test]
    fn a_lane_whose_topic_is_gone_is_not_waited_for() {
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
    fn a_lane_that_does_not_end_does_not_hold_its_partition_for_ever() {
        let partition = TopicPartition { topic: "topic".into(), partition: 0 };
        let (_assignment, lane) = Assignment::new(partition.clone(), Arc::new(NoCommits), None, 1, 1);
        let start = Instant::now();
        let mut release = Release::begin(partition, lane, Ownership::new(None), LaneControl::Drain, start);
        assert!(!release.is_over(start));
        assert!(release.is_over(Instant::now() + ABANDONED_GRACE * 2));
    }
}

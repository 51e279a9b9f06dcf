//! Giving partitions up: their lanes finish and commit, for a bounded time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{commit::Ownership, feed::Feed};
use crate::{LaneControl, LaneEnd, TopicPartition};

/// How long commits of an abandoned lane that are under way may hold the partition.
const ABANDONED_GRACE: Duration = Duration::from_secs(5);

/// A partition whose lane is ending.
pub(super) struct Release {
    pub(super) partition: TopicPartition,
    control: watch::Sender<LaneControl>,
    end: LaneEnd,
    ownership: Arc<Ownership>,
    deadline: Instant,
    abandoned: bool,
}

impl Release {
    /// Asks the lane to store and commit what it took.
    pub(super) fn drain(feed: Feed, deadline: Instant) -> Self {
        Self::begin(feed, LaneControl::Drain, deadline)
    }

    /// Ends the lane; nothing is committed any more.
    pub(super) fn abandon(feed: Feed, now: Instant) -> Self {
        feed.ownership.fence();
        Self::begin(feed, LaneControl::Abandon, now + ABANDONED_GRACE)
    }

    fn begin(feed: Feed, wish: LaneControl, deadline: Instant) -> Self {
        // Before the channel closes, which happens when the rest of the feed is dropped.
        feed.lane.control.send_replace(wish);
        let Feed { partition, lane, ownership, .. } = feed;
        let abandoned = wish == LaneControl::Abandon;
        Self { partition, control: lane.control, end: lane.end, ownership, deadline, abandoned }
    }

    /// Whether the lane has ended and nobody can commit any more, or the time is over.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        if self.end.wait(Duration::ZERO) && Arc::strong_count(&self.ownership) == 1 {
            return true;
        }
        if now < self.deadline {
            return false;
        }
        if self.abandoned {
            tracing::warn!(partition = %self.partition, "an abandoned lane has not ended; its partition is given up");
            return true;
        }
        tracing::warn!(partition = %self.partition, "the lane did not finish in time and is abandoned");
        self.ownership.fence();
        self.control.send_replace(LaneControl::Abandon);
        self.abandoned = true;
        self.deadline = now + ABANDONED_GRACE;
        false
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        self.ownership.fence();
    }
}

//! Giving partitions up: their lanes finish and commit, for a bounded time, while everything else goes on.

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
        // Before the channel closes: what waits there is the next owner's.
        feed.lane.control.send_replace(LaneControl::Drain);
        Self::new(feed, deadline)
    }

    /// Ends the lane; nothing is committed any more.
    pub(super) fn abandon(feed: Feed, now: Instant) -> Self {
        let mut release = Self::new(feed, now);
        release.give_up(now);
        release
    }

    fn new(feed: Feed, deadline: Instant) -> Self {
        // The rest is dropped, so the channel closes.
        let Feed { partition, lane, ownership, .. } = feed;
        Self { partition, control: lane.control, end: lane.end, ownership, deadline, abandoned: false }
    }

    fn give_up(&mut self, now: Instant) {
        self.ownership.fence();
        self.control.send_replace(LaneControl::Abandon);
        self.abandoned = true;
        self.deadline = now + ABANDONED_GRACE;
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
        self.give_up(now);
        false
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        self.ownership.fence();
    }
}

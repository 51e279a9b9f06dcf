//! Starting to read assigned partitions, and restarting those that must be read again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    Offset, TopicPartitionList, consumer::Consumer as _, error::KafkaResult,
    topic_partition_list::TopicPartitionListElem,
};

use super::{
    commit::{GroupCommitter, committed_in},
    feed::{Feed, QUEUE_CHUNKS},
    handout::Handout,
    ownership::Ownership,
    poller::{COMMITTED_RETRY, Poller, Restart, wake},
    rebalance::{names, rebalance_failed},
    release::{AfterRelease, Release, RestartReason},
    settings::OffsetReset,
};
use crate::{Assignment, CommittedOffset, SourceError, TopicPartition, clock::now_utc};

/// Timeout for querying committed offsets.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for seeking.
const SEEK_TIMEOUT: Duration = Duration::from_secs(1);

impl Poller {
    /// Starts reading partitions where the group left off; `false` if that is unknown for now.
    pub(super) fn start_lanes(&mut self, partitions: &TopicPartitionList) -> Result<bool, SourceError> {
        if partitions.count() == 0 {
            // A rebalance that changed nothing.
            return self
                .consumer
                .incremental_assign(partitions)
                .map(|()| true)
                .map_err(|error| rebalance_failed(&error));
        }
        // The start offset and its metadata must come from the same commit, so librdkafka must not query the offset
        // itself.
        let starts = match self.committed(partitions) {
            Ok(starts) => starts,
            Err(error) => {
                tracing::warn!(%error, partitions = %names(partitions), "committed offsets unknown; retrying");
                return Ok(false);
            }
        };
        let mut lanes = Vec::with_capacity(starts.count());
        for mut element in starts.elements() {
            let partition = TopicPartition { topic: Arc::from(element.topic()), partition: element.partition() };
            let committed = committed_in(&element, &partition);
            if committed.is_none() {
                element.set_offset(self.reset_offset()).map_err(|error| rebalance_failed(&error))?;
            }
            // Must precede the assignment, so that all fetched records go to the queue of the lane.
            lanes.push(self.make_lane(
                partition,
                committed.as_ref().map(|committed| committed.next_offset),
                committed,
            )?);
        }
        self.consumer.incremental_assign(&starts).map_err(|error| rebalance_failed(&error))?;
        tracing::info!(partitions = %names(&starts), "partitions assigned");
        for lane in lanes {
            self.start_lane(lane);
        }
        Ok(true)
    }

    /// Where to begin in a partition without a commit.
    fn reset_offset(&self) -> Offset {
        match self.settings.auto_offset_reset {
            OffsetReset::Earliest => Offset::Beginning,
            OffsetReset::Latest => Offset::End,
        }
    }

    /// Creates a lane that reads from `start` on, if known, and takes over from `committed`.
    fn make_lane(
        &self,
        partition: TopicPartition,
        start: Option<i64>,
        committed: Option<CommittedOffset>,
    ) -> Result<(Feed, Assignment), SourceError> {
        let ownership = Ownership::new(start);
        let committer = GroupCommitter { consumer: Arc::downgrade(&self.consumer), ownership: Arc::clone(&ownership) };
        // Above every earlier epoch.
        let new_epoch = now_utc().as_millis();
        let (assignment, lane) =
            Assignment::new(partition.clone(), Arc::new(committer), committed, new_epoch, QUEUE_CHUNKS);
        let Some(mut queue) = self.consumer.split_partition_queue(&partition.topic, partition.partition) else {
            return Err(SourceError::Kafka(format!("librdkafka has no queue for {partition}")));
        };
        queue.set_nonempty_callback(wake(std::thread::current()));
        let memory = self.settings.budget.share();
        let feed = Feed::new(partition, lane, ownership, queue, memory, start, self.settings.chunk_records);
        Ok((feed, assignment))
    }

    fn start_lane(&mut self, (feed, assignment): (Feed, Assignment)) {
        self.lag.watch(feed.partition.clone(), &feed.ownership);
        self.feeds.push(feed);
        // Without a receiver the assignment is dropped, which ends its lane.
        drop(self.handouts.send(Handout::Partition(Box::new(assignment))));
    }

    fn committed(&self, partitions: &TopicPartitionList) -> KafkaResult<TopicPartitionList> {
        let committed = self.consumer.committed_offsets(partitions.clone(), COMMITTED_TIMEOUT)?;
        committed.elements().iter().try_for_each(TopicPartitionListElem::error)?;
        Ok(committed)
    }

    /// Ends the lane of a partition whose offsets went back; another lane reads it again.
    pub(super) fn went_back(&mut self, index: usize, expected: i64, found: i64) {
        tracing::warn!(
            partition = %self.feeds[index].partition,
            expected,
            found,
            "offsets went back: the topic was recreated, or the broker lost records; reading the partition again"
        );
        self.begin_restart(index, RestartReason::WentBack { found });
    }

    /// Ends the lanes of a recreated topic; others read it again.
    pub(super) fn topic_recreated(&mut self, topic: &str) {
        while let Some(index) = self.feeds.iter().position(|feed| &*feed.partition.topic == topic) {
            let partition = &self.feeds[index].partition;
            tracing::warn!(%partition, "the topic was deleted and recreated; reading the partition again");
            self.begin_restart(index, RestartReason::TopicRecreated);
        }
        for release in self.releases.iter_mut().filter(|release| &*release.partition.topic == topic) {
            if let AfterRelease::Restart(reason) = &mut release.then {
                *reason = RestartReason::TopicRecreated;
            }
        }
        for restart in self.restarts.iter_mut().filter(|restart| &*restart.partition.topic == topic) {
            restart.reason = RestartReason::TopicRecreated;
        }
    }

    fn begin_restart(&mut self, index: usize, reason: RestartReason) {
        let feed = self.feeds.remove(index);
        self.lag.forget(&feed.partition);
        let mut release = Release::abandon(feed, Instant::now());
        release.then = AfterRelease::Restart(reason);
        self.releases.push(release);
        self.lag.count_reset(reason.name());
    }

    /// Restarts partitions whose lanes have ended.
    pub(super) fn restart_lanes(&mut self) -> Result<(), SourceError> {
        let now = Instant::now();
        for mut restart in std::mem::take(&mut self.restarts) {
            if now < restart.not_before || !self.restart(&restart)? {
                restart.not_before = restart.not_before.max(now + COMMITTED_RETRY);
                self.restarts.push(restart);
            }
        }
        Ok(())
    }

    /// Reads a partition again, in a new epoch; `false` if that is impossible for now.
    fn restart(&mut self, restart: &Restart) -> Result<bool, SourceError> {
        let Restart { partition, reason, .. } = restart;
        let start = match reason {
            // Any commit belongs to the old topic: Kafka deletes commits with the topic, but a late one may have
            // followed.
            RestartReason::TopicRecreated => None,
            RestartReason::WentBack { found } => {
                let mut list = TopicPartitionList::with_capacity(1);
                list.add_partition(&partition.topic, partition.partition);
                match self.committed(&list) {
                    // Uncommitted records that still exist must not be skipped.
                    Ok(list) => list.elements().iter().find_map(|element| committed_in(element, partition)),
                    Err(error) => {
                        tracing::warn!(%error, %partition, "committed offset unknown; retrying");
                        return Ok(false);
                    }
                }
                .map(|committed| committed.next_offset)
                .filter(|next_offset| next_offset <= found)
            }
        };
        let offset = start.map_or_else(|| self.reset_offset(), Offset::Offset);
        // Without a commit, the lane begins a new epoch.
        let lane = self.make_lane(partition.clone(), start, None)?;
        if let Err(error) = self.consumer.seek(&partition.topic, partition.partition, offset, SEEK_TIMEOUT) {
            tracing::debug!(%error, %partition, "the partition cannot be read now; retrying");
            return Ok(false);
        }
        tracing::info!(%partition, ?offset, "reading again");
        self.start_lane(lane);
        Ok(true)
    }
}

impl RestartReason {
    fn name(self) -> &'static str {
        match self {
            Self::WentBack { .. } => "went_back",
            Self::TopicRecreated => "topic_recreated",
        }
    }
}

//! Beginning to read: partitions that the group assigns, and those that must be read anew.

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

/// Longest time to ask for committed offsets.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time to wait until the client goes to another offset.
const SEEK_TIMEOUT: Duration = Duration::from_secs(1);

impl Poller {
    /// Begins to read partitions where the group has left off; `false` if that cannot be found out now.
    pub(super) fn start_lanes(&mut self, partitions: &TopicPartitionList) -> Result<bool, SourceError> {
        if partitions.count() == 0 {
            // A rebalance that left everything where it was.
            return self
                .consumer
                .incremental_assign(partitions)
                .map(|()| true)
                .map_err(|error| rebalance_failed(&error));
        }
        // The offset to begin at and its metadata must be of one commit, so the offset is not left to librdkafka to ask for.
        let starts = match self.committed(partitions) {
            Ok(starts) => starts,
            Err(error) => {
                tracing::warn!(%error, partitions = %names(partitions), "committed offsets unknown; asking again");
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
            // Before the partition is assigned: what is fetched goes to the lane's queue from the first record on.
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

    /// Where to begin in a partition of which nothing was committed.
    fn reset_offset(&self) -> Offset {
        match self.settings.auto_offset_reset {
            OffsetReset::Earliest => Offset::Beginning,
            OffsetReset::Latest => Offset::End,
        }
    }

    /// A lane that reads from `start` on, if that is known, and takes over what was committed.
    fn make_lane(
        &self,
        partition: TopicPartition,
        start: Option<i64>,
        committed: Option<CommittedOffset>,
    ) -> Result<(Feed, Assignment), SourceError> {
        let ownership = Ownership::new(start);
        let committer = GroupCommitter { consumer: Arc::downgrade(&self.consumer), ownership: Arc::clone(&ownership) };
        // Above every epoch that began before.
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
        // Without a listener the assignment is dropped, which ends its lane.
        drop(self.handouts.send(Handout::Partition(Box::new(assignment))));
    }

    fn committed(&self, partitions: &TopicPartitionList) -> KafkaResult<TopicPartitionList> {
        let committed = self.consumer.committed_offsets(partitions.clone(), COMMITTED_TIMEOUT)?;
        committed.elements().iter().try_for_each(TopicPartitionListElem::error)?;
        Ok(committed)
    }

    /// Ends the lane of a partition whose offsets fell: another one reads it anew.
    pub(super) fn went_back(&mut self, index: usize, expected: i64, found: i64) {
        tracing::warn!(
            partition = %self.feeds[index].partition,
            expected,
            found,
            "offsets went back: the topic was made anew, or the broker has lost records; the partition is read anew"
        );
        self.begin_restart(index, RestartReason::WentBack { found });
    }

    /// Ends the lanes of a topic that is another one by now: others read it anew.
    pub(super) fn topic_recreated(&mut self, topic: &str) {
        while let Some(index) = self.feeds.iter().position(|feed| &*feed.partition.topic == topic) {
            let partition = &self.feeds[index].partition;
            tracing::warn!(%partition, "the topic was deleted and made anew; the partition is read anew");
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

    /// Begins with partitions whose lanes have ended to be read anew.
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

    /// Reads a partition anew, in a new epoch; `false` if it cannot be done now.
    fn restart(&mut self, restart: &Restart) -> Result<bool, SourceError> {
        let Restart { partition, reason, .. } = restart;
        let start = match reason {
            // A commit, if there is one, is about the old topic: Kafka deletes them with it, but a late one may have followed.
            RestartReason::TopicRecreated => None,
            RestartReason::WentBack { found } => {
                let mut list = TopicPartitionList::with_capacity(1);
                list.add_partition(&partition.topic, partition.partition);
                match self.committed(&list) {
                    // What is not committed and still there must not be passed over.
                    Ok(list) => list.elements().iter().find_map(|element| committed_in(element, partition)),
                    Err(error) => {
                        tracing::warn!(%error, %partition, "committed offset unknown; asking again");
                        return Ok(false);
                    }
                }
                .map(|committed| committed.next_offset)
                .filter(|next_offset| next_offset <= found)
            }
        };
        let offset = start.map_or_else(|| self.reset_offset(), Offset::Offset);
        // No commit is passed on, so the lane begins a new epoch.
        let lane = self.make_lane(partition.clone(), start, None)?;
        if let Err(error) = self.consumer.seek(&partition.topic, partition.partition, offset, SEEK_TIMEOUT) {
            tracing::debug!(%error, %partition, "the partition cannot be read now; trying again");
            return Ok(false);
        }
        tracing::info!(%partition, ?offset, "reading anew");
        self.start_lane(lane);
        Ok(true)
    }
}

impl RestartReason {
    fn name(self) -> &'static str {
        match self {
            Self::WentBack { .. } => "went_back",
            Self::TopicRecreated => "topic_made_anew",
        }
    }
}

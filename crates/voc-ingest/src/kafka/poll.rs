//! The polling thread serves the group, feeds the lanes, hands out partitions and releases them. It never waits for a
//! lane, so the group considers the member alive however long a lane takes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{Message as _, Offset, TopicPartitionList, consumer::Consumer as _, types::RDKafkaErrorCode};

use super::{
    feed::{Feed, Turn},
    group::GroupEvent,
    observer::is_refusal,
    poller::{COMMITTED_RETRY, PendingRebalance, Poller, Restart},
    rebalance::{names, rebalance_failed},
    release::{AfterRelease, Release},
};
use crate::{SourceError, TopicPartition};

/// Maximum pause when there is nothing to do; new records and rebalances end it immediately.
const IDLE_PAUSE: Duration = Duration::from_millis(100);
/// First and maximum pause while waiting for something that does not wake this thread: room, or the end of a lane.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// Maximum number of chunks taken from a partition per turn.
const CHUNKS_PER_TURN: usize = 4;
/// Interval at which positions are reported to lanes.
const REACH_INTERVAL: Duration = Duration::from_secs(1);

impl Poller {
    /// Polls until asked to stop, then drains the lanes and leaves the group.
    ///
    /// # Errors
    /// [`SourceError`] if reading cannot continue. The lanes are then abandoned.
    pub(super) fn run(mut self) -> Result<(), SourceError> {
        let outcome = self.poll_until_stopped();
        if outcome.is_err() {
            self.abandon(|_| true);
            while !self.releases_are_over() {
                std::thread::park_timeout(RETRY_PAUSE.1);
            }
        }
        self.leave();
        outcome
    }

    fn poll_until_stopped(&mut self) -> Result<(), SourceError> {
        let mut retry_pause = RETRY_PAUSE.0;
        loop {
            self.serve_group()?;
            // Dropping the source stops it.
            if !self.stopping && (self.stop.is_cancelled() || self.handouts.is_closed()) {
                self.stopping = true;
                self.drain(|_| true);
            }
            let all_released = self.releases_are_over();
            self.answer_rebalances()?;
            if self.stopping && (all_released || self.releases.iter().all(Release::waits_for_commit)) {
                return Ok(());
            }
            // A lane that begins now would not be drained.
            if !self.stopping {
                self.restart_lanes()?;
            }
            let round = self.feed_lanes()?;
            self.report_reach();
            if round.moved {
                retry_pause = RETRY_PAUSE.0;
            } else if round.blocked || !all_released || !self.pending_rebalances.is_empty() || !self.restarts.is_empty()
            {
                std::thread::park_timeout(retry_pause);
                retry_pause = (retry_pause * 2).min(RETRY_PAUSE.1);
            } else {
                std::thread::park_timeout(IDLE_PAUSE);
            }
        }
    }

    /// Takes all reports of librdkafka. A poll takes one, and tells a report from none only by calling back.
    fn take_reports(&self) -> Result<(), SourceError> {
        loop {
            let callbacks = self.consumer.context().callbacks();
            let polled = self.consumer.poll(Duration::ZERO);
            // Partitions assigned to a leaving member have no lanes; their records are left to the next owner.
            if let Some(Ok(message)) = &polled
                && !self.stopping
            {
                let (topic, partition) = (message.topic(), message.partition());
                return Err(SourceError::Kafka(format!("a record of {topic}/{partition} arrived outside its queue")));
            }
            if polled.is_none() && self.consumer.context().callbacks() == callbacks {
                return Ok(());
            }
        }
    }

    /// Acts on the reports of librdkafka.
    fn serve_group(&mut self) -> Result<(), SourceError> {
        self.take_reports()?;
        while let Some(event) = self.consumer.context().next_event() {
            match event {
                GroupEvent::Assigned(partitions) => {
                    self.has_joined = true;
                    self.pending_rebalances
                        .push_back(PendingRebalance::Assign { partitions, not_before: Instant::now() });
                }
                GroupEvent::Revoked { partitions, lost } => {
                    self.pending_rebalances.push_back(PendingRebalance::Unassign { partitions, lost });
                }
                GroupEvent::TopicRecreated(topic) => self.topic_recreated(&topic),
                GroupEvent::Error { code, reason } => self.handle_error(code, &reason)?,
            }
        }
        if self.brokers_are_down && self.lag.brokers_answered() {
            self.brokers_are_down = false;
            tracing::info!("kafka answers again");
        }
        Ok(())
    }

    /// Distinguishes errors that end the source from transient ones.
    fn handle_error(&mut self, code: RDKafkaErrorCode, reason: &str) -> Result<(), SourceError> {
        if let Some((_, reason)) = self.consumer.client().fatal_error() {
            return Err(SourceError::Kafka(format!("the consumer cannot continue: {reason}")));
        }
        match code {
            RDKafkaErrorCode::AllBrokersDown if !self.brokers_are_down => {
                self.brokers_are_down = true;
                // Only answers from now on count.
                self.lag.brokers_answered();
                tracing::warn!(reason, "no kafka broker answers; lanes wait until one does");
            }
            // Not an error; the feed of the partition is notified too.
            RDKafkaErrorCode::PartitionEOF => {}
            RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut => tracing::debug!(%code, reason, "kafka"),
            RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic => {
                tracing::warn!(reason, "a topic does not exist; waiting until it is created");
            }
            _ if !self.has_joined && (is_refusal(code) || is_refusal_by_group(code)) => {
                let advice = match code {
                    RDKafkaErrorCode::InconsistentGroupProtocol => {
                        "; its members are of another program, which shares partitions in another way: stop that program \
                         first, and wait for the end of its sessions if it was killed, or use another group (KAFKA_GROUP_ID)"
                    }
                    _ => "",
                };
                return Err(SourceError::Misconfigured(format!(
                    "kafka refuses to let this client join the group {}: {reason}{advice}",
                    self.settings.group_id
                )));
            }
            _ => tracing::warn!(%code, reason, "kafka reports an error"),
        }
        Ok(())
    }

    fn answer_rebalances(&mut self) -> Result<(), SourceError> {
        while let Some(rebalance) = self.pending_rebalances.pop_front() {
            match rebalance {
                // A leaving member does not read them.
                PendingRebalance::Assign { partitions, .. } if self.stopping => {
                    self.consumer.incremental_assign(&partitions).map_err(|error| rebalance_failed(&error))?;
                }
                PendingRebalance::Assign { partitions, not_before } => {
                    let now = Instant::now();
                    if now < not_before {
                        self.pending_rebalances.push_front(PendingRebalance::Assign { partitions, not_before });
                        return Ok(());
                    }
                    if !self.start_lanes(&partitions)? {
                        let not_before = now + COMMITTED_RETRY;
                        self.pending_rebalances.push_front(PendingRebalance::Assign { partitions, not_before });
                        return Ok(());
                    }
                }
                PendingRebalance::Unassign { partitions, lost } => {
                    let concerns = |partition: &TopicPartition| contains(&partitions, partition);
                    self.restarts.retain(|restart| !concerns(&restart.partition));
                    if lost {
                        self.abandon(concerns);
                    } else {
                        self.drain(concerns);
                    }
                    if self.releases.iter().any(|release| concerns(&release.partition)) {
                        self.pending_rebalances.push_front(PendingRebalance::Unassign { partitions, lost });
                        return Ok(());
                    }
                    self.consumer.incremental_unassign(&partitions).map_err(|error| rebalance_failed(&error))?;
                    tracing::info!(partitions = %names(&partitions), lost, "partitions released");
                }
            }
        }
        Ok(())
    }

    /// Gives every lane with room its available records.
    fn feed_lanes(&mut self) -> Result<Round, SourceError> {
        let mut round = Round::default();
        let count = self.feeds.len();
        let mut went_back = None;
        // A lane that needs much memory would starve if lanes that need little could go first.
        let mut waiting = None;
        for turn in 0..count {
            let index = (self.first + turn) % count;
            match self.feed(index, waiting.is_some())? {
                Turn::Idle => {}
                Turn::Moved | Turn::TopicRecreated => round.moved = true,
                Turn::LaneFull => round.blocked = true,
                Turn::MemoryFull => {
                    waiting = waiting.or(Some(index));
                    round.blocked = true;
                }
                Turn::WentBack { expected, found } => {
                    went_back = Some((index, expected, found));
                    break;
                }
            }
        }
        self.first = waiting.unwrap_or_else(|| self.first.wrapping_add(1) % count.max(1));
        if let Some((index, expected, found)) = went_back {
            round.moved = true;
            self.went_back(index, expected, found);
        }
        Ok(round)
    }

    /// Moves records to a lane as long as there are any and there is room. If another lane waits for the memory
    /// budget, moves only what a lane without memory may get.
    fn feed(&mut self, index: usize, another_waits: bool) -> Result<Turn, SourceError> {
        let mut turn = Turn::Idle;
        for _ in 0..CHUNKS_PER_TURN {
            let is_full = match self.feeds[index].fill() {
                Ok(is_full) => is_full,
                Err(went_back) => return Ok(went_back),
            };
            if !self.feeds[index].has_records() {
                break;
            }
            // librdkafka reports that a topic was recreated before it fetches from the new one. Had the reports been
            // taken before the records, a lane could get records of the new topic as if they were of the old one.
            self.take_reports()?;
            if self.consumer.context().is_recreated(&self.feeds[index].partition.topic) {
                return Ok(Turn::TopicRecreated);
            }
            match self.feeds[index].hand_over(another_waits) {
                Turn::Moved => turn = Turn::Moved,
                other => return Ok(other),
            }
            if !is_full {
                break;
            }
        }
        Ok(turn)
    }

    /// Reports to lanes at the end of their partition where that is. This is not urgent, so it happens periodically.
    fn report_reach(&mut self) {
        let now = Instant::now();
        if now < self.reach_reported_at + REACH_INTERVAL || !self.feeds.iter().any(Feed::is_at_end) {
            return;
        }
        self.reach_reported_at = now;
        let positions = match self.consumer.position() {
            Ok(positions) => positions,
            Err(error) => {
                tracing::debug!(%error, "positions unknown");
                return;
            }
        };
        for feed in self.feeds.iter_mut().filter(|feed| feed.is_at_end()) {
            let element = positions.find_partition(&feed.partition.topic, feed.partition.partition);
            feed.report_reach(element.and_then(|element| match element.offset() {
                Offset::Offset(position) => Some(position),
                _ => None,
            }));
        }
    }

    fn drain(&mut self, concerns: impl Fn(&TopicPartition) -> bool) {
        let deadline = Instant::now() + self.settings.drain_timeout;
        self.release(concerns, |feed| Release::drain(feed, deadline));
    }

    fn abandon(&mut self, concerns: impl Fn(&TopicPartition) -> bool) {
        let now = Instant::now();
        self.release(concerns, |feed| Release::abandon(feed, now));
    }

    fn release(&mut self, concerns: impl Fn(&TopicPartition) -> bool, begin: impl Fn(Feed) -> Release) {
        for feed in self.feeds.extract_if(.., |feed| concerns(&feed.partition)) {
            self.lag.forget(&feed.partition);
            self.releases.push(begin(feed));
        }
        self.first = 0;
    }

    fn releases_are_over(&mut self) -> bool {
        let now = Instant::now();
        for release in self.releases.extract_if(.., |release| release.is_over(now)) {
            if let AfterRelease::Restart(reason) = release.then {
                self.restarts.push(Restart { partition: release.partition.clone(), reason, not_before: now });
            }
        }
        self.releases.is_empty()
    }

    /// Leaves the group. No lane remains that could commit.
    fn leave(self) {
        let Self { consumer, feeds, pending_rebalances, .. } = self;
        // The queues of the feeds hold the consumer.
        drop(feeds);
        consumer.context().close();
        for rebalance in pending_rebalances {
            // After an error the result no longer matters, but librdkafka expects an answer.
            drop(match rebalance {
                PendingRebalance::Assign { partitions, .. } => consumer.incremental_assign(&partitions),
                PendingRebalance::Unassign { partitions, .. } => consumer.incremental_unassign(&partitions),
            });
        }
        if Arc::strong_count(&consumer) > 1 {
            tracing::warn!("a commit is still in flight; the group is left when it ends");
        }
        drop(consumer);
    }
}

/// The outcome of a round over the feeds.
#[derive(Default)]
struct Round {
    moved: bool,
    blocked: bool,
}

fn contains(list: &TopicPartitionList, partition: &TopicPartition) -> bool {
    list.elements()
        .iter()
        .any(|element| element.partition() == partition.partition && element.topic() == partition.topic.as_ref())
}

/// Whether the group rejects the member permanently.
fn is_refusal_by_group(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::InconsistentGroupProtocol
            | RDKafkaErrorCode::InvalidSessionTimeout
            | RDKafkaErrorCode::InvalidGroupId
    )
}

//! The polling thread: serves the group, feeds the lanes, hands out partitions and takes them back. It never waits for a lane,
//! so the group takes the member for alive however long a lane needs.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::Thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, KafkaResult},
    topic_partition_list::TopicPartitionListElem,
    types::RDKafkaErrorCode,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    commit::{GroupCommitter, Ownership},
    feed::{Feed, QUEUE_CHUNKS, Turn},
    group::{GroupContext, GroupEvent},
    lag::LagWatch,
    observer::is_refusal,
    release::Release,
    source::Handout,
};
use crate::{Assignment, Committed, MemoryBudget, SourceError, TopicPartition};

/// Longest pause when there is nothing to do; new records and rebalances end it at once.
const IDLE_PAUSE: Duration = Duration::from_millis(100);
/// First and longest pause while something is awaited that does not wake this thread: room, or a lane's end.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// Reports taken from librdkafka before the lanes have their turn.
const EVENTS_AT_ONCE: usize = 4;
/// Longest time to ask for committed offsets.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause before asking again.
const COMMITTED_RETRY: Duration = Duration::from_secs(1);

/// What the polling thread is given.
pub(super) struct PollSettings {
    pub(super) group_id: String,
    pub(super) chunk_records: usize,
    pub(super) drain_timeout: Duration,
    pub(super) budget: MemoryBudget,
}

/// A rebalance that waits for its answer. librdkafka asks one thing at a time.
enum Question {
    Assign { partitions: TopicPartitionList, not_before: Instant },
    Unassign { partitions: TopicPartitionList, lost: bool },
}

pub(super) struct Poller {
    consumer: Arc<BaseConsumer<GroupContext>>,
    settings: PollSettings,
    handouts: mpsc::UnboundedSender<Handout>,
    stop: CancellationToken,
    lag: LagWatch,
    feeds: Vec<Feed>,
    /// The feed that has the first turn: the one that waits for memory, or each in its time.
    first: usize,
    releases: Vec<Release>,
    questions: VecDeque<Question>,
    stopping: bool,
    has_joined: bool,
    brokers_are_down: bool,
}

impl Poller {
    /// To be made by the thread that will poll, as records wake that thread.
    pub(super) fn new(
        mut consumer: BaseConsumer<GroupContext>,
        settings: PollSettings,
        handouts: mpsc::UnboundedSender<Handout>,
        stop: CancellationToken,
        lag: LagWatch,
    ) -> Self {
        consumer.set_nonempty_callback(wake(std::thread::current()));
        Self {
            consumer: Arc::new(consumer),
            settings,
            handouts,
            stop,
            lag,
            feeds: Vec::new(),
            first: 0,
            releases: Vec::new(),
            questions: VecDeque::new(),
            stopping: false,
            has_joined: false,
            brokers_are_down: false,
        }
    }

    /// Polls until told to stop, then drains the lanes and leaves the group.
    ///
    /// # Errors
    /// [`SourceError`] if reading cannot go on. The lanes are abandoned then.
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
            // A source that was dropped is one that was stopped.
            if !self.stopping && (self.stop.is_cancelled() || self.handouts.is_closed()) {
                self.stopping = true;
                self.drain(|_| true);
            }
            let all_released = self.releases_are_over();
            self.answer_rebalances()?;
            if self.stopping && all_released {
                return Ok(());
            }
            let round = self.feed_lanes()?;
            if round.moved {
                retry_pause = RETRY_PAUSE.0;
            } else if round.blocked || !all_released || !self.questions.is_empty() {
                std::thread::park_timeout(retry_pause);
                retry_pause = (retry_pause * 2).min(RETRY_PAUSE.1);
            } else {
                std::thread::park_timeout(IDLE_PAUSE);
            }
        }
    }

    /// Lets librdkafka report, and takes note.
    fn serve_group(&mut self) -> Result<(), SourceError> {
        for _ in 0..EVENTS_AT_ONCE {
            if let Some(Ok(message)) = self.consumer.poll(Duration::ZERO) {
                let (topic, partition) = (message.topic(), message.partition());
                return Err(SourceError::Kafka(format!("a record of {topic}/{partition} came outside of its queue")));
            }
        }
        while let Some(event) = self.consumer.context().next_event() {
            match event {
                GroupEvent::Assigned(partitions) => {
                    self.has_joined = true;
                    self.questions.push_back(Question::Assign { partitions, not_before: Instant::now() });
                }
                GroupEvent::Revoked { partitions, lost } => {
                    self.questions.push_back(Question::Unassign { partitions, lost });
                }
                GroupEvent::Error { code, reason } => self.judge(code, &reason)?,
            }
        }
        if self.brokers_are_down && self.lag.brokers_answered() {
            self.brokers_are_down = false;
            tracing::info!("kafka answers again");
        }
        Ok(())
    }

    /// Tells what ends the source from what passes.
    fn judge(&mut self, code: RDKafkaErrorCode, reason: &str) -> Result<(), SourceError> {
        if let Some((_, reason)) = self.consumer.client().fatal_error() {
            return Err(SourceError::Kafka(format!("the consumer cannot go on: {reason}")));
        }
        match code {
            RDKafkaErrorCode::AllBrokersDown if !self.brokers_are_down => {
                self.brokers_are_down = true;
                // Only what is answered from now on counts.
                self.lag.brokers_answered();
                tracing::warn!(reason, "no kafka broker answers; lanes wait until one does");
            }
            RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut => tracing::debug!(%code, reason, "kafka"),
            RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic => {
                tracing::warn!(reason, "a topic does not exist; waiting until it is made");
            }
            _ if !self.has_joined && (is_refusal(code) || is_refusal_by_group(code)) => {
                return Err(SourceError::Misconfigured(format!(
                    "kafka refuses to let this client join the group {}: {reason}",
                    self.settings.group_id
                )));
            }
            _ => tracing::warn!(%code, reason, "kafka reports an error"),
        }
        Ok(())
    }

    fn answer_rebalances(&mut self) -> Result<(), SourceError> {
        while let Some(question) = self.questions.pop_front() {
            match question {
                // Whoever leaves does not read them.
                Question::Assign { partitions, .. } if self.stopping => {
                    self.consumer.incremental_assign(&partitions).map_err(|error| rebalance_failed(&error))?;
                }
                Question::Assign { partitions, not_before } => {
                    let now = Instant::now();
                    if now < not_before {
                        self.questions.push_front(Question::Assign { partitions, not_before });
                        return Ok(());
                    }
                    if !self.start_lanes(&partitions)? {
                        let not_before = now + COMMITTED_RETRY;
                        self.questions.push_front(Question::Assign { partitions, not_before });
                        return Ok(());
                    }
                }
                Question::Unassign { partitions, lost } => {
                    let concerns = |partition: &TopicPartition| contains(&partitions, partition);
                    if lost {
                        self.abandon(concerns);
                    } else {
                        self.drain(concerns);
                    }
                    if self.releases.iter().any(|release| concerns(&release.partition)) {
                        self.questions.push_front(Question::Unassign { partitions, lost });
                        return Ok(());
                    }
                    self.consumer.incremental_unassign(&partitions).map_err(|error| rebalance_failed(&error))?;
                    tracing::info!(partitions = %names(&partitions), lost, "partitions given up");
                }
            }
        }
        Ok(())
    }

    /// Begins to read partitions where the group has left off; `false` if that cannot be found out now.
    fn start_lanes(&mut self, partitions: &TopicPartitionList) -> Result<bool, SourceError> {
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
        let mut feeds = Vec::with_capacity(starts.count());
        let mut assignments = Vec::with_capacity(starts.count());
        for mut element in starts.elements() {
            let partition = TopicPartition { topic: Arc::from(element.topic()), partition: element.partition() };
            let committed = match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => {
                    element.set_offset(Offset::Stored).map_err(|error| rebalance_failed(&error))?;
                    None
                }
            };
            let ownership = Ownership::new(committed);
            let committer =
                GroupCommitter { consumer: Arc::downgrade(&self.consumer), ownership: Arc::clone(&ownership) };
            let committed =
                committed.map(|next_offset| Committed { next_offset, note: metadata_of(&element, &partition) });
            let (assignment, lane) =
                Assignment::new(partition.clone(), Arc::new(committer), committed, new_epoch(), QUEUE_CHUNKS);
            // Before the partition is assigned: what is fetched goes to this queue from the first record on.
            let Some(mut queue) = self.consumer.split_partition_queue(&partition.topic, partition.partition) else {
                return Err(SourceError::Kafka(format!("librdkafka has no queue for {partition}")));
            };
            queue.set_nonempty_callback(wake(std::thread::current()));
            feeds.push(Feed::new(partition, lane, ownership, queue, self.settings.chunk_records));
            assignments.push(assignment);
        }
        self.consumer.incremental_assign(&starts).map_err(|error| rebalance_failed(&error))?;
        tracing::info!(partitions = %names(&starts), "partitions assigned");
        for feed in &feeds {
            self.lag.watch(feed.partition.clone(), &feed.ownership);
        }
        self.feeds.append(&mut feeds);
        for assignment in assignments {
            // Without a listener the assignment is dropped, which ends its lane.
            drop(self.handouts.send(Handout::Partition(Box::new(assignment))));
        }
        Ok(true)
    }

    fn committed(&self, partitions: &TopicPartitionList) -> KafkaResult<TopicPartitionList> {
        let committed = self.consumer.committed_offsets(partitions.clone(), COMMITTED_TIMEOUT)?;
        committed.elements().iter().try_for_each(TopicPartitionListElem::error)?;
        Ok(committed)
    }

    /// Gives every lane that has room what there is for it.
    fn feed_lanes(&mut self) -> Result<Round, SourceError> {
        let mut round = Round::default();
        let count = self.feeds.len();
        for turn in 0..count {
            let index = (self.first + turn) % count;
            match self.feeds[index].turn(&self.settings.budget)? {
                Turn::Idle => {}
                Turn::Moved => round.moved = true,
                Turn::LaneFull => round.blocked = true,
                Turn::MemoryFull => {
                    // Whoever needs much would never get it if others, who need little, could go first.
                    self.first = index;
                    round.blocked = true;
                    return Ok(round);
                }
            }
        }
        self.first = self.first.wrapping_add(1) % count.max(1);
        Ok(round)
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
        self.releases.retain_mut(|release| !release.is_over(now));
        self.releases.is_empty()
    }

    /// Leaves the group. No lane is left that could commit.
    fn leave(self) {
        let Self { consumer, feeds, questions, .. } = self;
        // Their queues hold the consumer.
        drop(feeds);
        consumer.context().close();
        for question in questions {
            // After an error nothing depends on the answer any more, but librdkafka waits for one.
            drop(match question {
                Question::Assign { partitions, .. } => consumer.incremental_assign(&partitions),
                Question::Unassign { partitions, .. } => consumer.incremental_unassign(&partitions),
            });
        }
        if Arc::strong_count(&consumer) > 1 {
            tracing::warn!("a commit is still under way; the group is left when it ends");
        }
        drop(consumer);
    }
}

/// How a round over the feeds went.
#[derive(Default)]
struct Round {
    moved: bool,
    blocked: bool,
}

/// The time in Unix milliseconds: above every epoch that began before.
fn new_epoch() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

fn wake(thread: Thread) -> impl Fn() + Send + Sync + 'static {
    move || thread.unpark()
}

fn contains(list: &TopicPartitionList, partition: &TopicPartition) -> bool {
    list.elements()
        .iter()
        .any(|element| element.partition() == partition.partition && element.topic() == partition.topic.as_ref())
}

fn names(list: &TopicPartitionList) -> String {
    let name = |element: &TopicPartitionListElem<'_>| format!("{}/{}", element.topic(), element.partition());
    list.elements().iter().map(name).collect::<Vec<_>>().join(" ")
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

/// Whether the group refuses a member for what it is, which waiting does not change.
fn is_refusal_by_group(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::InconsistentGroupProtocol
            | RDKafkaErrorCode::InvalidSessionTimeout
            | RDKafkaErrorCode::InvalidGroupId
    )
}

fn rebalance_failed(error: &KafkaError) -> SourceError {
    SourceError::Kafka(format!("rebalance failed: {error}"))
}

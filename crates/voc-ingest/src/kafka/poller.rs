//! State of the polling thread: its group, its lanes and pending work.

use std::{
    collections::VecDeque,
    sync::Arc,
    thread::Thread,
    time::{Duration, Instant},
};

use rdkafka::{TopicPartitionList, consumer::BaseConsumer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    feed::Feed,
    group::GroupContext,
    handout::Handout,
    lag::LagWatch,
    release::{Release, RestartReason},
    settings::OffsetReset,
};
use crate::{MemoryBudget, TopicPartition};

/// Pause before querying committed offsets again.
pub(super) const COMMITTED_RETRY: Duration = Duration::from_secs(1);

/// Settings of the polling thread.
pub(super) struct PollSettings {
    pub(super) group_id: String,
    pub(super) auto_offset_reset: OffsetReset,
    pub(super) chunk_records: usize,
    pub(super) drain_timeout: Duration,
    pub(super) budget: MemoryBudget,
}

/// A rebalance that awaits an answer. librdkafka reports one at a time.
pub(super) enum PendingRebalance {
    Assign { partitions: TopicPartitionList, not_before: Instant },
    Unassign { partitions: TopicPartitionList, lost: bool },
}

/// State of the polling thread.
pub(super) struct Poller {
    pub(super) consumer: Arc<BaseConsumer<GroupContext>>,
    pub(super) settings: PollSettings,
    pub(super) handouts: mpsc::UnboundedSender<Handout>,
    pub(super) stop: CancellationToken,
    pub(super) lag: LagWatch,
    pub(super) feeds: Vec<Feed>,
    /// The feed with the first turn: the one waiting for memory, otherwise each in rotation.
    pub(super) first: usize,
    pub(super) releases: Vec<Release>,
    pub(super) pending_rebalances: VecDeque<PendingRebalance>,
    pub(super) restarts: Vec<Restart>,
    /// When positions were last reported to the lanes.
    pub(super) reach_reported_at: Instant,
    pub(super) stopping: bool,
    pub(super) has_joined: bool,
    pub(super) brokers_are_down: bool,
}

/// A partition whose lane has ended and that must be read again.
pub(super) struct Restart {
    pub(super) partition: TopicPartition,
    pub(super) reason: RestartReason,
    pub(super) not_before: Instant,
}

impl Poller {
    /// Must be created on the thread that will poll, because records wake that thread.
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
            pending_rebalances: VecDeque::new(),
            restarts: Vec::new(),
            reach_reported_at: Instant::now(),
            stopping: false,
            has_joined: false,
            brokers_are_down: false,
        }
    }
}

/// Wakes a parked thread.
pub(super) fn wake(thread: Thread) -> impl Fn() + Send + Sync + 'static {
    move || thread.unpark()
}

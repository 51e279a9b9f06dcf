//! The group source.

use async_trait::async_trait;
use rdkafka::{
    config::FromClientConfigAndContext as _,
    consumer::{BaseConsumer, Consumer as _},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    config_error::misconfigured,
    group::GroupContext,
    handout::Handout,
    lag::LagWatch,
    poller::{PollSettings, Poller},
    settings::KafkaSettings,
};
use crate::{Assignment, MemoryBudget, Source, SourceError};

/// Reads topics as a member of a consumer group.
///
/// Partitions come and go with the rebalances of the group; those that stay are not disturbed. Records of a partition
/// arrive once each, in offset order, from the committed offset on. Records of aborted transactions are left out.
///
/// The source waits for a topic that does not exist yet. While no broker answers, lanes are idle.
///
/// When asked to stop, lanes store and commit the records they took, the member leaves the group so that others take
/// over immediately, and [`next_assignment`](Source::next_assignment) returns `None`. With static membership
/// ([`group_instance_id`](KafkaSettings::group_instance_id)) the member does not leave: its partitions wait for its
/// return.
pub struct KafkaSource {
    handouts: mpsc::UnboundedReceiver<Handout>,
    ended: bool,
}

impl KafkaSource {
    /// Joins the group in the background. Chunks hold up to `chunk_records` records, and their memory is charged to
    /// `budget`. The source stops when `stop` is cancelled.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no consumer can be created from the settings.
    pub fn connect(
        settings: &KafkaSettings,
        budget: MemoryBudget,
        chunk_records: usize,
        stop: CancellationToken,
    ) -> Result<Self, SourceError> {
        let config = settings.consumer()?;
        let consumer = BaseConsumer::from_config_and_context(&config, GroupContext::default())
            .map_err(|error| misconfigured(&error))?;
        let topics: Vec<&str> = settings.topics.iter().map(String::as_str).collect();
        consumer.subscribe(&topics).map_err(|error| misconfigured(&error))?;
        let lag = LagWatch::start(settings)?;
        let poll_settings = PollSettings {
            group_id: settings.group_id.clone(),
            auto_offset_reset: settings.auto_offset_reset,
            chunk_records: chunk_records.max(1),
            drain_timeout: settings.drain_timeout,
            budget,
        };
        let (sender, handouts) = mpsc::unbounded_channel();
        let poll = move || {
            let end = sender.clone();
            let outcome = Poller::new(consumer, poll_settings, sender, stop, lag).run();
            // There is no receiver if the source was dropped.
            drop(end.send(Handout::End(outcome)));
        };
        let started = std::thread::Builder::new().name("kafka-poll".to_owned()).spawn(poll);
        started.map_err(|source| SourceError::Io { context: "cannot start a thread".to_owned(), source })?;
        Ok(Self { handouts, ended: false })
    }
}

#[async_trait]
impl Source for KafkaSource {
    async fn next_assignment(&mut self) -> Result<Option<Assignment>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        match self.handouts.recv().await {
            Some(Handout::Partition(assignment)) => Ok(Some(*assignment)),
            Some(Handout::End(outcome)) => {
                self.ended = true;
                outcome.map(|()| None)
            }
            None => Err(SourceError::Kafka("the polling thread failed".to_owned())),
        }
    }
}

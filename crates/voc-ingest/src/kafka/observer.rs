//! A client for queries, without group membership.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext},
    error::{KafkaError, KafkaResult},
    groups::GroupList,
    metadata::Metadata,
    statistics::{Broker, Statistics},
    types::RDKafkaErrorCode,
};

use super::{
    commit::{committed_in, request},
    config_error::misconfigured,
    group::log_line,
    settings::KafkaSettings,
};
use crate::{CommittedOffset, SourceError, TopicPartition};

/// Maximum length of one query before the errors reported meanwhile are checked.
const SLICE: Duration = Duration::from_millis(500);
const STATISTICS_INTERVAL_MILLIS: &str = "100";

/// Queries brokers. All queries block the calling thread, except through [`query`](Observer::query).
pub(super) struct Observer {
    client: BaseConsumer<LastError>,
    bootstrap_servers: String,
}

impl Observer {
    /// `role` is appended to the client's id.
    pub(super) fn new(settings: &KafkaSettings, role: &str) -> Result<Self, SourceError> {
        Self::of_config(settings, &settings.observer(role)?)
    }

    /// An observer that also knows [which brokers](Self::named_brokers) a broker has named, whether or not it can
    /// reach them.
    pub(super) fn with_statistics(settings: &KafkaSettings, role: &str) -> Result<Self, SourceError> {
        let mut config = settings.observer(role)?;
        config.set("statistics.interval.ms", STATISTICS_INTERVAL_MILLIS);
        Self::of_config(settings, &config)
    }

    /// An observer that may query the commits of the group in `settings`, which it does not join.
    pub(super) fn of_group(settings: &KafkaSettings, role: &str) -> Result<Self, SourceError> {
        Self::of_config(settings, &settings.outsider(role)?)
    }

    fn of_config(settings: &KafkaSettings, config: &ClientConfig) -> Result<Self, SourceError> {
        let client = config.create_with_context(LastError::default()).map_err(|error| misconfigured(&error))?;
        Ok(Self { client, bootstrap_servers: settings.bootstrap_servers.clone() })
    }

    /// The number of partitions of a topic; `None` if the topic does not exist or is not visible to this client.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if the brokers refuse this client, [`SourceError::Kafka`] if none answers in
    /// time.
    pub(super) fn partitions(&self, topic: &str, timeout: Duration) -> Result<Option<usize>, SourceError> {
        let metadata = self.ask(timeout, |client, slice| client.fetch_metadata(Some(topic), slice))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic && found.error().is_none());
        Ok(found.map(|found| found.partitions().len()))
    }

    /// The brokers of the cluster, and a topic or why there is none. A single request: by the time of another one, the
    /// client may know only brokers that it cannot reach.
    ///
    /// # Errors
    /// As [`partitions`](Self::partitions).
    pub(super) fn metadata(&self, topic: &str, timeout: Duration) -> Result<Metadata, SourceError> {
        let answer = self.client.fetch_metadata(Some(topic), timeout);
        self.serve();
        answer.map_err(|error| self.explain(&error))
    }

    /// The brokers that a broker has named, with their numbers and addresses, as the client's statistics know them.
    pub(super) fn named_brokers(&self) -> Vec<(i32, String)> {
        self.client.context().brokers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the brokers reported since the last answer, if anything.
    pub(super) fn last_error(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.client.context().last()
    }

    /// The oldest offset of a partition and the one after its newest committed record.
    pub(super) fn offsets(&self, partition: &TopicPartition, timeout: Duration) -> Result<(i64, i64), SourceError> {
        self.ask(timeout, |client, slice| client.fetch_watermarks(&partition.topic, partition.partition, slice))
    }

    /// The first offset whose record is not older than a time in UTC milliseconds; `None` if all are older.
    pub(super) fn offset_at(
        &self,
        partition: &TopicPartition,
        millis: i64,
        timeout: Duration,
    ) -> Result<Option<i64>, SourceError> {
        let found = self.ask(timeout, |client, slice| {
            let mut times = TopicPartitionList::new();
            times.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(millis))?;
            client.offsets_for_times(times, slice)
        })?;
        Ok(found.elements().first().and_then(|found| match found.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        }))
    }

    /// The committed offsets of partitions, in their order.
    pub(super) fn committed(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<Option<CommittedOffset>>, SourceError> {
        let found = self.ask(timeout, |client, slice| {
            let mut asked = TopicPartitionList::with_capacity(partitions.len());
            for partition in partitions {
                asked.add_partition(&partition.topic, partition.partition);
            }
            let found = client.committed_offsets(asked, slice)?;
            found.elements().iter().try_for_each(|element| element.error())?;
            Ok(found)
        })?;
        let of_partition = |partition: &TopicPartition| {
            let element = found.find_partition(&partition.topic, partition.partition)?;
            committed_in(&element, partition)
        };
        Ok(partitions.iter().map(of_partition).collect())
    }

    /// Commits an offset for the group, which has no members. It is tried once: a commit waits for the coordinator,
    /// and what a broker refuses once, it refuses again.
    pub(super) fn commit(&self, partition: &TopicPartition, offset: i64, metadata: &str) -> Result<(), SourceError> {
        let commit = request(partition, offset, Some(metadata));
        let committed = commit.and_then(|commit| self.client.commit(&commit, CommitMode::Sync));
        self.serve();
        committed.map_err(|error| SourceError::Kafka(format!("the commit of {partition} failed: {error}")))
    }

    /// A group as the brokers describe it; empty if it does not exist.
    pub(super) fn group(&self, group: &str, timeout: Duration) -> Result<GroupList, SourceError> {
        self.ask(timeout, |client, slice| client.fetch_group_list(Some(group), slice))
    }

    /// Runs a query on a thread that may block.
    pub(super) async fn query<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Self) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<T, SourceError> {
        let observer = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || query(&observer)).await;
        asked.unwrap_or_else(|_| Err(SourceError::Kafka("the query was interrupted".to_owned())))
    }

    fn ask<T>(
        &self,
        timeout: Duration,
        query: impl Fn(&BaseConsumer<LastError>, Duration) -> KafkaResult<T>,
    ) -> Result<T, SourceError> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = query(&self.client, left.min(SLICE));
            self.serve();
            let error = match answer {
                Ok(answer) => {
                    self.client.context().forget();
                    return Ok(answer);
                }
                Err(error) => self.explain(&error),
            };
            if matches!(error, SourceError::Misconfigured(_)) || left <= SLICE {
                return Err(error);
            }
        }
    }

    /// Lets the client deliver its pending reports. Every query does so too.
    pub(super) fn serve(&self) {
        for _ in 0..100 {
            // No partition is assigned, so there are no records. Errors go to the context, except this one of a group.
            let polled = self.client.poll(Duration::ZERO);
            if let Some(Err(KafkaError::MessageConsumption(code @ RDKafkaErrorCode::GroupAuthorizationFailed))) = polled
            {
                self.client.context().remember(code, &code.to_string());
            }
        }
    }

    /// Prefers the error of the brokers, which says more than "timed out".
    fn explain(&self, error: &KafkaError) -> SourceError {
        let refusal = error.rdkafka_error_code().filter(|code| is_refusal(*code));
        let answered = refusal.map(|code| (code, error.to_string()));
        let (code, reason) = answered
            .or_else(|| self.client.context().last())
            .unwrap_or_else(|| (RDKafkaErrorCode::Unknown, error.to_string()));
        if is_refusal(code) {
            return SourceError::Misconfigured(format!(
                "kafka at {} refuses this client: {reason}",
                self.bootstrap_servers
            ));
        }
        SourceError::Kafka(format!("no broker answers at {}: {reason}", self.bootstrap_servers))
    }
}

/// Whether an error concerns the identity or the rights of the client, which waiting does not change.
pub(super) fn is_refusal(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SSL
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::UnsupportedSASLMechanism
            | RDKafkaErrorCode::IllegalSASLState
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::TopicAuthorizationFailed
    )
}

/// Remembers the last informative error that a client reported, and the brokers in its last statistics, if it has any.
#[derive(Default)]
pub(super) struct LastError {
    error: Mutex<Option<(RDKafkaErrorCode, String)>>,
    brokers: Mutex<Vec<(i32, String)>>,
}

impl LastError {
    fn last(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, code: RDKafkaErrorCode, reason: &str) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some((code, reason.to_owned()));
    }

    fn forget(&self) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl ClientContext for LastError {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
        // "All brokers down" is a consequence, not a cause.
        if code != RDKafkaErrorCode::AllBrokersDown {
            self.remember(code, reason);
        }
    }

    fn stats(&self, statistics: Statistics) {
        // Bootstrap brokers have no number, and others that a broker has named have one; the rest is librdkafka's own.
        let is_named = |broker: &Broker| broker.nodeid >= 0 && matches!(&*broker.source, "learned" | "configured");
        let named = statistics.brokers.into_values().filter(is_named).map(|broker| (broker.nodeid, broker.nodename));
        *self.brokers.lock().unwrap_or_else(PoisonError::into_inner) = named.collect();
    }
}

impl ConsumerContext for LastError {}

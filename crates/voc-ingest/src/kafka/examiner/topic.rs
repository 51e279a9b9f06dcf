//! What brokers tell about topics.

use std::time::Duration;

use rdkafka::{
    admin::{AdminClient, AdminOptions, ResourceSpecifier},
    client::DefaultClientContext,
    metadata::{Metadata, MetadataPartition, MetadataTopic},
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};

use crate::{
    SourceError,
    kafka::{config_error::misconfigured, settings::KafkaSettings},
};

/// A topic as the brokers describe it to this client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicState {
    /// There is none of this name.
    Missing,
    /// This client may not know whether there is one.
    Hidden,
    /// It exists.
    Found {
        /// Its partitions.
        partitions: Vec<PartitionState>,
    },
    /// The brokers cannot tell now.
    Unclear {
        /// Why.
        reason: String,
    },
}

/// The copies of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionState {
    /// Its number.
    pub partition: i32,
    /// Whether a broker leads it: without a leader it can be neither read nor written.
    pub has_leader: bool,
    /// Number of its copies.
    pub replicas: usize,
    /// Number of the copies that are up to date.
    pub in_sync: usize,
}

/// Settings of a topic that matter to a reader; `None` where it has no value, or a special one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicLimits {
    /// How long records are kept; `None` if for ever.
    pub retention: Option<Duration>,
    /// Number of copies that must be up to date for a record to be accepted.
    pub min_in_sync: Option<usize>,
}

impl TopicState {
    pub(super) fn of(metadata: &Metadata, topic: &str) -> Self {
        match metadata.topics().iter().find(|found| found.name() == topic) {
            None => Self::Missing,
            Some(found) => match found.error() {
                None => Self::Found { partitions: partitions(found) },
                Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) => Self::Missing,
                Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) => Self::Hidden,
                Some(error) => Self::Unclear { reason: RDKafkaErrorCode::from(error).to_string() },
            },
        }
    }
}

fn partitions(topic: &MetadataTopic) -> Vec<PartitionState> {
    let state = |partition: &MetadataPartition| PartitionState {
        partition: partition.id(),
        has_leader: partition.leader() >= 0,
        replicas: partition.replicas().len(),
        in_sync: partition.isr().len(),
    };
    topic.partitions().iter().map(state).collect()
}

/// The limits of a topic; `None` if this client may not know them.
///
/// # Errors
/// [`SourceError::Misconfigured`] if the settings make no client.
pub(super) async fn limits(
    settings: &KafkaSettings,
    topic: &str,
    timeout: Duration,
) -> Result<Option<TopicLimits>, SourceError> {
    let admin: AdminClient<DefaultClientContext> = settings.admin()?.create().map_err(|error| misconfigured(&error))?;
    let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
    let described = admin.describe_configs([&ResourceSpecifier::Topic(topic)], &options).await;
    let Some(Ok(config)) = described.ok().and_then(|answers| answers.into_iter().next()) else { return Ok(None) };
    let text = |name: &str| config.get(name).and_then(|entry| entry.value.clone());
    let deletes = text("cleanup.policy").is_none_or(|policy| policy.contains("delete"));
    let retention = text("retention.ms").and_then(|value| value.parse().ok()).map(Duration::from_millis);
    Ok(Some(TopicLimits {
        retention: retention.filter(|_| deletes),
        min_in_sync: text("min.insync.replicas").and_then(|value| value.parse().ok()),
    }))
}

//! Fetching through rskafka.

use std::{future::Future, time::Duration};

use rskafka::{
    BackoffConfig,
    client::{
        ClientBuilder, Credentials, SaslConfig,
        error::{Error, ProtocolError},
        partition::{PartitionClient, UnknownTopicHandling},
    },
    record::RecordAndOffset,
};
use voc_events::Timestamp;

use super::fetch_outcome::{AddressedRecord, FetchOutcome, ends_early};
use crate::{
    SourceError, TopicPartition,
    kafka::settings::{KafkaSettings, SaslMechanism},
};

/// Maximum bytes per fetch; a larger record is returned alone.
const FETCH_BYTES: i32 = 4 << 20;
/// How long a broker may hold a fetch that finds nothing, in milliseconds.
const MAX_WAIT_MS: i32 = 500;

/// A connection to a partition's leader.
pub(super) struct Fetcher {
    client: PartitionClient,
    partition: TopicPartition,
}

impl Fetcher {
    pub(super) async fn connect(
        settings: &KafkaSettings,
        partition: &TopicPartition,
        timeout: Duration,
    ) -> Result<Self, SourceError> {
        let brokers = settings.bootstrap_servers.split(',').map(|broker| broker.trim().to_owned()).collect();
        let mut builder = ClientBuilder::new(brokers)
            .client_id(format!("{}-reader", settings.client_id))
            .backoff_config(BackoffConfig {
                max_backoff: Duration::from_secs(5),
                deadline: Some(timeout),
                ..BackoffConfig::default()
            });
        if let Some(login) = &settings.security.login {
            let credentials = Credentials::new(login.username.clone(), login.password.expose().to_owned());
            builder = builder.sasl_config(match login.mechanism {
                SaslMechanism::Plain => SaslConfig::Plain(credentials),
                SaslMechanism::ScramSha256 => SaslConfig::ScramSha256(credentials),
                SaslMechanism::ScramSha512 => SaslConfig::ScramSha512(credentials),
            });
        }
        let topic = partition.topic.to_string();
        let connected = async {
            let client = builder.build().await?;
            client.partition_client(topic, partition.partition, UnknownTopicHandling::Error).await
        };
        let client = in_time(timeout, partition, connected).await?.map_err(|error| failed(partition, &error))?;
        Ok(Self { client, partition: partition.clone() })
    }

    /// Fetches records from an offset on.
    pub(super) async fn fetch(&self, offset: i64, timeout: Duration) -> Result<FetchOutcome, SourceError> {
        let fetch = self.client.fetch_records(offset, 1..FETCH_BYTES, MAX_WAIT_MS);
        match in_time(timeout, &self.partition, fetch).await? {
            Ok((records, high)) if records.is_empty() && offset >= high => {
                Err(ends_early(&self.partition, high, offset + 1))
            }
            Ok((records, _)) => Ok(FetchOutcome::Records(records.into_iter().map(addressed).collect())),
            // Broken connections are retried inside, so this is a response that could not be decoded.
            Err(error @ (Error::Request(_) | Error::InvalidResponse(_))) => {
                Ok(FetchOutcome::Unreadable(error.to_string()))
            }
            Err(Error::ServerError { protocol_error: ProtocolError::OffsetOutOfRange, .. }) => {
                Err(SourceError::Kafka(format!("{} no longer has the offset {offset}", self.partition)))
            }
            Err(error) => Err(failed(&self.partition, &error)),
        }
    }
}

fn addressed(record: RecordAndOffset) -> AddressedRecord {
    let RecordAndOffset { record, offset } = record;
    AddressedRecord {
        offset,
        time: Timestamp::from_millis(record.timestamp.timestamp_millis()),
        key: record.key,
        value: record.value,
        headers: record.headers.into_iter().map(|(name, value)| (name, Some(value))).collect(),
    }
}

/// rskafka itself has no timeout.
async fn in_time<T>(
    timeout: Duration,
    partition: &TopicPartition,
    call: impl Future<Output = T>,
) -> Result<T, SourceError> {
    let late = |_| SourceError::Kafka(format!("the broker of {partition} did not answer within {timeout:?}"));
    tokio::time::timeout(timeout, call).await.map_err(late)
}

fn failed(partition: &TopicPartition, error: &Error) -> SourceError {
    SourceError::Kafka(format!("cannot read {partition}: {error}"))
}

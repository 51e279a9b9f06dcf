//! Fetching through librdkafka, with a manually assigned partition.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
};
use voc_events::Timestamp;

use super::fetch_outcome::{AddressedRecord, FetchOutcome, ends_early};
use crate::{
    SourceError, TopicPartition,
    kafka::{config_error::misconfigured, feed::headers_of, observer::LastError, settings::KafkaSettings},
};

/// Maximum number of records per fetch.
const MAX_RECORDS: usize = 1000;
/// Bytes of keys and values at which a fetch is complete.
const MAX_BYTES: usize = 4 << 20;
/// How long to wait for the next record before returning those at hand.
const POLL: Duration = Duration::from_millis(100);

/// A consumer of one partition, without a group.
pub(super) struct AssignedConsumer {
    consumer: Arc<BaseConsumer<LastError>>,
    partition: TopicPartition,
}

impl AssignedConsumer {
    pub(super) fn new(settings: &KafkaSettings, partition: &TopicPartition, from: i64) -> Result<Self, SourceError> {
        let mut config = settings.outsider("-reader")?;
        config
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error");
        let consumer: BaseConsumer<LastError> =
            config.create_with_context(LastError::default()).map_err(|error| misconfigured(&error))?;
        let mut assignment = TopicPartitionList::new();
        assignment
            .add_partition_offset(&partition.topic, partition.partition, Offset::Offset(from))
            .and_then(|()| consumer.assign(&assignment))
            .map_err(|error| failed(partition, &error))?;
        Ok(Self { consumer: Arc::new(consumer), partition: partition.clone() })
    }

    /// The next records from `position`, where this consumer is, up to `end`.
    pub(super) async fn fetch(&self, position: i64, end: i64, timeout: Duration) -> Result<FetchOutcome, SourceError> {
        let (consumer, partition) = (Arc::clone(&self.consumer), self.partition.clone());
        let fetched = tokio::task::spawn_blocking(move || fetch(&consumer, &partition, position..end, timeout)).await;
        fetched.unwrap_or_else(|_| Err(SourceError::Kafka("the read was interrupted".to_owned())))
    }
}

fn fetch(
    consumer: &BaseConsumer<LastError>,
    partition: &TopicPartition,
    offsets: Range<i64>,
    timeout: Duration,
) -> Result<FetchOutcome, SourceError> {
    let deadline = Instant::now() + timeout;
    let (mut position, mut bytes, mut records) = (offsets.start, 0, Vec::new());
    let mut leader_has_all = false;
    while records.len() < MAX_RECORDS && bytes < MAX_BYTES {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                position = message.offset() + 1;
                if message.offset() < offsets.end {
                    bytes += message.key_len() + message.payload_len();
                    records.push(AddressedRecord {
                        offset: message.offset(),
                        time: Timestamp::from_millis(message.timestamp().to_millis().unwrap_or(0)),
                        key: message.key().map(<[u8]>::to_vec),
                        value: message.payload().map(<[u8]>::to_vec),
                        headers: headers_of(&message, partition),
                    });
                }
                if position >= offsets.end {
                    return Ok(FetchOutcome::Last(records));
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) if leader_has_all => return Ok(FetchOutcome::Last(records)),
            // Reported once at the end of the log according to a leader, which may be new and not know the end yet.
            Some(Err(KafkaError::PartitionEOF(_))) => {
                let left = deadline.saturating_duration_since(Instant::now()).max(POLL);
                let (topic, number) = (&partition.topic, partition.partition);
                let (_, high) =
                    consumer.fetch_watermarks(topic, number, left).map_err(|error| failed(partition, &error))?;
                if high < offsets.end {
                    return Err(ends_early(partition, high, offsets.end));
                }
                // The leader knows by now: after a seek it returns the missing records, or reports the end again.
                let seek = consumer.seek(topic, number, Offset::Offset(position), left);
                seek.map_err(|error| failed(partition, &error))?;
                leader_has_all = true;
            }
            Some(Err(error @ KafkaError::MessageConsumption(code))) if is_passing(code) => {
                tracing::debug!(%partition, %error, "reading resumes when a broker is back");
            }
            Some(Err(error)) => return Err(failed(partition, &error)),
            None if !records.is_empty() => break,
            None => {}
        }
        if Instant::now() >= deadline {
            if !records.is_empty() {
                break;
            }
            let late = format!("the broker of {partition} did not answer within {timeout:?}");
            return Err(SourceError::Kafka(late));
        }
    }
    Ok(FetchOutcome::Records(records))
}

/// Whether librdkafka retries itself.
fn is_passing(code: rdkafka::types::RDKafkaErrorCode) -> bool {
    use rdkafka::types::RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve};
    matches!(code, AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve)
}

fn failed(partition: &TopicPartition, error: &KafkaError) -> SourceError {
    SourceError::Kafka(format!("cannot read {partition}: {error}"))
}

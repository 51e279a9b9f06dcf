//! Fetching by librdkafka, with a partition assigned by hand.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
};
use voc_events::Timestamp;

use super::{AddressedRecord, Fetched};
use crate::{
    SourceError, TopicPartition,
    kafka::{client_config::misconfigured, feed::headers_of, observer::LastError, settings::KafkaSettings},
};

/// Most records given at once.
const RECORDS_AT_ONCE: usize = 1000;
/// How long a thread waits for the next record before it gives what it has.
const POLL: Duration = Duration::from_millis(100);

/// A consumer that reads one partition and belongs to no group.
pub(super) struct AssignedConsumer {
    consumer: Arc<BaseConsumer<LastError>>,
    partition: TopicPartition,
}

impl AssignedConsumer {
    pub(super) fn new(settings: &KafkaSettings, partition: &TopicPartition, from: i64) -> Result<Self, SourceError> {
        let mut config = settings.observer("-reader")?;
        config
            // Only needed to assign a partition by hand; nothing is joined or committed.
            .set("group.id", &settings.group_id)
            .set("enable.auto.commit", "false")
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

    /// The next records, as far as they lie before `end`.
    pub(super) async fn fetch(&self, end: i64, timeout: Duration) -> Result<Fetched, SourceError> {
        let (consumer, partition) = (Arc::clone(&self.consumer), self.partition.clone());
        let fetched = tokio::task::spawn_blocking(move || fetch(&consumer, &partition, end, timeout)).await;
        fetched.unwrap_or_else(|_| Err(SourceError::Kafka("the read was interrupted".to_owned())))
    }
}

fn fetch(
    consumer: &BaseConsumer<LastError>,
    partition: &TopicPartition,
    end: i64,
    timeout: Duration,
) -> Result<Fetched, SourceError> {
    let deadline = Instant::now() + timeout;
    let mut records = Vec::new();
    while records.len() < RECORDS_AT_ONCE {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                let is_last = message.offset() >= end - 1;
                if message.offset() < end {
                    records.push(AddressedRecord {
                        offset: message.offset(),
                        time: Timestamp::from_millis(message.timestamp().to_millis().unwrap_or(0)),
                        key: message.key().map(<[u8]>::to_vec),
                        value: message.payload().map(<[u8]>::to_vec),
                        headers: headers_of(&message, partition),
                    });
                }
                if is_last {
                    break;
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => break,
            Some(Err(error @ KafkaError::MessageConsumption(code))) if is_passing(code) => {
                tracing::debug!(%partition, %error, "reading goes on when a broker is back");
            }
            Some(Err(error)) => return Err(failed(partition, &error)),
            None if !records.is_empty() => break,
            None => {}
        }
        if Instant::now() >= deadline {
            let late = format!("the broker of {partition} did not answer within {timeout:?}");
            return Err(SourceError::Kafka(late));
        }
    }
    Ok(if records.is_empty() { Fetched::End } else { Fetched::Records(records) })
}

/// Whether librdkafka tries again by itself.
fn is_passing(code: rdkafka::types::RDKafkaErrorCode) -> bool {
    use rdkafka::types::RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve};
    matches!(code, AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve)
}

fn failed(partition: &TopicPartition, error: &KafkaError) -> SourceError {
    SourceError::Kafka(format!("cannot read {partition}: {error}"))
}

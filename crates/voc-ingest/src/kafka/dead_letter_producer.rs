//! Sends dead letters to topics of their own.

use std::{collections::HashSet, fmt::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rdkafka::{
    ClientContext,
    config::{FromClientConfigAndContext as _, RDKafkaLogLevel},
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer as _},
    types::RDKafkaErrorCode,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use voc_store::DeadLetter;

use super::{
    config_error::misconfigured, dead_letter_headers, dead_letter_topics, dead_letter_topics::DEAD_LETTER_TOPIC_SUFFIX,
    group::log_line, settings::KafkaSettings,
};
use crate::{DeadLetterError, DeadLetterSink, DeliveryRemedy, Headers, SourceError};

/// Maximum number of dead letters in flight per call.
const IN_FLIGHT: usize = 1000;

/// Sends dead letters to the topic `<topic>.dlq`, as an idempotent producer that waits for all replicas.
///
/// A dead letter is the original record, with its key, its value (a tombstone stays one) and its headers in order. It
/// is followed by the headers `voc.dead_letter.id` (see [`DeadLetter::id`]), `voc.family`, `voc.error.type`,
/// `voc.error`, `voc.error.path`, `voc.source.topic`, `voc.source.partition`, `voc.source.offset`, `voc.failed.at`
/// (RFC 3339) and, if known, `voc.source.epoch` and `voc.tenant_id`. After a crash a dead letter may be sent again,
/// with the same ID. If original headers repeat a name or lack a value, many clients cannot read them, so
/// `voc.headers` repeats all of them as a JSON array of pairs of name and base64.
///
/// A dead letter that is too large for its topic is sent without its value and, if necessary, without its key and
/// original headers. Then `voc.omitted` names the omitted parts, and `voc.value.bytes` and `voc.value.sha256` describe
/// the value. The record itself remains in its source topic for that topic's retention.
pub struct KafkaDeadLetters {
    settings: KafkaSettings,
    producer: Mutex<FutureProducer<Log>>,
}

impl KafkaDeadLetters {
    /// Creates the producer and any missing topics. A topic gets as many partitions as its source, room for the
    /// largest record of the source, and the default replication of the cluster. If the cluster does not allow this,
    /// the call still succeeds and logs a warning that says what to do.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no producer can be created from the settings.
    pub async fn connect(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let producer = Mutex::new(make_producer(settings)?);
        dead_letter_topics::ensure(settings).await?;
        Ok(Self { settings: settings.clone(), producer })
    }

    /// The producer. Recreates it after a fatal error.
    async fn producer(&self) -> Result<FutureProducer<Log>, DeadLetterError> {
        let mut producer = self.producer.lock().await;
        if let Some((_, reason)) = producer.client().fatal_error() {
            tracing::warn!(reason, "the dead-letter producer failed and is recreated");
            *producer = make_producer(&self.settings).map_err(|error| DeadLetterError {
                target: "kafka".to_owned(),
                reason: error.to_string(),
                remedy: DeliveryRemedy::Repair("correct the settings of the client, and the files that they name"),
            })?;
        }
        Ok(producer.clone())
    }
}

/// How long to wait for room in a producer's queue.
pub(super) const QUEUE_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn make_producer(settings: &KafkaSettings) -> Result<FutureProducer<Log>, SourceError> {
    FutureProducer::from_config_and_context(&settings.producer()?, Log).map_err(|error| misconfigured(&error))
}

#[async_trait]
impl DeadLetterSink for KafkaDeadLetters {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        let producer = self.producer().await?;
        stream::iter(0..dead_letters.len())
            .map(|index| send(&producer, &dead_letters[index]))
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await
    }
}

/// How much of the original record a dead letter contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    WithoutValue,
    CoordinatesOnly,
}

async fn send(producer: &FutureProducer<Log>, dead_letter: &DeadLetter) -> Result<(), DeadLetterError> {
    let topic = format!("{}{DEAD_LETTER_TOPIC_SUFFIX}", dead_letter.topic);
    let mut failure = KafkaError::Canceled;
    for extent in [Extent::Whole, Extent::WithoutValue, Extent::CoordinatesOnly] {
        let record = FutureRecord::<[u8], [u8]> {
            topic: &topic,
            partition: None,
            payload: dead_letter.payload.as_deref().filter(|_| extent == Extent::Whole),
            key: dead_letter.key.as_deref().filter(|_| extent != Extent::CoordinatesOnly),
            timestamp: None,
            headers: Some(headers(dead_letter, extent)),
        };
        match producer.send(record, QUEUE_TIMEOUT).await {
            Ok(_) => return Ok(()),
            Err((KafkaError::MessageProduction(code), _)) if is_too_large(code) => {
                let (topic, partition, offset) = (&dead_letter.topic, dead_letter.partition, dead_letter.offset);
                tracing::warn!(
                    topic,
                    partition,
                    offset,
                    ?extent,
                    "dead letter too large for its topic; omitting parts of it"
                );
                failure = KafkaError::MessageProduction(code);
            }
            Err((error, _)) => {
                failure = error;
                break;
            }
        }
    }
    // The fatal error of the producer explains more than the error of one record.
    let (code, reason) = match producer.client().fatal_error() {
        Some((code, reason)) => (Some(code), reason),
        None => (failure.rdkafka_error_code(), failure.to_string()),
    };
    let remedy = code.map_or(DeliveryRemedy::Repair(CHECK_THE_TOPIC), remedy_of);
    Err(DeadLetterError { target: format!("the topic {topic}"), reason, remedy })
}

const CHECK_THE_TOPIC: &str = "check that the dead-letter topic exists and accepts records of this client";

/// The remedy for a record that was not accepted, after the retries of librdkafka.
///
/// An unknown code asks for a repair, as with a store: a pipeline that stops is noticed and loses nothing, and if the
/// condition has passed, it resumes when restarted. A pipeline that waits for a permanent error is not noticed.
fn remedy_of(code: RDKafkaErrorCode) -> DeliveryRemedy {
    use RDKafkaErrorCode as Code;
    match code {
        // The client: no broker answers in time; the queue is full or was purged.
        Code::MessageTimedOut
        | Code::TimedOutQueue
        | Code::OperationTimedOut
        | Code::QueueFull
        | Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::BrokerDestroy
        | Code::DestroyBroker
        | Code::Resolve
        | Code::WaitCache
        | Code::Retry
        | Code::Interrupted
        | Code::PurgeQueue
        | Code::PurgeInflight
        // A producer whose sequence numbers are out of sync: the next attempt uses another producer or another number.
        | Code::OutOfOrderSequenceNumber
        | Code::UnknownProducerId
        | Code::InvalidProducerEpoch
        | Code::Fenced
        | Code::Inconsistent
        // The brokers: what the Kafka protocol calls retriable, except an unknown topic.
        | Code::InvalidMessage
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::RequestTimedOut
        | Code::BrokerNotAvailable
        | Code::ReplicaNotAvailable
        | Code::NetworkException
        | Code::CoordinatorLoadInProgress
        | Code::CoordinatorNotAvailable
        | Code::NotCoordinator
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::ISRInsufficient
        | Code::KafkaStorageError
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch
        | Code::ThrottlingQuotaExceeded => DeliveryRemedy::Wait,
        Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed => {
            DeliveryRemedy::Repair("allow this client to write to the dead-letter topic and to be an idempotent producer")
        }
        // librdkafka has retried for half a minute by now, so this is not just delayed metadata.
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition | Code::InvalidTopic => {
            DeliveryRemedy::Repair("create the dead-letter topic, or allow this client to create it")
        }
        code if is_too_large(code) => {
            DeliveryRemedy::Repair("raise max.message.bytes of the dead-letter topic; even a dead letter without its value is too large")
        }
        _ => DeliveryRemedy::Repair(CHECK_THE_TOPIC),
    }
}

fn is_too_large(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::MessageBatchTooLarge
            | RDKafkaErrorCode::InvalidMessageSize
    )
}

fn headers(dead_letter: &DeadLetter, extent: Extent) -> OwnedHeaders {
    let originals = if extent == Extent::CoordinatesOnly { &Headers::new() } else { &dead_letter.headers };
    let mut headers = OwnedHeaders::new_with_capacity(originals.len() + 15);
    for (key, value) in originals {
        headers = headers.insert(Header { key, value: value.as_deref() });
    }
    let mut add = |key: &str, value: &str| {
        let so_far = std::mem::replace(&mut headers, OwnedHeaders::new_with_capacity(0));
        headers = so_far.insert(Header { key, value: Some(value) });
    };
    add(dead_letter_headers::DEAD_LETTER_ID, &dead_letter.id());
    if extent != Extent::CoordinatesOnly && !is_a_map(originals) {
        add(dead_letter_headers::HEADERS, &dead_letter_headers::encode(originals));
    }
    add(dead_letter_headers::FAMILY, dead_letter.family);
    add(dead_letter_headers::ERROR_TYPE, &dead_letter.error_type);
    add(dead_letter_headers::ERROR, &dead_letter.error);
    add(dead_letter_headers::ERROR_PATH, &dead_letter.path);
    add(dead_letter_headers::SOURCE_TOPIC, &dead_letter.topic);
    add(dead_letter_headers::SOURCE_PARTITION, &dead_letter.partition.to_string());
    if dead_letter.epoch != 0 {
        add(dead_letter_headers::SOURCE_EPOCH, &dead_letter.epoch.to_string());
    }
    add(dead_letter_headers::SOURCE_OFFSET, &dead_letter.offset.to_string());
    add(dead_letter_headers::FAILED_AT, &dead_letter.failed_at.to_string());
    if !dead_letter.tenant_id.is_empty() {
        add(dead_letter_headers::TENANT_ID, &dead_letter.tenant_id);
    }
    if extent != Extent::Whole {
        add(dead_letter_headers::OMITTED, if extent == Extent::WithoutValue { "value" } else { "value,key,headers" });
        if let Some(value) = &dead_letter.payload {
            add(dead_letter_headers::VALUE_BYTES, &value.len().to_string());
            add(dead_letter_headers::VALUE_SHA256, &hexadecimal(&Sha256::digest(value)));
        }
    }
    headers
}

/// Whether clients that read headers into a map, as many do, lose nothing.
fn is_a_map(headers: &Headers) -> bool {
    let mut names = HashSet::new();
    headers.iter().all(|(name, value)| value.is_some() && names.insert(name))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// Logs events of the producer. Results of dead letters are reported with the dead letters.
pub(super) struct Log;

impl ClientContext for Log {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "dead-letter producer");
    }
}

//! Dead letters in topics of their own.

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
    config_error::misconfigured, dead_letter_headers, dead_letter_topics, dead_letter_topics::SUFFIX, group::log_line,
    settings::KafkaSettings,
};
use crate::{DeadLetterError, DeadLetterSink, DeliveryRemedy, Headers, SourceError};

/// Dead letters under way at the same time in one call.
const IN_FLIGHT: usize = 1000;

/// Sends dead letters to the topic `<topic>.dlq`, as an idempotent producer that waits for all replicas.
///
/// A dead letter is the original record, with its key, its value (a tombstone stays one) and its headers in order, followed by the
/// headers `voc.letter.id` (see [`DeadLetter::id`]), `voc.error.type`, `voc.error`, `voc.error.path`, `voc.source.topic`,
/// `voc.source.partition`, `voc.source.offset`, `voc.failed.at` (RFC 3339) and, if known, `voc.source.epoch` and `voc.tenant_id`.
/// After a crash a dead letter may be sent again: both have the same id. Original headers with a name that comes twice or without a
/// value are in `voc.headers`, too, as many clients cannot read them otherwise: a JSON array of pairs of name and base64.
///
/// A dead letter too large for its topic is sent without its value, and if need be without its key and original headers, too: then
/// `voc.omitted` names what is left out and `voc.value.bytes` and `voc.value.sha256` say what it was; the record itself is in
/// its source topic as long as that keeps it.
pub struct KafkaDeadLetters {
    settings: KafkaSettings,
    producer: Mutex<FutureProducer<Log>>,
}

impl KafkaDeadLetters {
    /// Makes the producer, and the topics that do not exist yet: with as many partitions as their source, room for its largest
    /// record, and the cluster's default replication. A cluster that does not allow this is no error here; what to do is
    /// logged as a warning.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no producer can be made of the settings.
    pub async fn connect(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let producer = Mutex::new(make_producer(settings)?);
        dead_letter_topics::ensure(settings).await?;
        Ok(Self { settings: settings.clone(), producer })
    }

    /// The producer, made anew if the one at hand has met an error that no producer survives.
    async fn producer(&self) -> Result<FutureProducer<Log>, DeadLetterError> {
        let mut producer = self.producer.lock().await;
        if let Some((_, reason)) = producer.client().fatal_error() {
            tracing::warn!(reason, "the dead-letter producer cannot go on and is made anew");
            *producer = make_producer(&self.settings).map_err(|error| DeadLetterError {
                target: "kafka".to_owned(),
                reason: error.to_string(),
                remedy: DeliveryRemedy::Repair("put the client's settings in order, and the files that they name"),
            })?;
        }
        Ok(producer.clone())
    }
}

/// Longest wait for room in a producer's queue.
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

/// How much of the original goes with a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    WithoutValue,
    CoordinatesOnly,
}

async fn send(producer: &FutureProducer<Log>, dead_letter: &DeadLetter) -> Result<(), DeadLetterError> {
    let topic = format!("{}{SUFFIX}", dead_letter.topic);
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
                    "dead letter too large for its topic; sending less of it"
                );
                failure = KafkaError::MessageProduction(code);
            }
            Err((error, _)) => {
                failure = error;
                break;
            }
        }
    }
    // What ended the producer says more than what that did to a record.
    let (code, reason) = match producer.client().fatal_error() {
        Some((code, reason)) => (Some(code), reason),
        None => (failure.rdkafka_error_code(), failure.to_string()),
    };
    let remedy = code.map_or(DeliveryRemedy::Repair(SEE_TO_THE_TOPIC), remedy_of);
    Err(DeadLetterError { target: format!("the topic {topic}"), reason, remedy })
}

const SEE_TO_THE_TOPIC: &str = "see that the dead-letter topic exists and takes this client's records";

/// What helps a record that was not taken, after all that librdkafka has tried by itself.
///
/// A code that is not known asks for a repair, as with a store: a pipeline that stops is seen and loses nothing, and
/// if the state has passed it goes on when it is started again. One that waits for what does not pass is not seen.
fn remedy_of(code: RDKafkaErrorCode) -> DeliveryRemedy {
    use RDKafkaErrorCode as Code;
    match code {
        // The client: no broker answers, or not in time; its queue is full, or was thrown away.
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
        // A producer that has lost count of its records: the next try has another one, or another number.
        | Code::OutOfOrderSequenceNumber
        | Code::UnknownProducerId
        | Code::InvalidProducerEpoch
        | Code::Fenced
        | Code::Inconsistent
        // The brokers: what Kafka's protocol calls retriable, but for a topic that is unknown.
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
        // librdkafka has asked for half a minute by now, so no broker is only late to hear of it.
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition | Code::InvalidTopic => {
            DeliveryRemedy::Repair("make the dead-letter topic, or allow this client to")
        }
        code if is_too_large(code) => {
            DeliveryRemedy::Repair("raise the dead-letter topic's max.message.bytes; a dead letter without its value is too large")
        }
        _ => DeliveryRemedy::Repair(SEE_TO_THE_TOPIC),
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
    let mut headers = OwnedHeaders::new_with_capacity(originals.len() + 14);
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

/// Whether nothing is lost when headers are read into a map of values by name, as many clients do.
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

/// Logs what the producer reports; what becomes of a dead letter is reported with the dead letter.
pub(super) struct Log;

impl ClientContext for Log {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "dead-letter producer");
    }
}

//! Which rights a client has, found out with requests that brokers check and then refuse: nothing is written.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::KafkaError,
    producer::{FutureProducer, FutureRecord},
    types::RDKafkaErrorCode,
};

use crate::{
    SourceError,
    kafka::{config_error::misconfigured, observer::LastError, settings::KafkaSettings},
};

/// A partition that no topic has.
const NO_PARTITION: i32 = i32::MAX;
/// An acknowledgement that no broker gives: it refuses the record, after it has checked the right to write.
const NO_ACKNOWLEDGEMENT: &str = "2";

/// A right that a client lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingRight {
    /// To read as the group: `Read` on the group.
    ReadGroup,
    /// To read the topic: `Read` on the topic.
    ReadTopic,
    /// To write to the topic: `Write` on the topic.
    WriteTopic,
    /// To create the topic: `Create` on the topic or the cluster.
    CreateTopic,
}

/// The first right that the group's client lacks to read a topic; `None` if it lacks none. Blocks.
///
/// It commits an offset of a partition that does not exist: a broker checks the right to the group, then that to the
/// topic, and then refuses the partition.
///
/// # Errors
/// [`SourceError`] if no broker answers in time.
pub(super) fn to_read(
    settings: &KafkaSettings,
    topic: &str,
    timeout: Duration,
) -> Result<Option<MissingRight>, SourceError> {
    let mut config = settings.outsider("-doctor")?;
    // A commit waits this long for the group's coordinator, and has no limit of its own.
    config.set("session.timeout.ms", timeout.as_millis().to_string());
    let client: BaseConsumer<LastError> =
        config.create_with_context(LastError::default()).map_err(|error| misconfigured(&error))?;
    let client = Arc::new(client);
    let mut offsets = TopicPartitionList::new();
    let added = offsets.add_partition_offset(topic, NO_PARTITION, Offset::Offset(0));
    added.map_err(|error| failed(&settings.group_id, &error))?;
    let (committing, list) = (Arc::clone(&client), offsets);
    let committed = std::thread::spawn(move || committing.commit(&list, CommitMode::Sync));
    let mut reported = None;
    while !committed.is_finished() {
        // A client that may not even find the coordinator learns so while it is polled; the commit goes on waiting.
        if let Some(Err(KafkaError::MessageConsumption(code))) = client.poll(Duration::from_millis(50)) {
            reported = missing_to_read(code);
            if reported.is_some() {
                return Ok(reported);
            }
        }
    }
    match committed.join() {
        Ok(Err(error)) => match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::UnknownTopicOrPartition) => Ok(reported),
            Some(code) if missing_to_read(code).is_some() => Ok(missing_to_read(code)),
            _ => Err(failed(&settings.group_id, &error)),
        },
        // A broker that accepts an offset of any partition has checked the rights before.
        Ok(Ok(())) => Ok(None),
        Err(_panic) => Err(SourceError::Kafka("the commit was interrupted".to_owned())),
    }
}

fn missing_to_read(code: RDKafkaErrorCode) -> Option<MissingRight> {
    match code {
        RDKafkaErrorCode::GroupAuthorizationFailed => Some(MissingRight::ReadGroup),
        RDKafkaErrorCode::TopicAuthorizationFailed => Some(MissingRight::ReadTopic),
        _ => None,
    }
}

fn failed(group: &str, error: &KafkaError) -> SourceError {
    SourceError::Kafka(format!("whether the group {group} may read cannot be found out: {error}"))
}

/// The right that a client lacks to write to a topic that exists; `None` if it lacks none.
///
/// # Errors
/// [`SourceError`] if no broker answers in time.
pub(super) async fn to_write(
    settings: &KafkaSettings,
    topic: &str,
    timeout: Duration,
) -> Result<Option<MissingRight>, SourceError> {
    let mut config = settings.observer("-doctor")?;
    config.set("acks", NO_ACKNOWLEDGEMENT).set("message.timeout.ms", timeout.as_millis().to_string());
    config.remove("isolation.level");
    config.remove("allow.auto.create.topics");
    let producer: FutureProducer = config.create().map_err(|error| misconfigured(&error))?;
    let record = FutureRecord::to(topic).key("voc-processor doctor").payload("");
    match producer.send(record, timeout).await {
        Err((KafkaError::MessageProduction(RDKafkaErrorCode::InvalidRequiredAcks), _)) => Ok(None),
        Err((KafkaError::MessageProduction(RDKafkaErrorCode::TopicAuthorizationFailed), _)) => {
            Ok(Some(MissingRight::WriteTopic))
        }
        Err((error, _)) => {
            Err(SourceError::Kafka(format!("whether {topic} may be written to cannot be found out: {error}")))
        }
        Ok(_) => Ok(None),
    }
}

/// The right that a client lacks to create a topic; `None` if it lacks none.
///
/// # Errors
/// [`SourceError`] if no broker answers in time, or the cluster would not create it for another reason.
pub(super) async fn to_create(
    settings: &KafkaSettings,
    topic: &str,
    timeout: Duration,
) -> Result<Option<MissingRight>, SourceError> {
    let admin: AdminClient<DefaultClientContext> = settings.admin()?.create().map_err(|error| misconfigured(&error))?;
    let options = AdminOptions::new()
        .request_timeout(Some(timeout))
        .operation_timeout(Some(timeout))
        // Checked, but not created.
        .validate_only(true);
    let wish = NewTopic::new(topic, -1, TopicReplication::Fixed(-1));
    let answer = admin.create_topics([&wish], &options).await;
    let failed =
        |reason: String| SourceError::Kafka(format!("whether {topic} may be created cannot be found out: {reason}"));
    match answer.map_err(|error| failed(error.to_string()))?.into_iter().next() {
        Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(None),
        Some(Err((_, RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed))) => {
            Ok(Some(MissingRight::CreateTopic))
        }
        Some(Err((_, code))) => Err(failed(code.to_string())),
        None => Err(failed("the broker gave no answer".to_owned())),
    }
}

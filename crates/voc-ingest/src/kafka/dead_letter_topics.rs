//! The names and the creation of dead-letter topics.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
    error::KafkaResult,
    types::RDKafkaErrorCode,
};

use super::{config_error::misconfigured, observer::Observer, settings::KafkaSettings};
use crate::SourceError;

/// Suffix that the name of a dead-letter topic adds to that of its source.
pub const DEAD_LETTER_TOPIC_SUFFIX: &str = ".dlq";
const TIMEOUT: Duration = Duration::from_secs(10);
/// Uses the default of the cluster.
const BROKER_DEFAULT: i32 = -1;
/// How much larger than its record a dead letter may be.
const HEADER_ROOM: usize = 64 * 1024;
const MAX_MESSAGE_BYTES: &str = "max.message.bytes";

/// Creates missing dead-letter topics for all source topics. Logs what to do if this is not allowed.
pub(super) async fn ensure(settings: &KafkaSettings) -> Result<(), SourceError> {
    let admin: AdminClient<DefaultClientContext> = settings.admin()?.create().map_err(|error| misconfigured(&error))?;
    let observer = Arc::new(Observer::new(settings, "-topics")?);
    for topic in &settings.topics {
        let partitions = partitions(&observer, topic).await;
        let room = largest_record(&admin, topic).await.map(|bytes| (bytes + HEADER_ROOM).to_string());
        let name = format!("{topic}{DEAD_LETTER_TOPIC_SUFFIX}");
        let mut new_topic =
            NewTopic::new(&name, partitions.unwrap_or(BROKER_DEFAULT), TopicReplication::Fixed(BROKER_DEFAULT));
        if let Some(room) = &room {
            new_topic = new_topic.set(MAX_MESSAGE_BYTES, room);
        }
        match create(&admin, &new_topic).await {
            Ok(true) => tracing::info!(topic = name, partitions, "created the dead-letter topic"),
            Ok(false) => {}
            Err(reason) => tracing::warn!(
                topic = name,
                reason,
                "the dead-letter topic could not be created; if it does not exist, records that cannot be stored will stop \
                 the processor: create the topic, or allow this client to create it"
            ),
        }
    }
    Ok(())
}

async fn partitions(observer: &Arc<Observer>, topic: &str) -> Option<i32> {
    let topic = topic.to_owned();
    let count = observer.query(move |observer| observer.partitions(&topic, TIMEOUT)).await.ok()??;
    i32::try_from(count).ok()
}

/// The record limit of the source topic, if it can be queried.
async fn largest_record(admin: &AdminClient<DefaultClientContext>, topic: &str) -> Option<usize> {
    let described = admin.describe_configs([&ResourceSpecifier::Topic(topic)], &options()).await.ok()?;
    let config = described.into_iter().next()?.ok()?;
    config.get(MAX_MESSAGE_BYTES)?.value.as_ref()?.parse().ok()
}

/// Creates a topic; `false` if it exists already.
async fn create(admin: &AdminClient<DefaultClientContext>, topic: &NewTopic<'_>) -> Result<bool, String> {
    let created: KafkaResult<_> = admin.create_topics([topic], &options()).await;
    match created.map_err(|error| error.to_string())?.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) => Err(code.to_string()),
        Some(Ok(_)) => Ok(true),
        None => Err("the broker gave no answer".to_owned()),
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(TIMEOUT)).operation_timeout(Some(TIMEOUT))
}

//! Sending dead letters' records to their source topics again.

use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};

use super::dead_letter::PublishedDeadLetter;
use crate::{
    SourceError,
    clock::now_utc,
    kafka::{
        dead_letter_headers::{DEAD_LETTER_ID, OURS, REDRIVEN, REDRIVEN_AT},
        dead_letter_producer::{Log, QUEUE_TIMEOUT, make_producer},
        settings::KafkaSettings,
    },
};

/// Sends records again, as an idempotent producer.
///
/// A record goes to the partition it was in, with its key, value and headers, and `voc.redriven` in addition: the dead letter's id and the
/// number of the attempt. Then a mark is written to the dead letter's partition. A crash between the two leaves the dead letter unmarked.
pub struct Redriver {
    producer: FutureProducer<Log>,
}

/// A record that was not sent, or not marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// The dead letter does not hold the whole record, as that was too large.
    #[error(
        "the dead letter holds no {0}: the record was too large for the dead-letter topic, and is only in its source topic"
    )]
    Omitted(String),
    /// The record was not sent.
    #[error("not sent to {topic}: {reason}")]
    NotSent {
        /// The source topic.
        topic: String,
        /// Why not.
        reason: String,
    },
    /// The record was sent, but that is not marked: the next redrive sends it again.
    #[error("sent, but not marked as sent on {topic}: {reason}")]
    NotMarked {
        /// The dead-letter topic.
        topic: String,
        /// Why not.
        reason: String,
    },
}

impl Redriver {
    /// A producer for the settings' cluster.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no producer can be made of the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        Ok(Self { producer: make_producer(settings)? })
    }

    /// Checks that a dead letter's record can be sent.
    ///
    /// # Errors
    /// [`RedriveError::Omitted`] if the dead letter does not hold all of it.
    pub fn check(dead_letter: &PublishedDeadLetter) -> Result<(), RedriveError> {
        dead_letter.omitted.as_ref().map_or(Ok(()), |omitted| Err(RedriveError::Omitted(omitted.parts.clone())))
    }

    /// Sends a dead letter's record and marks the dead letter; gives the number of the attempt.
    ///
    /// # Errors
    /// [`RedriveError`].
    pub async fn redrive(&self, dead_letter: &PublishedDeadLetter) -> Result<u32, RedriveError> {
        Self::check(dead_letter)?;
        let attempt = dead_letter.next_attempt();
        let mark = format!("{}#{attempt}", dead_letter.id);
        let mut headers = OwnedHeaders::new_with_capacity(dead_letter.headers.len() + 1);
        for (key, value) in dead_letter.headers.iter().filter(|(name, _)| !name.starts_with(OURS)) {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        let record = FutureRecord::<[u8], [u8]> {
            topic: &dead_letter.topic,
            partition: Some(dead_letter.partition),
            payload: dead_letter.value.as_deref(),
            key: dead_letter.key.as_deref(),
            timestamp: None,
            headers: Some(headers.insert(Header { key: REDRIVEN, value: Some(&mark) })),
        };
        self.producer.send(record, QUEUE_TIMEOUT).await.map_err(|(error, _)| RedriveError::NotSent {
            topic: dead_letter.topic.clone(),
            reason: error.to_string(),
        })?;
        let headers = OwnedHeaders::new()
            .insert(Header { key: DEAD_LETTER_ID, value: Some(&dead_letter.id) })
            .insert(Header { key: REDRIVEN, value: Some(&mark) })
            .insert(Header { key: REDRIVEN_AT, value: Some(&now_utc().to_string()) });
        let marking = FutureRecord::<[u8], [u8]> {
            topic: &dead_letter.own_partition.topic,
            partition: Some(dead_letter.own_partition.partition),
            payload: None,
            // A key of its own, so that compaction never takes the mark for the end of the dead letter.
            key: Some(mark.as_bytes()),
            timestamp: None,
            headers: Some(headers),
        };
        self.producer.send(marking, QUEUE_TIMEOUT).await.map_err(|(error, _)| RedriveError::NotMarked {
            topic: dead_letter.own_partition.topic.to_string(),
            reason: error.to_string(),
        })?;
        Ok(attempt)
    }
}

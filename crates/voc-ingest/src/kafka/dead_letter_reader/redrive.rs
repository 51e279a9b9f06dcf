//! Redriving: sends the records of dead letters to their source topics again.

use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};

use super::dead_letter::PublishedDeadLetter;
use crate::{
    SourceError,
    clock::now_utc,
    kafka::{
        dead_letter_headers::{DEAD_LETTER_ID, FAMILY, PREFIX, REDRIVEN, REDRIVEN_AT},
        dead_letter_producer::{Log, QUEUE_TIMEOUT, make_producer},
        settings::KafkaSettings,
    },
};

/// Redrives records, as an idempotent producer.
///
/// A record is sent to its original partition, with its key, value and headers plus `voc.redriven`: the ID of the dead
/// letter and the number of the attempt. Then a marker is written to the partition of the dead letter. A crash in
/// between leaves the dead letter unmarked.
pub struct Redriver {
    producer: FutureProducer<Log>,
}

/// Why a redrive failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// The dead letter does not contain the whole record, which was too large.
    #[error(
        "the dead letter has no {0}: the record was too large for the dead-letter topic, and exists only in its source topic"
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
    /// The record was sent, but the marker was not: the next redrive sends it again.
    #[error("sent, but not marked as redriven on {topic}: {reason}")]
    NotMarked {
        /// The dead-letter topic.
        topic: String,
        /// Why not.
        reason: String,
    },
}

impl Redriver {
    /// Creates a producer for the cluster in `settings`.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no producer can be created from the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        Ok(Self { producer: make_producer(settings)? })
    }

    /// Checks that the record of a dead letter can be redriven.
    ///
    /// # Errors
    /// [`RedriveError::Omitted`] if the dead letter does not contain the whole record.
    pub fn check(dead_letter: &PublishedDeadLetter) -> Result<(), RedriveError> {
        dead_letter.omitted.as_ref().map_or(Ok(()), |omitted| Err(RedriveError::Omitted(omitted.parts.clone())))
    }

    /// Redrives the record of a dead letter and marks the dead letter. Returns the number of the attempt.
    ///
    /// # Errors
    /// [`RedriveError`].
    pub async fn redrive(&self, dead_letter: &PublishedDeadLetter) -> Result<u32, RedriveError> {
        Self::check(dead_letter)?;
        let attempt = dead_letter.next_attempt();
        let redrive_id = format!("{}#{attempt}", dead_letter.id);
        let mut headers = OwnedHeaders::new_with_capacity(dead_letter.headers.len() + 1);
        for (key, value) in dead_letter.headers.iter().filter(|(name, _)| !name.starts_with(PREFIX)) {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        let record = FutureRecord::<[u8], [u8]> {
            topic: &dead_letter.topic,
            partition: Some(dead_letter.partition),
            payload: dead_letter.value.as_deref(),
            key: dead_letter.key.as_deref(),
            timestamp: None,
            headers: Some(headers.insert(Header { key: REDRIVEN, value: Some(&redrive_id) })),
        };
        self.producer.send(record, QUEUE_TIMEOUT).await.map_err(|(error, _)| RedriveError::NotSent {
            topic: dead_letter.topic.clone(),
            reason: error.to_string(),
        })?;
        let headers = OwnedHeaders::new()
            .insert(Header { key: FAMILY, value: Some(&dead_letter.family) })
            .insert(Header { key: DEAD_LETTER_ID, value: Some(&dead_letter.id) })
            .insert(Header { key: REDRIVEN, value: Some(&redrive_id) })
            .insert(Header { key: REDRIVEN_AT, value: Some(&now_utc().to_string()) });
        let marker = FutureRecord::<[u8], [u8]> {
            topic: &dead_letter.own_partition.topic,
            partition: Some(dead_letter.own_partition.partition),
            payload: None,
            // A separate key, so that compaction never replaces the dead letter with the marker.
            key: Some(redrive_id.as_bytes()),
            timestamp: None,
            headers: Some(headers),
        };
        self.producer.send(marker, QUEUE_TIMEOUT).await.map_err(|(error, _)| RedriveError::NotMarked {
            topic: dead_letter.own_partition.topic.to_string(),
            reason: error.to_string(),
        })?;
        Ok(attempt)
    }
}

//! Sending letters' records to their source topics again.

use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};

use super::letter::Letter;
use crate::{
    SourceError,
    clock::now_utc,
    kafka::{
        dead_letters::{Log, QUEUE_TIMEOUT, make_producer},
        letter_headers::{LETTER_ID, OURS, REDRIVEN, REDRIVEN_AT},
        settings::KafkaSettings,
    },
};

/// Sends records again, as an idempotent producer.
///
/// A record goes to the partition it was in, with its key, value and headers, and `voc.redriven` in addition: the letter's id and the
/// number of the attempt. Then a mark is written to the letter's partition. A crash between the two leaves the letter unmarked.
pub struct Redriver {
    producer: FutureProducer<Log>,
}

/// A record that was not sent, or not marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// The letter does not hold the whole record, as that was too large.
    #[error(
        "the letter holds no {0}: the record was too large for the dead-letter topic, and is only in its source topic"
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

    /// Checks that a letter's record can be sent.
    ///
    /// # Errors
    /// [`RedriveError::Omitted`] if the letter does not hold all of it.
    pub fn check(letter: &Letter) -> Result<(), RedriveError> {
        letter.omitted.as_ref().map_or(Ok(()), |omitted| Err(RedriveError::Omitted(omitted.parts.clone())))
    }

    /// Sends a letter's record and marks the letter; gives the number of the attempt.
    ///
    /// # Errors
    /// [`RedriveError`].
    pub async fn redrive(&self, letter: &Letter) -> Result<u32, RedriveError> {
        Self::check(letter)?;
        let attempt = letter.next_attempt();
        let mark = format!("{}#{attempt}", letter.id);
        let mut headers = OwnedHeaders::new_with_capacity(letter.headers.len() + 1);
        for (key, value) in letter.headers.iter().filter(|(name, _)| !name.starts_with(OURS)) {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        let record = FutureRecord::<[u8], [u8]> {
            topic: &letter.topic,
            partition: Some(letter.partition),
            payload: letter.value.as_deref(),
            key: letter.key.as_deref(),
            timestamp: None,
            headers: Some(headers.insert(Header { key: REDRIVEN, value: Some(&mark) })),
        };
        self.producer
            .send(record, QUEUE_TIMEOUT)
            .await
            .map_err(|(error, _)| RedriveError::NotSent { topic: letter.topic.clone(), reason: error.to_string() })?;
        let headers = OwnedHeaders::new()
            .insert(Header { key: LETTER_ID, value: Some(&letter.id) })
            .insert(Header { key: REDRIVEN, value: Some(&mark) })
            .insert(Header { key: REDRIVEN_AT, value: Some(&now_utc().to_string()) });
        let marking = FutureRecord::<[u8], [u8]> {
            topic: &letter.place.topic,
            partition: Some(letter.place.partition),
            payload: None,
            // A key of its own, so that compaction never takes the mark for the end of the letter.
            key: Some(mark.as_bytes()),
            timestamp: None,
            headers: Some(headers),
        };
        self.producer.send(marking, QUEUE_TIMEOUT).await.map_err(|(error, _)| RedriveError::NotMarked {
            topic: letter.place.topic.to_string(),
            reason: error.to_string(),
        })?;
        Ok(attempt)
    }
}

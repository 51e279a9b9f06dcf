//! Whether a broker answers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{observer::Observer, settings::KafkaSettings};
use crate::SourceError;

/// How long an answer is cached, so that many callers cost one query.
const FRESH: Duration = Duration::from_secs(1);

/// Checks whether a broker answers, over a persistent connection.
pub struct KafkaProbe {
    observer: Arc<Observer>,
    topic: String,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl KafkaProbe {
    /// Creates a probe that connects on first use.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be created from the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Arc::new(Observer::new(settings, "-probe")?);
        let topic = settings.topics.first().cloned().unwrap_or_default();
        Ok(Self { observer, topic, last: Mutex::new(None) })
    }

    /// Checks whether a broker answers within `timeout`. Answers may be a second old.
    ///
    /// # Errors
    /// The reason, in a sentence.
    pub async fn check(&self, timeout: Duration) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((asked, answer)) = last.as_ref().filter(|(asked, _)| asked.elapsed() < FRESH) {
            tracing::trace!(age = ?asked.elapsed(), "kafka probe answered from memory");
            return answer.clone();
        }
        let answer = self.ask(timeout).await.map_err(|error| error.to_string());
        *last = Some((Instant::now(), answer.clone()));
        answer
    }

    async fn ask(&self, timeout: Duration) -> Result<(), SourceError> {
        let topic = self.topic.clone();
        self.observer.query(move |observer| observer.partitions(&topic, timeout)).await.map(drop)
    }
}

/// Checks once whether a broker answers within `timeout` and accepts this client. For start-up; the caller retries.
///
/// # Errors
/// [`SourceError::Kafka`] if no broker answers, which may change; [`SourceError::Misconfigured`] for invalid settings
/// and a rejected login, which a retry does not change.
pub async fn check_broker(settings: &KafkaSettings, timeout: Duration) -> Result<(), SourceError> {
    KafkaProbe::new(settings)?.ask(timeout).await
}

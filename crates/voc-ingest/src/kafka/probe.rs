//! Whether a broker answers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{observer::Observer, settings::KafkaSettings};
use crate::SourceError;

/// An answer is good for this long, so that many askers cost one question.
const FRESH: Duration = Duration::from_secs(1);

/// Asks whether a broker answers, over a connection that is kept.
pub struct KafkaProbe {
    observer: Arc<Observer>,
    topic: String,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl KafkaProbe {
    /// A probe that connects when it is first asked.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be made of the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        let observer = Arc::new(Observer::new(settings, "-probe")?);
        let topic = settings.topics.first().cloned().unwrap_or_default();
        Ok(Self { observer, topic, last: Mutex::new(None) })
    }

    /// Whether a broker answers within the time. Answers may be a second old.
    ///
    /// # Errors
    /// Why not, in a sentence.
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
        self.observer.asked(move |observer| observer.partitions(&topic, timeout)).await.map(drop)
    }
}

/// Checks once whether a broker answers within the time and accepts this client; for start-up, to be repeated by the caller.
///
/// # Errors
/// [`SourceError::Kafka`] if no broker answers, which may change; [`SourceError::Misconfigured`] for settings that cannot work
/// and a refused login, which repeating does not change.
pub async fn check_broker(settings: &KafkaSettings, timeout: Duration) -> Result<(), SourceError> {
    KafkaProbe::new(settings)?.ask(timeout).await
}

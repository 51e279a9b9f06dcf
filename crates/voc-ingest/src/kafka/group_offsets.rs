//! What a group has committed, asked by no member of it.

use std::{sync::Arc, time::Duration};

use super::{observer::Observer, settings::KafkaSettings};
use crate::{Committed, SourceError, TopicPartition};

/// Longest time a question may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Asks for a group's commits.
pub struct GroupOffsets {
    observer: Arc<Observer>,
}

impl GroupOffsets {
    /// Connects when it is first asked.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if no client can be made of the settings.
    pub fn new(settings: &KafkaSettings) -> Result<Self, SourceError> {
        Ok(Self { observer: Arc::new(Observer::of_group(settings, "-group")?) })
    }

    /// What the group has committed of a partition; none if nothing.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers refuse this client, or none answers in time.
    pub async fn committed(&self, partition: &TopicPartition) -> Result<Option<Committed>, SourceError> {
        let (observer, partition) = (Arc::clone(&self.observer), partition.clone());
        let asked = tokio::task::spawn_blocking(move || observer.committed(&partition, TIMEOUT)).await;
        asked.unwrap_or_else(|_| Err(SourceError::Kafka("the question was interrupted".to_owned())))
    }
}

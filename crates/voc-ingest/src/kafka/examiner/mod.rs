//! Questions about a cluster whose answers say why it cannot be used, one layer after another.
//!
//! Nothing is left behind: no topic, no record, no member of a group, no commit.

mod address;
mod explanation;
mod group;
mod obstacle;
mod rights;
mod tls;
mod topic;
mod wire;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{metadata::MetadataBroker, types::RDKafkaErrorCode};

pub use self::{
    address::BrokerAddress,
    group::{GroupState, MemberState},
    obstacle::BrokerObstacle,
    rights::MissingRight,
    topic::{PartitionState, TopicLimits, TopicState},
};
use super::{observer::Observer, settings::KafkaSettings};
use crate::SourceError;

/// Timeout per question.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout per client that asks for metadata, and per step of an explanation. A client that has just learned of
/// brokers that it cannot reach may ask one of those, so that another client is needed: it begins with the bootstrap
/// brokers.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(2500);

/// Examines a cluster, its topics and a group, with the rights of a client.
#[derive(Debug, Clone)]
pub struct KafkaExaminer {
    settings: KafkaSettings,
}

impl KafkaExaminer {
    /// An examiner that connects when it is asked.
    #[must_use]
    pub fn new(settings: &KafkaSettings) -> Self {
        Self { settings: settings.clone() }
    }

    /// The bootstrap brokers of the settings.
    #[must_use]
    pub fn bootstrap(&self) -> Vec<BrokerAddress> {
        BrokerAddress::list(&self.settings.bootstrap_servers)
    }

    /// Connects to one broker with the settings' transport and login, and asks it for all brokers of the cluster, as
    /// they want to be reached.
    ///
    /// # Errors
    /// [`BrokerObstacle`]. A broker that cannot even be connected to is [`BrokerObstacle::Other`].
    pub async fn brokers(&self, address: &BrokerAddress) -> Result<Vec<(i32, BrokerAddress)>, BrokerObstacle> {
        let until = Instant::now() + TIMEOUT;
        loop {
            match self.ask_for_brokers(address).await {
                Err(BrokerObstacle::Other { .. }) if Instant::now() < until => {}
                outcome => return outcome,
            }
        }
    }

    async fn ask_for_brokers(&self, address: &BrokerAddress) -> Result<Vec<(i32, BrokerAddress)>, BrokerObstacle> {
        let one = KafkaSettings { bootstrap_servers: address.to_string(), ..self.settings.clone() };
        let observer = Observer::with_statistics(&one, "-doctor").map(Arc::new);
        let observer = observer.map_err(|error| BrokerObstacle::Settings { reason: error.to_string() })?;
        let topic = one.topics.first().cloned().unwrap_or_default();
        match observer.query(move |observer| observer.metadata(&topic, ATTEMPT_TIMEOUT)).await {
            Ok(metadata) => Ok(metadata.brokers().iter().map(broker).collect()),
            // A client that has just learned of brokers may ask one of those, which it perhaps cannot reach. What it
            // has learned is the answer.
            Err(_) if !observer.named_brokers().is_empty() => {
                let named = observer.named_brokers().into_iter();
                Ok(named.filter_map(|(id, address)| Some((id, BrokerAddress::list(&address).pop()?))).collect())
            }
            Err(error) => Err(self.obstacle(address, &error, observer.last_error()).await),
        }
    }

    /// Explains an error of librdkafka's, of which the brokers reported a part.
    async fn obstacle(
        &self,
        address: &BrokerAddress,
        error: &SourceError,
        reported: Option<(RDKafkaErrorCode, String)>,
    ) -> BrokerObstacle {
        let (address, security) = (address.clone(), self.settings.security.clone());
        let has_certificate = security.certificate_file.is_some();
        let explained =
            tokio::task::spawn_blocking(move || explanation::explain(&address, &security, ATTEMPT_TIMEOUT)).await;
        // The explanation connects without a certificate; only librdkafka knows whether the configured one is refused.
        // With TLS 1.3 it learns so after the handshake, as a failed transport with the words of OpenSSL.
        let is_about_tls = reported
            .as_ref()
            .is_some_and(|(code, reason)| *code == RDKafkaErrorCode::SSL || reason.contains("SSL routines"));
        let explained = explained
            .ok()
            .flatten()
            .filter(|obstacle| *obstacle != BrokerObstacle::ExpectsCertificate || !has_certificate || is_about_tls);
        explained.unwrap_or_else(|| match reported {
            Some((RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed, reason)) => {
                BrokerObstacle::Login { reason }
            }
            Some((RDKafkaErrorCode::SSL, reason)) => BrokerObstacle::Tls { reason },
            _ => BrokerObstacle::Other { reason: error.to_string() },
        })
    }

    /// Asks for a topic.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time.
    pub async fn topic(&self, topic: &str) -> Result<TopicState, SourceError> {
        let until = Instant::now() + TIMEOUT;
        loop {
            let (observer, topic) = (Arc::new(Observer::new(&self.settings, "-doctor")?), topic.to_owned());
            let asked = observer.query(move |observer| {
                observer.metadata(&topic, ATTEMPT_TIMEOUT).map(|metadata| TopicState::of(&metadata, &topic))
            });
            match asked.await {
                Err(SourceError::Kafka(_)) if Instant::now() < until => {}
                outcome => return outcome,
            }
        }
    }

    /// Asks for the settings of a topic that matter to readers; `None` if this client may not know them.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if the settings make no client.
    pub async fn topic_limits(&self, topic: &str) -> Result<Option<TopicLimits>, SourceError> {
        topic::limits(&self.settings, topic, TIMEOUT).await
    }

    /// Asks for the group of the settings.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers do not answer in time.
    pub async fn group(&self) -> Result<GroupState, SourceError> {
        let (observer, group) = (Arc::new(Observer::new(&self.settings, "-doctor")?), self.settings.group_id.clone());
        observer.query(move |observer| group::describe(observer, &group, TIMEOUT)).await
    }

    /// The first right that the client lacks to read a topic as a member of its group; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time.
    pub async fn missing_right_to_read(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        let (settings, topic) = (self.settings.clone(), topic.to_owned());
        let asked = tokio::task::spawn_blocking(move || rights::to_read(&settings, &topic, TIMEOUT)).await;
        asked.unwrap_or_else(|_| Err(SourceError::Kafka("the question was interrupted".to_owned())))
    }

    /// The right that the client lacks to write to a topic that exists; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time.
    pub async fn missing_right_to_write(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        rights::to_write(&self.settings, topic, TIMEOUT).await
    }

    /// The right that the client lacks to create a topic; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time, or refuses for another reason.
    pub async fn missing_right_to_create(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        rights::to_create(&self.settings, topic, TIMEOUT).await
    }
}

fn broker(broker: &MetadataBroker) -> (i32, BrokerAddress) {
    let port = u16::try_from(broker.port()).unwrap_or_default();
    (broker.id(), BrokerAddress { host: broker.host().to_owned(), port })
}

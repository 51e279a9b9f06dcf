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

use std::{sync::Arc, time::Duration};

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

/// How often a broker is asked for all others.
const ATTEMPTS: u32 = 3;
/// Timeout per question.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Examines a cluster, its topics and a group, with the rights of a client.
#[derive(Debug, Clone)]
pub struct KafkaExaminer {
    settings: KafkaSettings,
    timeout: Duration,
}

impl KafkaExaminer {
    /// An examiner that connects when it is asked.
    #[must_use]
    pub fn new(settings: &KafkaSettings) -> Self {
        Self { settings: settings.clone(), timeout: TIMEOUT }
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
        let mut attempts = ATTEMPTS;
        loop {
            attempts -= 1;
            match self.ask_for_brokers(address).await {
                // A client that has just learned of brokers that it cannot reach may ask one of those; another client
                // begins with the one of the address again.
                Err(BrokerObstacle::Other { .. }) if attempts > 0 => {}
                outcome => return outcome,
            }
        }
    }

    async fn ask_for_brokers(&self, address: &BrokerAddress) -> Result<Vec<(i32, BrokerAddress)>, BrokerObstacle> {
        let one = KafkaSettings { bootstrap_servers: address.to_string(), ..self.settings.clone() };
        let observer = Observer::new(&one, "-doctor").map(Arc::new);
        let observer = observer.map_err(|error| BrokerObstacle::Settings { reason: error.to_string() })?;
        let (topic, timeout) = (one.topics.first().cloned().unwrap_or_default(), self.timeout / 2);
        match observer.query(move |observer| observer.metadata(&topic, timeout)).await {
            Ok(metadata) => Ok(metadata.brokers().iter().map(broker).collect()),
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
        let (address, security, timeout) = (address.clone(), self.settings.security.clone(), self.timeout / 2);
        let explained = tokio::task::spawn_blocking(move || explanation::explain(&address, &security, timeout)).await;
        explained.ok().flatten().unwrap_or_else(|| match reported {
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
        let observer = Arc::new(Observer::new(&self.settings, "-doctor")?);
        let (topic, timeout) = (topic.to_owned(), self.timeout);
        let asked = observer.query(move |observer| {
            observer.metadata(&topic, timeout).map(|metadata| TopicState::of(&metadata, &topic))
        });
        asked.await
    }

    /// Asks for the settings of a topic that matter to readers; `None` if this client may not know them.
    ///
    /// # Errors
    /// [`SourceError::Misconfigured`] if the settings make no client.
    pub async fn topic_limits(&self, topic: &str) -> Result<Option<TopicLimits>, SourceError> {
        topic::limits(&self.settings, topic, self.timeout).await
    }

    /// Asks for the group of the settings.
    ///
    /// # Errors
    /// [`SourceError`] if the brokers do not answer in time.
    pub async fn group(&self) -> Result<GroupState, SourceError> {
        let (settings, timeout) = (self.settings.clone(), self.timeout);
        on_own_thread(move || group::describe(&settings, timeout)).await
    }

    /// The first right that the client lacks to read a topic as a member of its group; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time.
    pub async fn missing_right_to_read(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        let (settings, topic, timeout) = (self.settings.clone(), topic.to_owned(), self.timeout);
        on_own_thread(move || rights::to_read(&settings, &topic, timeout)).await
    }

    /// The right that the client lacks to write to a topic that exists; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time.
    pub async fn missing_right_to_write(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        rights::to_write(&self.settings, topic, self.timeout).await
    }

    /// The right that the client lacks to create a topic; `None` if it lacks none.
    ///
    /// # Errors
    /// [`SourceError`] if no broker answers in time, or refuses for another reason.
    pub async fn missing_right_to_create(&self, topic: &str) -> Result<Option<MissingRight>, SourceError> {
        rights::to_create(&self.settings, topic, self.timeout).await
    }
}

fn broker(broker: &MetadataBroker) -> (i32, BrokerAddress) {
    let port = u16::try_from(broker.port()).unwrap_or_default();
    (broker.id(), BrokerAddress { host: broker.host().to_owned(), port })
}

async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(SourceError::Kafka("the question was interrupted".to_owned())))
}

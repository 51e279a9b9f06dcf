//! The broker: a real Kafka run by `cargo xtask kafka`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    config::ClientConfig,
};

use crate::server::{Ending, XtaskServer};

/// Timeout of a request to the broker, which may be starting.
const REQUEST: Duration = Duration::from_secs(60);

/// Our own Kafka; stopped when dropped.
pub(crate) struct Broker(XtaskServer);

impl Broker {
    /// Creates a broker without starting it.
    pub(crate) fn new(xtask: &Path, dir: PathBuf, port: u16) -> Self {
        Self(XtaskServer::new(xtask, "kafka", dir, port))
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        self.0.address()
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&self) -> Result<()> {
        self.0.start().await
    }

    /// Stops it and waits until it is gone.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        self.0.end(how).await
    }

    /// Creates a topic.
    pub(crate) async fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let made = self.admin()?.create_topics([&topic], &options()).await?;
        succeed(made.into_iter().next(), &format!("cannot create the topic {name}"))
    }

    /// Increases the number of partitions of a topic to `partitions`.
    pub(crate) async fn set_partitions(&self, topic: &str, partitions: i32) -> Result<()> {
        let wanted = NewPartitions::new(topic, usize::try_from(partitions)?);
        let made = self.admin()?.create_partitions([&wanted], &options()).await?;
        succeed(made.into_iter().next(), &format!("cannot add partitions to {topic}"))
    }

    fn admin(&self) -> Result<AdminClient<DefaultClientContext>> {
        Ok(client_config(&self.address()).create()?)
    }
}

/// Configuration of every client of the broker.
pub(crate) fn client_config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("client.id", "voc-chaos");
    // The broker is unavailable at times.
    config.set("reconnect.backoff.max.ms", "1000").set("log_level", "0");
    config
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(REQUEST)).operation_timeout(Some(REQUEST))
}

fn succeed<E: std::fmt::Debug>(outcome: Option<Result<String, E>>, what: &str) -> Result<()> {
    match outcome {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => bail!("{what}: {error:?}"),
        None => bail!("{what}: the broker did not answer"),
    }
}

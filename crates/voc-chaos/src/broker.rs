//! The broker: a real Kafka run by `cargo xtask kafka`, on the same folder and port through all its deaths.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    config::ClientConfig,
};
use rustix::process::{Pid, Signal, kill_process_group};

/// Bound on a request to the broker, which may be starting.
const REQUEST: Duration = Duration::from_secs(60);

/// A Kafka of our own; stopped when dropped.
pub(crate) struct Broker {
    xtask: PathBuf,
    dir: PathBuf,
    port: u16,
}

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By SIGTERM: it ends in order.
    Orderly,
    /// By SIGKILL.
    Killed,
}

impl Broker {
    /// A broker that is not started yet.
    pub(crate) fn new(xtask: &Path, dir: PathBuf, port: u16) -> Self {
        Self { xtask: xtask.to_owned(), dir, port }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&self) -> Result<()> {
        self.run(&["up", "--port", &self.port.to_string()]).await.map(drop)
    }

    /// Ends it and waits until it is gone.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        if how == Ending::Killed {
            let status = self.run(&["status"]).await?;
            // "Kafka listens on 127.0.0.1:9092 (pid 42, folder ...)"
            let pid = status.split("(pid ").nth(1).and_then(|rest| rest.split(',').next());
            let pid = pid.and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
            let pid = pid.with_context(|| format!("no process id in {status:?}"))?;
            kill_process_group(pid, Signal::KILL).context("cannot kill the broker")?;
        }
        self.run(&["down"]).await?;
        // A killed process is gone before its last thread has let go of the port.
        let deadline = Instant::now() + REQUEST;
        while let Err(error) = TcpListener::bind(self.address()) {
            if Instant::now() > deadline {
                bail!("the broker's port {} stays in use: {error}", self.port);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || {
            let done = command.output().context("cannot run xtask")?;
            let said = String::from_utf8_lossy(&done.stdout).into_owned();
            if !done.status.success() {
                bail!("xtask kafka: {said}{}", String::from_utf8_lossy(&done.stderr));
            }
            Ok(said)
        })
        .await?
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.xtask);
        command.arg("kafka").args(arguments).arg("--dir").arg(&self.dir);
        command
    }

    /// Makes a topic.
    pub(crate) async fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let made = self.admin()?.create_topics([&topic], &options()).await?;
        succeed(made.into_iter().next(), &format!("cannot make the topic {name}"))
    }

    /// Gives a topic more partitions, so many in all.
    pub(crate) async fn set_partitions(&self, topic: &str, partitions: i32) -> Result<()> {
        let wanted = NewPartitions::new(topic, usize::try_from(partitions)?);
        let made = self.admin()?.create_partitions([&wanted], &options()).await?;
        succeed(made.into_iter().next(), &format!("cannot add partitions to {topic}"))
    }

    fn admin(&self) -> Result<AdminClient<DefaultClientContext>> {
        Ok(client_config(&self.address()).create()?)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // What it says interests nobody any more; `cargo xtask chaos` looks after a broker that goes on.
        drop(self.command(&["down"]).output());
    }
}

/// What every client of the broker is configured with.
pub(crate) fn client_config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("client.id", "voc-chaos");
    // The broker is away now and then.
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
        None => bail!("{what}: the broker did not say"),
    }
}

//! The store's server: the real engine behind ClickHouse's native protocol as a process of its own, or a server
//! named by the environment.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tokio::{net::TcpStream, sync::Mutex};

use crate::{process::Process, server::Ending};

const START: Duration = Duration::from_secs(120);
const END: Duration = Duration::from_secs(60);

/// The server that rows go to.
pub(crate) enum Engine {
    /// Started and ended by us.
    Own(OwnEngine),
    /// Named by the environment: never ended.
    Named(String),
}

/// A server of our own; killed when dropped.
pub(crate) struct OwnEngine {
    testkit: PathBuf,
    dir: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Engine {
    /// A server of our own that is not started yet.
    pub(crate) fn own(testkit: PathBuf, dir: PathBuf, port: u16) -> Self {
        Self::Own(OwnEngine { testkit, dir, port, process: Mutex::default() })
    }

    /// Where it listens, `host:port`.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Own(own) => format!("127.0.0.1:{}", own.port),
            Self::Named(address) => address.clone(),
        }
    }

    /// Whether we may end it.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Starts it, where it is ours, and waits until it takes connections.
    pub(crate) async fn start(&self) -> Result<()> {
        let Self::Own(own) = self else { return Ok(()) };
        let mut process = own.process.lock().await;
        let mut command = Command::new(&own.testkit);
        command.args(["clickhouse", "--listen", &self.address(), "--data"]).arg(own.dir.join("data"));
        let log = own.dir.join("engine.log");
        let started = process.insert(Process::start(command, "the engine", &log)?);
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.address()).await.is_err() {
            if let Some(status) = started.ended()? {
                bail!("the engine ended while starting, {status}: see {}", log.display());
            }
            if Instant::now() > deadline {
                bail!("the engine does not listen after {} s: see {}", START.as_secs(), log.display());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Ends it, where it is ours, and waits until it is gone.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        let Self::Own(own) = self else { return Ok(()) };
        let mut process = own.process.lock().await.take().context("the engine does not run")?;
        let signal = match how {
            Ending::Orderly => Signal::TERM,
            Ending::Killed => Signal::KILL,
        };
        process.end(signal, END).await.map(drop)
    }
}

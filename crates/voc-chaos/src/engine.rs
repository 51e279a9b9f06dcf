//! The server of the store: the real engine behind ClickHouse's native protocol as a separate process, or a server
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

/// The server that stores the rows.
pub(crate) enum Engine {
    /// Started and stopped by this program.
    Own(OwnEngine),
    /// Named by the environment; never stopped.
    Named(String),
}

/// Our own server; killed when dropped.
pub(crate) struct OwnEngine {
    testkit: PathBuf,
    dir: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Engine {
    /// Creates a server without starting it.
    pub(crate) fn own(testkit: PathBuf, dir: PathBuf, port: u16) -> Self {
        Self::Own(OwnEngine { testkit, dir, port, process: Mutex::default() })
    }

    /// Its address, `host:port`.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Own(own) => format!("127.0.0.1:{}", own.port),
            Self::Named(address) => address.clone(),
        }
    }

    /// Whether this program may stop it.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Starts it, if it is ours, and waits until it accepts connections.
    pub(crate) async fn start(&self) -> Result<()> {
        let Self::Own(own) = self else { return Ok(()) };
        let mut process = own.process.lock().await;
        let mut command = Command::new(&own.testkit);
        command.args(["clickhouse", "--listen", &self.address(), "--data"]).arg(own.dir.join("data"));
        let log = own.dir.join("engine.log");
        let started = process.insert(Process::start(command, "the engine", &log)?);
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.address()).await.is_err() {
            if let Some(status) = started.exit_status()? {
                bail!("the engine ended while starting, {status}: see {}", log.display());
            }
            if Instant::now() > deadline {
                bail!("the engine does not listen after {} s: see {}", START.as_secs(), log.display());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Stops it, if it is ours, and waits until it is gone.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        let Self::Own(own) = self else { return Ok(()) };
        let mut process = own.process.lock().await.take().context("the engine is not running")?;
        let signal = match how {
            Ending::Orderly => Signal::TERM,
            Ending::Killed => Signal::KILL,
        };
        process.end(signal, END).await.map(drop)
    }
}

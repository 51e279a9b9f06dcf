//! A server that `cargo xtask` runs, with the same folder and port across restarts.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// How long the port of a killed server may stay in use.
const PORT: Duration = Duration::from_secs(60);

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By SIGTERM, gracefully.
    Orderly,
    /// By SIGKILL.
    Killed,
}

/// Our own server; stopped when dropped.
pub(crate) struct XtaskServer {
    xtask: PathBuf,
    verb: &'static str,
    dir: PathBuf,
    port: u16,
}

impl XtaskServer {
    /// Creates the server that `cargo xtask <verb>` runs, without starting it.
    pub(crate) fn new(xtask: &Path, verb: &'static str, dir: PathBuf, port: u16) -> Self {
        Self { xtask: xtask.to_owned(), verb, dir, port }
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(&self) -> Result<()> {
        self.run(&["up", "--port", &self.port.to_string()]).await.map(drop)
    }

    /// Stops it and waits until it is gone.
    pub(crate) async fn end(&self, how: Ending) -> Result<()> {
        if how == Ending::Killed {
            let status = self.run(&["status"]).await?;
            // "Kafka: answers at 127.0.0.1:9092 (pid 42, folder ...)"
            let pid = status.split("(pid ").nth(1).and_then(|rest| rest.split(',').next());
            let pid = pid.and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
            let pid = pid.with_context(|| format!("no process id in {status:?}"))?;
            kill_process_group(pid, Signal::KILL).with_context(|| format!("cannot kill {}", self.verb))?;
        }
        self.run(&["down"]).await?;
        // A killed process may disappear before its last thread releases the port.
        let deadline = Instant::now() + PORT;
        while let Err(error) = TcpListener::bind(self.address()) {
            if Instant::now() > deadline {
                bail!("the port {} of {} stays in use: {error}", self.port, self.verb);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn run(&self, arguments: &[&str]) -> Result<String> {
        let (mut command, verb) = (self.command(arguments), self.verb);
        tokio::task::spawn_blocking(move || {
            let done = command.output().context("cannot run xtask")?;
            let said = String::from_utf8_lossy(&done.stdout).into_owned();
            if !done.status.success() {
                bail!("xtask {verb}: {said}{}", String::from_utf8_lossy(&done.stderr));
            }
            Ok(said)
        })
        .await?
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.xtask);
        command.arg(self.verb).args(arguments).arg("--dir").arg(&self.dir);
        command
    }
}

impl Drop for XtaskServer {
    fn drop(&mut self) {
        // The output no longer matters; `cargo xtask chaos` cleans up a server that keeps running.
        drop(self.command(&["down"]).output());
    }
}

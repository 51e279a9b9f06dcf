//! A process with a log file, ended by signals; never outlives this one's orderly end.

use std::{
    fs::OpenOptions,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How often a process's end is asked for.
const POLL: Duration = Duration::from_millis(20);

/// A running process; killed when dropped.
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts the command in a process group of its own, so that Ctrl-C reaches only this program. What it says is
    /// appended to the log.
    pub(crate) fn start(mut command: Command, name: impl Into<String>, log: &Path) -> Result<Self> {
        let name = name.into();
        let file = OpenOptions::new().create(true).append(true).open(log);
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let program = command.get_program().display().to_string();
        let child = command.spawn().with_context(|| format!("cannot start {name} ({program})"))?;
        Ok(Self { name, child })
    }

    /// Sends a signal; one that has ended does not mind.
    pub(crate) fn signal(&self, signal: Signal) {
        // Fails for a process that has ended but is not yet waited for only if it was waited for meanwhile.
        let _sent = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Its exit status once it has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} has not ended within {} s", self.name, patience.as_secs());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Sends a signal that ends it, and waits for the end.
    pub(crate) async fn end(&mut self, signal: Signal, patience: Duration) -> Result<ExitStatus> {
        self.signal(signal);
        self.wait(patience).await
    }

    /// Memory in use, in bytes; nothing once it has ended.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is what is wanted.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

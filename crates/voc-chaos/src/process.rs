//! A process with a log file, stopped by signals; never outlives the orderly end of this program.

use std::{
    fs::OpenOptions,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How often to check whether a process has exited.
const POLL: Duration = Duration::from_millis(20);

/// A running process; killed when dropped.
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts the command in its own process group, so that Ctrl-C reaches only this program. Appends its output to
    /// the log.
    pub(crate) fn start(mut command: Command, name: impl Into<String>, log: &Path) -> Result<Self> {
        let name = name.into();
        let file = OpenOptions::new().create(true).append(true).open(log);
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let program = command.get_program().display().to_string();
        let child = command.spawn().with_context(|| format!("cannot start {name} ({program})"))?;
        Ok(Self { name, child })
    }

    /// Sends a signal; ignored if it has exited.
    pub(crate) fn signal(&self, signal: Signal) {
        // Fails for a process that has exited only if it was waited for.
        let _sent = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Its exit status, if it has exited.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Waits until it exits.
    pub(crate) async fn wait(&mut self, timeout: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) = self.exit_status()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} has not exited within {} s", self.name, timeout.as_secs());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Sends a signal that stops it, and waits until it exits.
    pub(crate) async fn end(&mut self, signal: Signal, timeout: Duration) -> Result<ExitStatus> {
        self.signal(signal);
        self.wait(timeout).await
    }

    /// Resident memory in bytes; `None` if it has exited.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if the process has exited, which is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

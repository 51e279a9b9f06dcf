//! Servers that outlive the command that started them, and are found again through a pid file.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

use crate::job::{STOP_DEADLINE, last_lines};
use crate::{cache, interrupt};

/// Longest time until a server answers.
const START_DEADLINE: Duration = Duration::from_secs(120);

/// A server in one folder, with its pid file, its log and its data.
pub(crate) struct Daemon {
    name: &'static str,
    dir: PathBuf,
}

/// A server process that is alive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Process id, which is also the id of its process group.
    pub(crate) pid: i32,
    /// Start time of the process in clock ticks since boot; distinguishes it from a later process with the same id.
    started: u64,
    /// Where it answers: `host:port`, or a URL.
    pub(crate) address: String,
}

impl Daemon {
    /// The server in this folder, by default `run/<default>` in the cache folder. `name` is for messages.
    pub(crate) fn in_dir(name: &'static str, dir: Option<PathBuf>, default: &str) -> Result<Self> {
        let dir = match dir {
            Some(dir) => std::path::absolute(dir)?,
            None => cache::root()?.join("run").join(default),
        };
        Ok(Self { name, dir })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file of the server's standard output and error.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("server.log")
    }

    /// The process if it is alive.
    pub(crate) fn running(&self) -> Result<Option<Running>> {
        let path = self.pid_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let running: Running = serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged: end the server by hand and remove the file", path.display()))?;
        Ok((start_time(running.pid) == Some(running.started)).then_some(running))
    }

    /// Starts the server unless it is running, and waits until `ready` returns its address.
    ///
    /// `command` is called only if the server has to be started. `ready` is called many times per second.
    pub(crate) fn start(
        &self,
        command: impl FnOnce(&Path) -> Result<Command>,
        ready: impl Fn(&Self) -> Option<String>,
    ) -> Result<Running> {
        fs::create_dir_all(&self.dir).with_context(|| format!("cannot create {}", self.dir.display()))?;
        let _lock = cache::lock(&self.dir.join("lock"))?;
        if let Some(running) = self.running()? {
            eprintln!("{} already runs with pid {} at {}", self.name, running.pid, running.address);
            return Ok(running);
        }

        let log = File::create(self.log()).with_context(|| format!("cannot create {}", self.log().display()))?;
        let mut child = command(&self.dir)?
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))?;
        let pid = i32::try_from(child.id())?;
        let mut running = Running { pid, started: start_time(pid).unwrap_or_default(), address: String::new() };
        self.write_pid_file(&running)?;

        let outcome = self.wait_until_ready(|| Ok(child.try_wait()?.is_some()), ready);
        match outcome {
            Ok(address) => running.address = address,
            Err(error) => {
                self.stop()?;
                child.wait()?;
                return Err(error);
            }
        }
        self.write_pid_file(&running)?;
        Ok(running)
    }

    /// Stops the server when the result is dropped.
    pub(crate) fn stop_on_drop(self) -> StopOnDrop {
        StopOnDrop(self)
    }

    /// Stops the server and waits until it is gone; `false` if it was not running.
    pub(crate) fn stop(&self) -> Result<bool> {
        let Some(running) = self.running()? else {
            self.remove_pid_file()?;
            return Ok(false);
        };
        running.signal(Signal::TERM)?;
        let deadline = Instant::now() + STOP_DEADLINE;
        while running.is_alive() {
            if Instant::now() > deadline {
                eprintln!("{} did not end within {} s of SIGTERM: killing it", self.name, STOP_DEADLINE.as_secs());
                running.signal(Signal::KILL)?;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.remove_pid_file()?;
        Ok(true)
    }

    fn wait_until_ready(
        &self,
        mut ended: impl FnMut() -> Result<bool>,
        ready: impl Fn(&Self) -> Option<String>,
    ) -> Result<String> {
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if let Some(address) = ready(self) {
                return Ok(address);
            }
            if ended()? {
                bail!("{} ended while starting; {}", self.name, last_lines(&self.log(), 20));
            }
            if Instant::now() > deadline {
                let seconds = START_DEADLINE.as_secs();
                bail!("{} does not answer after {seconds} s; {}", self.name, last_lines(&self.log(), 20));
            }
            interrupt::pause()?;
        }
    }

    fn pid_file(&self) -> PathBuf {
        self.dir.join("server.pid")
    }

    fn write_pid_file(&self, running: &Running) -> Result<()> {
        let path = self.pid_file();
        fs::write(&path, serde_json::to_vec(running)?).with_context(|| format!("cannot write {}", path.display()))
    }

    fn remove_pid_file(&self) -> Result<()> {
        match fs::remove_file(self.pid_file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("cannot remove the pid file"),
            _ => Ok(()),
        }
    }
}

impl Running {
    fn is_alive(&self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.pid).context("the pid file holds no process id")?;
        match kill_process_group(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot signal process {}", self.pid)),
        }
    }
}

/// Stops a server when dropped.
pub(crate) struct StopOnDrop(Daemon);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Err(error) = self.0.stop() {
            eprintln!("{error:#}");
        }
    }
}

/// Start time of a live process, in clock ticks since boot; `None` if there is none or it is a zombie.
fn start_time(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name is in parentheses and may contain blanks; state is the first field after it, start time the
    // 20th.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    (state != "Z" && state != "X").then(|| fields.nth(18)?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(_: &Path) -> Result<Command> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo listening 127.0.0.1:1; exec sleep 1000"]);
        Ok(command)
    }

    fn announced(daemon: &Daemon) -> Option<String> {
        let log = fs::read_to_string(daemon.log()).ok()?;
        log.trim_end().strip_prefix("listening ").map(str::to_owned)
    }

    #[test]
    fn a_server_starts_once_is_found_again_and_stops() {
        let dir = tempfile::tempdir().unwrap();
        let sleeping = || Daemon::in_dir("sleeper", Some(dir.path().to_owned()), "").unwrap();
        let daemon = sleeping();
        assert_eq!(daemon.running().unwrap(), None);
        let first = daemon.start(sleeper, announced).unwrap();
        assert_eq!(first.address, "127.0.0.1:1");
        assert_eq!(daemon.start(|_| bail!("must not start again"), announced).unwrap(), first);
        assert_eq!(sleeping().running().unwrap(), Some(first));
        assert!(daemon.stop().unwrap());
        assert!(!daemon.stop().unwrap());
        assert_eq!(daemon.running().unwrap(), None);
    }

    #[test]
    fn a_server_that_dies_at_once_is_an_error_with_its_last_output() {
        let dir = tempfile::tempdir().unwrap();
        let daemon = Daemon::in_dir("dying", Some(dir.path().to_owned()), "").unwrap();
        let dying = |_: &Path| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo port is taken; exit 1"]);
            Ok(command)
        };
        let failure = daemon.start(dying, |_| None).unwrap_err().to_string();
        assert!(failure.contains("dying ended while starting") && failure.contains("port is taken"), "{failure}");
        assert_eq!(daemon.running().unwrap(), None);
    }

    #[test]
    fn a_pid_that_now_belongs_to_another_process_is_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let daemon = Daemon::in_dir("stale", Some(dir.path().to_owned()), "").unwrap();
        let pid = i32::try_from(std::process::id()).unwrap();
        let stale = Running { pid, started: start_time(pid).unwrap() - 1, address: "127.0.0.1:1".to_owned() };
        daemon.write_pid_file(&stale).unwrap();
        assert_eq!(daemon.running().unwrap(), None);
        assert!(!daemon.stop().unwrap());
    }
}

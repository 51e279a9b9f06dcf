//! Child processes that never outlive the command that started them.
//!
//! Each child runs in its own process group: only this process receives a Ctrl-C, and it ends the whole group,
//! including the grandchildren that a plain kill of the child would leave behind.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::interrupt;

/// Time that a child has to exit after SIGTERM before it is killed.
pub(crate) const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// How often a silent job reports that it is still running.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A running child process; dropping it ends its process group.
pub(crate) struct Job {
    child: Child,
    name: String,
    ended: Option<ExitStatus>,
}

impl Job {
    /// Starts the command, without standard input, in its own process group. `name` is its name in messages.
    pub(crate) fn start(command: &mut Command, name: &str) -> Result<Self> {
        Self::spawn(command.stdin(Stdio::null()), name)
    }

    /// The same, with a pipe to its standard input.
    pub(crate) fn start_with_input(command: &mut Command, name: &str) -> Result<(Self, ChildStdin)> {
        let mut job = Self::spawn(command.stdin(Stdio::piped()), name)?;
        let input = job.child.stdin.take().with_context(|| format!("{name} has no standard input"))?;
        Ok((job, input))
    }

    fn spawn(command: &mut Command, name: &str) -> Result<Self> {
        if command.get_program().to_string_lossy().contains('/') && !Path::new(command.get_program()).exists() {
            bail!("cannot start {name}: {} does not exist", command.get_program().display());
        }
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: is `{}` installed?", command.get_program().display()))?;
        Ok(Self { child, name: name.to_owned(), ended: None })
    }

    /// The exit status if the child has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))?;
        }
        Ok(self.ended)
    }

    /// Waits for the end; `tick` is called many times per second. An interrupt ends the wait with an error, and the
    /// child with it.
    pub(crate) fn wait(&mut self, mut tick: impl FnMut()) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            interrupt::pause()?;
            tick();
        }
    }

    /// Waits for the end like [`wait`](Self::wait), but no longer than `limit`: then the child is ended with an error.
    fn wait_within(&mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                self.stop()?;
                bail!("{} did not end within {} s and was stopped", self.name, limit.as_secs());
            }
            interrupt::pause()?;
        }
    }

    /// Asks the child to exit, waits for it, and kills it after [`STOP_DEADLINE`].
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + STOP_DEADLINE;
        while Instant::now() < deadline {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{} did not end within {} s of SIGTERM: killing it", self.name, STOP_DEADLINE.as_secs());
        self.kill()
    }

    /// Kills the child, and waits for its end.
    pub(crate) fn kill(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::KILL);
        self.child.wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Lets the child do nothing until [`resume`](Self::resume).
    pub(crate) fn suspend(&mut self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    fn signal(&mut self, signal: Signal) {
        if matches!(self.ended(), Ok(None)) {
            // It may end in between: then there is no process to signal.
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None))
            && let Err(error) = self.stop()
        {
            eprintln!("{error:#}");
        }
    }
}

/// Runs a command whose output the user sees; fails when it does.
pub(crate) fn run(command: &mut Command, name: &str) -> Result<()> {
    let status = Job::start(command, name)?.wait(|| ())?;
    expect_success(status, name)
}

/// Runs a command whose output the user sees; fails when it does, or when it has not ended within `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command, name: &str) -> Result<()> {
    let status = Job::start(command, name)?.wait_within(limit)?;
    expect_success(status, name)
}

/// Runs a command without useful output: it goes to `log`, whose last lines are shown if the command fails; meanwhile
/// a line at intervals reports that it is still running.
pub(crate) fn run_silently(command: &mut Command, name: &str, log: &Path) -> Result<()> {
    let output = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    let started = Instant::now();
    let mut next_heartbeat = HEARTBEAT;
    let mut job = Job::start(command.stdout(output.try_clone()?).stderr(output), name)?;
    let status = job.wait(|| {
        if started.elapsed() >= next_heartbeat {
            eprintln!("  still running: {name} ({} s)", started.elapsed().as_secs());
            next_heartbeat += HEARTBEAT;
        }
    })?;
    expect_success(status, name).with_context(|| last_lines(log, 20))
}

/// Runs a command and returns its standard output; fails if the command does, with its standard error.
pub(crate) fn output(command: &mut Command, name: &str) -> Result<String> {
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    interrupt::check()?;
    expect_success(done.status, name).with_context(|| {
        let said = [done.stderr, done.stdout.clone()].concat();
        String::from_utf8_lossy(&said).lines().take(4).collect::<Vec<_>>().join("\n")
    })?;
    String::from_utf8(done.stdout).with_context(|| format!("{name} wrote invalid UTF-8"))
}

/// The last lines of a log file, for the context of an error.
pub(crate) fn last_lines(log: &Path, count: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(count)..].join("\n");
    format!("the end of {}:\n{tail}\n", log.display())
}

fn expect_success(status: ExitStatus, name: &str) -> Result<()> {
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => bail!("{name} failed with exit code {code}"),
        (None, signal) => bail!("{name} was ended by signal {}", signal.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_job_its_code_and_its_last_output() {
        let dir = tempfile::tempdir().unwrap();
        let failure =
            run_silently(&mut shell("echo first; echo last words; exit 7"), "the job", &dir.path().join("log"));
        let text = format!("{:#}", failure.unwrap_err());
        assert!(text.contains("last words") && text.contains("the job failed with exit code 7"), "{text}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = run(&mut Command::new("no-such-program-here"), "the job").unwrap_err();
        assert!(format!("{failure:#}").contains("no-such-program-here"));
    }

    #[test]
    fn a_job_that_does_not_end_in_time_is_stopped() {
        let failure = run_within(Duration::from_millis(50), &mut shell("sleep 1000"), "the job").unwrap_err();
        assert!(format!("{failure:#}").contains("the job did not end within 0 s"), "{failure:#}");
        run_within(Duration::from_secs(60), &mut shell("exit 0"), "the job").unwrap();
    }

    #[test]
    fn dropping_a_job_ends_its_grandchildren_too() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait", pid_file.display());
        let job = Job::start(&mut shell(&script), "a parent").unwrap();
        while !pid_file.exists() {
            std::thread::yield_now();
        }
        let grandchild = fs::read_to_string(&pid_file).unwrap();
        drop(job);
        // The process that adopts the grandchild may take a moment to reap it; a zombie counts as ended.
        let gone_or_zombie = || {
            fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).map_or(true, |stat| stat.contains(") Z "))
        };
        while !gone_or_zombie() {
            std::thread::yield_now();
        }
    }
}

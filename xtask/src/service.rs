//! A service with HTTP as a child process: one of the product's, or another that has a path for readiness.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::http;
use crate::interrupt;
use crate::job::{Job, last_lines};
use crate::scratch::Scratch;

/// Longest time until a service is ready, or for which it may process nothing although there is input.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Service {
    job: Job,
    name: &'static str,
    url: String,
    log: PathBuf,
}

impl Service {
    /// Starts one of the product's on this port (or another one if it is taken) and waits until it is ready.
    pub(crate) fn start(name: &'static str, mut command: Command, port: u16, scratch: &Scratch) -> Result<Self> {
        let port = http::free_port(port)?;
        command.env("HTTP_HOST", "127.0.0.1").env("HTTP_PORT", port.to_string());
        Self::start_other(name, command, port, "/readyz", scratch)
    }

    /// Starts a service that is told to listen on this port, and waits until a GET of the path `ready` succeeds.
    pub(crate) fn start_other(
        name: &'static str,
        mut command: Command,
        port: u16,
        ready: &str,
        scratch: &Scratch,
    ) -> Result<Self> {
        let log = scratch.join(format!("{name}.log"));
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        command.stdout(output.try_clone()?).stderr(output);
        let url = format!("http://127.0.0.1:{port}");
        let mut service = Self { job: Job::start(&mut command, name)?, name, url, log };
        service.wait_until_ready(ready)?;
        Ok(service)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The exit status if the service has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.job.ended()
    }

    /// Fails if the service has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.ended()? {
            None => Ok(()),
            Some(status) => bail!("{} ended unexpectedly ({status}); {}", self.name, last_lines(&self.log, 20)),
        }
    }

    /// Waits until this many events of a family are stored.
    pub(crate) fn wait_until_processed(&mut self, family: &str, events: u64) -> Result<()> {
        let mut seen = 0;
        let mut last_progress = Instant::now();
        let mut last_report = Instant::now();
        loop {
            self.check()?;
            let (_, page) = http::get(&format!("{}/metrics", self.url))?;
            let processed = http::metric(&page, &format!("voc_events_processed_total{{family=\"{family}\"}}")) as u64;
            if processed >= events {
                return Ok(());
            }
            if processed > seen {
                (seen, last_progress) = (processed, Instant::now());
            }
            let errors = http::metric(&page, "voc_processing_errors_total") as u64;
            if last_progress.elapsed() > PATIENCE {
                let seconds = PATIENCE.as_secs();
                let log = last_lines(&self.log, 20);
                bail!("{processed} of {events} events processed, {errors} errors, no progress for {seconds} s; {log}");
            }
            if last_report.elapsed() > Duration::from_secs(2) {
                eprintln!("  {processed} of {events} events");
                last_report = Instant::now();
            }
            interrupt::pause()?;
        }
    }

    /// Stops the service and waits; fails unless it exits successfully.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let status = self.job.stop()?;
        if !status.success() {
            bail!("{} did not end cleanly ({status}); {}", self.name, last_lines(&self.log, 20));
        }
        Ok(())
    }

    /// Lets the service do nothing while `work` is done.
    pub(crate) fn while_suspended(&mut self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.job.suspend();
        let outcome = work();
        self.job.resume();
        outcome
    }

    /// Kills the service.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.job.kill().map(drop)
    }

    fn wait_until_ready(&mut self, path: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.check()?;
            let answer = http::get(&format!("{}{path}", self.url));
            if matches!(answer, Ok((200, _))) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let said =
                    answer.map_or_else(|error| format!("{error:#}"), |(status, body)| format!("{status} {body}"));
                bail!("{} does not get ready: {said}; {}", self.name, last_lines(&self.log, 20));
            }
            interrupt::pause()?;
        }
    }
}

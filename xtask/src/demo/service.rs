//! One of the product's services as a child process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::http;
use crate::interrupt;
use crate::job::{Job, last_lines};
use crate::scratch::Scratch;

/// Longest time until a service is ready, or for which it may process nothing although there is input.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Service {
    job: Job,
    name: &'static str,
    url: String,
    log: PathBuf,
}

impl Service {
    /// Starts a service with HTTP on this port (or another one if it is taken) and waits until it is ready.
    pub(super) fn start(name: &'static str, mut command: Command, port: u16, scratch: &Scratch) -> Result<Self> {
        let (port, url) = address(port)?;
        let log = scratch.join(format!("{name}.log"));
        let output = File::create(&log)?;
        command.env("HTTP_HOST", "127.0.0.1").env("HTTP_PORT", port.to_string());
        command.stdout(output.try_clone()?).stderr(output);
        let mut service = Self { job: Job::start(&mut command, name)?, name, url, log };
        service.wait_until_ready()?;
        Ok(service)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Fails if the service has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.job.ended()? {
            None => Ok(()),
            Some(status) => bail!("{} ended unexpectedly ({status}); {}", self.name, last_lines(&self.log, 20)),
        }
    }

    /// Waits until this many events of a family are stored.
    pub(super) fn wait_until_processed(&mut self, family: &str, events: u64) -> Result<()> {
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
    pub(super) fn stop(&mut self) -> Result<()> {
        let status = self.job.stop()?;
        if !status.success() {
            bail!("{} did not end cleanly ({status}); {}", self.name, last_lines(&self.log, 20));
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.check()?;
            let answer = http::get(&format!("{}/readyz", self.url));
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

/// The address for a service to be started: this port if it is free.
fn address(wanted: u16) -> Result<(u16, String)> {
    let port = http::free_port(wanted)?;
    Ok((port, format!("http://127.0.0.1:{port}")))
}

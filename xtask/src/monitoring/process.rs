//! One of the product's processes, which is ended and started again where Prometheus looks for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::scratch::Scratch;
use crate::service::Service;
use crate::{http, interrupt};

/// Longest time until a process that must end by itself has ended.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) struct Process {
    name: &'static str,
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    port: u16,
    /// `None` while it was ended on purpose.
    service: Option<Service>,
    /// Whether it may end by itself.
    may_fail: bool,
}

impl Process {
    /// Starts a program with these settings on a port of its own. `name` distinguishes it from others.
    pub(super) fn start(
        name: &'static str,
        program: &Path,
        environment: Vec<(&'static str, String)>,
        scratch: &Scratch,
    ) -> Result<Self> {
        let mut process = Self {
            name,
            program: program.to_owned(),
            environment,
            port: http::free_port(0)?,
            service: None,
            may_fail: false,
        };
        process.start_again(scratch)?;
        Ok(process)
    }

    /// Starts it after its end.
    pub(super) fn start_again(&mut self, scratch: &Scratch) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.env_remove("KAFKA_BOOTSTRAP").envs(self.environment.iter().map(|(name, value)| (name, value)));
        let service = Service::start(self.name, command, self.port, scratch)?;
        ensure!(service.url() == self.url(), "another program has taken the port {} of {}", self.port, self.name);
        self.service = Some(service);
        self.may_fail = false;
        Ok(())
    }

    /// From now on, until it is started again, it may end by itself.
    pub(super) fn let_fail(&mut self) {
        self.may_fail = true;
    }

    /// Stops it, in order.
    pub(super) fn stop(&mut self) -> Result<()> {
        self.service.take().map_or(Ok(()), |mut service| service.stop())
    }

    /// Lets it do nothing while `work` is done.
    pub(super) fn while_suspended(&mut self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.service.as_mut().context("it does not run")?.while_suspended(work)
    }

    /// Kills it.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.service.take().map_or(Ok(()), |mut service| service.kill())
    }

    /// Waits until it has ended by itself, with a failure.
    pub(super) fn await_failure(&mut self) -> Result<()> {
        let service = self.service.as_mut().context("it does not run")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = service.ended()? {
                self.service = None;
                ensure!(!status.success(), "{} has ended without a failure", self.name);
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} has not ended within {} s", self.name, PATIENCE.as_secs());
            }
            interrupt::pause()?;
        }
    }

    /// Fails if it has ended by itself, and must not.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.may_fail {
            return Ok(());
        }
        self.service.as_mut().map_or(Ok(()), Service::check)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.instance())
    }

    /// Its address, which is its label `instance`.
    pub(super) fn instance(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

//! The processes under test: started, killed, stopped and restarted.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tokio::sync::{Mutex, MutexGuard};
use voc_testkit::service;

use crate::process::Process;

/// Timeout after SIGTERM; `voc-processor` allows itself 30 s.
const END: Duration = Duration::from_secs(90);
/// How long a fault waits for a running processor.
const VICTIM: Duration = Duration::from_secs(20);
/// Message of a fault without a victim.
const NO_VICTIM: &str = "skipped: no processor was running";
const POLL: Duration = Duration::from_millis(100);

/// How processors are started.
#[derive(Debug, Clone)]
pub(crate) struct Launcher {
    pub(crate) program: PathBuf,
    /// The program that slots begin with, if it is another one.
    pub(crate) previous: Option<PathBuf>,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) logs: PathBuf,
}

impl Launcher {
    fn start(&self, slot: &Slot) -> Result<Process> {
        let (number, instance_id) = (slot.number, slot.instance_id.as_deref());
        let arguments = ["--http-host", "127.0.0.1", "--http-port", "0", "--log-format", "json"];
        let program = self.previous.as_ref().filter(|_| !slot.is_updated).unwrap_or(&self.program);
        let mut command = service::command(program, &arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(id) = instance_id {
            command.env("KAFKA_GROUP_INSTANCE_ID", id);
        }
        Process::start(command, format!("processor {number}"), &self.logs.join(format!("processor-{number}.log")))
    }

    /// Runs a command of the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str], log: &Path, timeout: Duration) -> Result<ExitStatus> {
        self.run_program(&self.program, arguments, log, timeout).await
    }

    /// The same with the program that slots begin with.
    pub(crate) async fn run_first(&self, arguments: &[&str], log: &Path, timeout: Duration) -> Result<ExitStatus> {
        self.run_program(self.previous.as_ref().unwrap_or(&self.program), arguments, log, timeout).await
    }

    async fn run_program(
        &self,
        program: &Path,
        arguments: &[&str],
        log: &Path,
        timeout: Duration,
    ) -> Result<ExitStatus> {
        let mut command = service::command(program, arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Process::start(command, arguments.join(" "), log)?.wait(timeout).await
    }
}

/// The processes of the group, each in its own slot.
pub(crate) struct Processors {
    launcher: Launcher,
    slots: Vec<Mutex<Slot>>,
    /// Number of processes that exited unexpectedly.
    pub(crate) unexpected_exits: AtomicU32,
    /// Number of killed processes.
    pub(crate) kills: AtomicU32,
}

/// The slot of a processor.
pub(crate) struct Slot {
    number: usize,
    /// Static member ID, if it has one.
    instance_id: Option<String>,
    /// Whether it should run.
    wanted: bool,
    /// Whether it is started with the program under test, where there is another one.
    is_updated: bool,
    process: Option<Process>,
}

impl Processors {
    /// Creates `count` slots, and one for the processor that comes and goes.
    pub(crate) fn new(launcher: Launcher, count: u32, has_identity: fn(usize) -> bool) -> Self {
        let slot = |number: usize, wanted| {
            let instance_id = has_identity(number).then(|| format!("chaos-{number}"));
            Mutex::new(Slot { number, instance_id, wanted, is_updated: false, process: None })
        };
        let count = count as usize;
        let mut slots: Vec<_> = (0..count).map(|number| slot(number, true)).collect();
        slots.push(slot(count, false));
        Self { launcher, slots, unexpected_exits: AtomicU32::new(0), kills: AtomicU32::new(0) }
    }

    /// How processors are started.
    pub(crate) fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// Starts processors that should run but do not. Returns messages about unexpected exits.
    pub(crate) async fn ensure_running(&self) -> Result<Vec<String>> {
        let mut messages = Vec::new();
        for slot in &self.slots {
            // A locked slot is part of a fault.
            let Ok(mut slot) = slot.try_lock() else { continue };
            if let Some(process) = &mut slot.process
                && let Some(status) = process.exit_status()?
            {
                self.unexpected_exits.fetch_add(1, Ordering::SeqCst);
                messages.push(format!("processor {} exited unexpectedly: {status}", slot.number));
                slot.process = None;
            }
            if slot.wanted && slot.process.is_none() {
                self.start(&mut slot)?;
            }
        }
        Ok(messages)
    }

    /// Kills a random processor with SIGKILL and restarts it after `down`.
    pub(crate) async fn kill(&self, victim: u32, down: Duration) -> Result<String> {
        let Some(mut slot) = self.victim(victim).await else { return Ok(NO_VICTIM.to_owned()) };
        let message = format!("processor {}", slot.number);
        if let Some(mut process) = slot.process.take() {
            process.end(Signal::KILL, END).await?;
            self.kills.fetch_add(1, Ordering::SeqCst);
        }
        self.restart_after(slot, down).await?;
        Ok(message)
    }

    /// Stops a random processor with SIGTERM and restarts it after `down`.
    pub(crate) async fn terminate(&self, victim: u32, down: Duration) -> Result<String> {
        let Some(mut slot) = self.victim(victim).await else { return Ok(NO_VICTIM.to_owned()) };
        let began = Instant::now();
        let status = match slot.process.take() {
            Some(mut process) => process.end(Signal::TERM, END).await?.to_string(),
            None => "no process".to_owned(),
        };
        let message = format!("processor {} exited after {:.1?} with {status}", slot.number, began.elapsed());
        self.restart_after(slot, down).await?;
        Ok(message)
    }

    /// Freezes a random processor for a while.
    pub(crate) async fn freeze(&self, victim: u32, frozen: Duration) -> Result<String> {
        let Some(slot) = self.victim(victim).await else { return Ok(NO_VICTIM.to_owned()) };
        if let Some(process) = &slot.process {
            process.signal(Signal::STOP);
            tokio::time::sleep(frozen).await;
            process.signal(Signal::CONT);
        }
        Ok(format!("processor {} resumes", slot.number))
    }

    /// Starts the additional processor, and stops it after a while.
    pub(crate) async fn join(&self, stays: Duration) -> Result<String> {
        let Some(last) = self.slots.last() else { bail!("there is no slot for an additional processor") };
        {
            let mut slot = last.lock().await;
            slot.wanted = true;
            if slot.process.is_none() {
                self.start(&mut slot)?;
            }
        }
        tokio::time::sleep(stays).await;
        let mut slot = last.lock().await;
        slot.wanted = false;
        let status = match slot.process.take() {
            Some(mut process) => process.end(Signal::TERM, END).await?.to_string(),
            None => "killed meanwhile".to_owned(),
        };
        Ok(format!("processor {} left with {status}", slot.number))
    }

    /// Restarts a processor, as an operator does, with the program under test. Returns how it exited.
    pub(crate) async fn restart(&self, number: usize, signal: Signal) -> Result<String> {
        let mut slot = self.slot(number)?.lock().await;
        let Some(mut process) = slot.process.take() else { bail!("processor {number} is not running") };
        let began = Instant::now();
        let status = process.end(signal, END).await?;
        slot.is_updated = true;
        self.start(&mut slot)?;
        Ok(format!("exited after {:.1?} with {status}", began.elapsed()))
    }

    /// Resident memory of a processor in bytes; `None` if it is not running.
    pub(crate) async fn resident_bytes(&self, number: usize) -> Option<u64> {
        self.slots.get(number)?.lock().await.process.as_ref()?.resident_bytes()
    }

    fn slot(&self, number: usize) -> Result<&Mutex<Slot>> {
        self.slots.get(number).with_context(|| format!("there is no processor {number}"))
    }

    /// Stops all gracefully.
    pub(crate) async fn end(&self) -> Result<()> {
        for slot in &self.slots {
            let mut slot = slot.lock().await;
            slot.wanted = false;
            if let Some(mut process) = slot.process.take() {
                process.end(Signal::TERM, END).await?;
            }
        }
        Ok(())
    }

    /// A running processor that no other fault affects: the one with the given number, or the next one. `None` if
    /// there is none until the timeout.
    async fn victim(&self, preferred: u32) -> Option<MutexGuard<'_, Slot>> {
        let deadline = Instant::now() + VICTIM;
        loop {
            let begin = preferred as usize % self.slots.len();
            for slot in self.slots[begin..].iter().chain(&self.slots[..begin]) {
                if let Ok(slot) = slot.try_lock()
                    && slot.process.is_some()
                {
                    return Some(slot);
                }
            }
            if Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn restart_after(&self, mut slot: MutexGuard<'_, Slot>, down: Duration) -> Result<()> {
        tokio::time::sleep(down).await;
        if slot.wanted { self.start(&mut slot) } else { Ok(()) }
    }

    fn start(&self, slot: &mut Slot) -> Result<()> {
        slot.process = Some(self.launcher.start(slot)?);
        Ok(())
    }
}

//! The processes under test: started, killed, stopped and started again.

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

/// How long the end by SIGTERM may take; `voc-processor` gives itself 30 s.
const END: Duration = Duration::from_secs(90);
/// How long a fault waits for a processor it can be done to.
const VICTIM: Duration = Duration::from_secs(20);
/// What is told of a fault that was done to nobody.
const NOBODY: &str = "left out: no processor was running";
const POLL: Duration = Duration::from_millis(100);

/// How processors are started.
#[derive(Debug, Clone)]
pub(crate) struct Launcher {
    pub(crate) program: PathBuf,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) logs: PathBuf,
}

impl Launcher {
    fn start(&self, number: usize, instance_id: Option<&str>) -> Result<Process> {
        let arguments = ["--http-host", "127.0.0.1", "--http-port", "0", "--log-format", "json"];
        let mut command = service::command(&self.program, &arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(id) = instance_id {
            command.env("KAFKA_GROUP_INSTANCE_ID", id);
        }
        Process::start(command, format!("processor {number}"), &self.logs.join(format!("processor-{number}.log")))
    }

    /// Runs one of the program's commands to its end.
    pub(crate) async fn run(&self, arguments: &[&str], log: &Path, patience: Duration) -> Result<ExitStatus> {
        let mut command = service::command(&self.program, arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Process::start(command, arguments.join(" "), log)?.wait(patience).await
    }
}

/// The group's processes, each in a place of its own.
pub(crate) struct Processors {
    launcher: Launcher,
    slots: Vec<Mutex<Slot>>,
    /// Processes that ended although nobody told them to.
    pub(crate) fell: AtomicU32,
    /// Processes that were killed.
    pub(crate) kills: AtomicU32,
}

/// A processor's place.
pub(crate) struct Slot {
    number: usize,
    /// Fixed identity in the group, where it has one.
    instance_id: Option<String>,
    /// Whether it is to run.
    wanted: bool,
    process: Option<Process>,
}

impl Processors {
    /// So many places, and one more for the processor that comes and goes.
    pub(crate) fn new(launcher: Launcher, count: u32, has_identity: fn(usize) -> bool) -> Self {
        let slot = |number: usize, wanted| {
            let instance_id = has_identity(number).then(|| format!("chaos-{number}"));
            Mutex::new(Slot { number, instance_id, wanted, process: None })
        };
        let count = count as usize;
        let mut slots: Vec<_> = (0..count).map(|number| slot(number, true)).collect();
        slots.push(slot(count, false));
        Self { launcher, slots, fell: AtomicU32::new(0), kills: AtomicU32::new(0) }
    }

    /// How processors are started.
    pub(crate) fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// Starts those that should run and do not; gives what is to be told about those that ended by themselves.
    pub(crate) async fn look_after(&self) -> Result<Vec<String>> {
        let mut told = Vec::new();
        for slot in &self.slots {
            // One that is locked is being broken or mended.
            let Ok(mut slot) = slot.try_lock() else { continue };
            if let Some(process) = &mut slot.process
                && let Some(status) = process.ended()?
            {
                self.fell.fetch_add(1, Ordering::SeqCst);
                told.push(format!("processor {} ended by itself: {status}", slot.number));
                slot.process = None;
            }
            if slot.wanted && slot.process.is_none() {
                self.start(&mut slot)?;
            }
        }
        Ok(told)
    }

    /// Ends a random processor with SIGKILL; it is started again after `down`.
    pub(crate) async fn kill(&self, victim: u32, down: Duration) -> Result<String> {
        let Some(mut slot) = self.victim(victim).await else { return Ok(NOBODY.to_owned()) };
        let told = format!("processor {}", slot.number);
        if let Some(mut process) = slot.process.take() {
            process.end(Signal::KILL, END).await?;
            self.kills.fetch_add(1, Ordering::SeqCst);
        }
        self.restart_after(slot, down).await?;
        Ok(told)
    }

    /// Ends a random processor with SIGTERM; it is started again after `down`.
    pub(crate) async fn terminate(&self, victim: u32, down: Duration) -> Result<String> {
        let Some(mut slot) = self.victim(victim).await else { return Ok(NOBODY.to_owned()) };
        let began = Instant::now();
        let status = match slot.process.take() {
            Some(mut process) => process.end(Signal::TERM, END).await?.to_string(),
            None => "no process".to_owned(),
        };
        let told = format!("processor {} ended after {:.1?} with {status}", slot.number, began.elapsed());
        self.restart_after(slot, down).await?;
        Ok(told)
    }

    /// Stops a random processor for a while.
    pub(crate) async fn freeze(&self, victim: u32, frozen: Duration) -> Result<String> {
        let Some(slot) = self.victim(victim).await else { return Ok(NOBODY.to_owned()) };
        if let Some(process) = &slot.process {
            process.signal(Signal::STOP);
            tokio::time::sleep(frozen).await;
            process.signal(Signal::CONT);
        }
        Ok(format!("processor {} goes on", slot.number))
    }

    /// Starts the further processor, and ends it after a while.
    pub(crate) async fn join(&self, stays: Duration) -> Result<String> {
        let Some(last) = self.slots.last() else { bail!("there is no place for a further processor") };
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

    /// Restarts one in order, as an operator does; gives how it ended.
    pub(crate) async fn restart(&self, number: usize) -> Result<String> {
        let mut slot = self.slot(number)?.lock().await;
        let Some(mut process) = slot.process.take() else { bail!("processor {number} does not run") };
        let began = Instant::now();
        let status = process.end(Signal::TERM, END).await?;
        self.start(&mut slot)?;
        Ok(format!("ended after {:.1?} with {status}", began.elapsed()))
    }

    /// Memory in use by one, in bytes; nothing if it does not run.
    pub(crate) async fn resident_bytes(&self, number: usize) -> Option<u64> {
        self.slots.get(number)?.lock().await.process.as_ref()?.resident_bytes()
    }

    fn slot(&self, number: usize) -> Result<&Mutex<Slot>> {
        self.slots.get(number).with_context(|| format!("there is no processor {number}"))
    }

    /// Ends all in order.
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

    /// A processor that runs and that nothing else is being done to: the one of that number, or the next one.
    /// None if there is none for long: all of them are being broken or mended.
    async fn victim(&self, wish: u32) -> Option<MutexGuard<'_, Slot>> {
        let deadline = Instant::now() + VICTIM;
        loop {
            let begin = wish as usize % self.slots.len();
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
        slot.process = Some(self.launcher.start(slot.number, slot.instance_id.as_deref())?);
        Ok(())
    }
}

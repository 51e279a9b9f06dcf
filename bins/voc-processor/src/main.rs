//! `voc-processor`: consumes events, annotates them, stores them.
//!
//! Contains only configuration, wiring and signals. The parts it connects are in the `voc-*` crates.

#![forbid(unsafe_code)]

mod adopt;
mod annotation;
mod command;
mod config;
mod dlq;
mod doctor;
mod migration_plan;
mod process;
mod registry;
mod replay;
mod report;
mod retention;
mod store;
mod tenants;
mod verify;

use std::{io, process::ExitCode, time::Duration};

use anyhow::Context as _;
use voc_service::{SUCCESS, exit_at_once, health, log_level, signals::Signals};

use crate::config::{Config, Invocation, Task};

/// Longest time for remaining work to release the embedded engine.
const ENGINE_GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let signals = Signals::catch();
    let status = match config::read(std::env::args_os(), std::env::vars_os()) {
        Ok(Invocation::Health(task)) => return health::run(&task).into(),
        Ok(Invocation::Print(text)) => return voc_service::print_or_fail(&text).into(),
        Ok(Invocation::Run(config)) => voc_service::run(&config.logging.clone(), run(*config, signals)),
        Err(stop) => return stop.report(),
    };
    if !voc_store::embedded::shut_down(ENGINE_GRACE) {
        exit_at_once(status);
    }
    status.into()
}

async fn run(config: Config, signals: io::Result<Signals>) -> anyhow::Result<u8> {
    let signals = signals.context("cannot listen for signals")?;
    match config.task {
        Task::Process(process) => {
            tokio::spawn(log_level::watch(config.logging));
            process::run(*process, config.store, config.lifecycle, &signals).await
        }
        Task::Adopt(task) => Box::pin(adopt::run(*task, config.store, config.lifecycle, &signals)).await,
        Task::Command(command) => {
            let work = command::run(command, config.store, &config.lifecycle);
            tokio::select! {
                outcome = work => outcome.map(|()| SUCCESS),
                signal = signals.received() => Ok(signal.context("cannot listen for signals")?.status()),
            }
        }
    }
}

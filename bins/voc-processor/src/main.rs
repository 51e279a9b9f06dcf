//! `voc-processor`: consumes events, annotates them, stores them.
//!
//! Thin by design: configuration, wiring, signals. What it wires lives in the `voc-*` crates.

#![forbid(unsafe_code)]

mod annotation;
mod config;
mod dlq;
mod process;
mod replay;
mod report;
mod store;
mod tenants;
mod verify;

use std::process::ExitCode;

use crate::config::{Config, Task};

fn main() -> ExitCode {
    match config::read(std::env::args_os(), std::env::vars_os()) {
        Ok(config) => voc_service::run(&config.logging.clone(), run(config)),
        Err(stop) => stop.report(),
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    match config.task {
        Task::Process(process) => process::run(*process, config.store, config.lifecycle).await,
        Task::Dlq(task) => dlq::run(*task).await,
        Task::Verify(task) => verify::run(*task, config.store, &config.lifecycle).await,
        Task::Replay(task) => replay::run(*task, config.store, &config.lifecycle).await,
        Task::MigrateUp => store::migrate_up(config.store, &config.lifecycle).await,
        Task::MigrateStatus => store::migrate_status(config.store, &config.lifecycle).await,
    }
}

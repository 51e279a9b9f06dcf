//! `voc-processor`: consumes events, annotates them, stores them.
//!
//! Thin by design: configuration, wiring, signals. What it wires lives in the `voc-*` crates.

#![forbid(unsafe_code)]

mod config;
mod process;
mod report;
mod store;

use std::process::ExitCode;

use anyhow::Context as _;

use crate::config::{Config, Task};

fn main() -> ExitCode {
    let config = match config::read(std::env::args_os(), std::env::vars_os()) {
        Ok(config) => config,
        Err(stop) => return stop.report(),
    };
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config) -> anyhow::Result<()> {
    voc_service::logging::init(&config.logging)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let outcome = runtime.block_on(async {
        match config.task {
            Task::Process(process) => process::run(*process, config.store, config.lifecycle).await,
            Task::MigrateUp => store::migrate_up(config.store, &config.lifecycle).await,
            Task::MigrateStatus => store::migrate_status(config.store, &config.lifecycle).await,
        }
    });
    // A read of standard input or a stuck connection must not keep the process from ending.
    runtime.shutdown_background();
    outcome
}

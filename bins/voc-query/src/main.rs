//! `voc-query`: answers questions about stored events over HTTP.
//!
//! Contains only configuration, wiring and signals. The parts it connects are in the `voc-*` crates.

#![forbid(unsafe_code)]

mod config;
mod erase;
mod keys;
mod schema;
mod service;
mod setup;

use std::process::ExitCode;

use voc_service::{health, signals::Signals};

use crate::config::Task;

fn main() -> ExitCode {
    let signals = Signals::catch();
    match config::read(std::env::args_os(), std::env::vars_os()) {
        Ok(Task::Serve(config)) => voc_service::run(&config.logging.clone(), service::run(*config, signals)).into(),
        Ok(Task::Erase(config)) => voc_service::run(&config.logging.clone(), erase::run(*config, signals)).into(),
        Ok(Task::Keys(task)) => keys::run(task).into(),
        Ok(Task::SetupSql { database }) => setup::run(&database).into(),
        Ok(Task::Health(task)) => health::run(&task).into(),
        Ok(Task::Print(text)) => voc_service::print_or_fail(&text).into(),
        Err(stop) => stop.report(),
    }
}

//! `voc-query`: answers questions about stored events over HTTP.
//!
//! Thin by design: configuration, wiring, signals. What it wires lives in the `voc-*` crates.

#![forbid(unsafe_code)]

mod config;
mod schema;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
    match config::read(std::env::args_os(), std::env::vars_os()) {
        Ok(config) => voc_service::run(&config.logging.clone(), service::run(config)),
        Err(stop) => stop.report(),
    }
}

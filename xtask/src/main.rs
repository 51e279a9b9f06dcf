//! `cargo xtask <verb>`: what a developer types.
//!
//! Compiles fast, for it is the first thing to run on a fresh clone: it knows none of the workspace's crates and runs
//! their binaries instead.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its user")]

mod cache;
mod daemon;
mod engine;
mod interrupt;
mod job;
mod kafka;
mod progress;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Development tasks", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Fetch the embedded engine (libchdb) into the cache folder and print its path.
    ///
    /// Comes from the npm registry, checked against a pinned hash. Set VOC_ENGINE_LIB to use a libchdb.so of your own.
    /// The cache folder is $VOC_CACHE_DIR, else $XDG_CACHE_HOME/voc, else ~/.cache/voc.
    Engine,
    /// Run a real Apache Kafka on this machine, without Docker.
    Kafka(kafka::KafkaArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match interrupt::install().and_then(|()| run(cli.verb)) {
        Ok(code) => code,
        Err(error) if error.is::<interrupt::Interrupted>() => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Engine => println!("{}", engine::ensure()?.display()),
        Verb::Kafka(args) => return kafka::run(args),
    }
    Ok(ExitCode::SUCCESS)
}

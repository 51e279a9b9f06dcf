//! `voc-bench`: the cost of each stage, and of complete standalone ingestion, on the generator's mix of events; and
//! how long answers over HTTP take. Run it with `cargo xtask bench`, and `cargo xtask bench api`.
//!
//! Every figure is the best of several rounds in one run: on a shared machine the best round is the least disturbed
//! one. Complete ingestion starts with empty tables each time, in another order each round, after a round that does
//! not count.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "figures and errors are this program's output")]

mod annotation;
mod api;
mod decoding;
mod ingestion;
mod language;
mod measure;
mod stages;

use std::{
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use voc_service::exit_at_once;
use voc_testkit::generator::{Generator, GeneratorConfig};

use crate::measure::Figure;

/// Longest time for remaining work to release the embedded engine.
const ENGINE_GRACE: Duration = Duration::from_secs(5);

/// Measures decoding, annotating, encoding and complete standalone ingestion.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    benchmark: Option<Benchmark>,
    /// Number of events for complete ingestion; the stages use a fifth of them.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Rounds of each measurement; the best one counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only the stages, not complete ingestion.
    #[arg(long)]
    stages_only: bool,
}

#[derive(Subcommand)]
enum Benchmark {
    /// Measures answers over HTTP under a load.
    Api(api::ApiArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let status = match measure(&arguments) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("Error: {error:?}");
            1
        }
    };
    if !voc_store::embedded::shut_down(ENGINE_GRACE) {
        exit_at_once(status);
    }
    status.into()
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(Benchmark::Api(arguments)) = &arguments.benchmark {
        return api::measure(arguments);
    }
    let config = generator(arguments.events)?;
    let events: Vec<String> = Generator::new(&config).map(|event| event.json).collect();
    let bytes: usize = events.iter().map(String::len).sum();
    println!(
        "{} events, {} bytes each on average; best of {} rounds",
        events.len(),
        bytes / events.len().max(1),
        arguments.rounds
    );
    println!("{}", Figure::heading());
    let sample = &events[..events.len().div_ceil(5)];
    let fifth = GeneratorConfig { events: arguments.events.div_ceil(5), ..config };
    for measured in decoding::measure(&fifth, arguments.rounds)? {
        println!("{measured}");
    }
    for measured in language::measure(arguments.rounds)? {
        println!("{measured}");
    }
    for measured in stages::measure(sample, arguments.rounds)? {
        println!("{measured}");
    }
    if !arguments.stages_only {
        for measured in ingestion::measure(&events, arguments.rounds)? {
            println!("{measured}");
        }
    }
    Ok(())
}

fn generator(events: u64) -> anyhow::Result<GeneratorConfig> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(GeneratorConfig { events, ..GeneratorConfig::ending_at(i64::try_from(now.as_millis())?) })
}

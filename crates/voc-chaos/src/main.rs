//! `voc-chaos`: the chaos harness. Run it with `cargo xtask chaos`.
//!
//! ```text
//!  producers ──► Kafka ──► processors ──► proxy ──► engine
//!     │           │          ▲    ▲         ▲         │
//!     │           │          │    └─ faults ┘         │   (also: the broker, the registry, the engine, the number of
//!     │           │       registry                    │    partitions)
//!     └── numbers └── truth ──► oracle ◄──────────────┘
//! ```
//!
//! Two families go through the same processors: `voc` in JSON, and `quality`, with one topic in Avro whose schema is
//! in the registry. Besides, two measurements of `voc` on the same parts: [`rolling`] restarts, and an [`outage`] of
//! the store.
//!
//! Rounds of faults ([`schedule`], made of the seed alone) are each followed by quiet: all is mended, the groups
//! come to the logs' ends, and the [`oracle`] compares what Kafka's logs have ([`truth`]) with what the tables have
//! ([`rows`]).

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the report is this program's output")]

mod avro;
mod broker;
mod engine;
mod family;
mod feed;
mod judge;
mod label;
mod message;
mod options;
mod oracle;
mod outage;
mod ports;
mod process;
mod processors;
mod producer;
mod quality;
mod random;
mod registry;
mod report;
mod rolling;
mod rounds;
mod rows;
mod schedule;
mod series;
mod server;
mod small;
mod system;
mod transactions;
mod truth;
mod verdicts;

use std::{process::ExitCode, time::Duration};

use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use crate::options::{Options, Scenario, Task};

async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    match options.scenario {
        Scenario::Chaos => rounds::run(options).await,
        Scenario::RollingRestart => rolling::run(options).await,
        Scenario::StoreDown => outage::run(options).await,
    }
}

/// Bound on the end of threads that wait for servers which are gone.
const END: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::ProduceAvro(options) => avro::run(&options),
        Task::Break(options) => break_system(&options),
    };
    outcome.unwrap_or_else(|error| {
        println!("the run could not be finished: {error:#}");
        ExitCode::from(2)
    })
}

fn break_system(options: &Options) -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let outcome = runtime.block_on(run_unless_told_to_end(options));
    // A producer may still be at work: it is not waited for.
    runtime.shutdown_timeout(END);
    outcome
}

async fn run_unless_told_to_end(options: &Options) -> anyhow::Result<ExitCode> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        outcome = run(options) => outcome,
        // What runs is ended as it is dropped.
        _ = interrupt.recv() => Ok(ExitCode::from(130)),
        _ = terminate.recv() => Ok(ExitCode::from(143)),
    }
}

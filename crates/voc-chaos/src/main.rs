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
//! Two families pass through the same processors: `voc` in JSON, and `quality`, with one topic in Avro whose schema is
//! in the registry. In addition, three scenarios each measure one event on the same setup: [`rolling`]
//! restarts, a [`store_outage`], and a [`registry_outage`].
//!
//! Each round of faults ([`schedule`], derived from the seed alone) is followed by a quiet phase: everything is
//! restored, the groups reach the ends of the logs, and the [`oracle`] compares the contents of Kafka's logs
//! ([`truth`]) with those of the tables ([`rows`]).

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
mod ports;
mod process;
mod processors;
mod producer;
mod quality;
mod random;
mod readiness;
mod registry;
mod registry_outage;
mod report;
mod rolling;
mod rounds;
mod rows;
mod schedule;
mod series;
mod server;
mod small;
mod store_outage;
mod system;
mod transactions;
mod truth;
mod verdicts;

use std::{process::ExitCode, time::Duration};

use anyhow::ensure;
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use crate::options::{Options, Scenario, Task};

async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    match options.scenario {
        Scenario::Chaos => rounds::run(options).await,
        Scenario::RollingRestart => rolling::run(options).await,
        Scenario::StoreDown => store_outage::run(options).await,
        Scenario::RegistryDown => registry_outage::run(options).await,
    }
}

/// How long to wait for threads that are blocked on stopped servers.
const END: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::ProduceAvro(options) => avro::run(&options),
        Task::Break(options) => break_system(&options),
    };
    outcome.unwrap_or_else(|error| {
        println!("the run failed: {error:#}");
        ExitCode::from(2)
    })
}

fn break_system(options: &Options) -> anyhow::Result<ExitCode> {
    // No other scenario replaces the earlier program, and would judge it alone.
    ensure!(
        options.previous.is_none() || options.scenario == Scenario::RollingRestart,
        "--previous is for --scenario rolling-restart"
    );
    let runtime = Runtime::new()?;
    let outcome = runtime.block_on(run_until_signal(options));
    // Does not wait for a producer that is still running.
    runtime.shutdown_timeout(END);
    outcome
}

async fn run_until_signal(options: &Options) -> anyhow::Result<ExitCode> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        outcome = run(options) => outcome,
        // Dropping the run stops its processes.
        _ = interrupt.recv() => Ok(ExitCode::from(130)),
        _ = terminate.recv() => Ok(ExitCode::from(143)),
    }
}

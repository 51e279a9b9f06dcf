//! `voc-chaos`: the chaos harness. Run it with `cargo xtask chaos`.
//!
//! ```text
//!  producer ──► Kafka ──► processors ──► proxy ──► engine
//!     │           │            ▲           ▲          │
//!     │           │            └── faults ─┴──┐       │      (also: the broker, the engine, the number of partitions)
//!     └── numbers └── truth ──► oracle ◄──────────────┘
//! ```
//!
//! Rounds of faults ([`schedule`], made of the seed alone) are each followed by quiet: all is mended, the group comes to the
//! log's end, and the [`oracle`] compares what Kafka's log has ([`truth`]) with what the tables have ([`rows`]).

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the report is this program's output")]

mod broker;
mod engine;
mod feed;
mod label;
mod options;
mod oracle;
mod ports;
mod process;
mod processors;
mod producer;
mod random;
mod report;
mod rounds;
mod rows;
mod schedule;
mod system;
mod truth;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let outcome: anyhow::Result<ExitCode> = match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            outcome = rounds::run(&options) => outcome,
            // What runs is ended as it is dropped.
            _ = interrupt.recv() => Ok(ExitCode::from(130)),
            _ = terminate.recv() => Ok(ExitCode::from(143)),
        },
        (Err(error), _) | (_, Err(error)) => Err(error.into()),
    };
    outcome.unwrap_or_else(|error| {
        println!("the run could not be finished: {error:#}");
        ExitCode::from(2)
    })
}

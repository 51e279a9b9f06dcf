//! A ClickHouse server for development: the testkit's native-protocol endpoint over the embedded engine.

mod client;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(crate) use self::client::Client;
use crate::daemon::{Daemon, Running};
use crate::engine;
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::servers::{Place, ServerVerb, print_running};

#[derive(Args)]
pub(crate) struct ClickHouseArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start the server, wait until it answers, and leave it running.
    ///
    /// It is the real engine, libchdb, behind ClickHouse's native protocol. No password is required.
    Up {
        /// Address to listen on; port 0 takes a free one, which is printed.
        #[arg(long, default_value = "127.0.0.1:9000")]
        listen: String,
        #[command(flatten)]
        place: Place,
    },
    #[command(flatten)]
    Server(ServerVerb),
}

/// The server of this folder, by default `run/clickhouse` in the cache folder.
pub(crate) fn server(dir: Option<PathBuf>) -> Result<Daemon> {
    Daemon::in_dir("ClickHouse", dir, "clickhouse")
}

/// Starts the server at this address and waits until it answers.
pub(crate) fn start(server: &Daemon, programs: &Programs, listen: &str) -> Result<Running> {
    let engine = engine::ensure()?;
    let step = Step::begin("starting the ClickHouse endpoint");
    let running = server.start(
        |dir| {
            let mut command = programs.command("voc-testkit");
            command.args(["clickhouse", "--listen", listen, "--data"]).arg(dir.join("data"));
            command.env("VOC_ENGINE_LIB", engine);
            Ok(command)
        },
        |daemon| {
            let log = fs::read_to_string(daemon.log()).ok()?;
            // Only complete lines, because the address may be partly written.
            let line = log.split_inclusive('\n').find(|line| line.starts_with("listening "))?;
            Some(line.strip_suffix('\n')?.strip_prefix("listening ")?.to_owned())
        },
    )?;
    step.done();
    Ok(running)
}

pub(crate) fn run(args: ClickHouseArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Up { listen, place } => {
            let server = server(place.dir)?;
            let programs = Programs::build(&["voc-testkit"], Build::Release)?;
            print_running(&server, &start(&server, &programs, &listen)?);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Server(verb) => verb.run(server),
    }
}

//! A ClickHouse server for development: the testkit's native-protocol endpoint over the embedded engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::daemon::{Daemon, Running, StopOnDrop};
use crate::product::{Build, Programs};
use crate::progress::Step;
use crate::{cache, engine};

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
    /// Stop the server and wait until it is gone; its data is kept.
    Down {
        #[command(flatten)]
        place: Place,
        /// Also remove its data.
        #[arg(long)]
        wipe: bool,
    },
    /// Report whether the server runs, and its address; exit code 3 if it does not.
    Status {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
struct Place {
    /// Folder of the server's data, log and pid file [default: run/clickhouse in the cache folder].
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// The server of one folder.
pub(crate) struct ClickHouse {
    daemon: Daemon,
}

impl ClickHouse {
    /// The server of this folder, by default `run/clickhouse` in the cache folder.
    pub(crate) fn in_dir(dir: Option<PathBuf>) -> Result<Self> {
        let dir = match dir {
            Some(dir) => std::path::absolute(dir)?,
            None => cache::root()?.join("run/clickhouse"),
        };
        Ok(Self { daemon: Daemon::new("clickhouse", dir) })
    }

    pub(crate) fn dir(&self) -> &Path {
        self.daemon.dir()
    }

    /// Starts the server at this address and waits until it answers.
    pub(crate) fn up(&self, programs: &Programs, listen: &str) -> Result<Running> {
        let engine = engine::ensure()?;
        let step = Step::begin("starting the ClickHouse endpoint");
        let running = self.daemon.start(
            |dir| {
                let mut server = programs.command("voc-testkit");
                server.args(["clickhouse", "--listen", listen, "--data"]).arg(dir.join("data"));
                server.env("VOC_ENGINE_LIB", engine);
                Ok(server)
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

    /// Stops the server when the result is dropped.
    pub(crate) fn stop_on_drop(self) -> StopOnDrop {
        StopOnDrop(self.daemon)
    }
}

pub(crate) fn run(args: ClickHouseArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Up { listen, place } => {
            let server = ClickHouse::in_dir(place.dir)?;
            let running = server.up(&Programs::build(&["voc-testkit"], Build::Release)?, &listen)?;
            println!("ClickHouse listens on {} (pid {}, {})", running.address, running.pid, server.dir().display());
        }
        Verb::Down { place, wipe } => {
            let server = ClickHouse::in_dir(place.dir)?;
            println!("{}", if server.daemon.stop()? { "ClickHouse is stopped" } else { "ClickHouse did not run" });
            if wipe {
                cache::remove_dir(server.dir())?;
            }
        }
        Verb::Status { place } => {
            let server = ClickHouse::in_dir(place.dir)?;
            let Some(running) = server.daemon.running()? else {
                println!("ClickHouse does not run in {}", server.dir().display());
                return Ok(ExitCode::from(3));
            };
            println!("ClickHouse listens on {} (pid {}, {})", running.address, running.pid, server.dir().display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

//! The commands that all development servers have.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cache;
use crate::daemon::{Daemon, Running};

#[derive(Args)]
pub(crate) struct Place {
    /// Folder of the server's data, log and pid file [default: a folder of its own in the cache folder].
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum ServerVerb {
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

impl ServerVerb {
    /// Runs the command for the server that `server` names.
    pub(crate) fn run(self, server: fn(Option<PathBuf>) -> Result<Daemon>) -> Result<ExitCode> {
        match self {
            Self::Down { place, wipe } => {
                let server = server(place.dir)?;
                let name = server.name();
                println!("{name}: {}", if server.stop()? { "stopped" } else { "not running" });
                if wipe {
                    cache::remove_dir(server.dir())?;
                }
            }
            Self::Status { place } => {
                let server = server(place.dir)?;
                let Some(running) = server.running()? else {
                    println!("{}: not running (folder {})", server.name(), server.dir().display());
                    return Ok(ExitCode::from(3));
                };
                print_running(&server, &running);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints where a server answers.
pub(crate) fn print_running(server: &Daemon, Running { pid, address, .. }: &Running) {
    println!("{}: answers at {address} (pid {pid}, folder {})", server.name(), server.dir().display());
}

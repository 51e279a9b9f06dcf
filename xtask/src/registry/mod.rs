//! A real schema registry for development and tests: Apicurio Registry on 127.0.0.1, without Docker.

mod app;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(crate) use app::ensure as ensure_jar;
pub(crate) use server::{Registry, api_url};

use crate::cache;

#[derive(Args)]
pub(crate) struct RegistryArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start the registry, wait until it answers, and leave it running.
    ///
    /// The first time, it is fetched with Maven (142 MB) into the cache folder; Java 17 or later runs it. New versions
    /// of a schema must be able to read data written with the previous one (compatibility BACKWARD). No password is
    /// required.
    Up {
        /// Port on 127.0.0.1; 0 takes a free one, which is printed.
        #[arg(long, default_value_t = 8081)]
        port: u16,
        #[command(flatten)]
        place: Place,
    },
    /// Stop the registry and wait until it is gone; its data is kept.
    Down {
        #[command(flatten)]
        place: Place,
        /// Also remove its data.
        #[arg(long)]
        wipe: bool,
    },
    /// Report whether the registry runs, and its address; exit code 3 if it does not.
    Status {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
struct Place {
    /// Folder of the registry's data, log and pid file [default: run/registry in the cache folder].
    #[arg(long)]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: RegistryArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Up { port, place } => {
            let registry = Registry::in_dir(place.dir)?;
            let running = registry.up(port)?;
            let (url, dir) = (api_url(&running.address), registry.dir().display());
            println!("the schema registry answers at {url} (pid {}, folder {dir})", running.pid);
        }
        Verb::Down { place, wipe } => {
            let registry = Registry::in_dir(place.dir)?;
            println!("the schema registry {}", if registry.down()? { "is stopped" } else { "did not run" });
            if wipe {
                cache::remove_dir(registry.dir())?;
            }
        }
        Verb::Status { place } => {
            let registry = Registry::in_dir(place.dir)?;
            let Some(running) = registry.running()? else {
                println!("the schema registry does not run in {}", registry.dir().display());
                return Ok(ExitCode::from(3));
            };
            let (url, dir) = (api_url(&running.address), registry.dir().display());
            println!("the schema registry answers at {url} (pid {}, folder {dir})", running.pid);
        }
    }
    Ok(ExitCode::SUCCESS)
}

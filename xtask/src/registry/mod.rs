//! A real schema registry for development and tests: Apicurio Registry on 127.0.0.1, without Docker.

mod app;
mod server;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(crate) use app::ensure as ensure_jar;
pub(crate) use server::{server, start};

use crate::servers::{Place, ServerVerb, print_running};

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
    #[command(flatten)]
    Server(ServerVerb),
}

pub(crate) fn run(args: RegistryArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Up { port, place } => {
            let registry = server(place.dir)?;
            print_running(&registry, &start(&registry, port)?);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Server(verb) => verb.run(server),
    }
}

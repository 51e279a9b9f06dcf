//! Applies the store's migrations with the product itself.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::product::{Build, Programs};
use crate::{engine, job};

#[derive(Args)]
pub(crate) struct MigrateArgs {
    /// Apply what is missing, or report what is applied.
    #[arg(value_enum)]
    verb: Verb,
    /// Further arguments of `voc-processor`, such as -- --standalone --data-dir DIR.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Verb {
    Up,
    Status,
}

pub(crate) fn run(args: &MigrateArgs) -> Result<()> {
    let programs = Programs::build(&["voc-processor"], Build::Release)?;
    let verb = match args.verb {
        Verb::Up => "up",
        Verb::Status => "status",
    };
    let mut processor = programs.command("voc-processor");
    processor.args(["migrate", verb]).args(&args.arguments);
    if args.arguments.iter().any(|argument| argument == "--standalone") {
        processor.env("VOC_ENGINE_LIB", engine::ensure()?);
    }
    job::run(&mut processor, "voc-processor migrate")
}

/// Applies the migrations to the ClickHouse server at this port of 127.0.0.1; the output goes to a log file.
pub(crate) fn up(programs: &Programs, port: &str, log: &Path) -> Result<()> {
    let mut processor = programs.command("voc-processor");
    processor.args(["migrate", "up"]).env("CLICKHOUSE_HOST", "127.0.0.1").env("CLICKHOUSE_PORT", port);
    job::run_silently(&mut processor, "voc-processor migrate up", log)
}

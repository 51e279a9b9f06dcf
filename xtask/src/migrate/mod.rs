//! `cargo xtask migrate`: the store's migrations, by the product itself, and files for new ones.

mod new;

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::product::{self, Build, Programs};
use crate::{engine, job};

#[derive(Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Create the file of a new migration, with the next number, and add it to the list.
    New {
        /// Its name, such as `quality_units`: lower-case letters, digits and underscores.
        name: String,
    },
    /// Apply what is missing.
    Up(Arguments),
    /// Show the SQL that `up` would run now; changes nothing.
    Plan(Arguments),
    /// Report what is applied.
    Status(Arguments),
}

#[derive(Args)]
struct Arguments {
    /// Further arguments of `voc-processor`, such as -- --standalone --data-dir DIR.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(args: &MigrateArgs) -> Result<()> {
    match &args.verb {
        Verb::New { name } => {
            let file = new::create(&product::root(), name)?;
            println!("{file}: write its statements as the comments there say, then try them:");
            println!("  cargo test -p voc-store --test migrations");
            println!("  cargo xtask migrate plan -- --standalone --data-dir DIR");
            Ok(())
        }
        Verb::Up(further) => processor("up", further),
        Verb::Plan(further) => processor("plan", further),
        Verb::Status(further) => processor("status", further),
    }
}

fn processor(verb: &str, further: &Arguments) -> Result<()> {
    let programs = Programs::build(&["voc-processor"], Build::Release)?;
    let mut processor = programs.command("voc-processor");
    processor.args(["migrate", verb]).args(&further.arguments);
    if further.arguments.iter().any(|argument| argument == "--standalone") {
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

//! `cargo xtask chaos`: breaks a running system in every possible way, and checks that nothing is lost or duplicated.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::job::Job;
use crate::product::{Build, Programs};
use crate::revision;
use crate::scratch::Scratch;
use crate::{engine, kafka, registry};

#[derive(Args)]
pub(crate) struct ChaosArgs {
    /// Use development builds, which are slower but, after the tests, already built.
    #[arg(long)]
    debug: bool,
    /// Update the processors from this revision, such as v0.1.0, one by one under load, instead of breaking them:
    /// adds --scenario rolling-restart. The revision is built for it.
    #[arg(long, value_name = "REVISION")]
    update_from: Option<String>,
    /// Arguments of `voc-chaos`, such as --minutes 5 --seed 1; --help lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(args: &ChaosArgs) -> Result<ExitCode> {
    let engine = engine::ensure()?;
    kafka::ensure_jars()?;
    registry::ensure_jar()?;
    let packages = ["voc-processor", "voc-testkit", "voc-chaos"];
    let programs = Programs::build(&packages, Build::of(args.debug))?;
    let scratch = Scratch::new("chaos")?;

    // Copies, because processors are started all the time, and builds in the meantime must not affect the run.
    let running = programs.copied(&["voc-processor", "voc-testkit"], &scratch.join("bin"))?;
    let copy = |name: &str, from: PathBuf| -> Result<PathBuf> {
        let copy = scratch.join(name);
        fs::copy(&from, &copy).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(copy)
    };
    let mut chaos = programs.command("voc-chaos");
    chaos.arg("--processor").arg(running.path("voc-processor")).arg("--testkit").arg(running.path("voc-testkit"));
    if let Some(revision) = &args.update_from {
        let previous = revision::processor(revision, Build::of(args.debug))?;
        chaos.args(["--scenario", "rolling-restart", "--previous"]).arg(copy("voc-processor-previous", previous)?);
    }
    chaos.arg("--xtask").arg(copy("xtask", std::env::current_exe()?)?).arg("--scratch").arg(scratch.path());
    chaos.args(&args.arguments).env("VOC_ENGINE_LIB", engine);
    // Whatever happens to the harness, its servers must be stopped.
    let broker = kafka::server(Some(scratch.join("kafka")))?.stop_on_drop();
    let registry = registry::server(Some(scratch.join("registry")))?.stop_on_drop();
    let outcome = Job::start(&mut chaos, "voc-chaos").and_then(|mut chaos| chaos.wait(|| ()));
    drop((broker, registry));
    let status = outcome?;
    if !status.success() {
        eprintln!("logs and data are kept in {}", scratch.keep().display());
    }
    let code = status.code().context("voc-chaos was ended by a signal")?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

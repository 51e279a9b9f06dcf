//! `cargo xtask train`, `eval` and `calibrate`: voc-train trains and measures the weights of voc-nlp, and makes
//! calibrations of tenants.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::{job, product};

#[derive(Args)]
pub(crate) struct WeightsArgs {
    /// The folder or file of labelled texts, and other arguments of `voc-train`; --help lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn train(args: &WeightsArgs) -> Result<()> {
    run("train", args)
}

pub(crate) fn eval(args: &WeightsArgs) -> Result<()> {
    run("eval", args)
}

pub(crate) fn calibrate(args: &WeightsArgs) -> Result<()> {
    run("calibrate", args)
}

fn run(verb: &str, args: &WeightsArgs) -> Result<()> {
    let mut cargo = product::cargo();
    // Relative folders refer to the developer's working directory.
    cargo.current_dir(std::env::current_dir()?);
    cargo.args(["run", "--quiet", "--release", "--package", "voc-train", "--", verb]).args(&args.arguments);
    job::run(&mut cargo, "voc-train")
}

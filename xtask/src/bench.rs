//! `cargo xtask bench`: runs the benchmarks and names the machine.

use std::ffi::OsString;
use std::fs;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::{engine, job, product};

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// What to measure.
    #[arg(value_enum, default_value_t)]
    benchmark: Benchmark,
    /// Arguments of `voc-bench`; -- --help lists them.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Benchmark {
    /// Decoding, annotating, encoding, and complete standalone ingestion.
    #[default]
    Ingestion,
    /// Answers over HTTP under a load.
    Api,
}

pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    println!("{}", machine());
    let mut cargo = product::cargo();
    cargo.args(["run", "--release", "--package", "voc-bench", "--"]);
    if matches!(args.benchmark, Benchmark::Api) {
        cargo.arg("api");
    }
    cargo.args(&args.arguments);
    job::run(cargo.env("VOC_ENGINE_LIB", engine::ensure()?), "voc-bench")
}

/// Processor, cores and memory in one line.
fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name))?.to_owned();
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|total| total.strip_suffix(" kB")?.parse::<f64>().ok())
        .map_or_else(|| "? GiB".to_owned(), |kib| format!("{:.0} GiB", kib / 1024.0 / 1024.0));
    format!("machine: {model}, {cores} cores, {memory} of memory, {}", std::env::consts::OS)
}

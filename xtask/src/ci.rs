//! `cargo xtask ci`: the checks that must pass before a change is merged.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::progress::{Step, seconds};
use crate::{job, licences, product};

type Check = fn() -> Result<()>;

/// Time limit of a step that runs the product, so that a hang fails with the step's name instead of with the whole
/// run.
const LIMIT: Duration = Duration::from_secs(40 * 60);

const STEPS: [(&str, Check); 12] = [
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("clippy", || cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])),
    ("documentation", documentation),
    ("public API", || xtask(&["public-api"])),
    ("licences", licences::run),
    ("packages", || cargo(&["package", "--locked", "--package", "voc-events", "--package", "voc-nlp"])),
    ("test", || xtask(&["test"])),
    // With the builds of the tests, because these steps check correctness, not speed.
    ("demo", || xtask(&["demo", "--exit", "--debug"])),
    ("demo with Kafka", || xtask(&["demo", "--exit", "--debug", "--kafka"])),
    ("chaos", || xtask(&["chaos", "--debug", "--minutes", "5", "--seed", "1"])),
    ("deployment", || xtask(&["deployment"])),
    ("images", || xtask(&["images", "--debug"])),
];

/// Runs the steps in order, up to the first that fails.
pub(crate) fn run() -> Result<ExitCode> {
    let mut done: Vec<(&str, Duration)> = Vec::new();
    for (name, check) in STEPS {
        let step = Step::begin(name);
        if let Err(error) = check() {
            print_durations(&done);
            bail!(error.context(format!("step {name} failed")));
        }
        done.push((name, step.done()));
    }
    print_durations(&done);
    Ok(ExitCode::SUCCESS)
}

fn print_durations(done: &[(&str, Duration)]) {
    for (name, took) in done {
        println!("{name:<16} {:>12}", seconds(*took));
    }
    println!("{:<16} {:>12}", "total", seconds(done.iter().map(|(_, took)| *took).sum()));
}

fn cargo(arguments: &[&str]) -> Result<()> {
    job::run(product::cargo().args(arguments), &format!("cargo {}", arguments[0]))
}

fn documentation() -> Result<()> {
    let mut cargo = product::cargo();
    cargo.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "--deny warnings");
    job::run(&mut cargo, "cargo doc")
}

/// Runs another verb as users do. `CI` makes tests fail if a requirement is missing.
fn xtask(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).env("CI", "true");
    job::run_within(LIMIT, &mut command, &format!("cargo xtask {}", arguments[0]))
}

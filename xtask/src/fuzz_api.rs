//! `cargo xtask fuzz-api`: thousands of requests made from the API's own description, right and wrong ones.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use crate::demo::{Demo, DemoArgs};
use crate::{http, job, product, python};

/// Schemathesis and what it needs, pinned so that everyone asks the same.
const PACKAGES: &[&str] = &[
    "anyio==4.16.0",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.3",
    "click==8.5.1",
    "graphql-core==3.3.2",
    "harfile==0.6.0",
    "hypothesis==6.170.17",
    "hypothesis-graphql==0.13.5",
    "idna==3.20",
    "iniconfig==2.3.1",
    "jsonschema_rs==0.60.3",
    "markdown-it-py==4.3.0",
    "MarkupSafe==3.0.4",
    "mdurl==0.1.2",
    "packaging==26.4",
    "pluggy==1.7.0",
    "Pygments==2.21.0",
    "pyrate-limiter==4.5.1",
    "pytest==9.2.0",
    "PyYAML==6.0.4",
    "requests==2.34.2",
    "rich==15.0.0",
    "schemathesis==4.32.5",
    "sortedcontainers==2.4.0",
    "typing_extensions==4.16.0",
    "urllib3==2.8.0",
    "Werkzeug==3.1.9",
];

/// How schemathesis asks, in the folder `xtask/schemathesis`.
const FILES: [&str; 2] = [CONFIGURATION, "hooks.py"];
const CONFIGURATION: &str = "schemathesis.toml";

/// Identifiers that occur, for the operations about one thing: a list of rows, and the field of it.
const IDENTIFIERS: [(&str, &str); 3] = [
    ("/api/v1/calls?days=90&limit=50", "call_id"),
    ("/api/v1/calls?days=90&limit=50", "customer_id"),
    ("/api/v1/events?days=90&limit=50&fields=event_id", "event_id"),
];

#[derive(Args)]
pub(crate) struct FuzzApiArgs {
    /// Requests for each operation, beside those that the description suggests by itself, which are thousands.
    #[arg(long, default_value_t = 150)]
    examples: u32,
    /// Another seed makes other requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use development builds, which are slower but, after the tests, already built.
    #[arg(long)]
    debug: bool,
}

pub(crate) fn run(args: &FuzzApiArgs) -> Result<()> {
    let python = python::environment("schemathesis", PACKAGES, "schemathesis with pip (30 MB, once)")
        .context("install Python 3.10 or later with venv and pip")?;
    let demo_args = DemoArgs { exit: true, kafka: false, events: 4000, seed: args.seed, debug: args.debug };
    let mut demo = Demo::start(&demo_args)?;
    for file in FILES {
        std::fs::copy(product::root().join("xtask/schemathesis").join(file), demo.folder().join(file))
            .with_context(|| format!("cannot copy xtask/schemathesis/{file}"))?;
    }
    for (list, field) in IDENTIFIERS {
        write_identifiers(demo.folder(), &format!("{}{list}", demo.url()), field)?;
    }
    // Its scripts name the folder in which the environment was made.
    let mut schemathesis = Command::new(&python);
    schemathesis.args(["-m", "schemathesis.cli"]);
    // Where it runs, it reads its files, and writes others.
    schemathesis.current_dir(demo.folder());
    schemathesis.args(["--config-file", CONFIGURATION, "run"]).arg(format!("{}/openapi.json", demo.url()));
    schemathesis.args(["--checks", "all", "--max-examples", &args.examples.to_string()]);
    schemathesis.args(["--seed", &args.seed.to_string()]);
    job::run(&mut schemathesis, "schemathesis").with_context(|| job::last_lines(demo.log(), 20))?;
    demo.check()?;
    demo.stop()
}

/// Writes a dictionary in the format of libFuzzer: a text in quotation marks on each line.
fn write_identifiers(folder: &Path, url: &str, field: &str) -> Result<()> {
    let answer: Value = http::get_json(url)?;
    let rows = answer["data"].as_array().into_iter().flatten();
    let found: BTreeSet<&str> = rows.filter_map(|row| row[field].as_str()).collect();
    ensure!(!found.is_empty(), "{url} has no {field}");
    let lines: String = found.into_iter().map(|identifier| format!("\"{identifier}\"\n")).collect();
    let file = folder.join(format!("{field}.txt"));
    std::fs::write(&file, lines).with_context(|| format!("cannot write {}", file.display()))
}

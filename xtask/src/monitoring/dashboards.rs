//! The expressions of Grafana's dashboards, run by the servers that answer them in production.

use std::process::Command;

use anyhow::Result;

use crate::clickhouse::Client;
use crate::progress::Step;
use crate::scratch::Scratch;
use crate::{job, product};

/// Runs all of them; each must return something, except for those that may be empty. Returns the last line of the
/// report.
pub(super) fn check(prometheus: &str, client: &Client, port: &str, scratch: &Scratch) -> Result<String> {
    const NAME: &str = "running the expressions of Grafana's dashboards";
    let step = Step::begin(NAME);
    let log = scratch.join("expressions.log");
    let mut expressions = Command::new("python3");
    expressions.arg("-B").arg(product::root().join("deploy/grafana/check/expressions.py"));
    let command = format!("{} --port {port}", client.command());
    expressions.args(["--prometheus", prometheus, "--clickhouse-command", &command, "--require-data"]);
    job::run_silently(&mut expressions, NAME, &log)?;
    step.done();
    let report = std::fs::read_to_string(&log)?;
    Ok(report.lines().last().unwrap_or_default().to_owned())
}

//! A client of ClickHouse's native protocol other than ours.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{job, product, python};

pub(super) struct Client {
    python: PathBuf,
    script: PathBuf,
}

impl Client {
    /// Fetches it first if needed.
    pub(super) fn ensure() -> Result<Self> {
        let python = python::with_clickhouse_driver()?;
        Ok(Self { python, script: product::root().join("xtask/monitoring/ask.py") })
    }

    /// Runs a statement at this port of 127.0.0.1.
    pub(super) fn run(&self, port: &str, statement: &str) -> Result<()> {
        let mut client = Command::new(&self.python);
        job::output(client.arg("-B").arg(&self.script).args([port, statement]), statement).map(drop)
    }

    /// The command, for a shell, that runs the statement on its standard input there, and prints rows as JSON lines.
    pub(super) fn command(&self, port: &str) -> String {
        format!("'{}' -B '{}' {port}", self.python.display(), self.script.display())
    }
}

//! A client of ClickHouse's native protocol other than ours.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{job, product, python};

pub(crate) struct Client {
    python: PathBuf,
    script: PathBuf,
}

impl Client {
    /// Fetches it first if needed.
    pub(crate) fn ensure() -> Result<Self> {
        let python = python::with_clickhouse_driver()?;
        Ok(Self { python, script: product::root().join("deploy/verify-server/client.py") })
    }

    /// Runs a statement at this port of 127.0.0.1.
    pub(crate) fn run(&self, port: &str, statement: &str) -> Result<()> {
        let mut client = Command::new(&self.python);
        client.arg("-B").arg(&self.script).args(["--port", port, "--query", statement]);
        job::output(&mut client, statement).map(drop)
    }

    /// The command, in the words of a shell, to which options are added.
    pub(crate) fn command(&self) -> String {
        format!("'{}' -B '{}'", self.python.display(), self.script.display())
    }
}

//! Configuring, starting and stopping the registry.

use std::cell::Cell;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::app;
use crate::daemon::{Daemon, Running, StopOnDrop};
use crate::progress::Step;
use crate::{cache, http, java};

/// A registry in one folder.
pub(crate) struct Registry {
    daemon: Daemon,
}

impl Registry {
    /// The registry of this folder, by default `run/registry` in the cache folder.
    pub(crate) fn in_dir(dir: Option<PathBuf>) -> Result<Self> {
        let dir = match dir {
            Some(dir) => std::path::absolute(dir)?,
            None => cache::root()?.join("run/registry"),
        };
        Ok(Self { daemon: Daemon::new("registry", dir) })
    }

    pub(crate) fn dir(&self) -> &Path {
        self.daemon.dir()
    }

    /// Starts the registry on this port of 127.0.0.1 (0: a free one), waits until it answers, and makes it refuse
    /// schemas that cannot read data written with the previous version.
    pub(crate) fn up(&self, port: u16) -> Result<Running> {
        let jar = app::ensure()?;
        let step = Step::begin("starting the schema registry");
        let port_taken = Cell::new(0);
        let running = self.daemon.start(
            |dir| {
                port_taken.set(unused_port(port)?);
                Ok(command(dir, &jar, port_taken.get()))
            },
            |_| {
                let address = format!("127.0.0.1:{}", port_taken.get());
                require_backward_compatibility(&address).is_ok().then_some(address)
            },
        )?;
        step.done();
        Ok(running)
    }

    /// Stops the registry and waits; `false` if it was not running.
    pub(crate) fn down(&self) -> Result<bool> {
        self.daemon.stop()
    }

    /// Stops the registry when the result is dropped.
    pub(crate) fn stop_on_drop(self) -> StopOnDrop {
        StopOnDrop(self.daemon)
    }

    /// The registry's process if it runs.
    pub(crate) fn running(&self) -> Result<Option<Running>> {
        self.daemon.running()
    }
}

/// The URL of the registry at this address, for clients.
pub(crate) fn api_url(address: &str) -> String {
    format!("http://{address}/apis/ccompat/v7")
}

fn command(dir: &Path, jar: &Path, port: u16) -> Command {
    let mut java = java::command();
    // It also reads settings from files in its working folder.
    java.current_dir(dir)
        .args(["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"])
        .args(["-Dquarkus.http.host=127.0.0.1", &format!("-Dquarkus.http.port={port}")])
        // A file instead of memory, written without delay, so that registered schemas outlive the process, however it
        // ends.
        .arg(format!(
            "-Dquarkus.datasource.jdbc.url=jdbc:h2:file:{};WRITE_DELAY=0",
            dir.join("data/registry").display()
        ))
        // The default of 20 connections to that file adds a second to the start.
        .args(["-Dquarkus.datasource.jdbc.initial-size=2", "-Dquarkus.datasource.jdbc.min-size=2"])
        .args(["-Dquarkus.log.level=WARN", "-Dquarkus.log.category.\"io.apicurio\".level=WARN"])
        .arg("-jar")
        .arg(jar);
    java
}

/// Fails unless the registry answers. By default it accepts any schema, unlike registries in production.
fn require_backward_compatibility(address: &str) -> Result<()> {
    let url = api_url(address);
    http::get_json::<Vec<String>>(&format!("{url}/subjects"))?;
    http::put_json(&format!("{url}/config"), r#"{"compatibility":"BACKWARD"}"#)
}

/// This port of 127.0.0.1 if it is free; any free port for 0.
fn unused_port(port: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("cannot use port {port}: give another with --port, or 0 for a free one"))?;
    Ok(listener.local_addr()?.port())
}

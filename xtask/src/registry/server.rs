//! Configuring, starting and stopping the registry.

use std::cell::Cell;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::app;
use crate::daemon::{Daemon, Running};
use crate::progress::Step;
use crate::{http, java};

/// The registry of this folder, by default `run/registry` in the cache folder.
pub(crate) fn server(dir: Option<PathBuf>) -> Result<Daemon> {
    Daemon::in_dir("the schema registry", dir, "registry")
}

/// Starts the registry on this port of 127.0.0.1 (0: a free one), waits until it answers, and makes it refuse schemas
/// that cannot read data written with the previous version. Its address is the URL for clients.
pub(crate) fn start(registry: &Daemon, port: u16) -> Result<Running> {
    let jar = app::ensure()?;
    let step = Step::begin("starting the schema registry");
    let port_taken = Cell::new(0);
    let running = registry.start(
        |dir| {
            port_taken.set(unused_port(port)?);
            Ok(command(dir, &jar, port_taken.get()))
        },
        |_| {
            let url = format!("http://127.0.0.1:{}/apis/ccompat/v7", port_taken.get());
            require_backward_compatibility(&url).is_ok().then_some(url)
        },
    )?;
    step.done();
    Ok(running)
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
fn require_backward_compatibility(url: &str) -> Result<()> {
    http::get_json::<Vec<String>>(&format!("{url}/subjects"))?;
    http::put_json(&format!("{url}/config"), r#"{"compatibility":"BACKWARD"}"#)
}

/// This port of 127.0.0.1 if it is free; any free port for 0.
fn unused_port(port: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("cannot use port {port}: give another with --port, or 0 for a free one"))?;
    Ok(listener.local_addr()?.port())
}

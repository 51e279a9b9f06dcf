//! `voc-query erase`: erases the events of a customer or of a tenant.

use std::io;

use anyhow::Context as _;
use voc_service::{SUCCESS, erasure, signals::Signals};

use crate::config::EraseConfig;

/// Erases, or reports what would be erased; ends early on SIGTERM or SIGINT.
pub(crate) async fn run(config: EraseConfig, signals: io::Result<Signals>) -> anyhow::Result<u8> {
    let EraseConfig { task, clickhouse, lifecycle, .. } = config;
    let signals = signals.context("cannot listen for signals")?;
    tokio::select! {
        done = erasure::run_on_server(&task, clickhouse, &lifecycle) => Ok(done.map(|()| SUCCESS)?),
        signal = signals.received() => Ok(signal.context("cannot listen for signals")?.status()),
    }
}

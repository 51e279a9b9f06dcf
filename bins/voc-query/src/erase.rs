//! `voc-query erase`: erases the events of a customer or of a tenant.

use std::{io, time::Duration};

use anyhow::Context as _;
use voc_service::{SUCCESS, clickhouse, config::lifecycle::LifecycleSettings, erasure, signals::Signals};

use crate::config::EraseConfig;

/// A statement reads every event of a tenant, so it may take longer than those of the service.
const LONGEST_STATEMENT: Duration = Duration::from_secs(3600);

/// Erases, or reports what would be erased; ends early on SIGTERM or SIGINT.
pub(crate) async fn run(config: EraseConfig, signals: io::Result<Signals>) -> anyhow::Result<u8> {
    let EraseConfig { task, mut clickhouse, lifecycle, .. } = config;
    let signals = signals.context("cannot listen for signals")?;
    clickhouse.query_timeout = LONGEST_STATEMENT.max(clickhouse.query_timeout);
    let store = clickhouse::connect(clickhouse)?;
    // Missing tables are reported, not created.
    let lifecycle = LifecycleSettings { migrate: false, ..lifecycle };
    let work = async {
        clickhouse::prepare(&store, &lifecycle).await.context("cannot use the ClickHouse server")?;
        erasure::run(&task, &store).await.context("not everything is erased; run the same command again")
    };
    tokio::select! {
        done = work => done.map(|()| SUCCESS),
        signal = signals.received() => Ok(signal.context("cannot listen for signals")?.status()),
    }
}

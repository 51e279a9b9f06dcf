//! The service under load.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use voc_api::{ApiState, Drain, Limits, Ports, Reports, Server, access::Access, serve};
use voc_events::families;

use super::stored::Stored;

/// A running service on this machine.
pub(super) struct Service {
    runtime: Runtime,
    server: Server,
    shutdown: CancellationToken,
}

impl Service {
    pub(super) fn start(stored: &Stored, limits: Limits) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let state = ApiState {
            default_family: families::DEFAULT,
            queries: Some(stored.queries()),
            statements: None,
            reports: Arc::new(Reports::load(None).context("cannot load the reports")?),
            access: Arc::new(Access::unrestricted()),
            probes: Vec::new(),
            limits,
            metrics: Arc::new(String::new),
        };
        let ports = Ports { host: "127.0.0.1".to_owned(), port: 0, metrics_port: None };
        let shutdown = CancellationToken::new();
        let server = {
            let _entered = runtime.enter();
            serve(state, &ports, Drain::default(), &shutdown).context("cannot start the service")?
        };
        Ok(Self { runtime, server, shutdown })
    }

    pub(super) fn address(&self) -> String {
        self.server.address().to_string()
    }

    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.runtime.block_on(self.server.finished()).context("the service has failed")
    }
}

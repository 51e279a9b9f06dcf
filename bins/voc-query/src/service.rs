//! The service: store → API, until a signal arrives.

use std::{io, sync::Arc};

use anyhow::Context as _;
use voc_api::{ApiState, Drain, Limits, Ports, Probe, Reports, StoreProbe, access::Access};
use voc_events::families;
use voc_service::{
    SUCCESS, api_metrics, clickhouse,
    config::http::HttpSettings,
    log_level,
    metrics::{self, MetricsPage},
    signals::Signals,
};
use voc_store::clickhouse::ClickHouseStore;

use crate::{config::Config, schema::SchemaProbe};

/// Runs until SIGTERM or SIGINT.
///
/// Without `--migrate` it starts even if the server cannot be reached; readiness reports that.
pub(crate) async fn run(config: Config, signals: io::Result<Signals>) -> anyhow::Result<u8> {
    let shutdown = signals.context("cannot listen for signals")?.shutdown_token();
    let page = metrics::install(&api_metrics()).context("cannot set up metrics")?;
    tokio::spawn(page.upkeep());
    tokio::spawn(log_level::watch(config.logging));
    let lifecycle = config.lifecycle;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), environment = lifecycle.environment, "starting");
    let access = Access::new(&config.access.config).context("cannot read the credentials of callers")?;
    let reports =
        Arc::new(Reports::load(config.reports_dir.as_deref()).context("cannot use the templates of reports")?);
    let limits = Limits::for_connections(config.clickhouse.pool_size);
    let store = Arc::new(clickhouse::connect(config.clickhouse)?);
    if lifecycle.migrate {
        tokio::select! {
            prepared = clickhouse::prepare(&store, &lifecycle) => prepared.context("cannot prepare the store")?,
            () = shutdown.cancelled() => return Ok(SUCCESS),
        }
    }

    let schema = SchemaProbe::new(store.clone(), lifecycle.partition_by, reports.clone());
    tokio::select! {
        checked = check(&schema) => checked?,
        () = shutdown.cancelled() => return Ok(SUCCESS),
    }
    let state = state(&store, access, reports, schema, limits, page);
    let HttpSettings { host, port, metrics_port } = config.http;
    let drain = Drain { grace: lifecycle.drain, deadline: lifecycle.shutdown_deadline };
    let server = voc_api::serve(state, &Ports { host, port, metrics_port }, drain, &shutdown)?;
    tracing::info!(address = %server.address(), access = config.access.describe(), "answering questions");
    if let Some(address) = server.metrics_address() {
        tracing::info!(%address, "serving only health and metrics");
    }
    server.finished().await?;
    tracing::info!("ended");
    Ok(SUCCESS)
}

/// Checks that the store understands the templates of reports. One whose tables are not there yet is not asked:
/// readiness says what is missing, and checks the templates then.
async fn check(schema: &SchemaProbe) -> anyhow::Result<()> {
    if let Err(reason) = schema.check_tables().await {
        tracing::warn!(reason, "the templates of reports are compared with the tables once these are there");
        return Ok(());
    }
    schema.check_templates().await.context("cannot use the templates of reports")
}

fn state(
    store: &Arc<ClickHouseStore>,
    access: Access,
    reports: Arc<Reports>,
    schema: SchemaProbe,
    limits: Limits,
    page: MetricsPage,
) -> ApiState {
    let probes: Vec<Arc<dyn Probe>> =
        vec![Arc::new(StoreProbe::of_queries(store.clone(), "clickhouse")), Arc::new(schema)];
    let tls = store.backend().config().tls.clone();
    ApiState {
        default_family: families::DEFAULT,
        queries: Some(store.clone()),
        statements: Some(store.clone()),
        reports,
        access: Arc::new(access),
        probes,
        limits,
        metrics: Arc::new(move || {
            clickhouse::export_certificate(tls.as_ref());
            page.render()
        }),
    }
}

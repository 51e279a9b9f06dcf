//! The service: store → API, until a signal arrives.

use std::{io, sync::Arc};

use anyhow::Context as _;
use voc_api::{ApiState, Limits, Ports, Probe, Reports, StoreProbe, access::Access, telemetry};
use voc_events::families;
use voc_service::{
    SUCCESS, clickhouse,
    config::http::HttpSettings,
    metrics::{self, Metric, MetricsPage},
    signals::Signals,
};
use voc_store::clickhouse::ClickHouseStore;

use crate::{config::Config, schema::SchemaProbe};

/// Runs until SIGTERM or SIGINT.
///
/// Without `--migrate` it starts even if the server cannot be reached; readiness reports that.
pub(crate) async fn run(config: Config, signals: io::Result<Signals>) -> anyhow::Result<u8> {
    let shutdown = signals.context("cannot listen for signals")?.shutdown_token();
    let page = install_metrics()?;
    tokio::spawn(page.upkeep());
    let lifecycle = config.lifecycle;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), environment = lifecycle.environment, "starting");
    let access = Access::new(&config.access.config).context("cannot read the credentials of callers")?;
    let reports = Reports::load(config.reports_dir.as_deref()).context("cannot use the templates of reports")?;
    let store = Arc::new(clickhouse::connect(config.clickhouse)?);
    if lifecycle.migrate {
        tokio::select! {
            prepared = clickhouse::prepare(&store, &lifecycle) => prepared.context("cannot prepare the store")?,
            () = shutdown.cancelled() => return Ok(SUCCESS),
        }
    }

    let schema = SchemaProbe::new(store.clone(), lifecycle.partition_by);
    tokio::select! {
        checked = check(&reports, &store, &schema) => checked?,
        () = shutdown.cancelled() => return Ok(SUCCESS),
    }
    let state = state(&store, access, reports, schema, page);
    let HttpSettings { host, port, metrics_port } = config.http;
    let server = voc_api::serve(state, &Ports { host, port, metrics_port }, &shutdown)?;
    tracing::info!(address = %server.address(), access = config.access.describe(), "answering questions");
    let ended = server.finished();
    tokio::pin!(ended);
    tokio::select! {
        // The server ends before its token is cancelled only if it fails.
        ended = &mut ended => return ended.map(|()| SUCCESS).context("the server failed"),
        () = shutdown.cancelled() => {}
    }
    match tokio::time::timeout(lifecycle.shutdown_deadline, ended).await {
        Ok(ended) => ended.context("the server failed")?,
        Err(_elapsed) => tracing::warn!(
            deadline = ?lifecycle.shutdown_deadline,
            "requests in progress did not finish in time; shutting down without them"
        ),
    }
    tracing::info!("ended");
    Ok(SUCCESS)
}

/// Checks that the store understands the templates of reports. One whose tables are not there yet is not asked:
/// readiness says what is missing.
async fn check(reports: &Reports, store: &ClickHouseStore, schema: &SchemaProbe) -> anyhow::Result<()> {
    if let Err(reason) = schema.check().await {
        tracing::warn!(reason, "the templates of reports are not compared with the tables");
        return Ok(());
    }
    reports.check(store).await.context("cannot use the templates of reports")
}

fn state(
    store: &Arc<ClickHouseStore>,
    access: Access,
    reports: Reports,
    schema: SchemaProbe,
    page: MetricsPage,
) -> ApiState {
    let probes: Vec<Arc<dyn Probe>> =
        vec![Arc::new(StoreProbe::of_queries(store.clone(), "clickhouse")), Arc::new(schema)];
    ApiState {
        default_family: families::DEFAULT,
        queries: Some(store.clone()),
        statements: Some(store.clone()),
        reports: Arc::new(reports),
        access: Arc::new(access),
        probes,
        limits: Limits::default(),
        metrics: Arc::new(move || page.render()),
    }
}

fn install_metrics() -> anyhow::Result<MetricsPage> {
    let routes = voc_api::route_paths();
    let list = [
        Metric::counter(telemetry::REQUESTS, telemetry::REQUESTS_HELP)
            .by("route", routes.clone())
            .by("status", ["200"]),
        Metric::histogram(
            telemetry::REQUEST_SECONDS,
            telemetry::REQUEST_SECONDS_HELP,
            telemetry::REQUEST_SECONDS_BUCKETS,
        )
        .by("route", routes),
        Metric::counter(telemetry::AUTH, telemetry::AUTH_HELP).by("outcome", telemetry::AUTH_OUTCOMES),
        Metric::counter(telemetry::LIMITED, telemetry::LIMITED_HELP).by("limit", telemetry::LIMITS),
        Metric::counter(telemetry::FORBIDDEN, telemetry::FORBIDDEN_HELP),
        Metric::counter(telemetry::KEY_RELOAD_FAILURES, telemetry::KEY_RELOAD_FAILURES_HELP),
    ];
    metrics::install(&list).context("cannot set up metrics")
}

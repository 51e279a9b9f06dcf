//! Processing: input → pipeline → store, with HTTP, until the input ends or a signal arrives.

mod input;

use std::sync::Arc;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use voc_api::{ApiState, Drain, Limits, Ports, Probe, Reports, access::Access};
use voc_events::families::FamilyInfo;
use voc_ingest::{PipelineError, SourceError, telemetry};
use voc_service::{
    FAILURE, SUCCESS, api_metrics, certificates, clickhouse,
    config::{http::HttpSettings, lifecycle::LifecycleSettings},
    metrics::{self, Metric, MetricsPage},
    signals::{EndSignal, Signals},
};

use self::input::Running;
use crate::{
    annotation,
    config::{Input, ProcessConfig, StoreConfig},
    registry,
    report::Report,
    store::{self, Store},
};

/// Exit status of an import that ended but could use none of its input: every record is a dead letter, or the input
/// has no events.
const NOTHING_USABLE: u8 = 3;

/// How processing ended, if it did not fail.
enum End {
    /// The import is complete, or a signal ended a service.
    Complete,
    /// The import is complete, but could use none of its input.
    NothingUsable,
    /// A signal ended an import before the end of its input.
    Interrupted,
}

/// Runs until the input ends (`--once`) or a signal is caught; returns the exit status.
pub(crate) async fn run(
    config: ProcessConfig,
    store_config: StoreConfig,
    lifecycle: LifecycleSettings,
    signals: &Signals,
) -> anyhow::Result<u8> {
    match work(config, store_config, lifecycle, signals.shutdown_token()).await? {
        End::Complete => Ok(SUCCESS),
        End::NothingUsable => Ok(NOTHING_USABLE),
        End::Interrupted => Ok(signals.caught().map_or(FAILURE, EndSignal::status)),
    }
}

/// Runs until the input ends (`--once`) or `shutdown` is cancelled.
async fn work(
    config: ProcessConfig,
    store_config: StoreConfig,
    lifecycle: LifecycleSettings,
    shutdown: CancellationToken,
) -> anyhow::Result<End> {
    let page = install_metrics(&config.input.families())?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), environment = lifecycle.environment, "starting");
    tokio::spawn(page.upkeep());
    let annotator = annotation::annotator(&config.annotation)?;
    if annotator.has_model() {
        tokio::spawn(annotation::watch(Arc::clone(&annotator)));
    }
    // Before the store is reached, so that an unusable setting is reported at once.
    let registry = registry::open(config.registry.as_ref())?;
    let is_standalone = matches!(store_config, StoreConfig::Embedded(_));
    let access = match &config.access {
        Some(access) => Access::new(&access.config).context("cannot read the credentials of callers")?,
        None => Access::unrestricted(),
    };
    let access = Arc::new(access);
    let reports = Reports::load(config.reports_dir.as_deref()).context("cannot use the templates of reports")?;
    let start = async {
        let tables = config.input.tables();
        let store = store::open(store_config, &lifecycle, &tables, config.allow_no_deduplication).await?;
        if is_standalone && config.http.is_some() {
            reports.check(store.statements.as_ref()).await.context("cannot use the templates of reports")?;
        }
        let running = input::start(&config, &store, &annotator, registry, &lifecycle, &shutdown).await?;
        anyhow::Ok((store, running))
    };
    let (store, mut running) = tokio::select! {
        started = start => started?,
        () = shutdown.cancelled() => {
            if !config.input.ends_the_process() {
                return Ok(End::Complete);
            }
            tracing::warn!("interrupted before the import began");
            return Ok(End::Interrupted);
        }
    };
    if let Some(certificate) = config.input.client_certificate().and_then(certificates::of_file) {
        certificates::export(&certificate, "broker", "client");
    }
    let tls = store.tls.clone();
    // The API drains while the pipelines do.
    let http = shutdown.child_token();
    let served = config.http.as_ref().map(|settings| {
        let state = ApiState {
            default_family: config.default_family,
            access: Arc::clone(&access),
            queries: is_standalone.then(|| Arc::clone(&store.queries)),
            statements: is_standalone.then(|| Arc::clone(&store.statements)),
            reports: Arc::new(reports),
            probes: probes(&store, &running),
            limits: Limits::default(),
            metrics: Arc::new(move || {
                annotation::export(&annotator);
                clickhouse::export_certificate(tls.as_ref());
                page.render()
            }),
        };
        let HttpSettings { host, port, metrics_port } = settings.clone();
        let drain = Drain { grace: lifecycle.drain, deadline: lifecycle.shutdown_deadline };
        let server = voc_api::serve(state, &Ports { host, port, metrics_port }, drain, &http)?;
        let access = config.access.as_ref().map_or("only health and metrics", |access| access.describe());
        tracing::info!(address = %server.address(), access, "answering questions");
        if let Some(address) = server.metrics_address() {
            tracing::info!(%address, "serving only health and metrics");
        }
        anyhow::Ok(server)
    });
    // Whatever fails from here on, work in progress is finished in order.
    let outcome = match served.transpose() {
        Ok(server) => {
            let outcome = process(&config, &lifecycle, &mut running, &shutdown).await;
            http.cancel();
            let served = match server {
                Some(server) => server.finished().await.map_err(anyhow::Error::from),
                None => Ok(()),
            };
            first_error(outcome, served)
        }
        Err(error) => running.drained(lifecycle.shutdown_deadline).await.and(Err(error)),
    };
    tracing::info!("ended");
    outcome
}

/// The outcome, unless only serving failed. If both did, that is logged.
fn first_error(outcome: anyhow::Result<End>, served: anyhow::Result<()>) -> anyhow::Result<End> {
    match (outcome, served) {
        (Err(error), Err(also)) => {
            tracing::error!("{also:#}");
            Err(error)
        }
        (outcome, served) => served.and(outcome),
    }
}

/// Waits until the input has ended, reports it, and then waits for `shutdown` unless the process ends with its input.
async fn process(
    config: &ProcessConfig,
    lifecycle: &LifecycleSettings,
    running: &mut Running,
    shutdown: &CancellationToken,
) -> anyhow::Result<End> {
    let outcome = tokio::select! {
        outcome = running.ended(lifecycle.shutdown_deadline) => outcome,
        () = shutdown.cancelled() => running.drained(lifecycle.shutdown_deadline).await,
    };
    let report = Report::new(&running.tallies, running.inputs, &running.files, running.elapsed());
    if config.input.ends_the_process() {
        report.print().context("cannot write the report")?;
        if let Some(coerced) = report.coerced() {
            tracing::info!("values accepted although they are written differently than they should be: {coerced}");
        }
        if let Some(dead_letters) = report.dead_letters() {
            let file = Input::dead_letters_in(&config.data_dir);
            tracing::warn!("{dead_letters} became dead letters: {} has them with the reasons", file.display());
        }
    } else if outcome.is_ok() {
        if !shutdown.is_cancelled() {
            let report = report.to_json().context("cannot write the report")?;
            tracing::info!(report, "the input has ended; stored events are served until a signal arrives");
            shutdown.cancelled().await;
        }
        return Ok(End::Complete);
    }
    if let Err(error) = outcome {
        if !has_no_events(&error, &report) {
            return Err(error);
        }
        tracing::error!("{error:#}");
        return Ok(End::NothingUsable);
    }
    if let Some(unfinished) = report.unfinished().filter(|_| shutdown.is_cancelled()) {
        tracing::warn!(
            "interrupted: {unfinished} not read to the end; run the same command again to resume (a pipe and standard \
             input start over)"
        );
        return Ok(End::Interrupted);
    }
    if report.nothing_is_usable() {
        tracing::error!("no part of the input could be used");
        return Ok(End::NothingUsable);
    }
    Ok(End::Complete)
}

/// Whether an import failed because its input has no events.
fn has_no_events(error: &anyhow::Error, report: &Report) -> bool {
    match error.downcast_ref::<PipelineError>() {
        Some(PipelineError::Source(SourceError::Foreign { .. })) => true,
        Some(PipelineError::Source(SourceError::Inputs { failed, foreign, .. })) => {
            failed == foreign && !report.something_is_used()
        }
        _ => false,
    }
}

fn install_metrics(families: &[FamilyInfo]) -> anyhow::Result<MetricsPage> {
    let of_families = |metric: Metric| metric.by("family", families.iter().map(|family| family.name));
    let counters = telemetry::COUNTERS.iter().map(|(name, help)| Metric::counter(name, help));
    let mut list: Vec<Metric> = counters.map(of_families).collect();
    list.extend([
        of_families(
            Metric::counter(telemetry::PROCESSING_ERRORS, "Processing errors by type")
                .by("error_type", telemetry::ERROR_TYPES),
        ),
        of_families(
            Metric::counter(telemetry::EVENTS_BY_TYPE_CLASS, "Events accepted, by what is known about their type")
                .by("type_class", telemetry::TYPE_CLASSES),
        ),
        of_families(
            Metric::counter(telemetry::SOURCE_RESETS, "Lanes that did not begin at the group's committed offset")
                .by("reason", telemetry::RESET_REASONS),
        ),
        Metric::counter(telemetry::EVENTS_COERCED, "Values accepted although written in another form")
            .by("family", std::iter::empty::<&str>())
            .by("field", std::iter::empty::<&str>()),
        of_families(Metric::histogram(
            telemetry::BATCH_PROCESS_SECONDS,
            "Time from cutting a batch until it is stored, in seconds",
            metrics::BATCH_PROCESS_SECONDS,
        )),
        of_families(Metric::histogram(telemetry::BATCH_SIZE, "Records per batch", metrics::BATCH_SIZES)),
        of_families(Metric::histogram(
            telemetry::FRESHNESS_SECONDS,
            "Time from a record's timestamp until it is stored, in seconds",
            metrics::FRESHNESS_SECONDS,
        )),
        Metric::gauge(
            telemetry::TENANT_LAG_SECONDS,
            "Age of a tenant's oldest record that is read but not stored, in seconds",
        ),
        Metric::gauge(telemetry::CONSUMER_LAG, "Records between the committed offset and the end of the partition"),
    ]);
    for prefix in families.iter().filter_map(|family| family.presets.metrics_prefix) {
        // The names live as long as the program.
        list.extend(telemetry::alias_counters(prefix).map(|(name, help)| Metric::counter(name.leak(), help)));
        let (name, help) = telemetry::alias_histogram(prefix);
        list.push(Metric::histogram(name.leak(), help, metrics::BATCH_PROCESS_SECONDS));
    }
    list.extend(annotation::metrics());
    list.extend(api_metrics());
    metrics::install(&list).context("cannot set up metrics")
}

fn probes(store: &Store, running: &Running) -> Vec<Arc<dyn Probe>> {
    let store: Arc<dyn Probe> = Arc::new(store.probe());
    std::iter::once(store).chain(running.probes.iter().cloned()).collect()
}

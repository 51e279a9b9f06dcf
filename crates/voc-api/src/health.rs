//! Liveness, readiness and metrics.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use actix_web::{HttpResponse, http::StatusCode, web};
use futures_util::future::join_all;
use serde::{Serialize, Serializer};
use tokio::{runtime::Handle, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::{Probe, state::Shared, telemetry::READY};

/// How often the checks are made for the metrics.
const WATCH_INTERVAL: Duration = Duration::from_secs(15);

/// Whether the process runs.
#[utoipa::path(
    get, path = "/healthz", operation_id = "healthz", tag = "service",
    responses((status = 200, description = "It runs", body = Object, example = json!({"status": "ok"})))
)]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// Whether everything that the service needs can be used.
///
/// All checks run at once. Each system and each role has its state: `connected`, or the reason why not. A service that
/// is about to end is not ready, whatever they say.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "service",
    responses(
        (status = 200, description = "All checks succeed", body = Object,
            example = json!({"status": "ok", "clickhouse": "connected", "checks": {"store": "connected"}})),
        (status = 503, description = "A check fails, or the service is about to end", body = Object,
            example = json!({
                "status": "unavailable",
                "detail": "clickhouse: store unavailable: connection refused",
                "clickhouse": "store unavailable: connection refused",
                "checks": {"store": "store unavailable: connection refused"},
            })),
    )
)]
pub(crate) async fn readyz(shared: web::Data<Shared>) -> HttpResponse {
    // At its end it does not matter what else may be wrong, and the answer is needed at once.
    if shared.is_ending() {
        let ending =
            serde_json::json!({"status": "unavailable", "detail": "the service is about to end", "checks": {}});
        return HttpResponse::ServiceUnavailable().json(ending);
    }
    let checks = join_all(shared.api.probes.iter().map(|probe| check(shared.runtime(), probe))).await;
    let readiness = Readiness { checks };
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(readiness)
}

/// Metrics in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "service",
    responses((status = 200, description = "The page of metrics", content_type = "text/plain", body = String,
        example = "voc_http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 12\n"))
)]
pub(crate) async fn metrics(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body((shared.api.metrics)())
}

struct Check {
    role: String,
    system: String,
    /// `connected`, or the reason why not.
    state: String,
    is_connected: bool,
}

/// Checks in a task of its own, so that a defect in a check is the reason why it fails, and nothing else.
async fn check(runtime: &Handle, probe: &Arc<dyn Probe>) -> Check {
    let limit = probe.limit();
    let checking = {
        let probe = Arc::clone(probe);
        async move { tokio::time::timeout(limit, probe.check()).await }
    };
    let failure = match runtime.spawn(checking).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(reason))) => Some(reason),
        Ok(Err(_elapsed)) => Some(format!("no answer within {limit:?}")),
        Err(error) => Some(format!("the check failed: {error}")),
    };
    Check {
        role: probe.role().to_owned(),
        system: probe.system().to_owned(),
        is_connected: failure.is_none(),
        state: failure.unwrap_or_else(|| "connected".to_owned()),
    }
}

/// Makes the checks every fifteen seconds until the service ends, and says in a metric whether they succeed: whoever
/// reads the metrics must neither wait for them nor depend on somebody who asks for readiness.
pub(crate) async fn watch(probes: Vec<Arc<dyn Probe>>, runtime: Handle, ends: CancellationToken) {
    let mut ticks = tokio::time::interval(WATCH_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watching = async {
        loop {
            ticks.tick().await;
            for check in join_all(probes.iter().map(|probe| check(&runtime, probe))).await {
                let labels = [("role", check.role), ("system", check.system)];
                metrics::gauge!(READY, &labels).set(if check.is_connected { 1.0 } else { 0.0 });
            }
        }
    };
    let _ = ends.run_until_cancelled(watching).await;
}

/// `{"status":"ok","clickhouse":"connected","checks":{"store":"connected"}}`; if something fails, its state is the
/// reason, the status is `unavailable`, and `detail` names all failures.
struct Readiness {
    checks: Vec<Check>,
}

impl Readiness {
    fn is_ready(&self) -> bool {
        self.checks.iter().all(|check| check.is_connected)
    }
}

impl Serialize for Readiness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |text: &str| serde_json::Value::from(text);
        let status = if self.is_ready() { "ok" } else { "unavailable" };
        let mut fields = vec![("status", text(status))];
        let failures = self.checks.iter().filter(|check| !check.is_connected);
        let failures: Vec<String> = failures.map(|check| format!("{}: {}", check.system, check.state)).collect();
        if !failures.is_empty() {
            fields.push(("detail", text(&failures.join("; "))));
        }
        fields.extend(self.checks.iter().map(|check| (check.system.as_str(), text(&check.state))));
        let by_role: BTreeMap<&str, &str> =
            self.checks.iter().map(|check| (check.role.as_str(), check.state.as_str())).collect();
        fields.push(("checks", serde_json::json!(by_role)));
        serializer.collect_map(fields)
    }
}

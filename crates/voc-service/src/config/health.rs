//! The settings of `health`: which processor to ask, and what.

use voc_service::config::{Program, Rejected, Setting, Values, http::HttpSettings};

use super::http::HTTP;

const READY: Setting<bool> = Setting::switch(
    "ready",
    &[],
    "Ask whether it is ready, that is, whether /readyz has no reason why not, instead of whether it is alive",
)
.group("Health");

/// Which processor to ask, and what.
#[derive(Debug)]
pub(crate) struct HealthTask {
    pub(crate) http: HttpSettings,
    /// Whether to ask for readiness.
    pub(crate) ready: bool,
}

pub(super) fn program() -> Program {
    Program::new(
        "health",
        env!("CARGO_PKG_VERSION"),
        "Asks a processor on this machine whether it is alive; the status is 0 if it is, else 1",
    )
    .settings([READY.spec()])
    .example("Example, as a container's health check: voc-processor health --http-port 8000")
}

pub(super) fn read(values: &mut Values) -> Result<HealthTask, Rejected> {
    let (http, ready) = (HTTP.read(values, "127.0.0.1"), values.get(&READY));
    Ok(HealthTask { http: http?, ready: ready? })
}

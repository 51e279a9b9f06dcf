//! The settings of `health`: which service to ask, and what.

use super::{
    Program, Rejected, Setting, Values,
    http::{HttpGroup, HttpSettings},
};

const READY: Setting<bool> = Setting::switch(
    "ready",
    &[],
    "Ask whether it is ready, that is, whether /readyz has no reason why not, instead of whether it is alive",
)
.group("Health");

/// Which service to ask, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthTask {
    /// Where it listens.
    pub http: HttpSettings,
    /// Whether to ask for readiness.
    pub ready: bool,
}

impl HealthTask {
    /// The subcommand `health` of a program of this version, with an example of its use.
    #[must_use]
    pub fn program(version: &'static str, example: &'static str) -> Program {
        let about = "Asks a service on this machine whether it is alive; the status is 0 if it is, else 1";
        Program::new("health", version, about).settings([READY.spec()]).example(example)
    }

    /// Reads what the subcommand is about; the service listens as `http` says.
    ///
    /// # Errors
    /// [`Rejected`] if a value is invalid.
    pub fn read(values: &mut Values, http: &HttpGroup) -> Result<Self, Rejected> {
        let (http, ready) = (http.read(values, "127.0.0.1"), values.get(&READY));
        Ok(Self { http: http?, ready: ready? })
    }
}

//! The state of the handlers.

use std::{future::Future, sync::Arc};

use tokio::{runtime::Handle, task::JoinError};
use voc_events::families::FamilyInfo;
use voc_store::EventQueries;

use crate::{Probe, problem::Problem};

/// What the API needs to answer requests.
#[derive(Clone)]
pub struct ApiState {
    /// The store's queries; without them only health and metrics are served.
    pub queries: Option<Arc<dyn EventQueries>>,
    /// The family of requests that name none.
    pub default_family: FamilyInfo,
    /// The dependencies that readiness checks.
    pub probes: Vec<Arc<dyn Probe>>,
    /// Renders the metrics in Prometheus' text format, version 0.0.4.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The state with the service's runtime.
///
/// Each of the server's workers has its own runtime, which ends with the server. Store operations run on the service's
/// runtime instead, so that connections opened there outlive the server, and a request abandoned by its client cannot
/// interrupt an operation in the middle of its connection's protocol.
pub(crate) struct Shared {
    pub(crate) api: ApiState,
    pub(crate) runtime: Handle,
}

impl Shared {
    /// The store's queries; without them, the routes that need them are not found.
    pub(crate) fn queries(&self) -> Result<Arc<dyn EventQueries>, Problem> {
        self.api.queries.clone().ok_or(Problem::NotFound)
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        self.runtime.spawn(operation).await
    }
}

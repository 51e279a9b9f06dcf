//! What the handlers work with.

use std::{future::Future, sync::Arc};

use tokio::{runtime::Handle, task::JoinError};
use voc_events::families::FamilyInfo;
use voc_store::EventQueries;

use crate::{Probe, problem::Problem};

/// What the API answers from.
#[derive(Clone)]
pub struct ApiState {
    /// The store's questions; without them only health and metrics are served.
    pub queries: Option<Arc<dyn EventQueries>>,
    /// The family that is meant where a question names none.
    pub default_family: FamilyInfo,
    /// What readiness depends on.
    pub probes: Vec<Arc<dyn Probe>>,
    /// Renders the metrics in Prometheus' text format, version 0.0.4.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The state with the service's runtime.
///
/// Each of the server's workers has a runtime of its own, which ends with the server. Store operations run on the service's
/// runtime instead: connections opened there outlive the server, and a request that its client gives up cannot cut an
/// operation short in the middle of its connection's protocol.
pub(crate) struct Shared {
    pub(crate) api: ApiState,
    pub(crate) runtime: Handle,
}

impl Shared {
    /// The store's questions; where there are none, what asks for them is not found.
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

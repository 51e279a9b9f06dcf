//! The state of the handlers.

use std::{future::Future, sync::Arc};

use tokio::{runtime::Handle, task::JoinError};
use voc_events::families::FamilyInfo;
use voc_store::{EventQueries, StoreError};

use crate::{
    Limits, Probe,
    access::{Access, Caller},
    answers::Answers,
    problem::Problem,
    query_slots::{QuerySlot, QuerySlots},
};

/// What the API needs to answer requests.
#[derive(Clone)]
pub struct ApiState {
    /// The store's queries; without them only health and metrics are served.
    pub queries: Option<Arc<dyn EventQueries>>,
    /// The family of requests that name none.
    pub default_family: FamilyInfo,
    /// Who may ask.
    pub access: Arc<Access>,
    /// The dependencies that readiness checks.
    pub probes: Vec<Arc<dyn Probe>>,
    /// What all requests together do not exceed.
    pub limits: Limits,
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
    runtime: Handle,
    slots: QuerySlots,
    pub(crate) answers: Answers,
}

impl Shared {
    pub(crate) fn new(api: ApiState, runtime: Handle) -> Self {
        let slots = QuerySlots::new(&api.limits);
        let answers = Answers::new(&api.limits);
        Self { api, runtime, slots, answers }
    }

    /// The store's queries; without them, the routes that need them are not found.
    pub(crate) fn queries(&self) -> Result<Arc<dyn EventQueries>, Problem> {
        self.api.queries.clone().ok_or(Problem::NotFound)
    }

    /// Asks the store when there is a slot for this question among its caller's and among all. A question that is
    /// abandoned, by its client or because it took too long, keeps its slots for as long as the store works on it.
    pub(crate) async fn query<T: Send + 'static>(
        &self,
        caller: &Caller,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Problem> {
        let asked = async {
            let slots = (caller.slot().await?, self.slot().await?);
            let answer = self.run(async move {
                let answer = question.await;
                drop(slots);
                answer
            });
            Ok(answer.await??)
        };
        tokio::time::timeout(self.api.limits.question, asked).await.unwrap_or_else(|_elapsed| {
            tracing::warn!(limit = ?self.api.limits.question, "a question was abandoned, because it took too long");
            Err(Problem::QueryTimeout)
        })
    }

    /// Waits until the store may be asked. What asks keeps the slot until it has its answer.
    pub(crate) async fn slot(&self) -> Result<QuerySlot, Problem> {
        self.slots.acquire().await
    }

    /// Starts what outlives the request's handler.
    pub(crate) fn spawn(&self, operation: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(operation);
    }

    /// Runs what is no question to the store, such as the checks of readiness, without waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        self.runtime.spawn(operation).await
    }
}

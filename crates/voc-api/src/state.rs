//! The state of the handlers.

use std::{future::Future, sync::Arc, time::Instant};

use futures_util::StreamExt as _;
use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinError},
    time,
};
use tokio_util::sync::CancellationToken;
use voc_events::families::FamilyInfo;
use voc_store::{EventList, EventQueries, EventStream, StatementQueries, StoreError};

use crate::{
    Limits, Probe, Reports,
    access::{Access, Caller, Slot},
    answers::Answers,
    current_route,
    problem::Problem,
    query_slots::{QuerySlot, QuerySlots},
    telemetry::{STORE_ERRORS, STORE_SECONDS},
};

/// What the API needs to answer requests.
#[derive(Clone)]
pub struct ApiState {
    /// The store's queries; without them only health and metrics are served.
    pub queries: Option<Arc<dyn EventQueries>>,
    /// The same store for statements in SQL; without it there are neither reports nor restricted SQL.
    pub statements: Option<Arc<dyn StatementQueries>>,
    /// The templates of reports.
    pub reports: Arc<Reports>,
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
    ends: CancellationToken,
    slots: QuerySlots,
    pub(crate) answers: Answers,
}

impl Shared {
    pub(crate) fn new(api: ApiState, runtime: Handle, ends: CancellationToken) -> Self {
        let slots = QuerySlots::new(&api.limits);
        let answers = Answers::new(&api.limits);
        Self { api, runtime, ends, slots, answers }
    }

    /// The service's runtime.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Whether the server is about to end, so that no more requests should be sent to it.
    pub(crate) fn is_ending(&self) -> bool {
        self.ends.is_cancelled()
    }

    /// The store's queries; without them, the routes that need them are not found.
    pub(crate) fn queries(&self) -> Result<Arc<dyn EventQueries>, Problem> {
        self.api.queries.clone().ok_or(Problem::NotFound)
    }

    /// The same for a caller, who pays for the rows that are read.
    pub(crate) fn metered_queries(&self, caller: &Caller) -> Result<Arc<dyn EventQueries>, Problem> {
        Ok(self.queries()?.metered(caller.meter()))
    }

    /// The same, unless the caller has used up its rows.
    pub(crate) fn queries_for(&self, caller: &Caller) -> Result<Arc<dyn EventQueries>, Problem> {
        caller.require_rows()?;
        self.metered_queries(caller)
    }

    /// The store for a caller's statements, unless it has used up its rows; without it, the routes that need it are
    /// not found.
    pub(crate) fn statements_for(&self, caller: &Caller) -> Result<Arc<dyn StatementQueries>, Problem> {
        let statements = self.api.statements.clone().ok_or(Problem::NotFound)?;
        caller.require_rows()?;
        Ok(statements.metered(caller.meter()))
    }

    /// Asks the store when there is a slot for this question among its caller's and among all. A question that is
    /// abandoned, by its client or because it took too long, keeps its slots for as long as the store works on it.
    pub(crate) async fn query<T: Send + 'static>(
        &self,
        caller: &Caller,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_time(caller.begun(), self.asked(caller, question, |_| ())).await
    }

    /// The same for a question that the store ends when its future is dropped, which happens when its client goes
    /// away.
    pub(crate) async fn query_while_awaited<T: Send + 'static>(
        &self,
        caller: &Caller,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_time(caller.begun(), self.asked(caller, question, AbortOnDrop)).await
    }

    /// The same for a small question that is asked for all callers: it takes no slot of one of them, who may be
    /// refused it.
    pub(crate) async fn query_for_all<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.in_time(time::Instant::now(), self.asked_with(None, question, |_| ())).await
    }

    /// Asks with slots; what `hold` makes of the running question is kept while the answer is awaited.
    async fn asked<T: Send + 'static, H>(
        &self,
        caller: &Caller,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
        hold: impl FnOnce(AbortHandle) -> H,
    ) -> Result<T, Problem> {
        self.asked_with(Some(caller.slot().await?), question, hold).await
    }

    async fn asked_with<T: Send + 'static, H>(
        &self,
        of_caller: Option<Slot>,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
        hold: impl FnOnce(AbortHandle) -> H,
    ) -> Result<T, Problem> {
        let slots = (of_caller, self.slot().await?);
        let question = measured(question);
        let running = self.runtime.spawn(async move {
            let answer = question.await;
            drop(slots);
            answer
        });
        let _held = hold(running.abort_handle());
        Ok(running.await??)
    }

    /// What the store answers, unless it is too long ago that the request began. A request may ask several questions.
    pub(crate) async fn in_time<T>(
        &self,
        begun: time::Instant,
        asked: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        time::timeout_at(begun + self.api.limits.question, asked).await.unwrap_or_else(|_elapsed| {
            tracing::warn!(limit = ?self.api.limits.question, "a question was abandoned, because it took too long");
            Err(Problem::QueryTimeout)
        })
    }

    /// All events of a list. The stream keeps its slots until it is dropped.
    pub(crate) async fn stream(&self, caller: &Caller, list: EventList) -> Result<EventStream, Problem> {
        let queries = self.queries_for(caller)?;
        let asked = async {
            let slots = self.slots_for_export(caller).await?;
            let events = self.run(measured(async move { queries.stream(&list).await })).await??;
            let batches = events.map(move |batch| {
                let _held = &slots;
                batch
            });
            Ok(batches.boxed())
        };
        self.in_time(caller.begun(), asked).await
    }

    /// The slots of an export, which asks one question after another until they are dropped.
    pub(crate) async fn slots_for_export(&self, caller: &Caller) -> Result<ExportSlots, Problem> {
        let slots = async { Ok((caller.slot().await?, self.slots.acquire_for_export().await?)) };
        let (of_caller, of_all) = self.in_time(caller.begun(), slots).await?;
        Ok(ExportSlots { _of_caller: of_caller, _of_all: of_all })
    }

    /// Asks a question of an export.
    pub(crate) async fn query_in<T: Send + 'static>(
        &self,
        _: &ExportSlots,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, Problem> {
        let asked = async { Ok(self.run(measured(question)).await??) };
        self.in_time(time::Instant::now(), asked).await
    }

    /// Waits until the store may be asked. What asks keeps the slot until it has its answer.
    pub(crate) async fn slot(&self) -> Result<QuerySlot, Problem> {
        self.slots.acquire().await
    }

    /// Starts what outlives the request's handler, on a thread of its own.
    pub(crate) fn run_apart(&self, operation: impl Future<Output = ()> + Send + 'static) {
        let runtime = self.runtime.clone();
        self.runtime.spawn_blocking(move || runtime.block_on(operation));
    }

    /// Runs what is no question to the store, such as the checks of readiness, without waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        self.runtime.spawn(operation).await
    }
}

/// Permission to ask the store for an export.
pub(crate) struct ExportSlots {
    _of_caller: Slot,
    _of_all: QuerySlot,
}

/// Measures how long the store takes for a question of the current route.
fn measured<T>(
    question: impl Future<Output = Result<T, StoreError>> + Send,
) -> impl Future<Output = Result<T, StoreError>> + Send {
    let route = current_route::current();
    async move {
        let start = Instant::now();
        let answer = question.await;
        metrics::histogram!(STORE_SECONDS, "route" => route).record(start.elapsed());
        if let Err(error) = &answer {
            metrics::counter!(STORE_ERRORS, "route" => route, "error_type" => error.kind()).increment(1);
        }
        answer
    }
}

/// Ends a task when it is dropped.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! A server under test, its client, and mocks of its dependencies.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use actix_web::web::Bytes;
use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tokio::{
    runtime::Runtime,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_util::sync::CancellationToken;
use voc_api::{ApiState, Drain, EndError, Limits, Ports, Probe, Reports, ServeError, Server, access::Access, serve};
use voc_events::{Table, TenantId, Timestamp, families};
use voc_store::{
    Cell, CellKind, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries, EventStream,
    Freshness, Funnel, LedgerFilter, ListedDeadLetter, ListedEvent, MemoryStore, PartitionLedger, Period, Query,
    ReadMeter, RepeatContacts, StatementQueries, StoreError, TenantScope,
};

/// How long the end of a server may take that is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: u64 = 100 * 1024 * 1024;

/// A running server.
pub(crate) struct Served {
    /// `None` when it is being dropped.
    runtime: Option<Runtime>,
    state: ApiState,
    /// `None` when it has ended.
    server: Option<Server>,
    shutdown: CancellationToken,
    client: Client,
}

impl Served {
    pub(crate) fn start(store: Arc<impl EventQueries + 'static>, probes: Vec<Arc<dyn Probe>>) -> Self {
        Self::start_with(Some(store), probes, Access::unrestricted())
    }

    /// A server that not everyone may ask everything.
    pub(crate) fn guarded(store: Arc<impl EventQueries + 'static>, access: Access) -> Self {
        Self::start_with(Some(store), Vec::new(), access)
    }

    pub(crate) fn without_store() -> Self {
        Self::start_with(None, Vec::new(), Access::unrestricted())
    }

    /// A server that runs statements, too.
    pub(crate) fn with_statements(
        store: &Arc<impl EventQueries + StatementQueries + 'static>,
        access: Access,
        reports: Reports,
    ) -> Self {
        let state = ApiState {
            statements: Some(store.clone()),
            reports: Arc::new(reports),
            ..state(Some(store.clone()), Vec::new(), access, Limits::default())
        };
        Self::serve(state)
    }

    pub(crate) fn limited(store: Arc<impl EventQueries + 'static>, limits: Limits) -> Self {
        Self::start_limited(Some(store), Vec::new(), Access::unrestricted(), limits)
    }

    fn start_with(queries: Option<Arc<dyn EventQueries>>, probes: Vec<Arc<dyn Probe>>, access: Access) -> Self {
        Self::start_limited(queries, probes, access, Limits::default())
    }

    fn start_limited(
        queries: Option<Arc<dyn EventQueries>>,
        probes: Vec<Arc<dyn Probe>>,
        access: Access,
        limits: Limits,
    ) -> Self {
        Self::serve(state(queries, probes, access, limits))
    }

    /// A server that ends as `drain` says.
    pub(crate) fn draining(store: Arc<impl EventQueries + 'static>, drain: Drain) -> Self {
        Self::serve_until(state(Some(store), Vec::new(), Access::unrestricted(), Limits::default()), drain)
    }

    fn serve(state: ApiState) -> Self {
        Self::serve_until(state, Drain::default())
    }

    fn serve_until(state: ApiState, drain: Drain) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shutdown = CancellationToken::new();
        let entered = runtime.enter();
        let server = serve(state.clone(), &ports(0), drain, &shutdown).unwrap();
        drop(entered);
        let client = Client::new(server.address());
        Self { runtime: Some(runtime), state, server: Some(server), shutdown, client }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.client.address
    }

    /// A second server on the same port.
    pub(crate) fn serve_again(&self) -> Result<Server, ServeError> {
        let _entered = self.runtime.as_ref().unwrap().enter();
        serve(self.state.clone(), &ports(self.address().port()), Drain::default(), &self.shutdown)
    }

    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.client.get(path)
    }

    pub(crate) fn fetch(&self, method: &str, path: &str) -> Response {
        self.client.fetch(method, path, &[])
    }

    pub(crate) fn fetch_with(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        self.client.fetch(method, path, headers)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response {
        self.client.send(method, path, headers, body)
    }

    pub(crate) fn cancel(&self) {
        self.shutdown.cancel();
    }

    /// Ends the server and waits for it; the client's connections stay open meanwhile.
    pub(crate) fn stop(self) {
        self.end().unwrap();
    }

    /// The same, with how it ended.
    pub(crate) fn end(mut self) -> Result<(), EndError> {
        self.shutdown.cancel();
        let server = self.server.take().unwrap();
        self.runtime.as_ref().unwrap().block_on(server.finished())
    }
}

/// The threads of a server must not be those that let go of an engine last: it would be closed while the process ends.
impl Drop for Served {
    fn drop(&mut self) {
        // What still runs is dropped, and the server's threads end.
        self.runtime.take().unwrap().shutdown_timeout(PATIENCE);
        // Of the state, they drop this last.
        let began = Instant::now();
        while Arc::strong_count(&self.state.metrics) > 1 && began.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
}

fn state(
    queries: Option<Arc<dyn EventQueries>>,
    probes: Vec<Arc<dyn Probe>>,
    access: Access,
    limits: Limits,
) -> ApiState {
    ApiState {
        default_family: families::DEFAULT,
        queries,
        statements: None,
        reports: Arc::new(Reports::load(None).unwrap()),
        access: Arc::new(access),
        probes,
        limits,
        metrics: Arc::new(|| "voc_events_consumed_total 1\n".to_owned()),
    }
}

/// A client that keeps its connections.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    address: SocketAddr,
}

/// Status and JSON body.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    /// The body, which may be no text.
    pub(crate) bytes: Bytes,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let config = config.timeout_global(Some(Duration::from_secs(30))).build();
        Self { agent: config.into(), address }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let response = self.fetch("GET", path, &[]);
        let body = if response.text.is_empty() { Value::Null } else { response.json() };
        Answer { status: response.status, body }
    }

    pub(crate) fn fetch(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(method, path, headers, None)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = answer.expect("an answer");
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = response.body_mut().with_config().limit(MAX_BODY_BYTES).read_to_vec().expect("a body");
        let text = String::from_utf8_lossy(&body).into_owned();
        Response { status: response.status().as_u16(), headers, text, bytes: body.into() }
    }
}

/// Creates the error that a store answers with.
pub(crate) type Failure = fn() -> StoreError;

/// A store that gives fixed answers and records its queries.
#[derive(Default)]
pub(crate) struct FixedStore {
    /// Queried tables.
    pub(crate) tables: Mutex<Vec<&'static str>>,
    failure: Option<Failure>,
    panics: AtomicBool,
    held: Option<Held>,
    /// The version of its data; without one, answers are not kept.
    version: Option<String>,
    /// What becomes of a stream, event by event.
    stream: Mutex<Option<UnboundedReceiver<Result<(), Failure>>>>,
    asked: Mutex<Vec<(Option<String>, Duration)>>,
    /// Records the queried ledger filter.
    pub(crate) entries: MemoryStore,
}

struct Held {
    entered: Mutex<Sender<()>>,
    release: Arc<Mutex<Receiver<()>>>,
}

impl FixedStore {
    pub(crate) fn failing(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    pub(crate) fn panicking_once() -> Self {
        Self { panics: AtomicBool::new(true), ..Self::default() }
    }

    /// A store that reports each query and answers on command.
    pub(crate) fn held() -> (Self, Receiver<()>, Sender<()>) {
        let (entered, wait_entered) = channel();
        let (release, wait_release) = channel();
        let held = Held { entered: Mutex::new(entered), release: Arc::new(Mutex::new(wait_release)) };
        (Self { held: Some(held), ..Self::default() }, wait_entered, release)
    }

    /// A store whose first stream has an event for each `Ok` that is sent, and ends when the sender is dropped.
    pub(crate) fn streaming() -> (Self, UnboundedSender<Result<(), Failure>>) {
        let (send, events) = unbounded_channel();
        (Self { stream: Mutex::new(Some(events)), ..Self::default() }, send)
    }

    /// The same, whose data has a version.
    pub(crate) fn versioned(self) -> Self {
        Self { version: Some("1".to_owned()), ..self }
    }

    /// Forgets what was queried.
    pub(crate) fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// Queried tenants, and the age of the periods' beginnings.
    pub(crate) fn asked(&self) -> Vec<(Option<String>, Duration)> {
        self.asked.lock().unwrap().clone()
    }

    async fn answer<T>(&self, tenant: Option<&TenantId>, period: Period, answer: T) -> Result<T, StoreError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        // A period may begin before the epoch, or after today.
        let since = Duration::from_millis(period.since.as_millis().try_into().unwrap_or(0));
        let age = now.saturating_sub(since);
        self.asked.lock().unwrap().push((tenant.map(|tenant| tenant.as_str().to_owned()), age));
        assert!(!self.panics.swap(false, Ordering::Relaxed), "requested panic");
        if let Some(held) = &self.held {
            held.entered.lock().unwrap().send(()).unwrap();
            let release = Arc::clone(&held.release);
            tokio::task::spawn_blocking(move || release.lock().unwrap().recv().unwrap()).await.unwrap();
        }
        self.failure.map_or(Ok(answer), |failure| Err(failure()))
    }
}

impl FixedStore {
    /// An answer of one row, whose values are of the columns' kinds.
    async fn one_row<'c>(
        &self,
        tenants: &TenantScope,
        period: Period,
        columns: impl Iterator<Item = (&'c str, CellKind)>,
    ) -> Result<voc_store::Answer, StoreError> {
        let cell = |(name, kind): (&str, CellKind)| match kind {
            CellKind::Integer => Cell::Integer(1),
            CellKind::Float => Cell::Float(0.5),
            _ => Cell::Text(name.to_owned()),
        };
        let answer = voc_store::Answer { rows: vec![columns.map(cell).collect()], truncated: false };
        self.answer(tenant_of(tenants), period, answer).await
    }
}

const EVENT_ID: &str = "7c7fbbd6-3bd4-4f43-8e8a-3f8a6b6a1a11";

/// A call, whatever is asked for.
fn event(list: &EventList) -> Vec<Cell> {
    let transcript = "Agent: Hello!\nCustomer: It is terrible, I want a refund of the late fee.";
    let payload = serde_json::json!({"event_id": EVENT_ID, "tenant_id": "acme", "timestamp": "2026-02-02T12:00:00Z",
        "event_type": "call", "call_id": "call-1", "transcript": transcript});
    let cell = |(name, kind): (&str, CellKind)| match kind {
        CellKind::Integer => Cell::Integer(1),
        CellKind::Float => Cell::Float(0.5),
        CellKind::Boolean => Cell::Boolean(true),
        CellKind::Time => Cell::Time(Timestamp::from_millis(1_770_033_600_000)),
        CellKind::Texts => Cell::Texts(vec!["billing".to_owned()]),
        CellKind::Json if name == "payload" => Cell::Json(payload.to_string()),
        CellKind::Json => Cell::Json("{}".to_owned()),
        _ => Cell::Text(payload.get(name).and_then(Value::as_str).unwrap_or(name).to_owned()),
    };
    list.columns().map(cell).collect()
}

/// The first tenant of a scope.
fn tenant_of(tenants: &TenantScope) -> Option<&TenantId> {
    match tenants {
        TenantScope::Only(tenants) => tenants.first(),
        TenantScope::All => None,
    }
}

#[async_trait]
impl EventQueries for FixedStore {
    /// It has no rows to read.
    fn metered(self: Arc<Self>, _: ReadMeter) -> Arc<dyn EventQueries> {
        self
    }

    async fn query(&self, query: &Query) -> Result<voc_store::Answer, StoreError> {
        self.tables.lock().unwrap().push(query.table().name);
        let groups: &[(&str, i64, Option<f64>)] = match query.dimensions().first().map(voc_store::Dimension::name) {
            Some("event_type") => &[("call", 1234, Some(-0.5)), ("agent_action", 5678, None)],
            Some("topic") => &[("billing", 12, Some(-0.25)), ("support", 3, None)],
            _ => &[("all", 15, None)],
        };
        let cell = |name: &str, group: &(&str, i64, Option<f64>)| match name {
            "event_type" | "topic" => Cell::Text(group.0.to_owned()),
            "event_count" => Cell::Integer(group.1),
            "avg_sentiment" => group.2.map_or(Cell::Absent, Cell::Float),
            "first_event" => Cell::Time(Timestamp::from_millis(1_770_033_600_000)),
            "last_event" => Cell::Time(Timestamp::from_millis(1_770_033_600_001)),
            _ => Cell::Absent,
        };
        let row = |group| query.columns().map(|(name, _)| cell(name, group)).collect();
        let answer = voc_store::Answer { rows: groups.iter().map(row).collect(), truncated: false };
        self.answer(tenant_of(query.tenants()), query.period(), answer).await
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<voc_store::Answer, StoreError> {
        self.tables.lock().unwrap().push(funnel.table().name);
        self.one_row(funnel.tenants(), funnel.period(), funnel.columns()).await
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<voc_store::Answer, StoreError> {
        self.tables.lock().unwrap().push(drivers.table().name);
        self.one_row(drivers.tenants(), drivers.period(), drivers.columns()).await
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<voc_store::Answer, StoreError> {
        self.tables.lock().unwrap().push(question.table().name);
        self.one_row(question.tenants(), question.period(), question.columns()).await
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        let noon = Cell::Time(Timestamp::from_millis(1_770_033_600_000));
        let place = vec![noon, Cell::Text("acme".to_owned()), Cell::Text(EVENT_ID.to_owned())];
        let events = vec![ListedEvent { cells: event(list), place }];
        self.answer(tenant_of(list.tenants()), list.period(), EventPage { events, truncated: true }).await
    }

    async fn reach(&self, list: &EventList, _: usize) -> Result<Option<Timestamp>, StoreError> {
        self.answer(tenant_of(list.tenants()), list.period(), None).await
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        let event = event(list);
        let events = match self.stream.lock().unwrap().take() {
            None => stream::iter([Ok(vec![event])]).boxed(),
            Some(mut events) => stream::poll_fn(move |context| events.poll_recv(context))
                .map(move |next| next.map(|()| vec![event.clone()]).map_err(|failure| failure()))
                .boxed(),
        };
        self.answer(tenant_of(list.tenants()), list.period(), events).await
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        let dead_letter = ListedDeadLetter {
            id: "voc.events/0/17".to_owned(),
            failed_at: Timestamp::from_millis(1_770_033_600_000),
            family: "voc".to_owned(),
            tenant_id: Some("acme".to_owned()),
            error_type: "invalid_event".to_owned(),
            error: "call_id: field required".to_owned(),
            path: "call_id".to_owned(),
            topic: "voc.events".to_owned(),
            partition: 0,
            epoch: 0,
            offset: 17,
            payload: Some("{}".to_owned()),
        };
        let page = DeadLetterPage { dead_letters: vec![dead_letter], truncated: true };
        self.answer(tenant_of(list.tenants()), list.period(), page).await
    }

    async fn freshness(&self, _: &Table, _: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        Ok(None)
    }

    async fn version(&self, _: &Table) -> Result<Option<String>, StoreError> {
        Ok(self.version.clone())
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        match self.failure {
            Some(failure) => Err(failure()),
            None => self.entries.ledger(filter).await,
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.failure.map_or(Ok(()), |failure| Err(failure()))
    }
}

/// A port on this machine only.
fn ports(port: u16) -> Ports {
    Ports { host: "127.0.0.1".to_owned(), port, metrics_port: None }
}

/// A probe that answers as instructed, or never.
pub(crate) struct FixedProbe {
    pub(crate) role: &'static str,
    pub(crate) system: &'static str,
    pub(crate) answer: Option<Result<(), String>>,
}

#[async_trait]
impl Probe for FixedProbe {
    fn role(&self) -> &str {
        self.role
    }

    fn system(&self) -> &str {
        self.system
    }

    async fn check(&self) -> Result<(), String> {
        match &self.answer {
            Some(answer) => answer.clone(),
            None => std::future::pending().await,
        }
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(50)
    }
}

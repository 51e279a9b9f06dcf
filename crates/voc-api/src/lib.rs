//! The HTTP interface of the store: an actix-web app that queries [`voc_store::EventQueries`] and answers in JSON.
//!
//! [`serve`] binds a port and answers until its token is cancelled. The app does not depend on how events reach the
//! store; it needs only [`ApiState`]: the store's queries, the [`Probe`]s behind readiness, and the page of metrics.
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | the process runs |
//! | `/readyz` | every [`Probe`] succeeds; else 503 with the reasons |
//! | `/metrics` | metrics in Prometheus' text format |
//! | `/api/v1/summary` | events by type |
//! | `/api/v1/topics` | annotated events by topic |
//! | `/api/v1/ledger` | what became of the records, by partition and tenant |
//! | `/api/v1/keys` | the API keys, without their secrets |
//! | `/metrics/summary` | events by type as rows of `[event_type, event_count, avg_sentiment]` |
//!
//! The last four exist only with a store. They take `family` (by default, the ledger covers all families, the others
//! [`ApiState::default_family`]) and `tenant_id` (by default, all tenants); the ledger also takes `topic` and
//! `partition`, the others `days` (1 to 90, default 7), which end now, or [`voc_events::MAX_CLOCK_SKEW_MILLIS`] later,
//! because producers' clocks may be ahead. Invalid and unknown parameters are answered with 422 and all mistakes in the
//! form of FastAPI with pydantic 1; a parameter given twice is invalid, because two readers of the same URL may use
//! different values. Every answer has an `x-request-id`: the request's own, or a new one.

pub mod access;
mod bodies;
mod documents;
#[allow(dead_code, reason = "the next handlers use the rest")]
mod formats;
mod health;
#[allow(dead_code, reason = "bodies are read by the next handlers")]
mod invalid_parameter;
mod ledger;
mod limits;
mod openapi;
#[allow(dead_code, reason = "the next handlers use the rest")]
mod parameters;
mod percent_encoding;
mod probe;
mod problem;
mod problem_answers;
mod problem_kind;
mod request_log;
mod routes;
mod server;
mod state;
mod summaries;
pub mod telemetry;
mod turns;

pub use limits::Limits;
pub use probe::{Probe, StoreProbe};
pub use problem_kind::ProblemKind;
pub use routes::route_paths;
pub use server::{Ports, ServeError, Server, serve};
pub use state::ApiState;

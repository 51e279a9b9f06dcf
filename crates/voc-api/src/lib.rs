//! The HTTP surface over the store: an actix-web app that asks [`voc_store::EventQueries`] and answers in JSON.
//!
//! [`serve`] binds a port and answers until its token is cancelled. The app knows nothing of how events come into the store;
//! what it needs is in [`ApiState`]: the store's questions, the [`Probe`]s behind readiness, and the page of metrics.
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | the process runs |
//! | `/readyz` | every [`Probe`] succeeds; else 503 with the reasons |
//! | `/metrics` | metrics in Prometheus' text format |
//! | `/api/v1/summary` | events by type |
//! | `/api/v1/topics` | annotated events by topic |
//! | `/api/v1/ledger` | what became of the records, by partition and tenant |
//! | `/metrics/summary` | events by type as rows of `[event_type, event_count, avg_sentiment]` |
//!
//! The last four exist only where there is a store to ask. They take `family` (all families' ledger, or else
//! [`ApiState::default_family`], without it) and `tenant_id` (all tenants without it); the ledger also `topic` and
//! `partition`, the others `days` (1 to 90, default 7), which end now, or
//! [`voc_events::MAX_CLOCK_SKEW_MILLIS`] later, as producers' clocks may be ahead. Wrong parameters are answered with
//! 422 and all mistakes in the form FastAPI with pydantic 1 gives them; a parameter given twice is one, because two
//! readers of the same URL may take different ones. Every answer has an `x-request-id`: the request's own, or a new
//! one.

mod health;
mod invalid_parameter;
mod ledger;
mod parameters;
mod probe;
mod problem;
mod request_log;
mod routes;
mod server;
mod state;
mod summaries;
pub mod telemetry;

pub use probe::{Probe, StoreProbe};
pub use server::{Ports, ServeError, Server, serve};
pub use state::ApiState;

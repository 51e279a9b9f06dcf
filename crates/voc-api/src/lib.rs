//! The HTTP interface of the store: an actix-web app that queries [`voc_store::EventQueries`] and answers in JSON,
//! CSV, NDJSON and Parquet.
//!
//! [`serve`] binds a port and answers until its token is cancelled. The app does not depend on how events reach the
//! store; it needs only [`ApiState`]: the store's queries, the [`Probe`]s behind readiness, and the page of metrics.
//!
//! `routes.rs` lists the routes. Each handler describes itself; `/docs` and `/openapi.json` of a running server show
//! all descriptions, and `docs/api.md` says what holds for all of them. `/healthz`, `/readyz` and `/metrics` exist on
//! every port, the other routes only with a store.
//!
//! The window of `days` ends [`voc_events::MAX_CLOCK_SKEW_MILLIS`] from now, because producers' clocks may be ahead.
//! Invalid and unknown parameters are answered with 422 and all mistakes in the form of FastAPI with pydantic 1; a
//! parameter given twice is invalid, because two readers of the same URL may use different values. Every error is a
//! [`ProblemKind`]. Every answer has an `x-request-id`: the request's own, or a new one.

pub mod access;
mod answers;
mod bodies;
mod connections;
mod cost;
mod current_route;
mod documents;
mod ending;
mod events;
mod formats;
mod hash;
mod health;
mod invalid_parameter;
mod ledger;
mod limits;
mod openapi;
mod parameters;
mod percent_encoding;
mod probe;
mod problem;
mod problem_answers;
mod problem_kind;
mod query_slots;
mod questions;
mod reports;
mod request_log;
mod routes;
mod server;
mod sql;
mod state;
mod statements;
mod store_reason;
pub mod telemetry;
mod underway;

pub use ending::{Drain, EndError};
pub use limits::Limits;
pub use probe::{Probe, StoreProbe};
pub use problem_kind::ProblemKind;
pub use reports::{ReportError, Reports, ReportsError};
pub use routes::routes;
pub use server::{Ports, ServeError, Server, serve};
pub use state::ApiState;

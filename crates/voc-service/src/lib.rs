//! What both services share: configuration, logs, metrics, signals, and the way to the ClickHouse
//! server. No business logic.
//!
//! A service's `main` goes through them in this order: [`signals`] are caught, [`config`] is read whole or refused
//! with all of its mistakes, [`run()`] starts the [`logging`] and the runtime, [`metrics`] are installed, a token of
//! the signals ends everything.

pub mod clickhouse;
pub mod config;
pub mod logging;
pub mod metrics;
mod run;
pub mod signals;

pub use run::{FAILURE, SUCCESS, exit_at_once, run};

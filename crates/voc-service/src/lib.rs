//! What both services share: configuration, logs, metrics, signals, and the connection to the ClickHouse server. It
//! holds no business logic.
//!
//! The order in a service's `main`: [`signals`] are caught; [`config`] is read in full or rejected with all of its
//! errors; [`run()`] starts [`logging`] and the runtime; [`metrics`] are installed; a token from the signals shuts
//! everything down.

mod api_metrics;
pub mod certificates;
pub mod clickhouse;
pub mod config;
pub mod erasure;
pub mod health;
pub mod log_level;
pub mod logging;
pub mod metrics;
mod output;
mod run;
pub mod signals;

pub use api_metrics::api_metrics;
pub use output::{print, print_or_fail};
pub use run::{FAILURE, SUCCESS, exit_at_once, run};

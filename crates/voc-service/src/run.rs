//! Runs a service: from a valid configuration to its exit status.

use std::{fmt, future::Future, io::Write as _, time::Duration};

use crate::{config::logging::LoggingSettings, logging};

/// Exit status of a program that succeeded.
pub const SUCCESS: u8 = 0;
/// Exit status of a program that failed.
pub const FAILURE: u8 = 1;

/// Longest time that blocking threads, such as one with a statement of the embedded engine, may take to finish after
/// the rest has finished.
const GRACE: Duration = Duration::from_secs(10);

/// Starts the log, runs a service's work on a multi-threaded runtime, and returns the exit status: the work's, or
/// [`FAILURE`]. An error of the work is logged with all its causes.
///
/// When this returns, no tasks of the work are left, nor anything they held, except threads that did not finish within
/// ten seconds.
pub fn run<E: fmt::Display>(settings: &LoggingSettings, work: impl Future<Output = Result<u8, E>>) -> u8 {
    let started = logging::init(settings).map_err(|error| error.to_string()).and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|error| format!("cannot start the runtime: {error}"))
    });
    let runtime = match started {
        Ok(runtime) => runtime,
        Err(error) => {
            // Logging may not be set up. If stderr is closed, too, there is no way to report the error.
            let _ = writeln!(std::io::stderr(), "{error}");
            return FAILURE;
        }
    };
    let status = runtime.block_on(work).unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        FAILURE
    });
    // A stuck connection must not keep the process from ending.
    runtime.shutdown_timeout(GRACE);
    status
}

/// Ends the process without its exit handlers, for a library whose threads still run and would crash in them.
pub fn exit_at_once(status: u8) -> ! {
    signal_hook::low_level::exit(status.into())
}

//! From a configuration that was read to the status a service ends with.

use std::{fmt, future::Future, io::Write as _, time::Duration};

use crate::{config::logging::LoggingSettings, logging};

/// Exit status of a program that did what it was told.
pub const SUCCESS: u8 = 0;
/// Exit status of a program that failed.
pub const FAILURE: u8 = 1;

/// Longest time for work on threads that block, such as a statement of the embedded engine, to end after the rest has.
const GRACE: Duration = Duration::from_secs(10);

/// Starts the log, does a service's work on a runtime of several threads, and gives the status to end with: the
/// work's, or [`FAILURE`]. An error of the work is logged with all its causes.
///
/// When this returns nothing of the work is left, neither tasks nor what they held, but for threads that did not end
/// within ten seconds.
pub fn run<E: fmt::Display>(settings: &LoggingSettings, work: impl Future<Output = Result<u8, E>>) -> u8 {
    let started = logging::init(settings).map_err(|error| error.to_string()).and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|error| format!("cannot start the runtime: {error}"))
    });
    let runtime = match started {
        Ok(runtime) => runtime,
        Err(error) => {
            // There may be no log. Without standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{error}");
            return FAILURE;
        }
    };
    let status = runtime.block_on(work).unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        FAILURE
    });
    // A connection that is stuck must not keep the process from ending.
    runtime.shutdown_timeout(GRACE);
    status
}

/// Ends the process without its exit handlers: for a library whose threads still run and would not survive them.
pub fn exit_at_once(status: u8) -> ! {
    signal_hook::low_level::exit(status.into())
}

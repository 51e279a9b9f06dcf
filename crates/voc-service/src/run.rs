//! From a configuration that was read to the status a service ends with.

use std::{fmt, future::Future, io::Write as _, process::ExitCode};

use crate::{config::logging::LoggingSettings, logging};

/// Starts the log, does a service's work on a runtime of several threads, and gives the status to end with. An error of the work is
/// logged with all its causes.
pub fn run<E: fmt::Display>(settings: &LoggingSettings, work: impl Future<Output = Result<(), E>>) -> ExitCode {
    let started = logging::init(settings).map_err(|error| error.to_string()).and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|error| format!("cannot start the runtime: {error}"))
    });
    let runtime = match started {
        Ok(runtime) => runtime,
        Err(error) => {
            // There may be no log. Without standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(work);
    // A read of standard input or a connection that is stuck must not keep the process from ending.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

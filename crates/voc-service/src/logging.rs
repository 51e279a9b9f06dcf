//! Logs, always on stderr: stdout belongs to a program's results.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    EnvFilter, Layer, filter::ParseError, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::logging::{Format, LoggingSettings};

/// The log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter is not one.
    #[error("wrong log filter: {0}")]
    Filter(#[from] ParseError),
    /// The process logs already.
    #[error("logging is already set up: {0}")]
    Repeated(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends the process's events to stderr: as text for people, with colours on a terminal, or as JSON lines of the form
/// `{"timestamp":…,"level":…,"message":…,"target":…,…fields}`.
///
/// # Errors
/// [`LoggingError`] if the filter is wrong or it was called before.
pub fn init(settings: &LoggingSettings) -> Result<(), LoggingError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match settings.format {
        Format::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()?;
    Ok(())
}

//! Logs, always to stderr, because stdout belongs to a program's results.

use std::{
    fmt,
    io::{self, IsTerminal as _},
    path::Path,
    sync::OnceLock,
};

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tracing::{Event, Level, Subscriber};
use tracing_log::AsLog as _;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, ParseError},
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt as _,
    registry::LookupSpan,
    reload,
    util::SubscriberInitExt as _,
};

use crate::config::logging::{Format, LoggingSettings};

/// Logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter is invalid.
    #[error("invalid log filter: {0}")]
    Filter(#[from] ParseError),
    /// Logging was already set up in this process.
    #[error("logging is already set up: {0}")]
    Repeated(#[from] tracing_subscriber::util::TryInitError),
    /// Logging is not, or no longer, set up in this process.
    #[error("logging is not set up")]
    NotSetUp,
}

/// What decides what is logged.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Writes the process's events to stderr: as text for people, `2026-02-02 12:00:00 - voc-processor - INFO - …` in UTC,
/// with colours on a terminal, or as JSON lines of the form
/// `{"timestamp":…,"level":…,"message":…,"target":…,…fields}`.
///
/// # Errors
/// [`LoggingError`] if the filter is invalid or logging was already set up.
pub fn init(settings: &LoggingSettings) -> Result<(), LoggingError> {
    let (filter, handle) = reload::Layer::new(EnvFilter::builder().parse(&settings.filter)?);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match settings.format {
        Format::Text => lines.with_ansi(io::stderr().is_terminal()).event_format(TextLine::of_this_program()).boxed(),
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()?;
    // Nothing was set up in this process before.
    let _ = FILTER.set(handle);
    Ok(())
}

/// Changes what is logged from now on.
///
/// # Errors
/// [`LoggingError`] if the filter is invalid or logging was not set up by [`init`].
pub(crate) fn change(filter: &str) -> Result<(), LoggingError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let handle = FILTER.get().ok_or(LoggingError::NotSetUp)?;
    handle.reload(filter).map_err(|_| LoggingError::NotSetUp)?;
    // What libraries log through `log` is cut off before it gets here, at the level of the first filter.
    tracing_log::log::set_max_level(LevelFilter::current().as_log());
    Ok(())
}

/// A line for people: time, service, level and text, separated by ` - `.
struct TextLine {
    service: String,
}

const TIME: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

impl TextLine {
    /// Lines that name the service after this program's file.
    fn of_this_program() -> Self {
        let program = std::env::args_os().next().unwrap_or_default();
        let name = Path::new(&program).file_stem().unwrap_or_default();
        Self { service: name.to_string_lossy().into_owned() }
    }
}

impl<S, N> FormatEvent<S, N> for TextLine
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let time = OffsetDateTime::now_utc().format(TIME).map_err(|_| fmt::Error)?;
        let level = event.metadata().level();
        // Python's level names, as used by the services whose log format this follows.
        let (name, colour) = match *level {
            Level::ERROR => ("ERROR", "31"),
            Level::WARN => ("WARNING", "33"),
            Level::INFO => ("INFO", "32"),
            Level::DEBUG => ("DEBUG", "34"),
            Level::TRACE => ("TRACE", "35"),
        };
        write!(line, "{time} - {} - ", self.service)?;
        match line.has_ansi_escapes() {
            true => write!(line, "\u{1b}[{colour}m{name}\u{1b}[0m - ")?,
            false => write!(line, "{name} - ")?,
        }
        context.field_format().format_fields(line.by_ref(), event)?;
        writeln!(line)
    }
}

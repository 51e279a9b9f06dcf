//! The settings of the log.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::{Expected, Rejected, Setting, Spec, Values, parse};

const GROUP: &str = "Logging";

/// What is logged. The default suppresses the chatter of two libraries: the HTTP server's, and klickhouse's errors on
/// connections that the store has dropped.
pub const LEVEL: Setting<String> = Setting::new(
    "log-level",
    &["RUST_LOG", "LOG_LEVEL"],
    "What is logged: error, warn, info, debug, trace or off, or such levels by module, as in info,voc_store=debug; \
     WARNING and CRITICAL are accepted, too",
    filter,
)
.group(GROUP)
.value_name("LEVEL")
.default("info,actix_server=warn,klickhouse=off,rskafka=off");
/// The format of log lines.
pub const FORMAT: Setting<Format> = Setting::new(
    "log-format",
    &["LOG_FORMAT"],
    "How log lines on stderr look: text, json, or auto (text on a terminal, else json)",
    format,
)
.group(GROUP)
.value_name("FORMAT")
.default("auto");

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// A file with another level, which can be changed while the service runs.
pub const LEVEL_FILE: Setting<PathBuf> = Setting::new(
    "log-level-file",
    &["VOC_LOG_LEVEL_FILE"],
    "A file that says what is logged instead, while it exists and is not empty: written as --log-level is, read every \
     few seconds and on SIGHUP",
    parse::path,
)
.group(GROUP)
.value_name("FILE");

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingSettings {
    /// Directives of [`EnvFilter`].
    pub filter: String,
    /// A file with a filter that counts instead, if it exists.
    pub level_file: Option<PathBuf>,
    /// The format of log lines.
    pub format: Format,
}

impl LoggingSettings {
    /// The settings of this group.
    #[must_use]
    pub fn specs() -> Vec<Spec> {
        vec![LEVEL.spec(), LEVEL_FILE.spec(), FORMAT.spec()]
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (filter, format) = (values.get(&LEVEL), values.get(&FORMAT));
        let level_file = values.get_optional(&LEVEL_FILE);
        Ok(Self { filter: filter?, level_file: level_file?, format: format? })
    }
}

fn format(value: &str) -> Result<Format, Expected> {
    let auto = if io::stderr().is_terminal() { Format::Text } else { Format::Json };
    parse::one_of(value, &[("auto", auto), ("text", Format::Text), ("json", Format::Json)])
}

/// The directives of a level as an operator writes it.
pub(crate) fn filter(value: &str) -> Result<String, Expected> {
    let filter = value.split(',').map(with_own_level).collect::<Vec<_>>().join(",");
    // The filter takes a lone word as a module's name, so a misspelt level would silence everything else.
    let is_level_or_module =
        |directive: &str| directive.contains(['=', '[', ':']) || directive.trim().parse::<LevelFilter>().is_ok();
    if filter.split(',').all(is_level_or_module) && EnvFilter::builder().parse(&filter).is_ok() {
        return Ok(filter);
    }
    Err(Expected::new("error, warn, info, debug, trace or off, or such levels by module, as in info,voc_store=debug"))
}

/// A directive whose level may have the name that Python's `logging` has for it.
fn with_own_level(directive: &str) -> String {
    let (module, level) = directive.rsplit_once('=').map_or(("", directive), |(module, level)| (module, level));
    let own = match level.trim().to_ascii_lowercase().as_str() {
        "warning" => "warn",
        "critical" => "error",
        _ => return directive.to_owned(),
    };
    if module.is_empty() { own.to_owned() } else { format!("{module}={own}") }
}

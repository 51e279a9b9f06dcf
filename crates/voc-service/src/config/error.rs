//! Configuration errors.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// Maximum length of a quoted invalid value, in characters.
const QUOTED_CHARS: usize = 120;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag, with its dashes.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// The built-in default of the setting with this flag.
    Default(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::Default(flag) => write!(f, "default of {flag}"),
        }
    }
}

/// One error in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// An invalid value.
    #[error("{origin}: found {}, expected {expected}", quoted(.found.as_deref()))]
    Value {
        /// The flag or variable.
        origin: Origin,
        /// Its value; `None` for a secret.
        found: Option<String>,
        /// What was expected.
        expected: String,
    },
    /// A required setting without a value.
    #[error("{flag}{}: not given, expected {expected}", or_variable(.variable))]
    Missing {
        /// Its flag.
        flag: String,
        /// Its first environment variable; empty if it has none.
        variable: String,
        /// What is expected.
        expected: String,
    },
    /// A flag or variable that does not exist.
    #[error("{origin}: unknown{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        /// The flag or variable.
        origin: Origin,
        /// A similar known name.
        suggestion: Option<String>,
    },
    /// Any other error on the command line.
    #[error("{0}")]
    Usage(String),
}

fn quoted(found: Option<&str>) -> String {
    match found {
        None => "a value that is not shown".to_owned(),
        // Such as the password in an address.
        Some(value) if value.split_once('@').is_some_and(|(login, _)| login.contains(':')) => {
            "a value with a login, which is not shown".to_owned()
        }
        Some(value) => match value.char_indices().nth(QUOTED_CHARS) {
            Some((end, _)) => format!("{:?} (cut)", &value[..end]),
            None => format!("{value:?}"),
        },
    }
}

fn or_variable(variable: &str) -> String {
    if variable.is_empty() { String::new() } else { format!(" (or {variable})") }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(", did you mean {name}?")).unwrap_or_default()
}

/// All errors of a configuration, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationErrors {
    pub(super) program: &'static str,
    /// The program with the subcommand whose help may be of use.
    pub(super) command: String,
    pub(super) list: Vec<ConfigurationError>,
}

impl ConfigurationErrors {
    /// Each error.
    #[must_use]
    pub fn list(&self) -> &[ConfigurationError] {
        &self.list
    }
}

impl std::error::Error for ConfigurationErrors {}

impl fmt::Display for ConfigurationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, noun) = (self.list.len(), if self.list.len() == 1 { "error" } else { "errors" });
        write!(f, "{count} {noun} in the configuration of {}:", self.program)?;
        self.list.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

/// Proof that an error was recorded. Readers of settings return it instead of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected(pub(super) ());

/// Why a program ends before it starts its work.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// `--help` or `--version` was asked for.
    #[error("{0}")]
    Info(clap::Error),
    /// The configuration has errors.
    #[error("{0}")]
    Errors(ConfigurationErrors),
}

impl Stop {
    /// The process's exit status: 0 after help, 2 after errors.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::Info(_) => 0,
            Self::Errors(_) => 2,
        }
    }

    /// Prints help to stdout or the errors to stderr, and returns the exit code.
    pub fn report(&self) -> ExitCode {
        // If stdout or stderr is closed, the exit code is the only report left.
        let _ = match self {
            Self::Info(info) => info.print(),
            Self::Errors(errors) => {
                writeln!(io::stderr(), "{errors}\nTry {} --help.", errors.command)
            }
        };
        ExitCode::from(self.status())
    }
}

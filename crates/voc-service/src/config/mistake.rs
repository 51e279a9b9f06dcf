//! What is wrong in a configuration.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// Longest part of a wrong value that is quoted, in characters.
const QUOTED_CHARS: usize = 120;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag, with its dashes.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// The built-in default of a setting that has this flag.
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

/// One mistake in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// A value that is not what it should be.
    #[error("{origin}: found {}, expected {expected}", quoted(.found.as_deref()))]
    Value {
        /// The flag or variable.
        origin: Origin,
        /// Its value; none if it is a secret.
        found: Option<String>,
        /// What it should have been.
        expected: String,
    },
    /// A setting that must be given and is not.
    #[error("{flag}{}: not given, expected {expected}", or_variable(.variable))]
    Missing {
        /// Its flag.
        flag: String,
        /// Its first environment variable; empty if it has none.
        variable: String,
        /// What it should be.
        expected: String,
    },
    /// A flag or variable that does not exist.
    #[error("{origin}: unknown{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        /// The flag or variable.
        origin: Origin,
        /// A known name like it.
        suggestion: Option<String>,
    },
    /// Anything else about the command line.
    #[error("{0}")]
    Usage(String),
}

fn quoted(found: Option<&str>) -> String {
    match found {
        None => "a value that is not shown".to_owned(),
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

/// All mistakes of a configuration, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    pub(super) program: &'static str,
    pub(super) list: Vec<Mistake>,
}

impl Mistakes {
    /// Each mistake.
    #[must_use]
    pub fn list(&self) -> &[Mistake] {
        &self.list
    }
}

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, noun) = (self.list.len(), if self.list.len() == 1 { "mistake" } else { "mistakes" });
        write!(f, "{count} {noun} in the configuration of {}:", self.program)?;
        self.list.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

/// Proof that a mistake has been noted: what a reader of settings gives instead of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected(pub(super) ());

/// Why a program ends before it starts.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// `--help` or `--version` was asked for.
    #[error("{0}")]
    Info(clap::Error),
    /// The configuration has mistakes.
    #[error("{0}")]
    Mistakes(Mistakes),
}

impl Stop {
    /// The process's exit status: 0 after help, 2 after mistakes.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::Info(_) => 0,
            Self::Mistakes(_) => 2,
        }
    }

    /// Prints help to stdout or the mistakes to stderr, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // Nobody is left to tell if stdout or stderr are closed; the exit code still speaks.
        let _ = match self {
            Self::Info(info) => info.print(),
            Self::Mistakes(mistakes) => {
                writeln!(io::stderr(), "{mistakes}\nTry {} --help.", mistakes.program)
            }
        };
        ExitCode::from(self.status())
    }
}

//! What is wrong with templates.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use voc_store::StoreError;

/// What is wrong with a template: `reports/mine.sql:7: unknown table 'sessions'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportError {
    path: PathBuf,
    line: Option<u64>,
    message: String,
}

impl ReportError {
    pub(super) fn new(path: &Path, line: Option<u64>, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Templates that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportsError {
    /// What is wrong with each of them.
    #[error("{}", lines(.0))]
    Templates(Vec<ReportError>),
    /// The store could not be asked whether it understands them.
    #[error("the store cannot be asked about the templates of reports")]
    Store(#[from] StoreError),
}

fn lines(errors: &[ReportError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

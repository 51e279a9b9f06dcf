//! Failures of the engine.

use std::path::PathBuf;

use crate::StoreError;

/// A failure of the embedded engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The location of the engine's library is not configured.
    #[error(
        "the location of the engine library is not configured: set VOC_ENGINE_LIB to its path, or HOME, XDG_CACHE_HOME or VOC_CACHE_DIR, the \
         folder that `cargo xtask engine` fetches it into"
    )]
    LibraryUnnamed,
    /// The engine's library is not on this machine.
    #[error("no engine library at {}; run `cargo xtask engine`, or set VOC_ENGINE_LIB to its path", .0.display())]
    LibraryMissing(PathBuf),
    /// The file is not an engine library that this program can use.
    #[error("{}: not a usable engine library: {reason}", .path.display())]
    LibraryUnusable {
        /// The library.
        path: PathBuf,
        /// The error of the system's loader.
        reason: String,
    },
    /// Another process has the data directory open.
    #[error("{}: in use by another process{}; one process at a time can open a data directory", .directory.display(),
        .pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    DirectoryInUse {
        /// The data directory.
        directory: PathBuf,
        /// The other process, if known.
        pid: Option<u32>,
    },
    /// This process has another data directory open.
    #[error("{}: cannot be opened while this process has {} open; the engine serves one data directory a process",
        .requested.display(), .open.display())]
    OtherDirectoryOpen {
        /// The directory that is open.
        open: PathBuf,
        /// The requested directory.
        requested: PathBuf,
    },
    /// The engine was shut down.
    #[error("the embedded engine was shut down for the rest of this process")]
    Ended,
    /// The data directory cannot be used.
    #[error("{}: cannot be used as a data directory: {reason}", .directory.display())]
    Directory {
        /// The data directory.
        directory: PathBuf,
        /// Why.
        reason: String,
    },
    /// A statement failed.
    #[error("{message}")]
    Statement {
        /// ClickHouse error code; 0 if the engine gave none.
        code: i32,
        /// The engine's own message, which starts with the code.
        message: String,
    },
}

impl EngineError {
    /// From the engine's message, such as `Code: 60. DB::Exception: Table x does not exist. (UNKNOWN_TABLE)`.
    pub(super) fn statement(message: String) -> Self {
        Self::Statement { code: code_of(&message), message }
    }
}

impl From<EngineError> for StoreError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Statement { code, message } => Self::from_code(code, message),
            other => Self::Misconfigured(other.to_string()),
        }
    }
}

/// The number after the first `Code: `, or 0.
fn code_of(message: &str) -> i32 {
    let behind = message.split_once("Code: ").map_or("", |(_, behind)| behind);
    let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    behind[..digits].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_read_from_the_engines_message() {
        for (message, code) in [
            ("Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE)", 60),
            ("Query error: Code: 252. DB::Exception: Too many partitions", 252),
            ("Code: none", 0),
            ("something else", 0),
        ] {
            assert_eq!(code_of(message), code, "{message}");
        }
    }
}

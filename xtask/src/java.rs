//! The Java that runs Kafka and the schema registry.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// A command that runs Java, the one in `JAVA_HOME` if that is set; its arguments are still to be added.
pub(crate) fn command() -> Command {
    let program = match std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home).join("bin/java").into_os_string(),
        None => OsString::from("java"),
    };
    Command::new(program)
}

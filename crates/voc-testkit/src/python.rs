//! Python, for tests that need a program other than ours: Confluent's client, which fills topics through a schema
//! registry, Arrow, which reads exported files, and aiokafka, with which the replaced services read topics.
//!
//! `cargo xtask test` sets `VOC_TEST_PYTHON` to the interpreter that has it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::requirements::not_run;

/// A Python that has `confluent_kafka` with its serializers for Avro and Protobuf, `pyarrow`, `aiokafka`, and
/// `pydantic` 1.
#[derive(Debug, Clone)]
pub struct Python(PathBuf);

impl Python {
    /// The interpreter named in the environment; `None` if it names none: see [`not_run`].
    ///
    /// # Panics
    /// If `CI` is set and it is missing.
    #[must_use]
    pub fn from_env_or_skip() -> Option<Self> {
        let python = std::env::var_os("VOC_TEST_PYTHON").filter(|value| !value.is_empty());
        if python.is_none() {
            not_run("it needs a Python with clients of Kafka and Arrow (VOC_TEST_PYTHON): run `cargo xtask test`");
        }
        python.map(|python| Self(python.into()))
    }

    /// Runs a script to its end; returns its output.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn run(&self, script: impl AsRef<Path>, argument: &str) -> String {
        let output = Command::new(&self.0).arg(script.as_ref()).arg(argument).output().expect("cannot start Python");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} failed: {said}", script.as_ref().display());
        String::from_utf8(output.stdout).expect("it prints UTF-8")
    }

    /// Starts a script; its standard input and output are pipes.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn start(&self, script: impl AsRef<Path>, argument: &str) -> Child {
        let mut command = Command::new(&self.0);
        command.arg(script.as_ref()).arg(argument).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().expect("cannot start Python")
    }
}

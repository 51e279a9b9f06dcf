//! `cargo xtask test`: runs all tests, with everything they need.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::daemon::StopOnDrop;
use crate::interrupt::Interrupted;
use crate::job::Job;
use crate::scratch::Scratch;
use crate::{engine, kafka, onnxruntime, product, python, registry};

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Further arguments of `cargo test`, such as -- --package voc-store, or -- -- a_name.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(args: &TestArgs) -> Result<ExitCode> {
    let engine = engine::ensure()?;
    let runtime = onnxruntime::ensure()?;
    let libs = kafka::ensure_jars()?;
    let registry_jar = registry::ensure_jar()?;
    let python = python_or_none()?;
    let scratch = Scratch::new("test")?;
    let kafka = Kafka::named_or_started(&scratch)?;
    let registry = SchemaRegistry::named_or_started(&scratch)?;

    let mut cargo = product::cargo();
    cargo.arg("test");
    if !args.arguments.iter().any(|argument| argument == "-p" || argument == "--package") {
        cargo.arg("--workspace");
    }
    cargo.args(&args.arguments);
    cargo.env("VOC_ENGINE_LIB", engine).env("ORT_DYLIB_PATH", runtime);
    cargo.env("VOC_TEST_KAFKA_LIBS", libs).env("KAFKA_BOOTSTRAP", &kafka.bootstrap);
    cargo.env("VOC_TEST_REGISTRY_JAR", registry_jar).env("VOC_TEST_REGISTRY", &registry.url);
    if let Some(python) = python {
        cargo.env("VOC_TEST_PYTHON", python);
    }
    let status = Job::start(&mut cargo, "cargo test")?.wait(|| ())?;
    let code = status.code().context("cargo test was ended by a signal")?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The Python that tests use; `None` if it is neither available nor required: the tests then report that they did not
/// run.
fn python_or_none() -> Result<Option<PathBuf>> {
    match python::ensure() {
        Ok(python) => Ok(Some(python)),
        Err(error) if error.is::<Interrupted>() || std::env::var_os("CI").is_some_and(|value| !value.is_empty()) => {
            Err(error)
        }
        Err(error) => {
            eprintln!("without Confluent's client for Python: {error:#}");
            Ok(None)
        }
    }
}

/// The broker that tests use.
struct Kafka {
    bootstrap: String,
    _started: Option<StopOnDrop>,
}

impl Kafka {
    fn named_or_started(scratch: &Scratch) -> Result<Self> {
        if let Some(bootstrap) = std::env::var("KAFKA_BOOTSTRAP").ok().filter(|named| !named.is_empty()) {
            eprintln!("using the Kafka that KAFKA_BOOTSTRAP names: {bootstrap}");
            return Ok(Self { bootstrap, _started: None });
        }
        let broker = kafka::server(Some(scratch.join("kafka")))?;
        let bootstrap = kafka::start(&broker, 0)?.address;
        Ok(Self { bootstrap, _started: Some(broker.stop_on_drop()) })
    }
}

/// The schema registry that tests use.
struct SchemaRegistry {
    url: String,
    _started: Option<StopOnDrop>,
}

impl SchemaRegistry {
    fn named_or_started(scratch: &Scratch) -> Result<Self> {
        if let Some(url) = std::env::var("VOC_TEST_REGISTRY").ok().filter(|named| !named.is_empty()) {
            eprintln!("using the schema registry that VOC_TEST_REGISTRY names: {url}");
            return Ok(Self { url, _started: None });
        }
        let registry = registry::server(Some(scratch.join("registry")))?;
        let url = registry::start(&registry, 0)?.address;
        Ok(Self { url, _started: Some(registry.stop_on_drop()) })
    }
}

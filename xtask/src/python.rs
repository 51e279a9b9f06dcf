//! A Python environment with programs other than ours: Confluent's client, with which tests fill topics through a
//! schema registry, Arrow, with which they read exported files, and what the Python services were written with, whose
//! consumer groups and tables are adopted.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::Step;
use crate::{cache, job};

/// Arrow, the client with its serializers for Avro and Protobuf, aiokafka, pydantic 1, and their dependencies, pinned
/// so that everyone has the same.
const PACKAGES: &[&str] = &[
    "aiokafka==0.14.0",
    "anyio==4.16.0",
    "async-timeout==5.0.1",
    "attrs==26.1.0",
    "authlib==1.9.10",
    "avro==1.12.2",
    "cachetools==8.0.2",
    "certifi==2026.10.19.post1",
    "cffi==2.1.1",
    "charset-normalizer==3.5.3",
    "confluent-kafka[avro,protobuf,schemaregistry]==2.16.1",
    "cryptography==50.0.2",
    "fastavro==1.13.1",
    "googleapis-common-protos==1.76.0",
    "h11==0.16.0",
    "httpcore2==2.16.2",
    "httpx2==2.16.2",
    "idna==3.20",
    "joserfc==1.8.0",
    "packaging==26.4",
    "protobuf==7.36.2",
    "pyarrow==26.0.1",
    "pycparser==3.12",
    "pydantic==1.10.27",
    "requests==2.34.2",
    "truststore==0.10.5",
    "typing-extensions==4.16.0",
    "urllib3==2.8.0",
];

/// ClickHouse's driver and what it needs, pinned likewise.
const CLICKHOUSE_DRIVER: &[&str] =
    &["clickhouse-cityhash==1.0.2.6", "clickhouse-driver==0.2.11", "lz4==4.4.5", "pytz==2026.6", "tzlocal==5.4.5"];

/// Returns the interpreter of a virtual environment with a client of ClickHouse's native protocol other than ours,
/// creating it first if needed.
pub(crate) fn with_clickhouse_driver() -> Result<PathBuf> {
    environment("clickhouse-driver", CLICKHOUSE_DRIVER, "a client of ClickHouse with pip (3 MB, once)")
}

/// Returns the interpreter of a virtual environment with the packages, creating it first if needed.
///
/// An interpreter named by `VOC_TEST_PYTHON` is used unchecked, and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("VOC_TEST_PYTHON").filter(|value| !value.is_empty()) {
        let python = PathBuf::from(python);
        if !python.is_file() {
            bail!("VOC_TEST_PYTHON names {}, which is not a file", python.display());
        }
        return Ok(python);
    }
    const ADVICE: &str = "install Python 3.10 or later with venv and pip, or set VOC_TEST_PYTHON to an interpreter \
                          that has confluent-kafka, pyarrow, aiokafka and pydantic 1";
    environment("python", PACKAGES, "clients of Kafka and Arrow for Python with pip (90 MB, once)").context(ADVICE)
}

/// Returns the interpreter of a virtual environment with these packages, creating it first if needed. `name` is that
/// of its folder, `what` is shown while it is fetched.
pub(crate) fn environment(name: &str, packages: &[&str], what: &str) -> Result<PathBuf> {
    // An environment is useless without the Python that it was created from.
    let about = "import sys; print(sys.version, sys.base_prefix)";
    let base = job::output(Command::new("python3").args(["-c", about]), "python3")?;
    let folder = cache::root()?.join(name);
    let marker = format!("{base}{}", packages.join("\n"));
    cache::ensure(&folder, &marker, |into| make(into, packages, what))?;
    Ok(folder.join("bin/python"))
}

fn make(into: &Path, packages: &[&str], what: &str) -> Result<()> {
    let step = Step::begin(format!("fetching {what}"));
    let log = into.join("pip.log");
    let mut venv = Command::new("python3");
    job::run_silently(venv.args(["-m", "venv"]).arg(into), "python3 -m venv", &log)?;
    let mut pip = Command::new(into.join("bin/python"));
    pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"]);
    job::run_silently(pip.args(packages), "pip install", &log)?;
    step.done();
    Ok(())
}

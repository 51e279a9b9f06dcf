//! Kafka's own command-line tools, because tests and the demo must fill topics with a client other than ours.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::jars;
use crate::{interrupt, job};

const JVM: &[&str] = &["-Xmx256m", "-XX:TieredStopAtLevel=1"];

/// Compression of record batches, by the names that Kafka's tools use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// Creates a topic unless it exists.
pub(crate) fn create_topic(bootstrap: &str, name: &str, partitions: u32) -> Result<()> {
    let mut tool = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.TopicCommand");
    tool.args(["--bootstrap-server", bootstrap, "--create", "--if-not-exists", "--topic", name]).args([
        "--partitions",
        &partitions.to_string(),
        "--replication-factor",
        "1",
    ]);
    job::output(&mut tool, "Kafka's topic tool")?;
    Ok(())
}

/// Sends each line of the file as a record. The topic must exist: the console producer would wait a minute for each
/// line.
pub(crate) fn produce(bootstrap: &str, topic: &str, codec: Codec, file: &Path) -> Result<()> {
    let records = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let mut describe = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.TopicCommand");
    describe.args(["--bootstrap-server", bootstrap, "--describe", "--topic", topic]);
    job::output(&mut describe, "Kafka's topic tool")
        .with_context(|| format!("topic {topic} does not exist at {bootstrap}: create it first"))?;

    let mut tool = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.ConsoleProducer");
    tool.args(["--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec.name()])
        // Its defaults suit a person who types: small batches, and records dropped after 1.5 s on a busy machine.
        .args(["--request-timeout-ms", "30000", "--max-partition-memory-bytes", "262144"])
        .args(["--producer-property", "max.request.size=5242880"]);
    let done = tool
        .stdin(Stdio::from(records))
        .output()
        .context("cannot start Kafka's console producer: is Java installed?")?;
    interrupt::check()?;
    let said = [done.stderr, done.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    // It continues after a record that could not be sent, and exits with 0.
    if !done.status.success() || said.contains("ERROR") {
        // The first line states the error; the rest is a stack trace or the whole help text.
        bail!("Kafka's console producer failed: {}", said.lines().next().unwrap_or_default());
    }
    Ok(())
}

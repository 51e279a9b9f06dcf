//! Kafka's own command-line tools, because tests and the demo must fill topics with a client other than ours.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use super::jars;
use crate::interrupt;
use crate::job::{self, Job};

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
    let partitions = partitions.to_string();
    let create = ["--create", "--if-not-exists", "--topic", name, "--partitions", &partitions];
    topic_tool(bootstrap, &[&create[..], &["--replication-factor", "1"]].concat())
}

/// Deletes a topic. Clients may still see it for a moment.
pub(crate) fn delete_topic(bootstrap: &str, name: &str) -> Result<()> {
    topic_tool(bootstrap, &["--delete", "--topic", name])
}

fn topic_tool(bootstrap: &str, arguments: &[&str]) -> Result<()> {
    let mut tool = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.TopicCommand");
    job::output(tool.args(["--bootstrap-server", bootstrap]).args(arguments), "Kafka's topic tool")?;
    Ok(())
}

/// Deletes all records of a topic, as retention does in time. The tool reads which from `file`, which is written.
pub(crate) fn delete_records(bootstrap: &str, topic: &str, partitions: u32, file: &Path) -> Result<()> {
    // -1 is the end of a partition.
    let all: Vec<_> =
        (0..partitions).map(|partition| json!({"topic": topic, "partition": partition, "offset": -1})).collect();
    fs::write(file, json!({"version": 1, "partitions": all}).to_string())?;
    let mut tool = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.DeleteRecordsCommand");
    tool.args(["--bootstrap-server", bootstrap, "--offset-json-file"]).arg(file);
    job::output(&mut tool, "Kafka's tool for records")?;
    Ok(())
}

/// Sends each line of the file as a record. The topic must exist: the console producer would wait a minute for each
/// line.
pub(crate) fn produce(bootstrap: &str, topic: &str, codec: Codec, file: &Path) -> Result<()> {
    let records = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    topic_tool(bootstrap, &["--describe", "--topic", topic])
        .with_context(|| format!("topic {topic} does not exist at {bootstrap}: create it first"))?;
    let done = console_producer(bootstrap, topic, codec)?
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

/// Kafka's console producer, which sends records as they come.
pub(crate) struct Producer {
    // Dropped first. However it ends, it sends what it has.
    input: ChildStdin,
    _job: Job,
}

impl Producer {
    /// Starts it; the topic must exist. What it says goes to `log`.
    pub(crate) fn start(bootstrap: &str, topic: &str, log: &Path) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
        let mut tool = console_producer(bootstrap, topic, Codec::None)?;
        let (job, input) = Job::start_with_input(tool.stdout(output.try_clone()?).stderr(output), "a producer")?;
        Ok(Self { input, _job: job })
    }

    /// Sends a record, within about a second.
    pub(crate) fn send(&mut self, record: &str) -> Result<()> {
        writeln!(self.input, "{record}").context("Kafka's console producer has ended")
    }
}

/// The console producer; its records come from its standard input.
fn console_producer(bootstrap: &str, topic: &str, codec: Codec) -> Result<Command> {
    let mut tool = jars::java(&jars::ensure()?, JVM, "org.apache.kafka.tools.ConsoleProducer");
    tool.args(["--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec.name()])
        // Its defaults suit a person who types: small batches, and records dropped after 1.5 s on a busy machine.
        .args(["--request-timeout-ms", "30000", "--max-partition-memory-bytes", "262144"])
        .args(["--producer-property", "max.request.size=5242880"]);
    Ok(tool)
}

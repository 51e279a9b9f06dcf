//! Configuring, starting and stopping the broker.

use std::cell::OnceCell;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::jars;
use crate::daemon::{Daemon, Running};
use crate::job;
use crate::progress::Step;

/// Any valid id is sufficient for a cluster of one: 16 bytes in base 64.
const CLUSTER_ID: &str = "voc-dev-kafka-clusterA";

/// The broker of this folder, by default `run/kafka` in the cache folder.
pub(crate) fn server(dir: Option<PathBuf>) -> Result<Daemon> {
    Daemon::in_dir("Kafka", dir, "kafka")
}

/// Starts the broker on this port of 127.0.0.1 (0: a free one) and waits until it answers.
pub(crate) fn start(broker: &Daemon, port: u16) -> Result<Running> {
    let libs = jars::ensure()?;
    let step = Step::begin("starting Kafka");
    let address = OnceCell::new();
    let running = broker.start(
        |dir| {
            // Both are held at once, so that they differ.
            let (clients, controllers) = (reserve(port)?, reserve(0)?);
            let ports = (clients.local_addr()?.port(), controllers.local_addr()?.port());
            address.get_or_init(|| format!("127.0.0.1:{}", ports.0));
            prepare(dir, &libs, ports)
        },
        |daemon| {
            let started = fs::read_to_string(daemon.log()).is_ok_and(|log| log.contains("Kafka Server started"));
            address.get().filter(|address| started && ask_api_versions(address).is_ok()).cloned()
        },
    )?;
    step.done();
    Ok(running)
}

/// Writes the configuration, formats the data folder, and returns the command that runs the broker.
fn prepare(dir: &Path, libs: &Path, ports: (u16, u16)) -> Result<Command> {
    let properties = dir.join("server.properties");
    let logging = dir.join("log4j2.xml");
    fs::write(&properties, server_properties(dir, ports))?;
    fs::write(&logging, LOGGING)?;

    let logging = format!("-Dlog4j2.configurationFile={}", logging.display());
    let mut format = jars::java(libs, &["-Xmx128m", &logging], "kafka.tools.StorageTool");
    format.args(["format", "--ignore-formatted", "--cluster-id", CLUSTER_ID, "--config"]).arg(&properties);
    job::run_silently(&mut format, "Kafka's storage tool", &dir.join("format.log"))?;

    let options = ["-Xms256m", "-Xmx512m", "-XX:+ExitOnOutOfMemoryError", &logging];
    let mut broker = jars::java(libs, &options, "kafka.Kafka");
    broker.arg(&properties);
    Ok(broker)
}

fn server_properties(dir: &Path, (clients, controllers): (u16, u16)) -> String {
    let data = dir.join("data");
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controllers}\n\
         listeners=PLAINTEXT://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controllers}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{clients}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         controller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\n\
         log.dirs={}\n\
         auto.create.topics.enable=false\n\
         group.initial.rebalance.delay.ms=0\n\
         # 4 MiB records and the batch around them.\n\
         message.max.bytes=5242880\n\
         replica.fetch.max.bytes=5242880\n\
         # One node holds the only copy of everything.\n\
         offsets.topic.replication.factor=1\n\
         offsets.topic.num.partitions=8\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         transaction.state.log.num.partitions=8\n\
         share.coordinator.state.topic.replication.factor=1\n\
         share.coordinator.state.topic.min.isr=1\n\
         # The default of 128 MiB is a quarter of the heap.\n\
         log.cleaner.dedupe.buffer.size=16777216\n",
        data.display()
    )
}

/// Logs warnings, and the one line that reports the start, to standard output, which is the daemon's log file.
const LOGGING: &str = r#"<Configuration status="WARN">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{ISO8601} %p %m (%c)%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="kafka.server.KafkaRaftServer" level="INFO"/>
    <Root level="WARN"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
"#;

fn reserve(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("cannot use port {port}: give another with --port, or 0 for a free one"))
}

/// Fails unless a broker answers an ApiVersions request at this address.
fn ask_api_versions(address: &str) -> Result<()> {
    const CORRELATION: [u8; 4] = *b"vocx";
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    // Length, API key 18 (ApiVersions), version 0, correlation id, no client id.
    stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0])?;
    stream.write_all(&CORRELATION)?;
    stream.write_all(&[0xff, 0xff])?;
    // Length, correlation id, error code.
    let mut answer = [0; 10];
    stream.read_exact(&mut answer)?;
    ensure!(answer[4..8] == CORRELATION && answer[8..10] == [0, 0], "not a Kafka broker");
    Ok(())
}

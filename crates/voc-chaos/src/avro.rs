//! `voc-chaos produce-avro`: events of a file, an event a line, sent in Avro. For `cargo xtask demo --kafka`.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use rdkafka::{
    config::FromClientConfigAndContext as _,
    error::KafkaError,
    producer::{BaseRecord, Producer as _, ThreadedProducer},
    types::RDKafkaErrorCode,
};
use voc_testkit::{
    encoding::{AvroEncoder, avro_schema},
    generator::GeneratedFamily,
};

use crate::{
    broker::client_config,
    producer::{Progress, Reports},
    registry::register,
};

/// How long all records may take to be acknowledged.
const FLUSH: Duration = Duration::from_secs(60);
/// Time between tries while as many records are under way as may be.
const FULL: Duration = Duration::from_millis(20);

/// Sends the events of a file to a topic in Avro, as Confluent's serializers do: the schema is registered first, and
/// each record names it.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProduceAvro {
    /// Whose events: voc, activity, product or quality.
    #[arg(long)]
    family: GeneratedFamily,
    /// The topic, which must exist; its schema is registered as TOPIC-value.
    #[arg(long)]
    topic: String,
    /// File of one event a line, in JSON.
    #[arg(long)]
    file: PathBuf,
    /// URL of the schema registry's API.
    #[arg(long)]
    registry: String,
    /// Address of a broker.
    #[arg(long)]
    bootstrap: String,
}

/// A topic's schema in a registry, and who writes in it.
pub(crate) struct AvroTopic {
    pub(crate) encoder: AvroEncoder,
    /// The schema's number in the registry.
    pub(crate) schema_id: u32,
}

impl AvroTopic {
    /// Registers the schema of a family's events on a topic. Blocks.
    pub(crate) fn register(registry: &str, family: GeneratedFamily, topic: &str) -> Result<Self> {
        let schema = avro_schema(family, topic);
        Ok(Self { encoder: AvroEncoder::new(&schema)?, schema_id: register(registry, topic, &schema)? })
    }

    /// An event, given as JSON, as a record's value.
    pub(crate) fn written(&self, json: &str) -> Result<Vec<u8>> {
        let event = serde_json::from_str(json).with_context(|| format!("{json} is no JSON"))?;
        self.encoder.encode(self.schema_id, &event).with_context(|| format!("cannot write {json} in Avro"))
    }
}

/// Sends the events, and waits until all are acknowledged.
pub(crate) fn run(options: &ProduceAvro) -> Result<ExitCode> {
    let ProduceAvro { family, topic, file, registry, bootstrap } = options;
    let events = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let avro = AvroTopic::register(registry, *family, topic)?;
    let mut config = client_config(bootstrap);
    config.set("enable.idempotence", "true").set("acks", "all").set("compression.type", "lz4");
    let progress = Arc::<Progress>::default();
    let client = ThreadedProducer::from_config_and_context(&config, Reports(Arc::clone(&progress)))?;
    let mut sent: u64 = 0;
    for line in BufReader::new(events).lines() {
        let value = avro.written(&line.with_context(|| format!("cannot read {}", file.display()))?)?;
        send(&client, BaseRecord::to(topic).payload(&value))?;
        sent += 1;
    }
    client.flush(FLUSH).with_context(|| format!("{topic} does not take the records"))?;
    let acknowledged = progress.acknowledged.load(Ordering::SeqCst);
    ensure!(acknowledged == sent, "{topic} has taken {acknowledged} of {sent} records");
    println!("{sent} records in Avro, of schema {}", avro.schema_id);
    Ok(ExitCode::SUCCESS)
}

/// Hands a record to the client, as soon as it takes one.
fn send(client: &ThreadedProducer<Reports>, mut record: BaseRecord<'_, (), Vec<u8>>) -> Result<()> {
    loop {
        match client.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => {
                record = same;
                std::thread::sleep(FULL);
            }
            Err((error, _)) => bail!("cannot produce: {error}"),
        }
    }
}

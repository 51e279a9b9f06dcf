//! `voc-chaos produce-avro`: sends the events of a file, one per line, in Avro. For `cargo xtask demo --kafka`.

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
    producer::{DeliveryReports, Progress},
    registry::register,
};

/// Timeout for the acknowledgement of all records.
const FLUSH: Duration = Duration::from_secs(60);
/// Pause between attempts while the queue of the client is full.
const FULL: Duration = Duration::from_millis(20);

/// Sends the events of a file to a topic in Avro, like Confluent's serializers: the schema is registered first, and
/// each record names it.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProduceAvro {
    /// Family of the events: voc, activity, product or quality.
    #[arg(long)]
    family: GeneratedFamily,
    /// Topic, which must exist; its schema is registered as TOPIC-value.
    #[arg(long)]
    topic: String,
    /// File with one JSON event per line.
    #[arg(long)]
    file: PathBuf,
    /// URL of the schema registry API.
    #[arg(long)]
    registry: String,
    /// Address of a broker.
    #[arg(long)]
    bootstrap: String,
}

/// The registered schema of a topic, and its encoder.
pub(crate) struct AvroTopic {
    pub(crate) encoder: AvroEncoder,
    /// ID of the schema in the registry.
    pub(crate) schema_id: u32,
}

impl AvroTopic {
    /// Registers a schema of the topic. Blocking.
    pub(crate) fn register(registry: &str, topic: &str, schema: &str) -> Result<Self> {
        Ok(Self { encoder: AvroEncoder::new(schema)?, schema_id: register(registry, topic, schema)? })
    }

    /// Encodes a JSON event as the value of a record.
    pub(crate) fn encode(&self, json: &str) -> Result<Vec<u8>> {
        let event = serde_json::from_str(json).with_context(|| format!("{json} is not JSON"))?;
        self.encoder.encode(self.schema_id, &event).with_context(|| format!("cannot write {json} in Avro"))
    }
}

/// Sends the events and waits until all are acknowledged.
pub(crate) fn run(options: &ProduceAvro) -> Result<ExitCode> {
    let ProduceAvro { family, topic, file, registry, bootstrap } = options;
    let events = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let avro = AvroTopic::register(registry, topic, &avro_schema(*family, topic))?;
    let mut config = client_config(bootstrap);
    config.set("enable.idempotence", "true").set("acks", "all").set("compression.type", "lz4");
    let progress = Arc::<Progress>::default();
    let client = ThreadedProducer::from_config_and_context(&config, DeliveryReports(Arc::clone(&progress)))?;
    let mut sent: u64 = 0;
    for line in BufReader::new(events).lines() {
        let value = avro.encode(&line.with_context(|| format!("cannot read {}", file.display()))?)?;
        send(&client, BaseRecord::to(topic).payload(&value))?;
        sent += 1;
    }
    client.flush(FLUSH).with_context(|| format!("{topic} does not accept the records"))?;
    let acknowledged = progress.acknowledged.load(Ordering::SeqCst);
    ensure!(acknowledged == sent, "{topic} has accepted {acknowledged} of {sent} records");
    println!("{sent} records in Avro, with schema {}", avro.schema_id);
    Ok(ExitCode::SUCCESS)
}

/// Hands a record to the client, retrying while its queue is full.
fn send(client: &ThreadedProducer<DeliveryReports>, mut record: BaseRecord<'_, (), Vec<u8>>) -> Result<()> {
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

//! Sends the events of the demo to Kafka.

use anyhow::{Context, Result};

use super::family::Family;
use crate::job;
use crate::kafka::{self, Codec};
use crate::product::Programs;
use crate::progress::Step;

/// Partitions of each topic.
const PARTITIONS: u32 = 4;

/// Where to send events, and with which tools.
pub(super) struct KafkaTarget<'p> {
    pub(super) programs: &'p Programs,
    pub(super) bootstrap: &'p str,
    /// URL of the schema registry.
    pub(super) registry: &'p str,
}

impl KafkaTarget<'_> {
    /// Creates a family's topics and sends its events there.
    pub(super) fn send(&self, family: &Family) -> Result<()> {
        let how = if is_avro(family) { "in Avro" } else { "with Kafka's console producer" };
        let step = Step::begin(format!("sending the events of {} {how}", family.name));
        for (topic, file) in &family.topics {
            kafka::create_topic(self.bootstrap, topic, PARTITIONS)?;
            if is_avro(family) {
                let mut producer = self.programs.command("voc-chaos");
                producer.args(["produce-avro", "--family", family.name, "--topic", topic, "--file"]).arg(file);
                producer.args(["--bootstrap", self.bootstrap, "--registry", self.registry]);
                job::output(&mut producer, "voc-chaos produce-avro").with_context(|| format!("cannot fill {topic}"))?;
            } else {
                // The compression of the user's own systems.
                let codec = if family.name == "activity" { Codec::Snappy } else { Codec::Lz4 };
                kafka::produce(self.bootstrap, topic, codec, file)?;
            }
        }
        step.done();
        Ok(())
    }
}

/// Whether a family's producers use a schema registry; the others write plain JSON.
fn is_avro(family: &Family) -> bool {
    family.name == "quality"
}

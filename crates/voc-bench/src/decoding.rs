//! Decodes the records of each family on one core, as JSON and in Avro.

use std::{collections::BTreeMap, hint::black_box};

use anyhow::Context as _;
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent as _,
    encodings::{Schema, SchemaFormat, SchemaText, wire},
    families::{self, FamilyVisitor},
    record_text,
};
use voc_testkit::{
    encoding::{AvroEncoder, avro_schema},
    generator::{GeneratedEvent, GeneratedFamily, GeneratorConfig},
};

use crate::measure::Figure;

/// Measures every family.
pub(crate) fn measure(config: &GeneratorConfig, rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let mut all = Vec::new();
    for family in families::ALL {
        let generated: GeneratedFamily = family.name.parse().map_err(anyhow::Error::msg)?;
        let events: Vec<GeneratedEvent> = generated.events(config).collect();
        let measurement = Measurement { family: generated, events: &events, rounds };
        all.extend(families::visit(family.name, measurement).context("a family that is in the list")??);
    }
    Ok(all)
}

struct Measurement<'e> {
    family: GeneratedFamily,
    events: &'e [GeneratedEvent],
    rounds: usize,
}

/// The decoder of a topic's records.
struct Topic<F> {
    decoder: F,
    schema: Schema,
}

impl FamilyVisitor for Measurement<'_> {
    type Output = anyhow::Result<[Figure; 2]>;

    fn visit<F: Family>(self) -> Self::Output {
        let options = DecodeOptions::default();
        let (mut topics, mut records) = (BTreeMap::new(), Vec::with_capacity(self.events.len()));
        // A schema has no place for the members of other types.
        let is_described = |name: &str| F::TYPES.is_empty() || F::TYPES.contains(&name);
        for event in self.events {
            let (_, encoder) = match topics.get(event.topic) {
                Some(topic) => topic,
                None => topics.entry(event.topic).or_insert(topic::<F>(self.family, event.topic, &options)?),
            };
            if is_described(event.event_type) {
                records.push((event.topic, encoder.encode(1, &serde_json::from_str(&event.json)?)?));
            }
        }
        let envelope = Envelope::default();
        let name = F::NAME;
        let json = Figure::best_of(
            format!("decode {name}, JSON"),
            self.rounds,
            (self.events.len(), self.events.iter().map(|event| event.json.len()).sum()),
            || Ok(()),
            |()| {
                for event in self.events {
                    let text = record_text(event.json.as_bytes(), &options.limits)?;
                    black_box(topics[event.topic].0.decoder.decode(&text, &envelope)?.event.timestamp());
                }
                Ok(())
            },
        )?;
        let avro = Figure::best_of(
            format!("decode {name}, Avro"),
            self.rounds,
            (records.len(), records.iter().map(|(_, record)| record.len()).sum()),
            || Ok(()),
            |()| {
                for (topic, record) in &records {
                    let topic = &topics[topic].0;
                    let header = wire::header(record)?.context("a record with a header")?;
                    let text = topic.schema.event_json(header.body, &options.limits)?;
                    black_box(topic.decoder.decode(&text, &envelope)?.event.timestamp());
                }
                Ok(())
            },
        )?;
        Ok([json, avro])
    }
}

/// A topic's decoder, and the encoder of its records in Avro.
fn topic<F: Family>(
    family: GeneratedFamily,
    topic: &str,
    options: &DecodeOptions,
) -> anyhow::Result<(Topic<F>, AvroEncoder)> {
    let text = avro_schema(family, topic);
    let encoder = AvroEncoder::new(&text)?;
    let schema = SchemaText::new(SchemaFormat::Avro, text);
    let schema = Schema::compile_lenient(&schema, Some(&schema))?;
    Ok((Topic { decoder: F::for_topic(topic, options), schema }, encoder))
}

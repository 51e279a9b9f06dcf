//! Records of `quality`: numbered events of all its topics, one of them in Avro, with bad records and resends in
//! between.

use anyhow::Result;
use serde_json::json;
use voc_testkit::generator::{GeneratedEvent, GeneratedFamily, GeneratorConfig};

use crate::{
    avro::AvroTopic,
    family::{INSPECTIONS, QUALITY, USERS},
    feed::END_MS,
    label::Label,
    message::{Message, Partitioner, Shares},
    random::Random,
    series::{Numbers, Resends},
};

/// Events per generator, which spreads them over its month.
const EVENTS_PER_ROUND: u64 = 50_000;
/// An ID that the registry never assigns.
const UNKNOWN_SCHEMA: u32 = 2_000_000_000;
/// Length of Confluent's header: a zero byte, then the schema ID.
const HEADER: u32 = 5;
/// The only type that belongs to two topics.
const OF_TWO_TOPICS: &str = "QUALITY_ASSESSED";

/// An endless stream of records.
pub(crate) struct QualityFeed {
    random: Random,
    seed: u64,
    events: Box<dyn Iterator<Item = GeneratedEvent> + Send>,
    inspections: AvroTopic,
    shares: Shares,
    numbers: Numbers,
    bad: u32,
    resends: Resends,
}

/// The defect of a bad record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    /// An event whose type belongs to another topic.
    WrongTopic,
    /// An event without its time.
    MissingField,
    /// An event truncated in the middle, in its encoding.
    Truncated,
    /// Bytes that are neither text nor the wire format.
    Garbage,
    /// An event with a schema that the registry does not know.
    UnknownSchema,
    /// A record that ends within its schema ID.
    TruncatedHeader,
    /// No value.
    Tombstone,
    /// An empty value.
    Empty,
}

impl Defect {
    const ALL: [Self; 8] = [
        Self::WrongTopic,
        Self::MissingField,
        Self::Truncated,
        Self::Garbage,
        Self::UnknownSchema,
        Self::TruncatedHeader,
        Self::Tombstone,
        Self::Empty,
    ];
}

impl QualityFeed {
    pub(crate) fn new(seed: u64, shares: Shares, inspections: AvroTopic) -> Self {
        Self {
            random: Random::new(seed, 5),
            seed,
            events: events(seed),
            inspections,
            shares,
            numbers: Numbers::default(),
            bad: 0,
            resends: Resends::default(),
        }
    }

    /// Writes the records of the topic in Avro with another schema from now on.
    pub(crate) fn change_schema(&mut self, inspections: AvroTopic) {
        self.inspections = inspections;
    }

    /// The next record.
    pub(crate) fn next(&mut self, partition_of: &mut Partitioner<'_>) -> Result<Message> {
        if let Some(message) = self.resends.due() {
            return Ok(message);
        }
        let event = loop {
            if let Some(event) = self.events.next() {
                break event;
            }
            self.seed += 1;
            self.events = events(self.seed);
        };
        if self.random.per_mille(self.shares.poison) {
            let defect = Defect::ALL[self.random.below(Defect::ALL.len() as u32) as usize];
            let (topic, value) = self.corrupt(defect, &event)?;
            self.bad += 1;
            return Ok(Message {
                topic,
                partition: partition_of(topic),
                key: Label::Poison(self.bad).to_string(),
                value,
            });
        }
        let (series, topic) = (event.event_type, event.topic);
        let (number, id) = self.numbers.next(series);
        // Replaces the ID of the generator with one that encodes the number.
        let json = event.json.replacen(&event.event_id.to_string(), &id, 1);
        let value = Some(self.encode(topic, json)?);
        let key = Label::Event(series, number).to_string();
        let message = Message { topic, partition: partition_of(topic), key, value };
        if self.random.per_mille(self.shares.resent) {
            self.resends.add(&mut self.random, series, number, &message);
        }
        Ok(message)
    }

    /// Encodes an event as the producers of the topic do.
    fn encode(&self, topic: &str, json: String) -> Result<Vec<u8>> {
        if topic == INSPECTIONS { self.inspections.encode(&json) } else { Ok(json.into_bytes()) }
    }

    /// Creates a bad record. Returns its topic and value.
    fn corrupt(&mut self, defect: Defect, event: &GeneratedEvent) -> Result<(&'static str, Option<Vec<u8>>)> {
        let topic = event.topic;
        // Only the fields of all types, because the schema of another topic does not know the rest.
        let minimal =
            |event_type: &str| json!({"event_type": event_type, "timestamp": "2026-02-02T12:00:00Z"}).to_string();
        let value = match defect {
            Defect::WrongTopic => {
                let place = QUALITY.topics.iter().position(|own| *own == topic).unwrap_or_default();
                let next = QUALITY.topics[(place + 1) % QUALITY.topics.len()];
                let topic = if event.event_type == OF_TWO_TOPICS { USERS } else { next };
                return Ok((topic, Some(self.encode(topic, minimal(event.event_type))?)));
            }
            // In Avro the time is present or the record is truncated, so the inspection is missing instead.
            Defect::MissingField if topic == INSPECTIONS => self.encode(topic, minimal("INSPECTION_CREATED"))?,
            Defect::MissingField => json!({"event_type": event.event_type}).to_string().into_bytes(),
            Defect::Truncated => {
                let mut value = self.encode(topic, event.json.clone())?;
                // Keeps a part of the event and drops another.
                let header = if topic == INSPECTIONS { HEADER } else { 0 };
                let left = self.random.between(header + 1, u32::try_from(value.len())?);
                value.truncate(left as usize);
                value
            }
            Defect::Garbage => {
                let length = self.random.between(1, 200);
                // Neither text nor the wire format begins with this byte.
                std::iter::once(0xff).chain((1..length).map(|_| self.random.below(256) as u8)).collect()
            }
            Defect::UnknownSchema => {
                let mut value = self.inspections.encode(&minimal("INSPECTION_STARTED"))?;
                value[1..HEADER as usize].copy_from_slice(&UNKNOWN_SCHEMA.to_be_bytes());
                value
            }
            Defect::TruncatedHeader => vec![0; self.random.between(1, 5) as usize],
            Defect::Tombstone => return Ok((topic, None)),
            Defect::Empty => Vec::new(),
        };
        Ok((topic, Some(value)))
    }
}

fn events(seed: u64) -> Box<dyn Iterator<Item = GeneratedEvent> + Send> {
    let config = GeneratorConfig { seed, events: EVENTS_PER_ROUND, ..GeneratorConfig::ending_at(END_MS) };
    GeneratedFamily::Quality.events(&config)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use voc_testkit::encoding::{AvroEncoder, avro_schema};

    use super::*;

    #[test]
    fn every_topic_has_events_and_bad_records_and_one_is_in_avro() {
        let schema = avro_schema(GeneratedFamily::Quality, INSPECTIONS);
        let inspections = AvroTopic { encoder: AvroEncoder::new(&schema).unwrap(), schema_id: 7 };
        let mut feed = QualityFeed::new(1, Shares { poison: 50, resent: 50 }, inspections);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut found: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for sent in 0..30_000 {
            let message = feed.next(&mut |_| sent % 2).unwrap();
            let what = match Label::parse(&message.key).unwrap() {
                Label::Event(series, number) => {
                    let count = counts.entry(series.to_owned()).or_default();
                    *count += 1;
                    assert_eq!(number, *count);
                    let is_avro = message.value.unwrap().starts_with(&[0, 0, 0, 0, 7]);
                    assert_eq!(is_avro, message.topic == INSPECTIONS);
                    "event"
                }
                Label::Resend(..) => "resend",
                Label::Poison(_) => "bad",
            };
            *found.entry((message.topic, what)).or_default() += 1;
        }
        for topic in QUALITY.topics {
            for (what, least) in [("event", 4000), ("resend", 50), ("bad", 100)] {
                assert!(found[&(*topic, what)] >= least, "{topic} {what}: {found:?}");
            }
        }
    }
}

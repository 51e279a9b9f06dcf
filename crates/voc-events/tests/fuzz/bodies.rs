//! The bodies of the fuzz targets, for any bytes. Each returns whether the bytes are an event.

use std::sync::LazyLock;

use voc_events::{
    DecodeOptions, Envelope, Family, Limits,
    activity::Activity,
    encodings::{Schema, SchemaFormat, SchemaText, wire},
    product::Product,
    quality::Quality,
    record_text,
    schemas::TopicSchema,
    voc::Voc,
};

/// Decodes a record as a family does, strictly and leniently: what is accepted strictly is accepted leniently, too.
fn decode<F: Family>(data: &[u8], topic: &str) -> bool {
    let options = DecodeOptions::default();
    let Ok(text) = record_text(data, &options.limits) else { return false };
    let lenient = F::for_topic(topic, &options).decode(&text, &Envelope::default());
    let strict = F::for_topic(topic, &options.strict(true)).decode(&text, &Envelope::default());
    assert!(lenient.is_ok() || strict.is_err(), "{text}");
    if let Err(invalid) = &lenient {
        assert!(!invalid.violations.is_empty(), "{text}");
    }
    lenient.is_ok()
}

pub(crate) fn json_voc(data: &[u8]) -> bool {
    decode::<Voc>(data, "voc.events")
}

pub(crate) fn json_activity(data: &[u8]) -> bool {
    decode::<Activity>(data, "user-activity-events")
}

pub(crate) fn json_product(data: &[u8]) -> bool {
    decode::<Product>(data, "octane.events")
}

pub(crate) fn json_quality(data: &[u8]) -> bool {
    decode::<Quality>(data, "plant-7");
    decode::<Quality>(data, "chip-quality.inspection.events")
}

/// A topic: its schemas, and how its records in JSON are decoded.
type Topic = (fn() -> [TopicSchema; 3], fn(&[u8]) -> bool);

/// A topic of each family.
const TOPICS: [Topic; 4] = [
    (|| TopicSchema::all::<Voc>("voc.events"), json_voc),
    (|| TopicSchema::all::<Activity>("user-activity-events"), json_activity),
    (|| TopicSchema::all::<Product>("octane.events"), json_product),
    (|| TopicSchema::all::<Quality>("chip-quality.inspection.events"), json_quality),
];

/// Our schema of a topic.
fn own(topic: &Topic, format: SchemaFormat) -> SchemaText {
    let schema = topic.0().into_iter().find(|schema| schema.format == format).unwrap();
    SchemaText::new(format, schema.text)
}

/// A schema of records, and how they are decoded once they are JSON.
struct Writer {
    /// The schema alone.
    plain: Schema,
    /// The schema as production compiles it: resolved leniently with ours of the topic.
    lenient: Schema,
    is_own: bool,
    decode: fn(&[u8]) -> bool,
}

impl Writer {
    fn new(writer: &SchemaText, topic: &Topic) -> Self {
        let reader = own(topic, writer.format);
        Self {
            plain: Schema::compile(writer, None).unwrap(),
            lenient: Schema::compile_lenient(writer, Some(&reader)).unwrap(),
            is_own: reader.text == writer.text,
            decode: topic.1,
        }
    }

    /// Reads and decodes a record. Our schema refuses nothing that the writer's alone can read.
    fn read(&self, body: &[u8]) -> bool {
        let limits = Limits::default();
        let plain = self.plain.event_json(body, &limits).ok();
        let lenient = self.lenient.event_json(body, &limits).ok();
        if self.is_own {
            assert_eq!(plain, lenient);
        }
        assert!(plain.is_none() || lenient.is_some(), "{plain:?}");
        let Some(json) = lenient else { return false };
        assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap().is_object(), "{json}");
        (self.decode)(json.as_bytes())
    }
}

/// The schemas that records may be written with; the first byte of a record is the index of its own.
///
/// They are ours of all topics; and for the last topic another in Avro, with fields that only the writer has and types
/// that contradict ours.
pub(crate) fn writers(format: SchemaFormat) -> Vec<SchemaText> {
    let foreign = (format == SchemaFormat::Avro).then(|| SchemaText::new(format, include_str!("foreign.avsc")));
    TOPICS.iter().map(|topic| own(topic, format)).chain(foreign).collect()
}

fn compiled(format: SchemaFormat) -> Vec<Writer> {
    let topics = TOPICS.iter().chain(TOPICS.last());
    writers(format).iter().zip(topics).map(|(writer, topic)| Writer::new(writer, topic)).collect()
}

fn read(writers: &[Writer], data: &[u8]) -> bool {
    let Some((first, body)) = data.split_first() else { return false };
    writers[usize::from(*first) % writers.len()].read(body)
}

pub(crate) fn avro(data: &[u8]) -> bool {
    static WRITERS: LazyLock<Vec<Writer>> = LazyLock::new(|| compiled(SchemaFormat::Avro));
    read(&WRITERS, data)
}

pub(crate) fn protobuf(data: &[u8]) -> bool {
    static WRITERS: LazyLock<Vec<Writer>> = LazyLock::new(|| compiled(SchemaFormat::Protobuf));
    read(&WRITERS, data)
}

/// Returns whether a record has a header.
pub(crate) fn wire(data: &[u8]) -> bool {
    let Ok(Some(header)) = wire::header(data) else { return false };
    assert!(header.body.len() + 5 == data.len());
    if let Ok((indexes, rest)) = wire::message_indexes(header.body) {
        assert!(!indexes.is_empty() && rest.len() < header.body.len());
    }
    true
}

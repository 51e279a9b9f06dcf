//! The bodies of the fuzz targets, for any bytes.

use std::sync::LazyLock;

use voc_events::{
    DecodeOptions, Envelope, Family,
    activity::Activity,
    encodings::{Schema, SchemaFormat, SchemaText, wire},
    product::Product,
    quality::Quality,
    record_text,
    schemas::TopicSchema,
    voc::Voc,
};

/// Decodes a record as each family does, strictly and leniently: what is accepted strictly is accepted leniently, too.
fn decode<F: Family>(data: &[u8], topic: &str) {
    let options = DecodeOptions::default();
    let Ok(text) = record_text(data, &options.limits) else { return };
    let lenient = F::for_topic(topic, &options).decode(&text, &Envelope::default());
    let strict = F::for_topic(topic, &options.strict(true)).decode(&text, &Envelope::default());
    assert!(lenient.is_ok() || strict.is_err(), "{text}");
    if let Err(invalid) = lenient {
        assert!(!invalid.violations.is_empty(), "{text}");
    }
}

pub(crate) fn json_voc(data: &[u8]) {
    decode::<Voc>(data, "voc.events");
}

pub(crate) fn json_activity(data: &[u8]) {
    decode::<Activity>(data, "user-activity-events");
}

pub(crate) fn json_product(data: &[u8]) {
    decode::<Product>(data, "octane.events");
}

pub(crate) fn json_quality(data: &[u8]) {
    decode::<Quality>(data, "chip-quality.inspection.events");
    decode::<Quality>(data, "plant-7");
}

/// Our own schemas in one language, for one topic of each family.
fn schemas(format: SchemaFormat) -> Vec<Schema> {
    let all = [
        TopicSchema::all::<Voc>("voc.events"),
        TopicSchema::all::<Activity>("user-activity-events"),
        TopicSchema::all::<Product>("octane.events"),
        TopicSchema::all::<Quality>("chip-quality.inspection.events"),
    ];
    let of_format = all.into_iter().flatten().filter(|schema| schema.format == format);
    of_format.map(|schema| Schema::compile(&SchemaText::new(format, schema.text), None).unwrap()).collect()
}

fn read(schemas: &[Schema], data: &[u8]) {
    let options = DecodeOptions::default();
    let Some((first, body)) = data.split_first() else { return };
    let schema = &schemas[usize::from(*first) % schemas.len()];
    if let Ok(json) = schema.event_json(body, &options.limits) {
        assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap().is_object(), "{json}");
    }
}

pub(crate) fn avro(data: &[u8]) {
    static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| schemas(SchemaFormat::Avro));
    read(&SCHEMAS, data);
}

pub(crate) fn protobuf(data: &[u8]) {
    static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| schemas(SchemaFormat::Protobuf));
    read(&SCHEMAS, data);
}

pub(crate) fn wire(data: &[u8]) {
    if let Ok(Some(header)) = wire::header(data) {
        assert!(header.body.len() + 5 == data.len());
        if let Ok((indexes, rest)) = wire::message_indexes(header.body) {
            assert!(!indexes.is_empty() && rest.len() < header.body.len());
        }
    }
}

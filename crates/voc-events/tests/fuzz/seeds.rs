//! The seeds in Avro, encoded by the library. `UPDATE_SEEDS=1` writes them.
//!
//! Those in Protobuf need no such help: the numbers of its fields never change.

use std::{fs, path::Path};

use apache_avro::{Schema, types::Value, writer::datum::GenericDatumWriter};
use serde_json::Value as Json;
use voc_events::encodings::SchemaFormat;

use crate::bodies::writers;

/// Names of seeds, the index of their schema, and their values, written as the schema has them: times in milliseconds,
/// JSON in texts. Maps have one entry at most, because the library writes them in any order.
const SEEDS: [(&str, u8, &str); 9] = [
    (
        "call",
        0,
        r#"{"event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "tenant_id": "acme", "timestamp": 1770033600123,
            "event_type": "call", "metadata": "{\"region\":\"br\",\"n\":[1,2.5,null]}", "call_id": "c-1",
            "agent_id": "a-1", "customer_id": "u-1", "transcript": "Customer: \"Olá\"\nAgent: 🦀",
            "duration_ms": 61000, "call_quality": "{\"mos\":4.2,\"a.b\":{\"c\":1}}", "transcript_turns": [{"text":
            "Olá", "role": "customer", "speaker": null, "channel": "1", "start_ms": 0, "end_ms": 900}]}"#,
    ),
    (
        "metric",
        0,
        r#"{"event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "tenant_id": "acme", "timestamp": 1770033600000,
            "event_type": "qos_metric", "metric_name": "p99", "value": -1.5, "tags": {"pop": "gru"}}"#,
    ),
    (
        "tool",
        0,
        r#"{"event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "tenant_id": "acme", "timestamp": 1770033600000,
            "event_type": "tool_invocation", "tool_name": "search", "duration_ms": 9007199254740993,
            "success": false, "metadata": "{}"}"#,
    ),
    (
        "activity",
        1,
        r#"{"event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "event_type": "page_view", "timestamp": 1770033600000,
            "user_id": "u", "page_url": "/a?b=c#d", "event_data": "{\"x\":[1]}", "client_info": "{}",
            "service_info": {"service_name": "s", "service_version": null, "environment": "production"},
            "processing_info": {"received_at": 1770033600000, "processed_at": null, "processing_ms": 5}}"#,
    ),
    (
        "activity_plain",
        1,
        r#"{"event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "event_type": "search", "timestamp": 1770033600000}"#,
    ),
    (
        "product",
        2,
        r#"{"app_id": "a", "event_name": "buffer", "timestamp": 1770033600000, "user_id": "u",
        "properties": "{}"}"#,
    ),
    (
        "inspection",
        3,
        r#"{"event_type": "INSPECTION_COMPLETED", "timestamp": 1770033600000, "inspection_id": "INS-001",
            "quality_score": 0.95, "defects": [{"defect_type": "scratch", "severity": "minor", "confidence": 0.85,
            "location": null}, {"defect_type": null, "severity": null, "confidence": null, "location": "corner"}]}"#,
    ),
    (
        "foreign",
        4,
        r#"{"event_type": "INSPECTION_CREATED", "timestamp": "2026-02-02T12:00:00-03:00", "line": "0007",
            "event_id": null, "inspection_id": "INS-002", "metadata": {"a": "{}"},
            "quality_score": null, "defects": [], "inspected_on": 20486}"#,
    ),
    (
        "foreign_numbers",
        4,
        r#"{"event_type": "INSPECTION_FAILED", "timestamp": 1770033600, "line": "0007", "event_id": null,
            "inspection_id": "INS-003", "metadata": {}, "quality_score": 0.5, "defects": [{"defect_type": "crack",
            "confidence": "0.5", "caused_by": {"defect_type": "dust", "confidence": "0.5", "caused_by": null}}],
            "inspected_on": 20486}"#,
    ),
];

fn avro(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => i32::try_from(whole).map_or(Value::Long(whole), Value::Int),
            None => Value::Double(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::String(text),
        Json::Array(elements) => Value::Array(elements.into_iter().map(avro).collect()),
        Json::Object(members) => Value::Map(members.into_iter().map(|(name, value)| (name, avro(value))).collect()),
    }
}

#[test]
fn the_seeds_in_avro_are_those_of_the_schemas() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/avro");
    for (name, index, value) in SEEDS {
        let writer = &writers(SchemaFormat::Avro)[usize::from(index)];
        let schema = Schema::parse_str(&writer.text).unwrap();
        let value = avro(serde_json::from_str(value).unwrap()).resolve(&schema).unwrap();
        let datum = GenericDatumWriter::builder(&schema).build().unwrap().write_value_to_vec(value).unwrap();
        let seed = [vec![index], datum].concat();
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            fs::write(folder.join(name), &seed).unwrap();
        }
        let written = fs::read(folder.join(name)).unwrap_or_default();
        assert_eq!(written, seed, "{name}: write it with UPDATE_SEEDS=1");
    }
}

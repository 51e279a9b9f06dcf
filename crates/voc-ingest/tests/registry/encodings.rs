//! Records in every encoding become rows.

use std::sync::Arc;

use serde_json::{Value, json};
use voc_events::{
    Family, Timestamp,
    encodings::export::{json_schema, proto_schema},
    quality::Quality,
    voc::Voc,
};
use voc_testkit::registry::{Reference, TestRegistry};

use crate::support::{RunningPipeline, TIME_MS, avro, lane, own_avro, record, registry_at, subject};

const INSPECTIONS: &str = "chip-quality.inspection.events";
const CALLS: &str = "voc.events";

/// A lane with schemas in the shared registry.
fn lane_with<F: Family>(topic: &str, registry: &TestRegistry) -> RunningPipeline {
    lane::<F>(topic, Some(Arc::new(registry_at(registry.url()))))
}

fn inspection(number: i64) -> Value {
    json!({
        "event_type": "INSPECTION_COMPLETED", "timestamp": TIME_MS, "inspection_id": format!("i-{number}"),
        "batch_id": "b-7", "quality_score": 0.5, "metadata": r#"{"line":{"number":3}}"#,
        "defects": [{"defect_type": "scratch", "severity": "minor", "confidence": 0.75, "location": "edge"}],
    })
}

#[tokio::test]
async fn avro_of_our_own_schema_becomes_rows() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let schema = own_avro::<Quality>(INSPECTIONS);
    let id = registry.register(&subject("own"), "AVRO", &schema, &[]);
    let values = (0..3).map(|number| avro(id, &schema, inspection(number)));
    let taken = lane_with::<Quality>(INSPECTIONS, &registry).take(values).await;
    assert_eq!((taken.errors(), taken.offsets()), (vec![], vec![0, 1, 2]));
    assert_eq!(taken.store.texts("inspection_id"), ["i-0", "i-1", "i-2"]);
    assert_eq!(taken.store.texts("batch_id"), ["b-7"; 3]);
    assert_eq!(taken.numbers("quality_score"), [Some(0.5); 3]);
    // The row keeps JSON, without absent fields.
    let payload = &taken.payloads()[2];
    assert_eq!(payload["metadata"], json!({"line": {"number": 3}}));
    assert_eq!(payload["defects"][0]["severity"], "minor");
    assert_eq!(payload.get("chip_id"), None);
    assert!(Timestamp::parse(payload["timestamp"].as_str().unwrap()).is_ok(), "{payload}");
}

/// Other names, order and types for nearly everything; no batch, and an additional field of the producer.
const PRODUCERS_OWN: &str = r#"{"type":"record","name":"InspectionResult","namespace":"com.fab.mes","fields":[
    {"name":"quality_score","type":"int"},
    {"name":"timestamp","type":"string"},
    {"name":"line","type":"string"},
    {"name":"metadata","type":{"type":"map","values":"string"}},
    {"name":"defects","type":{"type":"array","items":{"type":"record","name":"Finding","fields":[
        {"name":"severity","type":{"type":"enum","name":"Severity","symbols":["LOW","HIGH"]}},
        {"name":"defect_type","type":"string"}]}}},
    {"name":"event_type","type":{"type":"enum","name":"Kind","symbols":["INSPECTION_FAILED","INSPECTION_COMPLETED"]}},
    {"name":"inspection_id","type":"string"}]}"#;

#[tokio::test]
async fn avro_of_a_producers_own_schema_becomes_rows() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = registry.register(&subject("producers"), "AVRO", PRODUCERS_OWN, &[]);
    let event = json!({
        "quality_score": 1, "timestamp": "2026-02-02T12:00:00.250Z", "line": "L3", "metadata": {"shift": "night"},
        "defects": [{"severity": "HIGH", "defect_type": "crack"}],
        "event_type": "INSPECTION_COMPLETED", "inspection_id": "i-1",
    });
    let taken = lane_with::<Quality>(INSPECTIONS, &registry).take([avro(id, PRODUCERS_OWN, event.clone())]).await;
    assert_eq!(taken.errors(), []);
    assert_eq!(taken.store.texts("event_type"), ["INSPECTION_COMPLETED"]);
    assert_eq!((taken.store.texts("batch_id"), taken.numbers("quality_score")), (vec![String::new()], vec![Some(1.0)]));
    let mut payload = event;
    payload["quality_score"] = json!(1.0);
    assert_eq!(taken.payloads(), [payload]);
}

#[tokio::test]
async fn requirements_of_the_family_are_reported_by_the_family() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let schema = r#"{"type":"record","name":"E","fields":[
        {"name":"event_type","type":"string"},{"name":"timestamp","type":"boolean"}]}"#;
    let id = registry.register(&subject("poor"), "AVRO", schema, &[]);
    let event = json!({"event_type": "INSPECTION_CREATED", "timestamp": true});
    let taken = lane_with::<Quality>(INSPECTIONS, &registry).take([avro(id, schema, event)]).await;
    let [(0, "invalid_event", error)] = taken.errors()[..] else { panic!("{:?}", taken.errors()) };
    assert!(error.contains("$.timestamp") && error.contains("$.inspection_id"), "{error}");
    // The payload of the dead letter has the schema only as bytes.
    assert_eq!(error.matches(&format!("(written with schema {id})")).count(), 1, "{error}");
}

#[tokio::test]
async fn a_32_bit_number_is_accepted_in_a_64_bit_field() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let schema = r#"{"type":"record","name":"ToolUse","fields":[
        {"name":"event_id","type":"string"},{"name":"tenant_id","type":"string"},
        {"name":"timestamp","type":"long"},{"name":"event_type","type":"string"},
        {"name":"tool_name","type":"string"},{"name":"duration_ms","type":"int"}]}"#;
    let id = registry.register(&subject("int"), "AVRO", schema, &[]);
    let mut event = call(1, "tool_invocation");
    event["timestamp"] = TIME_MS.into();
    event["tool_name"] = "search".into();
    event["duration_ms"] = 61_000.into();
    let taken = lane_with::<Voc>(CALLS, &registry).take([avro(id, schema, event)]).await;
    assert_eq!(taken.errors(), []);
    assert_eq!(taken.payloads()[0]["duration_ms"], 61_000);
    // The family decides the unit of a plain number by its size.
    assert_eq!(taken.payloads()[0]["timestamp"], TIME_MS);
}

fn call(number: u128, event_type: &str) -> Value {
    json!({
        "event_id": uuid::Uuid::from_u128(number), "tenant_id": "acme", "timestamp": "2026-02-02T12:00:00Z",
        "event_type": event_type,
    })
}

/// A length-delimited field of a message.
fn field(number: u8, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    assert!(number < 16 && bytes.len() < 128, "lengths are of one byte here");
    [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

#[tokio::test]
async fn protobuf_that_references_another_schema_becomes_rows() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let (common, calls) = (subject("common"), subject("calls"));
    let place = r#"syntax = "proto3"; package acme; message Place { string region = 1; }"#;
    registry.register(&common, "PROTOBUF", place, &[]);
    let text = r#"syntax = "proto3"; package acme;
        import "acme/place.proto"; import "google/protobuf/timestamp.proto";
        message Ignored {}
        message Call {
            string event_id = 1; string tenant_id = 2; google.protobuf.Timestamp timestamp = 3;
            string event_type = 4; string call_id = 5; string transcript = 6; Place metadata = 7;
        }"#;
    let reference = Reference { name: "acme/place.proto".to_owned(), subject: common, version: 1 };
    let id = registry.register(&calls, "PROTOBUF", text, &[reference]);
    let event = [
        field(1, uuid::Uuid::from_u128(7).to_string()),
        field(2, "acme"),
        // 1 770 033 600 s: 2026-02-02T12:00:00Z.
        field(3, [8, 0xc0, 0xa3, 0x82, 0xcc, 0x06]),
        field(4, "call"),
        field(5, "c-7"),
        field(6, "Customer: this is great!"),
        field(7, field(1, "gru")),
    ]
    .concat();
    // The second message of the schema: index 1, zigzag-encoded.
    let body = [&[2, 2], &event[..]].concat();
    let taken = lane_with::<Voc>(CALLS, &registry).take([record(id, &body)]).await;
    assert_eq!(taken.errors(), []);
    assert_eq!((taken.store.texts("call_id"), taken.store.texts("language")), (vec!["c-7".into()], vec!["en".into()]));
    let payload = &taken.payloads()[0];
    assert_eq!(
        (&payload["metadata"], &payload["timestamp"]),
        (&json!({"region": "gru"}), &"2026-02-02T12:00:00.000Z".into())
    );
}

#[tokio::test]
async fn protobuf_of_our_own_schema_becomes_rows() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let schema = proto_schema("voc", "VocEvent", Voc::FIELDS.common, &Voc::types_on(CALLS));
    let id = registry.register(&subject("own-proto"), "PROTOBUF", &schema, &[]);
    let event = [
        field(1, uuid::Uuid::from_u128(7).to_string()),
        field(2, "acme"),
        field(3, [8, 0xc0, 0xa3, 0x82, 0xcc, 0x06]),
        field(4, "something_new"),
    ];
    let body = [&[0], &event.concat()[..]].concat();
    let taken = lane_with::<Voc>(CALLS, &registry).take([record(id, &body)]).await;
    assert_eq!((taken.errors(), taken.store.texts("event_type")), (vec![], vec!["something_new".to_owned()]));
}

/// A schema as confluent-kafka for Python registers it: `voc.Call` with a `google.protobuf.Timestamp`, compiled.
const COMPILED: &str = "Cg52b2NfY2FsbC5wcm90bxIDdm9jGh9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvIpMBCgRDYWxsEhAKCGV2\
    ZW50X2lkGAEgASgJEhEKCXRlbmFudF9pZBgCIAEoCRISCgpldmVudF90eXBlGAMgASgJEg8KB2NhbGxfaWQYBCABKAkS\
    EgoKdHJhbnNjcmlwdBgFIAEoCRItCgl0aW1lc3RhbXAYBiABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wYgZw\
    cm90bzM=";

#[tokio::test]
async fn protobuf_registered_as_descriptor_becomes_rows() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let text = r#"syntax = "proto3"; package acme; import "voc_call.proto"; message Outer { string a = 1; }
        message Call {
            string event_id = 1; string tenant_id = 2; string event_type = 3; string call_id = 4;
            string timestamp = 6; voc.Call metadata = 7;
        }"#;
    let compiled = subject("compiled");
    let ids = [registry.register(&compiled, "PROTOBUF", COMPILED, &[]), {
        let reference = Reference { name: "voc_call.proto".to_owned(), subject: compiled.clone(), version: 1 };
        registry.register(&subject("refers"), "PROTOBUF", text, &[reference])
    }];
    let event = |number, time: &[u8]| {
        [
            field(1, uuid::Uuid::from_u128(number).to_string()),
            field(2, "acme"),
            field(3, "call"),
            field(4, "c-7"),
            field(6, time),
        ]
        .concat()
    };
    let direct = [&[0], &event(1, &[8, 0xc0, 0xa3, 0x82, 0xcc, 0x06])[..]].concat();
    let within = [&[2, 2], &event(2, b"2026-02-02T12:00:00Z")[..], &field(7, field(4, "inner"))].concat();
    let taken = lane_with::<Voc>(CALLS, &registry).take([record(ids[0], &direct), record(ids[1], &within)]).await;
    assert_eq!(taken.errors(), []);
    assert_eq!(taken.store.texts("call_id"), ["c-7"; 2]);
    let payloads = taken.payloads();
    assert_eq!(payloads[0]["timestamp"], "2026-02-02T12:00:00.000Z");
    assert_eq!(payloads[1]["metadata"]["call_id"], "inner");
}

#[tokio::test]
async fn json_is_validated_against_its_schema() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let schema = json_schema("VocEvent", "event_type", Voc::FIELDS.common, &Voc::types_on(CALLS));
    let id = registry.register(&subject("json"), "JSON", &schema, &[]);
    let mut event = call(1, "call");
    event["call_id"] = "c-1".into();
    let (good, bad) = (event.to_string(), call(2, "call").to_string());
    let taken = lane_with::<Voc>(CALLS, &registry).take([&good, &bad].map(|text| record(id, text.as_bytes()))).await;
    assert_eq!(taken.offsets(), [0]);
    assert_eq!(taken.payloads(), [event]);
    let [(1, "invalid_encoding", error)] = taken.errors()[..] else { panic!("{:?}", taken.errors()) };
    assert!(error.contains("$.call_id") && error.contains(&format!("(written with schema {id})")), "{error}");
}

#[tokio::test]
async fn a_chunk_may_mix_encodings_and_schemas() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let own = own_avro::<Quality>(INSPECTIONS);
    let ids = [(&*own, "one"), (PRODUCERS_OWN, "two")]
        .map(|(schema, name)| registry.register(&subject(name), "AVRO", schema, &[]));
    let plain = |number: u32| {
        let event = json!({
            "event_type": "INSPECTION_STARTED", "timestamp": "2026-02-02T12:00:00Z",
            "inspection_id": format!("p-{number}"),
        });
        event.to_string().into_bytes()
    };
    let other = json!({
        "quality_score": 0, "timestamp": "2026-02-02T12:00:00Z", "line": "", "metadata": {}, "defects": [],
        "event_type": "INSPECTION_FAILED", "inspection_id": "o-1",
    });
    let values = [
        plain(0),
        avro(ids[0], &own, inspection(1)),
        b"no JSON".to_vec(),
        avro(ids[1], PRODUCERS_OWN, other),
        plain(4),
        avro(ids[0], &own, inspection(5)),
    ];
    let taken = lane_with::<Quality>(INSPECTIONS, &registry).take(values).await;
    assert_eq!(taken.offsets(), [0, 1, 3, 4, 5]);
    assert_eq!(taken.store.texts("inspection_id"), ["p-0", "i-1", "o-1", "p-4", "i-5"]);
    assert_eq!(taken.errors().iter().map(|error| (error.0, error.1)).collect::<Vec<_>>(), [(2, "invalid_json")]);
}

//! Schemas exported from the descriptions of fields: they compile, and events survive a round trip through them.

#![cfg(all(feature = "avro", feature = "protobuf", feature = "json-schema"))]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::{borrow::Cow, collections::HashMap};

use apache_avro::{types::Value as Avro, writer::datum::GenericDatumWriter};
use prost_reflect::{DynamicMessage, MapKey, Value as Proto, prost::Message};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use serde_json::{Value, json};
use voc_events::{
    DecodeOptions, Envelope, Family, Limits, Timestamp,
    encodings::{
        Schema, SchemaFormat, SchemaText,
        export::{avro_schema, json_schema, proto_schema},
    },
    fields::{FieldInfo, FieldType},
    voc::{BaseEvent, Voc, VocEvent},
};

fn voc_avro() -> String {
    avro_schema("voc", "VocEvent", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS)
}

fn voc_proto() -> String {
    proto_schema("voc", "VocEvent", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS)
}

fn voc_json() -> String {
    json_schema("VocEvent", "event_type", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS)
}

/// An event of each type.
fn events() -> Vec<Value> {
    let event = |event_type: &str, own: Value| {
        let mut event = json!({
            "event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
            "tenant_id": "acme",
            "timestamp": "2026-02-02T12:00:00.123Z",
            "event_type": event_type,
            "metadata": {"region": "br", "nested": [1, 2.5, null, {"a": "\"b\""}]},
        });
        let members = event.as_object_mut().expect("it is an object");
        members.extend(own.as_object().cloned().unwrap_or_default());
        event
    };
    vec![
        event(
            "call",
            json!({"call_id": "c-1", "agent_id": "a-1", "customer_id": "u-1", "transcript": "Olá\n🦀",
            "duration_ms": 61_000, "call_quality": {"mos": 4.2},
            "transcript_turns": [
                {"text": "Olá\n🦀", "role": "customer", "speaker": "Ana", "channel": "1", "start_ms": 0,
                 "end_ms": i64::MAX},
                {"text": "", "role": "agent", "speaker": "", "channel": "", "start_ms": -1, "end_ms": 7},
            ]}),
        ),
        event("agent_action", json!({"action": "transfer", "agent_id": "a-1", "target_id": "billing"})),
        event("tool_invocation", json!({"tool_name": "search", "duration_ms": i64::MAX, "success": false})),
        event("qos_metric", json!({"metric_name": "p99", "value": -1.5, "tags": {"pop": "gru"}})),
        event("some_other_type", json!({})),
    ]
}

/// The kinds of the fields by their names.
fn kinds() -> HashMap<&'static str, FieldType> {
    let types = VocEvent::TYPE_FIELDS.iter().flat_map(|(_, fields)| *fields);
    BaseEvent::OWN_FIELDS.iter().chain(types).map(|field| (field.name, field.kind)).collect()
}

fn millis(value: &Value) -> i64 {
    Timestamp::parse(value.as_str().expect("it is a text")).expect("it is a time").as_millis()
}

/// Decodes both, strictly, and compares them.
#[track_caller]
fn check_same_event(json: &str, event: &Value) {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default().strict(true));
    let decoded = voc.decode(json, &Envelope::default()).expect("the event is valid").event;
    let original = event.to_string();
    let expected = voc.decode(&original, &Envelope::default()).expect("the event is valid").event;
    let parse = |event: &VocEvent<'_>| serde_json::to_value(event).expect("it is JSON");
    assert_eq!(parse(&decoded), parse(&expected));
    // The type has its own fields, and nothing is lost or added.
    assert_eq!(serde_json::from_str::<Value>(json).expect("it is JSON"), *event);
}

#[test]
fn events_survive_a_round_trip_through_avro() {
    let text = SchemaText::new(SchemaFormat::Avro, voc_avro());
    let kinds = kinds();
    for reader in [None, Some(&text)] {
        let schema = Schema::compile(&text, reader).unwrap();
        let library = apache_avro::Schema::parse_str(&text.text).unwrap();
        let apache_avro::Schema::Record(record) = &library else { unreachable!("it is a record") };
        for event in events() {
            let fields = record.fields.iter().map(|field| {
                let is_nullable = matches!(field.schema, apache_avro::Schema::Union(_));
                let value = event.get(&field.name).and_then(|value| avro_value(kinds[field.name.as_str()], value));
                (field.name.clone(), avro_member(is_nullable, value))
            });
            let writer = GenericDatumWriter::builder(&library).build().unwrap();
            let body = writer.write_value_to_vec(Avro::Record(fields.collect())).unwrap();
            check_same_event(&schema.event_json(&body, &Limits::default()).unwrap(), &event);
        }
    }
}

/// A value as its kind is written in Avro.
fn avro_value(kind: FieldType, value: &Value) -> Option<Avro> {
    Some(match kind {
        FieldType::Uuid => Avro::Uuid(value.as_str()?.parse().ok()?),
        FieldType::Timestamp => Avro::TimestampMillis(millis(value)),
        FieldType::Whole => Avro::Long(value.as_i64()?),
        FieldType::Number => Avro::Double(value.as_f64()?),
        FieldType::Flag => Avro::Boolean(value.as_bool()?),
        FieldType::TextMap => {
            let members = value.as_object()?.iter();
            Avro::Map(
                members.map(|(k, v)| (k.clone(), Avro::String(v.as_str().expect("it is a text").into()))).collect(),
            )
        }
        FieldType::JsonObject => Avro::String(value.to_string()),
        FieldType::List(element) => {
            Avro::Array(value.as_array()?.iter().map(|value| avro_value(*element, value)).collect::<Option<_>>()?)
        }
        FieldType::Object(object) => {
            let member = |field: &FieldInfo| {
                let value = value.get(field.name).and_then(|value| avro_value(field.kind, value));
                (field.name.to_owned(), avro_member(!field.is_required, value))
            };
            Avro::Record(object.fields.iter().map(member).collect())
        }
        _ => Avro::String(value.as_str()?.to_owned()),
    })
}

fn avro_member(is_nullable: bool, value: Option<Avro>) -> Avro {
    match value {
        Some(value) if is_nullable => Avro::Union(1, Box::new(value)),
        Some(value) => value,
        None => Avro::Union(0, Box::new(Avro::Null)),
    }
}

struct One(String);

impl FileResolver for One {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == "voc.proto" { File::from_source(name, &self.0) } else { Err(protox::Error::file_not_found(name)) }
    }
}

#[test]
fn events_survive_a_round_trip_through_protobuf() {
    let text = voc_proto();
    let schema = Schema::compile(&SchemaText::new(SchemaFormat::Protobuf, text.clone()), None).unwrap();
    let mut resolver = ChainFileResolver::new();
    resolver.add(One(text));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("voc.proto").unwrap();
    let pool = compiler.descriptor_pool();
    let message = |name: &str| DynamicMessage::new(pool.get_message_by_name(name).expect("it is declared"));
    let kinds = kinds();
    for event in events() {
        let mut encoded = message("voc.VocEvent");
        for (name, value) in event.as_object().unwrap() {
            encoded.set_field_by_name(name, proto_value(&message, kinds[name.as_str()], value));
        }
        let body = [vec![0], encoded.encode_to_vec()].concat();
        check_same_event(&schema.event_json(&body, &Limits::default()).unwrap(), &event);
    }
}

/// A value as its kind is written in Protobuf.
fn proto_value(message: &dyn Fn(&str) -> DynamicMessage, kind: FieldType, value: &Value) -> Proto {
    match kind {
        FieldType::Timestamp => {
            let mut time = message("google.protobuf.Timestamp");
            let millis = millis(value);
            time.set_field_by_name("seconds", Proto::I64(millis.div_euclid(1000)));
            time.set_field_by_name("nanos", Proto::I32((millis.rem_euclid(1000) * 1_000_000) as i32));
            Proto::Message(time)
        }
        FieldType::Whole => Proto::I64(value.as_i64().expect("it is whole")),
        FieldType::Number => Proto::F64(value.as_f64().expect("it is a number")),
        FieldType::Flag => Proto::Bool(value.as_bool().expect("it is a flag")),
        FieldType::TextMap => {
            let members = value.as_object().expect("it is an object").iter();
            let text = |text: &Value| Proto::String(text.as_str().expect("it is a text").to_owned());
            Proto::Map(members.map(|(k, v)| (MapKey::String(k.clone()), text(v))).collect())
        }
        FieldType::JsonObject => Proto::Message(structure(message, value)),
        FieldType::List(element) => Proto::List(
            value.as_array().expect("it is a list").iter().map(|value| proto_value(message, *element, value)).collect(),
        ),
        FieldType::Object(object) => {
            let mut nested = message(&format!("voc.{}", object.name));
            for field in object.fields {
                if let Some(value) = value.get(field.name) {
                    nested.set_field_by_name(field.name, proto_value(message, field.kind, value));
                }
            }
            Proto::Message(nested)
        }
        _ => Proto::String(value.as_str().expect("it is a text").to_owned()),
    }
}

fn structure(message: &dyn Fn(&str) -> DynamicMessage, value: &Value) -> DynamicMessage {
    let mut of_fields = message("google.protobuf.Struct");
    let members = value.as_object().expect("it is an object").iter();
    let fields = members.map(|(name, value)| (MapKey::String(name.clone()), Proto::Message(any(message, value))));
    of_fields.set_field_by_name("fields", Proto::Map(fields.collect()));
    of_fields
}

fn any(message: &dyn Fn(&str) -> DynamicMessage, value: &Value) -> DynamicMessage {
    let mut any_value = message("google.protobuf.Value");
    match value {
        Value::Null => any_value.set_field_by_name("null_value", Proto::EnumNumber(0)),
        Value::Bool(flag) => any_value.set_field_by_name("bool_value", Proto::Bool(*flag)),
        Value::Number(number) => {
            any_value.set_field_by_name("number_value", Proto::F64(number.as_f64().expect("it is a float")));
        }
        Value::String(text) => any_value.set_field_by_name("string_value", Proto::String(text.clone())),
        Value::Object(_) => any_value.set_field_by_name("struct_value", Proto::Message(structure(message, value))),
        Value::Array(elements) => {
            let mut list = message("google.protobuf.ListValue");
            let values = elements.iter().map(|element| Proto::Message(any(message, element)));
            list.set_field_by_name("values", Proto::List(values.collect()));
            any_value.set_field_by_name("list_value", Proto::Message(list));
        }
    }
    any_value
}

#[test]
fn events_survive_a_round_trip_through_json_schema() {
    let schema = Schema::compile(&SchemaText::new(SchemaFormat::Json, voc_json()), None).unwrap();
    for event in events() {
        let body = event.to_string();
        let json = schema.event_json(body.as_bytes(), &Limits::default()).unwrap();
        assert!(matches!(json, Cow::Borrowed(_)));
        check_same_event(&json, &event);
    }
    let mut call = events().remove(0);
    call["duration_ms"] = Value::Null;
    assert!(schema.event_json(call.to_string().as_bytes(), &Limits::default()).is_ok());
    call["duration_ms"] = json!("long");
    call["call_id"] = Value::Null;
    call.as_object_mut().unwrap().remove("tenant_id");
    let body = call.to_string();
    let invalid = schema.event_json(body.as_bytes(), &Limits::default()).unwrap_err();
    let mut reasons: Vec<String> = invalid.violations.iter().map(ToString::to_string).collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "$.call_id: expected a string, found null",
            "$.duration_ms: expected null or a whole number, found string \"long\"",
            "$.tenant_id: expected a value, found nothing",
        ]
    );
}

#[test]
fn fields_of_several_types_are_declared_once() {
    for name in ["agent_id", "duration_ms"] {
        assert_eq!(voc_avro().matches(&format!("\"name\": \"{name}\"")).count(), 1);
        assert_eq!(voc_proto().matches(&format!(" {name} = ")).count(), 1);
    }
    assert!(voc_avro().contains(
        "\"doc\": \"Of call: AI agent that handled the call. Of agent_action, required: Agent that performed the action.\""
    ));
}

#[test]
fn protobuf_numbers_are_stable_as_lists_grow() {
    const TEXT: FieldType = FieldType::Text;
    let field = |name| FieldInfo::new(name, TEXT, false, None, "");
    let (common, mut one, two) = ([field("a")], vec![field("b"), field("c")], [field("c"), field("d")]);
    let before = proto_schema("", "E", &common, &[("one", &one), ("two", &two)]);
    for line in ["string a = 1;", "string b = 201;", "string c = 202;", "string d = 402;"] {
        assert!(before.contains(line), "{before}");
    }
    one.push(field("e"));
    let after =
        proto_schema("", "E", &[common[0], field("f")], &[("one", &one), ("two", &two), ("three", &[field("g")])]);
    for line in before.lines().filter(|line| line.contains('=')) {
        assert!(after.contains(line), "{line}");
    }
    for line in ["string f = 2;", "string e = 203;", "string g = 601;"] {
        assert!(after.contains(line), "{after}");
    }
    // The numbers that Protobuf reserves for itself are skipped.
    let fields = [field("x")];
    let names: Vec<String> = (0..100).map(|number| format!("type{number}")).collect();
    let own: Vec<[FieldInfo; 1]> = (0..100).map(|number| [field(&*format!("x{number}").leak())]).collect();
    let types: Vec<(&str, &[FieldInfo])> =
        names.iter().zip(&own).map(|(name, own)| (name.as_str(), &own[..])).collect();
    let many = proto_schema("", "E", &fields, &types);
    assert!(Schema::compile(&SchemaText::new(SchemaFormat::Protobuf, many), None).is_ok());
}

voc_events::fields! {
    /// A defect.
    pub struct Defect<'a> {
        required {
            /// Its code.
            code: Cow<'a, str>,
        }
        optional {
            /// How bad.
            severity: i64,
        }
    }
}

#[test]
fn objects_lists_and_contradictions_have_schemas() {
    let defect = <Defect<'_> as voc_events::fields::FieldKind<'_>>::TYPE;
    let list: &'static FieldType = Box::leak(Box::new(defect));
    let texts: &'static FieldType = &FieldType::Text;
    let lists: &'static FieldType = &FieldType::List(&FieldType::Text);
    let jsons: &'static FieldType = &FieldType::JsonObject;
    let common = [FieldInfo::new("kind", FieldType::Text, true, None, " What\nit is.\n")];
    let first = [
        FieldInfo::new("worst", defect, true, None, ""),
        FieldInfo::new("defects", FieldType::List(list), false, None, ""),
        FieldInfo::new("texts", FieldType::List(texts), false, None, ""),
        FieldInfo::new("lists", FieldType::List(lists), false, None, ""),
        FieldInfo::new("jsons", FieldType::List(jsons), false, None, ""),
        FieldInfo::new("mixed", FieldType::Number, false, None, ""),
        FieldInfo::new("same", FieldType::Timestamp, false, None, ""),
    ];
    let second = [
        FieldInfo::new("mixed", FieldType::Text, false, None, ""),
        FieldInfo::new("same", FieldType::Whole, false, None, ""),
        FieldInfo::new("kind", FieldType::Text, true, None, ""),
    ];
    let types: [(&str, &[FieldInfo]); 2] = [("first", &first), ("second", &second)];

    let avro = avro_schema("", "Event", &common, &types);
    let schema = Schema::compile(&SchemaText::new(SchemaFormat::Avro, avro.clone()), None).unwrap();
    let library = apache_avro::Schema::parse_str(&avro).unwrap();
    let some = |branch, value| Avro::Union(branch, Box::new(value));
    let text = |text: &str| Avro::String(text.to_owned());
    let defect = Avro::Record(vec![("code".into(), text("d")), ("severity".into(), some(1, Avro::Long(3)))]);
    let event = Avro::Record(vec![
        ("kind".into(), text("first")),
        ("worst".into(), some(1, defect.clone())),
        ("defects".into(), some(1, Avro::Array(vec![defect]))),
        ("texts".into(), some(1, Avro::Array(vec![text("{}")]))),
        ("lists".into(), some(1, Avro::Array(vec![Avro::Array(vec![text("a")])]))),
        ("jsons".into(), some(1, Avro::Array(vec![text("{}")]))),
        ("mixed".into(), some(2, text("m"))),
        ("same".into(), some(1, Avro::Long(7))),
    ]);
    let body = GenericDatumWriter::builder(&library).build().unwrap().write_value_to_vec(event).unwrap();
    let json = concat!(
        r#"{"kind":"first","worst":{"code":"d","severity":3},"defects":[{"code":"d","severity":3}],"texts":["{}"],"#,
        r#""lists":[["a"]],"jsons":[{}],"mixed":"m","same":7}"#
    );
    assert_eq!(schema.event_json(&body, &Limits::default()).unwrap(), json);

    let proto = proto_schema("", "Event", &common, &types);
    for line in [
        "  // What it is.",
        "optional Defect worst = 201;",
        "repeated Defect defects = 202;",
        "repeated string texts = 203;",
        "repeated google.protobuf.ListValue lists = 204;",
        "repeated google.protobuf.Struct jsons = 205;",
        "optional google.protobuf.Value mixed = 206;",
        "message Defect {",
    ] {
        assert!(proto.contains(line), "{proto}");
    }
    assert!(Schema::compile(&SchemaText::new(SchemaFormat::Protobuf, proto), None).is_ok());

    let schema = json_schema("Event", "kind", &common, &types);
    let schema = Schema::compile(&SchemaText::new(SchemaFormat::Json, schema), None).unwrap();
    assert!(
        schema.event_json(json.replace("\"m\"", "1.5").replace(":7", ":null").as_bytes(), &Limits::default()).is_ok()
    );
    let invalid = schema.event_json(br#"{"kind":"first","worst":{"severity":"x"}}"#, &Limits::default()).unwrap_err();
    let mut paths: Vec<_> = invalid.violations.iter().map(|violation| violation.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["$.worst.code", "$.worst.severity"]);
}

#[test]
fn every_family_has_schemas() {
    let compile = |format, text: String| {
        Schema::compile(&SchemaText::new(format, text.clone()), None)
            .unwrap_or_else(|error| unreachable!("{error}: {text}"))
    };
    compile(SchemaFormat::Avro, voc_avro());
    compile(SchemaFormat::Protobuf, voc_proto());
    compile(SchemaFormat::Json, voc_json());
    // A family without its own types.
    compile(SchemaFormat::Avro, avro_schema("", "E", BaseEvent::OWN_FIELDS, &[]));
    compile(SchemaFormat::Protobuf, proto_schema("", "E", &[], &[]));
    compile(SchemaFormat::Json, json_schema("E", "kind", &[], &[]));
}

//! Records resolved with a reader's schema, strictly and leniently.

use apache_avro::{Decimal, types::Value};
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, InvalidKind, Limits,
    encodings::{Schema, SchemaError, export::avro_schema},
    voc::{BaseEvent, Voc, VocEvent},
};

use crate::support::{avro, check_invalid, encode, fields, read, record};

#[test]
fn schemas_evolve() {
    let writer = record(
        r#"{"name":"kept","type":"int"},
           {"name":"old_name","type":"string"},
           {"name":"writers","type":{"type":"map","values":"int"}},
           {"name":"nested","type":{"type":"record","name":"Inner","fields":[{"name":"a","type":"float"},{"name":"b","type":"int"}]}}"#,
    );
    let body = encode(
        &writer,
        fields(vec![
            ("kept", Value::Int(7)),
            ("old_name", Value::String("n".into())),
            ("writers", Value::Map([("k".to_owned(), Value::Int(1))].into())),
            ("nested", fields(vec![("a", Value::Float(0.5)), ("b", Value::Int(2))])),
        ]),
    );
    let reader = |name: &str, more: &str| {
        format!(
            r#"{{"type":"record","name":"{name}","fields":[
                {{"name":"nested","type":["null",{{"type":"record","name":"other.Inner","fields":[
                    {{"name":"b","type":"double"}},{{"name":"c","type":"string","default":"new"}}]}}],"default":null}},
                {{"name":"kept","type":["null","long"],"default":null}},
                {{"name":"new_name","aliases":["older_name","old_name"],"type":"string"}},
                {{"name":"removed","type":["null","string"],"default":null}},
                {{"name":"added","type":{{"type":"array","items":"int"}},"default":[1,2]}}
                {more}]}}"#
        )
    };
    // Promoted, renamed, added; what only the writer has is kept in place; another name and namespace do not matter.
    let json = r#"{"kept":7,"new_name":"n","writers":{"k":1},"nested":{"a":0.5,"b":2.0,"c":"new"},"added":[1,2]}"#;
    assert_eq!(read(&writer, Some(&reader("our.Event", "")), &body).unwrap(), json);
    assert_eq!(read(&writer, Some(&reader("Quite.Another", "")), &body).unwrap(), json);
    check_invalid(
        read(&writer, Some(&reader("Event", r#",{"name":"needed","type":"int"}"#)), &body),
        InvalidKind::Encoding,
        "$.needed: expected a field that has no default, found no such field in the record's schema",
    );
}

#[test]
fn contradictory_types_are_reported_with_the_field() {
    let field = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let check = |writer: &str, reader: &str, value: Value, reason: &str| {
        let body = encode(&field(writer), fields(vec![("x", value)]));
        check_invalid(read(&field(writer), Some(&field(reader)), &body), InvalidKind::Encoding, reason);
    };
    check(r#""string""#, r#""long""#, Value::String("1".into()), "$.x: expected a long, found a string");
    check(r#""long""#, r#""int""#, Value::Long(1), "$.x: expected an int, found a long");
    check(
        r#"{"type":"array","items":"string"}"#,
        r#"{"type":"array","items":["null","int"]}"#,
        Value::Array(vec![Value::String("1".into())]),
        "$.x[0]: expected null or an int, found a string",
    );
    check(
        r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
        r#"{"type":"enum","name":"E","symbols":["A"]}"#,
        Value::Enum(1, "B".into()),
        "$.x: expected a symbol of E, found the symbol B",
    );
    // In a union the actual branch counts.
    let union = field(r#"["null","string"]"#);
    let reader = field(r#""string""#);
    let text = encode(&union, fields(vec![("x", Value::Union(1, Box::new(Value::String("a".into()))))]));
    assert_eq!(read(&union, Some(&reader), &text).unwrap(), r#"{"x":"a"}"#);
    let null = encode(&union, fields(vec![("x", Value::Union(0, Box::new(Value::Null)))]));
    check_invalid(read(&union, Some(&reader), &null), InvalidKind::Encoding, "$.x: expected a string, found null");
}

#[test]
fn a_lenient_reader_accepts_contradictions_as_written() {
    let writer = record(
        r#"{"name":"time","type":"string"},
           {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["CALL"]}},
           {"name":"metadata","type":{"type":"map","values":"int"}},
           {"name":"score","type":["null","int","string"]},
           {"name":"note","type":"string"}"#,
    );
    let reader = record(
        r#"{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"}},
           {"name":"kind","type":"string"},
           {"name":"metadata","type":["null","string"],"default":null},
           {"name":"score","type":["null","double"],"default":null},
           {"name":"note","type":"string","voc.json":true},
           {"name":"needed","type":"string"},
           {"name":"added","type":"int","default":1}"#,
    );
    let event = |score: Value| {
        fields(vec![
            ("time", Value::String("2026-02-02T12:00:00Z".into())),
            ("kind", Value::Enum(0, "CALL".into())),
            ("metadata", Value::Map([("a".to_owned(), Value::Int(1))].into())),
            ("score", score),
            ("note", Value::String("[1]".into())),
        ])
    };
    let schema = Schema::compile_lenient(&avro(&writer), Some(&avro(&reader))).unwrap();
    for (branch, score, json) in [(1, Value::Int(1), "1.0"), (2, Value::String("good".into()), "\"good\"")] {
        let body = encode(&writer, event(Value::Union(branch, Box::new(score))));
        let expected = format!(
            r#"{{"time":"2026-02-02T12:00:00Z","kind":"CALL","metadata":{{"a":1}},"score":{json},"note":[1],"added":1}}"#
        );
        assert_eq!(schema.event_json(&body, &Limits::default()).unwrap(), expected);
    }
}

/// Reads a record of one field, `x`, with lenient resolution.
#[track_caller]
fn check_lenient(writer: &str, reader: &str, value: Value, json: &str) {
    let field = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let body = encode(&field(writer), fields(vec![("x", value)]));
    let schema = Schema::compile_lenient(&avro(&field(writer)), Some(&avro(&field(reader))));
    let event = schema.expect("the schemas are valid").event_json(&body, &Limits::default());
    assert_eq!(event.expect("the record is valid"), format!("{{\"x\":{json}}}"), "{writer}");
}

#[test]
fn a_lenient_reader_takes_the_unit_of_a_time_from_the_writer() {
    let logical = |base: &str, logical: &str| format!(r#"{{"type":"{base}","logicalType":"{logical}"}}"#);
    let millis = logical("long", "timestamp-millis");
    let optional = format!(r#"["null",{millis}]"#);
    for reader in [&millis, &optional, &logical("long", "local-timestamp-micros")] {
        check_lenient(r#""int""#, reader, Value::Int(1_770_033_600), "1770033600");
        check_lenient(r#""long""#, reader, Value::Long(1_770_033_600_000_000), "1770033600000000");
        check_lenient(
            &logical("long", "timestamp-micros"),
            reader,
            Value::TimestampMicros(1),
            r#""1970-01-01T00:00:00.000001Z""#,
        );
        check_lenient(&logical("int", "date"), reader, Value::Date(20_486), r#""2026-02-02""#);
        check_lenient(&logical("int", "time-millis"), reader, Value::TimeMillis(1), r#""00:00:00.001""#);
        check_lenient(&logical("long", "time-micros"), reader, Value::TimeMicros(1), r#""00:00:00.000001""#);
    }
    // Also a strict reader keeps the unit of a date.
    let field = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let date = field(&logical("int", "date"));
    let body = encode(&date, fields(vec![("x", Value::Date(20_486))]));
    assert_eq!(read(&date, Some(&field(&millis)), &body).unwrap(), r#"{"x":"2026-02-02"}"#);
}

#[test]
fn a_family_decides_the_unit_of_a_plain_number() {
    let ours = avro_schema("voc", "VocEvent", BaseEvent::OWN_FIELDS, VocEvent::TYPE_FIELDS);
    let time = |schema: &str, value: Value| {
        let writer = record(&format!(
            r#"{{"name":"event_id","type":"string"}},{{"name":"tenant_id","type":"string"}},
               {{"name":"timestamp","type":{schema}}},
               {{"name":"event_type","type":"string"}},{{"name":"call_id","type":"string"}}"#
        ));
        let text = |text: &str| Value::String(text.into());
        let event = vec![
            ("event_id", text("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")),
            ("tenant_id", text("acme")),
            ("timestamp", value),
            ("event_type", text("call")),
            ("call_id", text("c-1")),
        ];
        let schema = Schema::compile_lenient(&avro(&writer), Some(&avro(&ours))).expect("the schemas are valid");
        let body = encode(&writer, fields(event));
        let json = schema.event_json(&body, &Limits::default()).expect("the record is valid");
        let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
        let decoded = voc.decode(&json, &Envelope::default()).expect("the event is valid");
        decoded.event.timestamp().to_string()
    };
    let noon = 1_770_033_600;
    for long in [noon, noon * 1000, noon * 1_000_000, noon * 1_000_000_000] {
        assert_eq!(time(r#""long""#, Value::Long(long)), "2026-02-02T12:00:00.000Z");
    }
    assert_eq!(time(r#""int""#, Value::Int(1_770_033_600)), "2026-02-02T12:00:00.000Z");
    let date = r#"{"type":"int","logicalType":"date"}"#;
    assert_eq!(time(date, Value::Date(20_486)), "2026-02-02T00:00:00.000Z");
}

#[test]
fn a_lenient_reader_accepts_any_symbol() {
    let writer = r#"{"type":"enum","name":"E","symbols":["A","B"]}"#;
    let reader = |default: &str| format!(r#"["null",{{"type":"enum","name":"E","symbols":["A"]{default}}}]"#);
    check_lenient(writer, &reader(""), Value::Enum(1, "B".into()), r#""B""#);
    check_lenient(writer, &reader(r#","default":"A""#), Value::Enum(1, "B".into()), r#""A""#);
}

#[test]
fn a_lenient_reader_of_strings_accepts_any_bytes() {
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    check_lenient(r#""bytes""#, r#""string""#, bytes(b"abc"), r#""abc""#);
    check_lenient(r#""bytes""#, r#"["null","string"]"#, bytes(b"\xff\0\x01\x02"), r#""/wABAg==""#);
    let uuid = r#"{"type":"string","logicalType":"uuid"}"#;
    let text = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    let raw = text.parse::<uuid::Uuid>().unwrap().into_bytes();
    let json = format!("\"{text}\"");
    check_lenient(r#""bytes""#, uuid, bytes(&raw), &json);
    check_lenient(r#""bytes""#, uuid, bytes(text.as_bytes()), &json);
    check_lenient(r#""bytes""#, uuid, bytes(b"\xff"), r#""/w==""#);
    let fixed = r#"{"type":"fixed","name":"U","size":16}"#;
    check_lenient(fixed, &format!(r#"["null",{uuid}]"#), Value::Fixed(16, raw.to_vec()), &json);
    // Not a UUID to a reader that does not say so.
    check_lenient(fixed, r#""string""#, Value::Fixed(16, raw.to_vec()), r#""b5YZ/4uGTQG0LQDPT8lk/w==""#);
    // Free-form JSON in bytes.
    let field = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema},"voc.json":true}}"#));
    let schema = Schema::compile_lenient(&avro(&field(r#""bytes""#)), Some(&avro(&field(r#""string""#)))).unwrap();
    let event = |body| schema.event_json(body, &Limits::default()).unwrap().into_owned();
    assert_eq!(event(b"\x06[1]"), r#"{"x":[1]}"#);
    assert_eq!(event(b"\x02\xff"), r#"{"x":"/w=="}"#);
}

#[test]
fn values_are_promoted() {
    let field = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let check = |writer: &str, reader: &str, value: Value, json: &str| {
        let body = encode(&field(writer), fields(vec![("x", value)]));
        assert_eq!(read(&field(writer), Some(&field(reader)), &body).unwrap(), format!("{{\"x\":{json}}}"));
    };
    check(r#""int""#, r#""long""#, Value::Int(1), "1");
    check(r#""int""#, r#""float""#, Value::Int(1), "1.0");
    check(r#""long""#, r#""double""#, Value::Long(1), "1.0");
    check(r#""float""#, r#""double""#, Value::Float(0.1), "0.1");
    check(r#""string""#, r#""bytes""#, Value::String("abc".into()), r#""YWJj""#);
    check(r#""bytes""#, r#""string""#, Value::Bytes(b"abc".to_vec()), r#""abc""#);
    // The best branch of a union is that of the same type.
    check(r#""int""#, r#"["null","double","long","int"]"#, Value::Int(1), "1");
    check(r#""int""#, r#"["null","double","long"]"#, Value::Int(1), "1.0");
    check(
        r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
        r#"{"type":"enum","name":"E","symbols":["A","C"],"default":"C"}"#,
        Value::Enum(1, "B".into()),
        r#""C""#,
    );
    // The writer knows its unit; a number without one has the reader's.
    let (micros, millis) =
        (r#"{"type":"long","logicalType":"timestamp-micros"}"#, r#"{"type":"long","logicalType":"timestamp-millis"}"#);
    check(micros, millis, Value::TimestampMicros(1_000_001), r#""1970-01-01T00:00:01.000001Z""#);
    check(r#""long""#, millis, Value::Long(1001), r#""1970-01-01T00:00:01.001Z""#);
    check(millis, r#""long""#, Value::TimestampMillis(1001), "1001");
    let uuid = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    check(
        r#"{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}"#,
        r#"{"type":"string","logicalType":"uuid"}"#,
        Value::Uuid(uuid.parse().unwrap()),
        &format!("\"{uuid}\""),
    );
    check(
        r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#,
        r#"["null","bytes"]"#,
        Value::Decimal(Decimal::from(vec![1])),
        "0.01",
    );
    // JSON in a string, if either of the two schemas says so.
    let json = |property: &str| record(&format!(r#"{{"name":"x","type":"string"{property}}}"#));
    let (plain, marked) = (json(""), json(r#","voc.json":true"#));
    let body = encode(&plain, fields(vec![("x", Value::String("{}".into()))]));
    assert_eq!(read(&plain, Some(&marked), &body).unwrap(), r#"{"x":{}}"#);
    assert_eq!(read(&marked, Some(&plain), &body).unwrap(), r#"{"x":{}}"#);
    assert_eq!(read(&plain, Some(&plain), &body).unwrap(), r#"{"x":"{}"}"#);
}

#[test]
fn defaults_are_of_the_readers_types() {
    let writer = record(r#"{"name":"x","type":"int"}"#);
    let with = |schema: &str, default: &str| {
        let added = format!(r#"{{"name":"y","type":{schema},"default":{default}}}"#);
        Schema::compile(&avro(&writer), Some(&avro(&record(&added))))
    };
    let check = |schema: &str, default: &str, json: &str| {
        let json_of_event =
            with(schema, default).unwrap().event_json(b"\x02", &Limits::default()).unwrap().into_owned();
        assert_eq!(json_of_event, format!("{{\"x\":1{json}}}"), "{schema}");
    };
    check(r#"["null","int"]"#, "null", "");
    check(r#"["int","null"]"#, "7", r#","y":7"#);
    check(r#""bytes""#, r#""\u00ff""#, r#","y":"/w==""#);
    check(r#"{"type":"long","logicalType":"timestamp-millis"}"#, "0", r#","y":"1970-01-01T00:00:00.000Z""#);
    check(r#"{"type":"map","values":"int"}"#, r#"{"a":1}"#, r#","y":{"a":1}"#);
    check(
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1},{"name":"b","type":"float"}]}"#,
        r#"{"b":0.5}"#,
        r#","y":{"a":1,"b":0.5}"#,
    );
    for (schema, default) in [
        (r#""int""#, "\"1\""),
        (r#""int""#, "2147483648"),
        (r#""bytes""#, "\"\u{100}\""),
        (r#"["null","int"]"#, "\"a\""),
        (r#"{"type":"fixed","name":"F","size":2}"#, "\"a\""),
        (r#"{"type":"enum","name":"E","symbols":["A"]}"#, "\"B\""),
        // Infinite: the default of its field is itself.
        (r#"{"type":"record","name":"R","fields":[{"name":"a","type":"R","default":{}}]}"#, "{}"),
        (r#"{"type":"record","name":"R","fields":[{"name":"a","type":["null","R","int"],"default":{}}]}"#, "{}"),
    ] {
        let Err(SchemaError::Reader(error)) = with(schema, default) else { unreachable!("{schema} should be refused") };
        assert_eq!(error.to_string(), "the default of test.Event.y is not a value of its type");
    }
}

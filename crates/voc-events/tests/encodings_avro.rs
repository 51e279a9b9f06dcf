//! Records in Avro, written by the library and read as events.

#![cfg(feature = "avro")]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use apache_avro::{Decimal, types::Value, writer::datum::GenericDatumWriter};
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, Invalid, InvalidKind, Limits,
    encodings::{MAX_EXPANSION, Schema, SchemaError, SchemaFormat, SchemaText, export::avro_schema},
    voc::{BaseEvent, Voc, VocEvent},
};

fn avro(text: &str) -> SchemaText {
    SchemaText::new(SchemaFormat::Avro, text)
}

/// A record's schema with these fields.
fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"Event","namespace":"test","fields":[{fields}]}}"#)
}

fn encode(schema: &str, value: impl Into<Value>) -> Vec<u8> {
    let schema = apache_avro::Schema::parse_str(schema).expect("the schema is valid");
    let writer = GenericDatumWriter::builder(&schema).build().expect("the schema is complete");
    writer.write_value_to_vec(value).expect("the value is of the schema")
}

fn fields(values: Vec<(&str, Value)>) -> Value {
    Value::Record(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn read(writer: &str, reader: Option<&str>, body: &[u8]) -> Result<String, Invalid> {
    let schema = Schema::compile(&avro(writer), reader.map(avro).as_ref()).expect("the schemas are valid");
    schema.event_json(body, &Limits::default()).map(std::borrow::Cow::into_owned)
}

/// Reads a record of one field.
fn read_field(schema: &str, value: Value) -> Result<String, Invalid> {
    let schema = record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    let body = encode(&schema, fields(vec![("x", value)]));
    read(&schema, None, &body)
}

#[track_caller]
fn check_field(schema: &str, value: Value, json: &str) {
    assert_eq!(read_field(schema, value).expect("the record is valid"), format!("{{\"x\":{json}}}"), "{schema}");
}

#[track_caller]
fn check_invalid(outcome: Result<String, Invalid>, kind: InvalidKind, reason: &str) {
    let invalid = outcome.expect_err("the record should be refused");
    assert_eq!((invalid.kind, invalid.to_string().as_str()), (kind, reason));
}

#[test]
fn values_of_every_type_become_json() {
    check_field(r#""boolean""#, Value::Boolean(true), "true");
    check_field(r#""int""#, Value::Int(i32::MIN), "-2147483648");
    check_field(r#""long""#, Value::Long(i64::MAX), "9223372036854775807");
    check_field(r#""float""#, Value::Float(0.1), "0.1");
    check_field(r#""double""#, Value::Double(1e300), "1e300");
    check_field(r#""double""#, Value::Double(5.0), "5.0");
    check_field(r#""string""#, Value::String("\"olá\"\n\u{1}🦀".into()), r#""\"olá\"\n\u0001🦀""#);
    check_field(r#""bytes""#, Value::Bytes(vec![0xff, 0, 1, 2]), r#""/wABAg==""#);
    check_field(r#"{"type":"fixed","name":"F","size":3}"#, Value::Fixed(3, vec![1, 2, 3]), r#""AQID""#);
    check_field(r#"{"type":"enum","name":"E","symbols":["A","B"]}"#, Value::Enum(1, "B".into()), r#""B""#);
    check_field(
        r#"{"type":"array","items":["null","int"]}"#,
        Value::Array(vec![Value::Union(1, Box::new(Value::Int(1))), Value::Union(0, Box::new(Value::Null))]),
        "[1,null]",
    );
    check_field(
        r#"{"type":"map","values":"double"}"#,
        Value::Map([("a \"b\"".to_owned(), Value::Double(0.5))].into()),
        r#"{"a \"b\"":0.5}"#,
    );
    check_field(
        r#"{"type":"record","name":"R","fields":[{"name":"y","type":"int"}]}"#,
        fields(vec![("y", Value::Int(1))]),
        r#"{"y":1}"#,
    );
    let union = r#"["null","string",{"type":"array","items":"int"}]"#;
    check_field(union, Value::Union(1, Box::new(Value::String("a".into()))), r#""a""#);
    check_field(union, Value::Union(2, Box::new(Value::Array(vec![]))), "[]");
    // A null field is equivalent to an absent one.
    assert_eq!(read_field(union, Value::Union(0, Box::new(Value::Null))).unwrap(), "{}");
}

#[test]
fn logical_types_become_their_meaning() {
    let logical = |base: &str, logical: &str| format!(r#"{{"type":"{base}","logicalType":"{logical}"}}"#);
    let noon = 1_770_033_600_123;
    check_field(&logical("long", "timestamp-millis"), Value::TimestampMillis(noon), r#""2026-02-02T12:00:00.123Z""#);
    check_field(
        &logical("long", "timestamp-micros"),
        Value::TimestampMicros(noon * 1000 + 456),
        r#""2026-02-02T12:00:00.123456Z""#,
    );
    check_field(
        &logical("long", "timestamp-nanos"),
        Value::TimestampNanos(noon * 1_000_000 + 1),
        r#""2026-02-02T12:00:00.123000001Z""#,
    );
    check_field(
        &logical("long", "local-timestamp-millis"),
        Value::LocalTimestampMillis(noon),
        r#""2026-02-02T12:00:00.123""#,
    );
    check_field(
        &logical("long", "local-timestamp-micros"),
        Value::LocalTimestampMicros(-1),
        r#""1969-12-31T23:59:59.999999""#,
    );
    check_field(
        &logical("long", "local-timestamp-nanos"),
        Value::LocalTimestampNanos(1),
        r#""1970-01-01T00:00:00.000000001""#,
    );
    check_field(&logical("int", "date"), Value::Date(20_486), r#""2026-02-02""#);
    check_field(&logical("int", "time-millis"), Value::TimeMillis(1), r#""00:00:00.001""#);
    check_field(&logical("long", "time-micros"), Value::TimeMicros(1), r#""00:00:00.000001""#);
    let uuid = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    check_field(&logical("string", "uuid"), Value::Uuid(uuid.parse().unwrap()), &format!("\"{uuid}\""));
    check_field(
        r#"{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}"#,
        Value::Uuid(uuid.parse().unwrap()),
        &format!("\"{uuid}\""),
    );
    check_field(
        r#"{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}"#,
        Value::Decimal(Decimal::from(vec![0xcf, 0xc7])),
        "-123.45",
    );
    check_field(
        r#"{"type":"fixed","name":"D","size":12,"logicalType":"decimal","precision":28,"scale":1}"#,
        Value::Decimal(Decimal::from(vec![0x7f; 12])),
        r#""3945873191886890538972581055.9""#,
    );
    check_field(
        r#"{"type":"fixed","name":"P","size":12,"logicalType":"duration"}"#,
        Value::Duration(apache_avro::Duration::from([1, 0, 0, 0, 2, 0, 0, 0, 0xbc, 0xb, 0, 0])),
        r#""P1M2DT3.004S""#,
    );
    // A logical type on an unsuitable type has no meaning.
    check_field(&logical("int", "timestamp-millis"), Value::Int(7), "7");
    check_field(&logical("string", "made-up"), Value::String("7".into()), r#""7""#);
}

#[test]
fn strings_of_json_become_json() {
    let schema = record(
        r#"{"name":"metadata","type":["null","string"],"default":null,"voc.json":true},
           {"name":"list","type":{"type":"array","items":"string"},"voc.json":true},
           {"name":"plain","type":"string"}"#,
    );
    let event = |metadata: &str| {
        encode(
            &schema,
            fields(vec![
                ("metadata", Value::Union(1, Box::new(Value::String(metadata.into())))),
                ("list", Value::Array(vec![Value::String("[1]".into())])),
                ("plain", Value::String("{}".into())),
            ]),
        )
    };
    let json = |metadata: &str| format!(r#"{{"metadata":{metadata},"list":[[1]],"plain":"{{}}"}}"#);
    assert_eq!(read(&schema, None, &event(r#" {"a":[1.0]} "#)).unwrap(), json(r#"{"a":[1.0]}"#));
    assert_eq!(read(&schema, None, &event("{\"a\":")).unwrap(), json(r#""{\"a\":""#));
    // What could not be stored is replaced as in records of JSON.
    assert_eq!(read(&schema, None, &event(r#""\ud83d""#)).unwrap(), json(r#""\ufffd""#));
    // The levels of the text count in addition to those around it.
    let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&schema, None, &event(&deep(63))).is_ok());
    check_invalid(
        read(&schema, None, &event(&deep(64))),
        InvalidKind::Depth,
        "$.metadata: expected at most 64 levels of nesting, found a deeper value",
    );
}

#[test]
fn values_without_json_are_refused_by_name() {
    let inner = r#"{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"y","type":"double"}]}}"#;
    let value = |y| Value::Array(vec![fields(vec![("y", Value::Double(0.0))]), fields(vec![("y", Value::Double(y))])]);
    let reason = |found| format!("$.x[1].y: expected a finite number, found {found}");
    check_invalid(read_field(inner, value(f64::NAN)), InvalidKind::Encoding, &reason("NaN"));
    check_invalid(read_field(inner, value(f64::NEG_INFINITY)), InvalidKind::Encoding, &reason("-inf"));
    check_invalid(
        read_field(r#"{"type":"long","logicalType":"timestamp-millis"}"#, Value::TimestampMillis(i64::MAX)),
        InvalidKind::Encoding,
        "$.x: expected a time of the years 0000 to 9999, found 9223372036854775807",
    );
    let text = record(r#"{"name":"x","type":"string"}"#);
    check_invalid(
        read(&text, None, b"\x04a\xff"),
        InvalidKind::Encoding,
        "$.x: expected UTF-8 text, found an invalid byte after \"a\"",
    );
    check_invalid(
        read(&text, None, b"\x04a"),
        InvalidKind::Encoding,
        "$.x: expected 2 bytes, found 1 before the record's end",
    );
    check_invalid(read(&text, None, b"\x01"), InvalidKind::Encoding, "$.x: expected a length, found -1");
    check_invalid(
        read(&text, None, b"\0\0\0"),
        InvalidKind::Encoding,
        "$: expected the record's end, found 2 more bytes",
    );
    let symbols = record(r#"{"name":"x","type":{"type":"enum","name":"E","symbols":["A"]}}"#);
    check_invalid(read(&symbols, None, b"\x02"), InvalidKind::Encoding, "$.x: expected a symbol of E, found number 1");
    let union = record(r#"{"name":"x","type":["null","int"]}"#);
    check_invalid(
        read(&union, None, b"\x04"),
        InvalidKind::Encoding,
        "$.x: expected one of the 2 branches of a union, found number 2",
    );
    check_invalid(
        read(&record(r#"{"name":"x","type":"boolean"}"#), None, b"\x02"),
        InvalidKind::Encoding,
        "$.x: expected a boolean as 0 or 1, found the byte 2",
    );
    check_invalid(
        read(&record(r#"{"name":"x","type":"int"}"#), None, b"\xff\xff\xff\xff\xff\x01"),
        InvalidKind::Encoding,
        "$.x: expected an int of 32 bits, found -34359738368",
    );
}

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

#[test]
fn a_topic_of_several_types_may_have_a_union() {
    let writer = r#"["com.acme.Call","com.acme.Action"]"#;
    let call = r#"{"type":"record","name":"Call","namespace":"com.acme","fields":[{"name":"kind","type":"com.acme.Kind"},{"name":"call_id","type":"string"}]}"#;
    let action = r#"{"type":"record","name":"Action","namespace":"com.acme","fields":[{"name":"kind","type":"Kind"},{"name":"action","type":"string"}]}"#;
    let kind = r#"{"type":"enum","name":"Kind","namespace":"com.acme","symbols":["CALL","ACTION"]}"#;
    let schema = avro(writer)
        .with_reference("com.acme.Kind", kind)
        .with_reference("com.acme.Call", call)
        .with_reference("com.acme.Kind", kind)
        .with_reference("com.acme.Action", action);
    let reader =
        avro(&record(r#"{"name":"kind","type":"string"},{"name":"call_id","type":["null","string"],"default":null}"#));
    let plain = Schema::compile(&schema, None).unwrap();
    assert_eq!(plain.event_json(b"\0\0\x02a", &Limits::default()).unwrap(), r#"{"kind":"CALL","call_id":"a"}"#);
    assert_eq!(plain.event_json(b"\x02\x02\x02b", &Limits::default()).unwrap(), r#"{"kind":"ACTION","action":"b"}"#);
    // An enum is not a string to a reader.
    let resolved = Schema::compile(&schema, Some(&reader)).unwrap();
    let invalid = resolved.event_json(b"\0\0\x02a", &Limits::default()).unwrap_err();
    assert_eq!(invalid.to_string(), "$.kind: expected a string, found the enum Kind");
}

#[test]
fn a_schema_may_also_be_one_of_its_references() {
    let (event, other) = (record(r#"{"name":"x","type":"int"}"#), r#"{"type":"enum","name":"E","symbols":["A"]}"#);
    let schema = avro(&event).with_reference("test.Event", event.as_str()).with_reference("E", other);
    let schema = Schema::compile(&schema, None).unwrap();
    assert_eq!(schema.event_json(b"\x0e", &Limits::default()).unwrap(), r#"{"x":7}"#);
}

#[test]
fn a_namespace_may_have_any_characters() {
    let inner = |name: &str| format!(r#"{{"type":"record","name":{name},"fields":[{{"name":"a","type":"int"}}]}}"#);
    let schema = |fields: &str| {
        format!(r#"{{"type":"record","name":"Event","namespace":"com.my-company.1st","fields":[{fields}]}}"#)
    };
    // Two names that differ only in such a character; references with and without a namespace.
    let kind = r#"{"type":"enum","name":"com.my_company.1st.Inner","symbols":["A"]}"#;
    let writer = schema(&format!(
        r#"{{"name":"x","type":{}}},{{"name":"y","type":{kind}}},{{"name":"z","type":"com.my-company.1st.Inner"}},
           {{"name":"u","type":["null","Inner"]}},{{"name":"v","type":"com.my_company.1st.Inner"}}"#,
        inner(r#""Inner""#)
    ));
    let json = r#"{"x":{"a":1},"y":"A","z":{"a":2},"u":{"a":3},"v":"A"}"#;
    assert_eq!(read(&writer, None, b"\x02\0\x04\x02\x06\0").unwrap(), json);
    // Aliases are compared with the names of the writer.
    let reader = |aliases: &str| {
        let other = r#"{"type":"record","name":"Other","fields":[{"name":"b","type":"int","default":1}]}"#;
        let ours = format!(
            r#"{{"type":"record","name":"Ours","aliases":[{aliases}],"fields":[{{"name":"c","type":"int","default":2}}]}}"#
        );
        record(&format!(r#"{{"name":"x","type":[{other},{ours}]}}"#))
    };
    let writer = schema(&format!(r#"{{"name":"x","type":{}}}"#, inner(r#""Inner""#)));
    let of = |aliases: &str| read(&writer, Some(&reader(aliases)), b"\x02").unwrap();
    assert_eq!(of(r#""com.my-company.1st.Inner""#), r#"{"x":{"a":1,"c":2}}"#);
    assert_eq!(of(r#""com.my_company.1st.Inner""#), r#"{"x":{"a":1,"b":1}}"#);
    // A name may not.
    assert!(Schema::compile(&avro(&inner(r#""com.company.my-event""#)), None).is_err());
}

#[test]
fn an_alias_does_not_hide_the_type_of_that_name() {
    let old = r#"{"type":"record","name":"Old","fields":[{"name":"a","type":"string"}]}"#;
    let new = r#"{"type":"record","name":"New","aliases":["Old"],"fields":[{"name":"b","type":"int"}]}"#;
    let check = |types: [&str; 3], body: &[u8], json: &str| {
        let fields = ["x", "y", "z"].iter().zip(types).map(|(name, ty)| format!(r#"{{"name":"{name}","type":{ty}}}"#));
        let schema = record(&fields.collect::<Vec<_>>().join(","));
        assert_eq!(read(&schema, None, body).unwrap(), json);
    };
    // A reference by the name, whichever is defined first; the definition itself is not a reference.
    check([old, new, r#""Old""#], b"\x02o\x0e\x02p", r#"{"x":{"a":"o"},"y":{"b":7},"z":{"a":"p"}}"#);
    check([new, old, r#""Old""#], b"\x0e\x02o\x02p", r#"{"x":{"b":7},"y":{"a":"o"},"z":{"a":"p"}}"#);
    // Also while the types are being described: a tree that is renamed.
    let tree = r#"{"type":"record","name":"Old","fields":[{"name":"inner","type":{"type":"record","name":"New",
        "aliases":["Old"],"fields":[{"name":"next","type":["null","Old"]}]}}]}"#;
    let json = r#"{"x":{"inner":{"next":{"inner":{}}}},"y":{"inner":{}},"z":{}}"#;
    check([tree, r#""Old""#, r#""New""#], b"\x02\0\0\0", json);
    // No type has this name.
    check(
        [new, r#"["null","test.Old"]"#, r#"{"type":"Old"}"#],
        b"\x0e\x02\x0e\x0e",
        r#"{"x":{"b":7},"y":{"b":7},"z":{"b":7}}"#,
    );
    let elsewhere = r#"{"type":"record","name":"New","namespace":"","aliases":["other.Old"],"fields":[]}"#;
    check([elsewhere, r#""other.Old""#, r#"".New""#], b"", r#"{"x":{},"y":{},"z":{}}"#);
    check([new, r#""Old""#, r#""New""#], b"\x0e\x0e\x0e", r#"{"x":{"b":7},"y":{"b":7},"z":{"b":7}}"#);
}

#[test]
fn invalid_schemas_are_refused() {
    for text in [
        "",
        "string",
        "{}",
        r#""Unknown""#,
        r#"{"type":"record","name":"R"}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a b","type":"int"}]}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
        r#"{"name":"A","type":{"type":"record","name":"B","fields":[]}, "x": "Unknown"}, {}"#,
        r#"["null","null"]"#,
        r#"{"type":"enum","name":"E","symbols":["a\"b"]}"#,
        r#"{"type":"fixed","name":"F","size":-1}"#,
    ] {
        assert!(matches!(Schema::compile(&avro(text), None), Err(SchemaError::Syntax { .. })), "{text}");
    }
    let reader = Schema::compile(&avro(r#""int""#), Some(&avro("")));
    assert!(matches!(reader, Err(SchemaError::Reader(_))));
    // A reader's schema in another format does not matter.
    assert!(Schema::compile(&avro(r#""int""#), Some(&SchemaText::new(SchemaFormat::Json, "{"))).is_ok());
}

#[test]
fn hostile_schemas_are_limited() {
    // Chains of records, each the default of a field of the next: the library's own check would overflow the stack.
    let chain = |length: usize| {
        let link = |number: usize| match number {
            0 => r#"{"name":"f0","type":{"type":"record","name":"R0","fields":[]}}"#.to_owned(),
            _ => format!(
                r#"{{"name":"f{number}","type":{{"type":"record","name":"R{number}","fields":[
                    {{"name":"a","type":"R{}","default":{{}}}}]}}}}"#,
                number - 1
            ),
        };
        record(&(0..length).map(link).collect::<Vec<_>>().join(","))
    };
    let long = chain(5000);
    assert!(Schema::compile(&avro(&long), Some(&avro(&long))).is_ok());
    assert!(matches!(
        Schema::compile(
            &avro(r#"{"type":"record","name":"E","fields":[]}"#),
            Some(&avro(&record(
                &format!(r#"{{"name":"x","type":{long},"default":{{"f4999":{{}}}}}}"#)
                    .replace(r#""name":"Event","namespace":"test""#, r#""name":"Chain""#)
            )))
        ),
        Err(SchemaError::Reader(_))
    ));
    let nested =
        |levels: usize| format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(levels), "}".repeat(levels));
    assert!(Schema::compile(&avro(&nested(100)), None).is_ok());
    assert!(Schema::compile(&avro(&nested(100_000)), None).is_err());
    assert!(matches!(Schema::compile(&avro(&" ".repeat(2 << 20)), None), Err(SchemaError::TooLarge { .. })));
    let many = (0..65).fold(avro("\"int\""), |text, number| text.with_reference(number.to_string(), "\"int\""));
    assert!(matches!(Schema::compile(&many, None), Err(SchemaError::References { found: 65 })));
    let aliases = |count| {
        let aliases = (0..count).map(|number| format!("\"A{number}\"")).collect::<Vec<_>>().join(",");
        record(&format!(r#"{{"name":"x","type":{{"type":"enum","name":"E","aliases":[{aliases}],"symbols":["A"]}}}}"#))
    };
    assert!(Schema::compile(&avro(&aliases(64)), None).is_ok());
    let error = Schema::compile(&avro(&aliases(65)), None).unwrap_err();
    assert_eq!(error.to_string(), "the schema has too many aliases of a type; at most 64 are allowed");
    // Every branch of one union with every branch of another.
    let records = |prefix: &str| {
        let branch = |number| {
            format!(
                r#"{{"type":"record","name":"{prefix}{number}","fields":[{{"name":"x","type":["null","int","string"]}}]}}"#
            )
        };
        format!("[{}]", (0..2000).map(branch).collect::<Vec<_>>().join(","))
    };
    assert!(Schema::compile(&avro(&records("A")), Some(&avro(&records("B")))).is_ok());
}

#[test]
fn claimed_sizes_are_checked() {
    let huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let of = |schema: &str| record(&format!(r#"{{"name":"x","type":{schema}}}"#));
    // 2^62 elements in nine bytes.
    check_invalid(
        read(&of(r#"{"type":"array","items":"string"}"#), None, &huge),
        InvalidKind::Encoding,
        "$.x[0]: expected a number of at most 64 bits, found the record's end",
    );
    let too_large = format!("$: expected at most {} bytes as JSON, found more", MAX_EXPANSION << 20);
    let zero_sized = [
        r#""null""#,
        r#"{"type":"record","name":"R","fields":[]}"#,
        r#"{"type":"fixed","name":"F","size":0}"#,
        r#"{"type":"enum","name":"E","symbols":["A"]}"#,
    ];
    for items in &zero_sized[..3] {
        let schema = of(&format!(r#"{{"type":"array","items":{items}}}"#));
        check_invalid(read(&schema, None, &huge), InvalidKind::TooLarge, &too_large);
    }
    // Records of a thousand nulls, of which nothing is left.
    let nulls =
        (0..1000).map(|number| format!(r#"{{"name":"f{number}","type":"null"}}"#)).collect::<Vec<_>>().join(",");
    let schema = of(&format!(r#"{{"type":"array","items":{{"type":"record","name":"R","fields":[{nulls}]}}}}"#));
    check_invalid(
        read(&schema, None, &huge),
        InvalidKind::TooLarge,
        &format!("$: expected at most {} values, found more", MAX_EXPANSION << 20),
    );
    // A string, bytes, fixed bytes and a block larger than the record.
    for schema in [r#""string""#, r#""bytes""#] {
        check_invalid(
            read(&of(schema), None, &huge),
            InvalidKind::Encoding,
            "$.x: expected 4611686018427387903 bytes, found 0 before the record's end",
        );
    }
    assert!(read(&of(r#"{"type":"fixed","name":"F","size":9223372036854775807}"#), None, b"abc").is_err());
    let min = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    assert!(read(&of(r#"{"type":"array","items":"null"}"#), None, &min).is_err());
    assert!(read(&of(r#"{"type":"array","items":"null"}"#), None, b"\x01\x7f\0").is_err());
    assert_eq!(read(&of(r#"{"type":"array","items":"null"}"#), None, b"\x01\0\0").unwrap(), r#"{"x":[null]}"#);
    // Records within themselves: without any bytes, and as deep as the record is long.
    let endless = r#"{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}"#;
    assert_eq!(read(endless, None, b"").unwrap_err().kind, InvalidKind::Depth);
    let list = r#"{"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]}"#;
    assert_eq!(read(list, None, &[2; 1 << 20]).unwrap_err().kind, InvalidKind::Depth);
    let deep = [&[2; 63][..], &[0]].concat();
    assert!(read(list, None, &deep).is_ok());
    check_invalid(
        read(list, None, &[&[2; 64][..], &[0]].concat()),
        InvalidKind::Depth,
        &format!("${}: expected at most 64 levels of nesting, found a deeper value", ".r".repeat(64)),
    );
    // A record of zeros, each an empty array within an array.
    let arrays = of(r#"{"type":"array","items":{"type":"array","items":"int"}}"#);
    let zeros = [&[0x80, 0x80, 0x80, 1][..], &vec![0; 1 << 20]].concat();
    assert!(read(&arrays, None, &zeros).is_err());
    check_invalid(
        read(&arrays, None, &vec![0; (1 << 20) + 1]),
        InvalidKind::TooLarge,
        "$: expected at most 1048576 bytes, found 1048577 bytes",
    );
}

#[test]
fn a_null_field_takes_no_room() {
    let name = "n".repeat(1000);
    let schema = record(&format!(
        r#"{{"name":"{name}1","type":"null"}},{{"name":"x","type":"int"}},{{"name":"{name}2","type":["null","int"]}}"#
    ));
    let limits = Limits::default().with_max_record_bytes(2);
    let schema = Schema::compile(&avro(&schema), None).unwrap();
    assert_eq!(schema.event_json(b"\x0e\0", &limits).unwrap(), r#"{"x":7}"#);
}

#[test]
fn nesting_is_limited_whatever_the_limits() {
    let mut limits = Limits::default();
    limits.max_depth = usize::MAX;
    let list = r#"{"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]}"#;
    let schema = Schema::compile(&avro(list), None).unwrap();
    assert!(schema.event_json(&[&[2; 127][..], &[0]].concat(), &limits).is_ok());
    let invalid = schema.event_json(&[2; 100_000], &limits).unwrap_err();
    assert_eq!(invalid.violations[0].expected, "at most 128 levels of nesting");
}

#[test]
fn an_event_goes_through_its_family() {
    let schema = r#"{"type":"record","name":"Call","namespace":"com.acme.events","fields":[
        {"name":"event_id","type":{"type":"string","logicalType":"uuid"}},
        {"name":"tenant_id","type":"string"},
        {"name":"timestamp","type":{"type":"long","logicalType":"timestamp-micros"}},
        {"name":"event_type","type":{"type":"enum","name":"Kind","symbols":["call","transfer"]}},
        {"name":"call_id","type":"string"},
        {"name":"transcript","type":["null","string"],"default":null},
        {"name":"duration_ms","type":"int"},
        {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}"#;
    let body = encode(
        schema,
        fields(vec![
            ("event_id", Value::Uuid("6f9619ff-8b86-4d01-b42d-00cf4fc964ff".parse().unwrap())),
            ("tenant_id", Value::String("acme".into())),
            ("timestamp", Value::TimestampMicros(1_770_033_600_000_000)),
            ("event_type", Value::Enum(0, "call".into())),
            ("call_id", Value::String("c-1".into())),
            ("transcript", Value::Union(1, Box::new(Value::String("Obrigado!".into())))),
            ("duration_ms", Value::Int(61_000)),
            ("price", Value::Decimal(Decimal::from(vec![100]))),
        ]),
    );
    let json = read(schema, None, &body).unwrap();
    let decoded = Voc::for_topic("voc.events", &DecodeOptions::default().strict(true))
        .decode(&json, &Envelope::default())
        .unwrap();
    assert_eq!(decoded.event.timestamp().to_string(), "2026-02-02T12:00:00.000Z");
    assert_eq!(decoded.event.text(), Some("Obrigado!"));
    let VocEvent::Call(call) = decoded.event else { unreachable!("it is a call") };
    assert_eq!((call.duration_ms, call.base.extra[0].1.as_str()), (Some(61_000), "1.00"));
}

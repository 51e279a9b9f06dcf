//! Values as JSON, and bounds on what a record may claim.

use apache_avro::{Decimal, types::Value};
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, InvalidKind, Limits,
    encodings::{MAX_EXPANSION, Schema},
    voc::{Voc, VocEvent},
};

use crate::support::{avro, check_field, check_invalid, encode, fields, read, read_field, record};

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

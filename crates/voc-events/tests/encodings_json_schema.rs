//! Records in JSON that is validated with a JSON Schema.

#![cfg(feature = "json-schema")]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::borrow::Cow;

use voc_events::{
    Invalid, InvalidKind, Limits,
    encodings::{Schema, SchemaError, SchemaFormat, SchemaText},
};

fn text(schema: &str) -> SchemaText {
    SchemaText::new(SchemaFormat::Json, schema)
}

fn read<'r>(schema: &str, body: &'r [u8]) -> Result<Cow<'r, str>, Invalid> {
    Schema::compile(&text(schema), None).expect("the schema is valid").event_json(body, &Limits::default())
}

#[track_caller]
fn check_invalid(schema: &str, body: &str, kind: InvalidKind, reasons: &[&str]) {
    let invalid = read(schema, body.as_bytes()).expect_err("the record should be refused");
    let mut found: Vec<String> = invalid.violations.iter().map(ToString::to_string).collect();
    found.sort();
    assert_eq!((invalid.kind, found), (kind, reasons.iter().map(|&reason| reason.to_owned()).collect()));
}

#[test]
fn a_valid_text_passes_unchanged() {
    let schema = r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#;
    let body = br#" { "n": 1, "n2": [1.0, "x"] } "#;
    assert!(matches!(read(schema, body), Ok(Cow::Borrowed(text)) if text.as_bytes() == body));
    // As for records without a schema: a byte order mark and half a surrogate pair are replaced.
    assert_eq!(read(schema, b"\xef\xbb\xbf{\"n\":1}").unwrap(), r#"{"n":1}"#);
    assert_eq!(read(schema, br#"{"n":1,"s":"\ud800"}"#).unwrap(), r#"{"n":1,"s":"\ufffd"}"#);
    assert_eq!(read("true", b"[]").unwrap(), "[]");
}

#[test]
fn every_violation_is_reported_with_its_path() {
    let schema = r##"{
        "type": "object",
        "required": ["id", "kind"],
        "additionalProperties": false,
        "properties": {
            "id": {"type": "string", "minLength": 2}, "kind": {"enum": ["call"]},
            "items": {"type": "array", "items": {"$ref": "#/$defs/item"}}
        },
        "$defs": {"item": {"type": "object", "required": ["n"], "properties": {"n": {"type": ["integer", "null"]}}}}
    }"##;
    check_invalid(
        schema,
        r#"{"id":"a","items":[{"n":1},{"n":"x"},{},7],"more":{}}"#,
        InvalidKind::Encoding,
        &[
            "$.id: expected what `minLength` asks for at /properties/id/minLength of the schema, found string \"a\"",
            "$.items[1].n: expected null or a whole number, found string \"x\"",
            "$.items[2].n: expected a value, found nothing",
            "$.items[3]: expected an object, found number 7",
            "$.kind: expected a value, found nothing",
            "$.more: expected no further member, found one",
        ],
    );
    check_invalid(schema, "[]", InvalidKind::Encoding, &["$: expected an object, found an array"]);
}

#[test]
fn invalid_json_is_refused_as_such() {
    check_invalid("{}", "", InvalidKind::Empty, &["$: expected a JSON object, found an empty record"]);
    check_invalid(
        "{}",
        r#"{"a":}"#,
        InvalidKind::Json,
        &["$: expected valid JSON, found a syntax error (expected value) at byte 6 of the record"],
    );
    assert_eq!(read("{}", b"\"\xff\"").unwrap_err().kind, InvalidKind::Utf8);
    assert_eq!(read("{}", &vec![b' '; (1 << 20) + 1]).unwrap_err().kind, InvalidKind::TooLarge);
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(read("{\"items\":{\"$ref\":\"#\"}}", deep(64).as_bytes()).is_ok());
    assert_eq!(read("{}", deep(65).as_bytes()).unwrap_err().kind, InvalidKind::Depth);
    assert_eq!(read("{}", deep(500_000).as_bytes()).unwrap_err().kind, InvalidKind::Depth);
    let unlimited = {
        let mut limits = Limits::default();
        limits.max_depth = usize::MAX;
        limits
    };
    let schema = Schema::compile(&text("{\"items\":{\"$ref\":\"#\"}}"), None).unwrap();
    assert!(schema.event_json(deep(127).as_bytes(), &unlimited).is_ok());
    assert_eq!(schema.event_json(deep(128).as_bytes(), &unlimited).unwrap_err().kind, InvalidKind::Depth);
}

#[test]
fn references_are_those_of_the_registry() {
    let schema = text(
        r#"{"$id":"https://example.com/order.json","properties":{"a":{"$ref":"address.json"},"b":{"$ref":"urn:b"}}}"#,
    )
    .with_reference("urn:b", r#"{"type":"boolean"}"#)
    .with_reference("address.json", r#"{"type":"object","properties":{"b":{"$ref":"urn:b"}}}"#);
    let schema = Schema::compile(&schema, None).unwrap();
    assert!(schema.event_json(br#"{"a":{"b":true},"b":false}"#, &Limits::default()).is_ok());
    let invalid = schema.event_json(br#"{"a":{"b":1}}"#, &Limits::default()).unwrap_err();
    assert_eq!(invalid.to_string(), "$.a.b: expected a boolean, found number 1");
    // Without an identifier, relative to nothing.
    let schema = text(r#"{"$ref":"address.json"}"#).with_reference("address.json", r#"{"type":"object"}"#);
    assert!(Schema::compile(&schema, None).unwrap().event_json(b"1", &Limits::default()).is_err());
    for other in ["https://example.com/other.json", "file:///etc/passwd", "other.json"] {
        let outcome = Schema::compile(&text(&format!("{{\"$ref\":\"{other}\"}}")), None);
        assert!(matches!(outcome, Err(SchemaError::Syntax { .. })), "{other}");
    }
}

#[test]
fn the_longest_matching_name_of_a_reference_wins() {
    for longest in ["v2/address.json", "./v2/address.json"] {
        let schema = text(
            r#"{"$id":"https://example.com/order.json",
                "properties":{"new":{"$ref":"v2/address.json"},"old":{"$ref":"address.json"}}}"#,
        )
        .with_reference("address.json", r#"{"type":"string"}"#)
        .with_reference(longest, r#"{"type":"object"}"#);
        // The order of a hash map differs from one compilation to the next.
        for _ in 0..20 {
            let schema = Schema::compile(&schema, None).unwrap();
            assert!(schema.event_json(br#"{"new":{},"old":""}"#, &Limits::default()).is_ok());
            assert!(schema.event_json(br#"{"new":""}"#, &Limits::default()).is_err());
        }
    }
}

#[test]
fn hostile_schemas_and_records_are_bounded() {
    for text_of_none in ["", "{", "1", r#"{"type":"made-up"}"#, r#"{"pattern":"("}"#] {
        assert!(
            matches!(Schema::compile(&text(text_of_none), None), Err(SchemaError::Syntax { .. })),
            "{text_of_none}"
        );
    }
    // References without an end, and very many.
    assert!(read(r##"{"$ref":"#"}"##, b"1").is_ok());
    let definitions = |length: usize| {
        let link = |number| format!("\"d{number}\":{{\"$ref\":\"#/$defs/d{}\"}}", number + 1);
        let links = (0..length).map(link).collect::<Vec<_>>().join(",");
        format!("{{\"$defs\":{{{links},\"d{length}\":{{}}}},\"$ref\":\"#/$defs/d0\"}}")
    };
    assert!(read(&definitions(900), b"1").is_ok());
    assert!(matches!(Schema::compile(&text(&definitions(5000)), None), Err(SchemaError::TooComplex { .. })));
    // A pattern with endless backtracking.
    let body = format!("\"{}\"", "a".repeat(100_000));
    assert!(read(r#"{"pattern":"^(?=(a+)+$)(a+)+b$"}"#, body.as_bytes()).is_err());
    assert!(read(r#"{"pattern":"^(a|aa)+\\1b$"}"#, body.as_bytes()).is_err());
    // Half a million violations.
    let body = format!("[{}0]", "0,".repeat(500_000));
    check_invalid(
        r#"{"oneOf":[{"items":{"type":"string"}},{"items":{"type":"object"}}]}"#,
        &body,
        InvalidKind::Encoding,
        &["$: expected an event that fits its JSON Schema, found one that does not"],
    );
    let body = format!("[{}0]", "0,".repeat(1000));
    let invalid = read(r#"{"items":{"type":"string"}}"#, body.as_bytes()).unwrap_err();
    assert_eq!(invalid.violations.len(), 16);
}

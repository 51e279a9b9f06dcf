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
    assert!(read(&definitions(90), b"1").is_ok());
    for length in [900, 5000] {
        assert!(matches!(Schema::compile(&text(&definitions(length)), None), Err(SchemaError::TooComplex { .. })));
    }
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

/// Definitions `d0` to the one before `last`, each made of the name of the next, and `last` itself.
fn chain(length: usize, link: impl Fn(&str) -> String, last: &str) -> String {
    let definition = |number| format!("\"d{number}\":{}", link(&format!("{{\"$ref\":\"#/$defs/d{}\"}}", number + 1)));
    let links = (0..length).map(definition).collect::<Vec<_>>().join(",");
    format!("{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{links},\"d{length}\":{last}}}}}")
}

fn lists(levels: usize, innermost: &str) -> String {
    format!("{}{innermost}{}", "[".repeat(levels), "]".repeat(levels))
}

#[track_caller]
fn check_too_complex(schema: &str) {
    let outcome = Schema::compile(&text(schema), None);
    assert!(matches!(outcome, Err(SchemaError::TooComplex { .. })), "{outcome:?}: {schema}");
}

#[test]
fn the_violations_of_recursive_alternatives_are_not_searched() {
    // A search that takes several times as long with each level.
    for alternatives in [
        r##""oneOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"},"minItems":1}]"##,
        r##""anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]"##,
        r##""allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]"##,
        r##""if":{"items":{"$ref":"#"}},"then":{"items":{"$ref":"#"}},"else":{"items":{"$ref":"#"}}"##,
        r##""contains":{"$ref":"#"},"items":{"$ref":"#"}"##,
    ] {
        let schema = format!("{{\"type\":[\"array\",\"number\"],{alternatives}}}");
        check_invalid(
            &schema,
            &lists(60, "\"x\""),
            InvalidKind::Encoding,
            &["$: expected an event that fits its JSON Schema, found one that does not"],
        );
    }
    // Those of other schemas are: recursive without alternatives, and alternatives without recursion.
    check_invalid(
        r##"{"type":"object","properties":{"next":{"$ref":"#"},"n":{"type":"integer"}}}"##,
        r#"{"next":{"next":{"n":"x"}}}"#,
        InvalidKind::Encoding,
        &["$.next.next.n: expected a whole number, found string \"x\""],
    );
    let schema = chain(3, |next| format!("{{\"anyOf\":[{next},{next}]}}"), r#"{"type":"string"}"#);
    check_invalid(
        &schema,
        "1",
        InvalidKind::Encoding,
        &["$: expected what `anyOf` asks for at /$defs/d0/anyOf of the schema, found number 1"],
    );
}

#[test]
fn the_work_of_a_record_is_limited() {
    // Each schema alone is within the limits, and so is each record.
    let numbers = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
    let twice = |next: &str| format!("{{\"allOf\":[{next},{next}]}}");
    let twice_below = |next: &str| format!("{{\"allOf\":[{{\"items\":{next}}},{{\"items\":{next}}}]}}");
    let of_elements =
        chain(13, twice, "{}").replacen(r##""$ref":"#/$defs/d0""##, r##""items":{"$ref":"#/$defs/d0"}"##, 1);
    for (schema, outer) in [(of_elements, 0), (chain(13, twice_below, "{}"), 12)] {
        let body = |count| format!("{}{}{}", "[".repeat(outer), numbers(count), "]".repeat(outer));
        assert_eq!(read(&schema, body(100).as_bytes()).err(), None, "{schema}");
        let invalid = read(&schema, body(200_000).as_bytes()).expect_err("too much work");
        assert_eq!((invalid.kind, invalid.path()), (InvalidKind::TooLarge, "$"));
    }
    // Our own schemas limit no record.
    let inspections = include_str!("../schemas/quality/chip-quality.inspection.events.schema.json");
    for own in [include_str!("../schemas/voc/voc.events.schema.json"), inspections] {
        let event = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","event_type":"survey",
            "timestamp":"2026-02-02T12:00:00Z","metadata":{"samples":[]}}"#;
        let event = event.replace("[]", &numbers(400_000));
        assert_eq!(read(own, event.as_bytes()).err(), None);
    }
}

#[test]
fn the_work_of_a_schema_is_limited() {
    let twice = |next: &str| format!("{{\"allOf\":[{next},{next}]}}");
    assert!(read(&chain(8, twice, "{}"), b"1").is_ok());
    check_too_complex(&chain(40, twice, "{}"));
    let twice_below = |next: &str| format!("{{\"anyOf\":[{{\"items\":{next}}},{{\"items\":{next}}}]}}");
    assert!(read(&chain(8, twice_below, "{}"), b"[]").is_ok());
    check_too_complex(&chain(60, twice_below, "{}"));
    // A long way back to the beginning.
    check_too_complex(&chain(60, twice_below, r##"{"items":{"$ref":"#"}}"##));
    // What others have evaluated is found out by evaluating it again.
    let again = |next: &str| format!("{{\"anyOf\":[{next}],\"unevaluatedProperties\":false}}");
    assert!(read(&chain(4, again, r#"{"properties":{"a":{}}}"#), br#"{"a":1}"#).is_ok());
    check_too_complex(&chain(20, again, "{}"));
    // In a reference of the registry.
    let schema = text(r#"{"items":{"$ref":"other.json"}}"#).with_reference("other.json", chain(40, twice, "{}"));
    assert!(matches!(Schema::compile(&schema, None), Err(SchemaError::TooComplex { .. })));
    // Through dynamic references.
    let dynamic = |number: usize| {
        let next = format!("{{\"$dynamicRef\":\"#a{}\"}}", number + 1);
        format!("\"d{number}\":{{\"$dynamicAnchor\":\"a{number}\",\"allOf\":[{next},{next}]}}")
    };
    let links = (0..30).map(dynamic).collect::<Vec<_>>().join(",");
    check_too_complex(&format!(
        "{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{links},\"d30\":{{\"$dynamicAnchor\":\"a30\"}}}}}}"
    ));
}

#[test]
fn the_stack_that_a_schema_takes_is_limited() {
    let nested =
        |levels: usize| move |next: &str| format!("{}{next}{}", "{\"allOf\":[{},".repeat(levels), "]}".repeat(levels));
    let back = r##"{"items":{"$ref":"#/$defs/d0"}}"##;
    check_too_complex(&chain(20, nested(50), back));
    // A cycle is endless, except for a reference to itself, which means nothing.
    check_too_complex(r##"{"allOf":[{"$ref":"#"}]}"##);
    check_too_complex(r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##);
    assert!(read(r##"{"$ref":"#"}"##, b"1").is_ok());
    // The deepest records of the schemas with the longest chains, on the stack of this test.
    let mut limits = Limits::default();
    limits.max_depth = usize::MAX;
    for (opened, closed) in [
        ("{\"allOf\":[{},", "]}"),
        ("{\"anyOf\":[false,", "]}"),
        ("{\"oneOf\":[false,", "]}"),
        ("{\"not\":{\"not\":", "}}"),
        ("{\"if\":{},\"then\":", "}"),
        ("{\"unevaluatedItems\":false,\"$ref\":\"#/$defs/back\",\"not\":{\"not\":", "}}"),
    ] {
        let deepest = |levels: usize| {
            let inner = format!("{}{back}{}", opened.repeat(levels), closed.repeat(levels));
            format!("{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{\"d0\":{inner},\"back\":{back}}}}}")
        };
        let longest = (1..50).rev().find_map(|levels| Schema::compile(&text(&deepest(levels)), None).ok());
        let schema = longest.expect("a short one is accepted");
        let deepest = (1..=127).rev().find(|levels| {
            let record = lists(*levels, "0");
            let outcome = schema.event_json(record.as_bytes(), &limits);
            !outcome.is_err_and(|invalid| invalid.kind == InvalidKind::Depth)
        });
        assert!(deepest.is_some_and(|levels| levels >= 32), "{opened}: {deepest:?}");
    }
    let schema = Schema::compile(&text(&chain(1, nested(48), back)), None).unwrap();
    let invalid = schema.event_json(lists(127, "0").as_bytes(), &limits).unwrap_err();
    assert_eq!(invalid.kind, InvalidKind::Depth);
}

#[test]
fn usual_recursive_schemas_are_not_too_complex() {
    // The core of the schema of schemas.
    let of_schemas = r##"{
        "type": ["object", "boolean"],
        "definitions": {"list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}}},
        "properties": {
            "type": {"enum": ["string", "object"]}, "not": {"$ref": "#"}, "if": {"$ref": "#"},
            "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/list"}]},
            "allOf": {"$ref": "#/definitions/list"}, "anyOf": {"$ref": "#/definitions/list"},
            "properties": {"type": "object", "additionalProperties": {"$ref": "#"}},
            "dependencies": {"additionalProperties": {"anyOf": [{"$ref": "#"}, {"type": "array"}]}}
        }
    }"##;
    assert!(read(of_schemas, br#"{"items":[{"properties":{"a":{"type":"string"}}}]}"#).is_ok());
    assert!(read(of_schemas, br#"{"items":[{"properties":{"a":{"type":"text"}}}]}"#).is_err());
    // A language with many kinds of expressions.
    let kind = |number| {
        format!(
            r##""k{number}":{{"type":"object","required":["k{number}"],"properties":{{
                "k{number}":{{"$ref":"#/$defs/any"}},"left":{{"$ref":"#/$defs/any"}},"right":{{"$ref":"#/$defs/k0"}},
                "list":{{"type":"array","items":{{"$ref":"#/$defs/any"}}}}}}}}"##
        )
    };
    let kinds = (0..30).map(kind).collect::<Vec<_>>().join(",");
    let any = (0..30).map(|number| format!("{{\"$ref\":\"#/$defs/k{number}\"}}")).collect::<Vec<_>>().join(",");
    let schema = format!("{{\"$ref\":\"#/$defs/any\",\"$defs\":{{{kinds},\"any\":{{\"anyOf\":[true,{any}]}}}}}}");
    assert!(read(&schema, br#"{"k1":{"k2":{"list":[{"k3":1}]}}}"#).is_ok());
}

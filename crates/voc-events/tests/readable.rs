//! What the store's engine could not read is replaced if that loses nothing, and refused if it cannot be kept.
//!
//! `tests/payloads.rs` of voc-store checks this with the engine itself.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::borrow::Cow;

use voc_events::{
    DecodeOptions, Envelope, Family, Invalid, InvalidKind, Limits, record_text,
    voc::{Voc, VocEvent},
};

/// Decodes as strictly as possible.
fn decode<'a>(text: &'a str, limits: &Limits) -> Result<VocEvent<'a>, Invalid> {
    let options = DecodeOptions::default().with_limits(limits.clone()).strict(true);
    Voc::for_topic("voc.events", &options).decode(text, &Envelope::default()).map(|decoded| decoded.event)
}

/// An event of a type without its own fields, with members in addition to the base fields.
fn event(members: &str) -> String {
    let base = r#""event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600"#;
    format!(r#"{{{base},"event_type":"x",{members}}}"#)
}

/// The text that is decoded and stored.
#[track_caller]
fn text_of(record: &str) -> Cow<'_, str> {
    record_text(record.as_bytes(), &Limits::default()).expect("a record")
}

/// The reasons why an event with these members is refused; none if it is accepted.
#[track_caller]
fn reasons(members: &str) -> Vec<String> {
    let record = event(members);
    let text = text_of(&record);
    match decode(&text, &Limits::default()) {
        Ok(_) => Vec::new(),
        Err(Invalid { kind, violations, .. }) => {
            assert_eq!(kind, InvalidKind::Schema, "{members}");
            violations.iter().map(ToString::to_string).collect()
        }
    }
}

#[track_caller]
fn check_accepted(members: &str) {
    assert_eq!(reasons(members), [""; 0], "{members}");
}

#[track_caller]
fn check_refused(members: &str, expected: &[&str]) {
    assert_eq!(reasons(members), expected, "{members}");
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character() {
    let record = event(
        r#""a":"x\ud800y\uDFFF","\udc00":{"b\uDBff":["\ud83d\ud83d\ude00","\ud83d\n","\ud83d"]},"t":"\\ud800 \\\ud800""#,
    );
    let expected = event(
        r#""a":"x\ufffdy\ufffd","\ufffd":{"b\ufffd":["\ufffd\ud83d\ude00","\ufffd\n","\ufffd"]},"t":"\\ud800 \\\ufffd""#,
    );
    assert_eq!(text_of(&record), expected);
    let text = text_of(&record);
    let VocEvent::Other(base) = decode(&text, &Limits::default()).unwrap() else { panic!("not a base event") };
    let members: Vec<_> = base.extra.iter().map(|(name, value)| (&**name, value.parse().unwrap())).collect();
    assert_eq!(
        members,
        [
            ("a", "x\u{fffd}y\u{fffd}".into()),
            ("\u{fffd}", serde_json::json!({"b\u{fffd}": ["\u{fffd}😀", "\u{fffd}\n", "\u{fffd}"]})),
            ("t", "\\ud800 \\\u{fffd}".into()),
        ]
    );
}

#[test]
fn a_call_with_half_an_emoji_keeps_the_rest_of_its_transcript() {
    let record = event(r#""call_id":"c\ud83d","transcript":"Customer: thanks \ud83d""#).replace(r#""x""#, r#""call""#);
    let text = text_of(&record);
    let VocEvent::Call(call) = decode(&text, &Limits::default()).unwrap() else { panic!("not a call") };
    assert_eq!((&*call.call_id, call.transcript.as_deref()), ("c\u{fffd}", Some("Customer: thanks \u{fffd}")));
}

#[test]
fn a_record_in_which_nothing_is_replaced_is_not_copied() {
    for members in [
        r#""a":1"#,
        r#""a":"\ud800\udc00 \uDBFF\uDFFF\ud7ff\ue000""#,
        r#""a":"\\ud800 \\\\udfff""#,
        r#""a":"\u00e3\n\/""#,
    ] {
        let record = event(members);
        assert!(matches!(text_of(&record), Cow::Borrowed(text) if text == record), "{members}");
    }
}

#[test]
fn an_invalid_escape_is_left_to_the_parser() {
    for members in [r#""a":"\ud8"#, r#""a":"\ud8zz""#, r#""a":"\u"#, r#""a":"\"#] {
        let record = event(members);
        let record = record.trim_end_matches('}');
        assert!(matches!(text_of(record), Cow::Borrowed(text) if text == record), "{members}");
        let invalid = decode(record, &Limits::default()).expect_err(members);
        assert_eq!((invalid.kind, invalid.path()), (InvalidKind::Json, "$.a"), "{members}: {invalid}");
    }
}

#[test]
fn names_that_become_one_name_are_refused() {
    check_refused(r#""\ud800":1,"\udc00":2"#, &["$.\u{fffd}: expected the name once, found the name twice"]);
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_text() {
    let record = event(r#""a":1"#);
    assert_eq!(text_of(&format!("\u{feff}{record}")), record);
    let empty = record_text("\u{feff} \n".as_bytes(), &Limits::default()).expect_err("an empty record");
    assert_eq!(empty.kind, InvalidKind::Empty);
    // Within a text it is an ordinary character.
    check_accepted("\"a\":\"\u{feff}\"");
}

#[test]
fn numbers_are_kept_up_to_64_bits() {
    for number in [
        "0",
        "-0",
        "-0.0",
        "9223372036854775808",
        "18446744073709551615",
        "-9223372036854775808",
        "1e308",
        "1.7976931348623158e308",
        "-1E+308",
        "0.01e310",
        "5e-324",
        "1e-400",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "18446744073709551616.0",
        "123456789012345678901234567890e0",
        "0.30000000000000004441",
    ] {
        check_accepted(&format!(r#""a":{number},"b":{{"c":{number},"d":[{number},{{"e":{number}}}]}}"#));
    }
    let integers = ["18446744073709551616", "-9223372036854775809", "89014103211118510720"];
    let others = ["1e400", "-1E400", "1.8e308", "1e+0309", "1e99999999999999999999"];
    let integers = integers.map(|number| (number.to_owned(), "a whole number of 64 bits"));
    let others = others.map(|number| (number.to_owned(), "a number that a 64-bit float can hold"));
    for (number, expected) in integers.into_iter().chain(others) {
        check_refused(
            &format!(r#""a":{number},"b":{{"c":{number},"d":[0,{number},{{"e":{number}}}]}}"#),
            &["$.a", "$.b.c", "$.b.d[1]", "$.b.d[2].e"]
                .map(|path| format!("{path}: expected {expected}, found number {number}"))
                .each_ref()
                .map(String::as_str),
        );
    }
    check_refused(
        r#""b":[{"e":1e400}]"#,
        &["$.b[0].e: expected a number that a 64-bit float can hold, found number 1e400"],
    );
    // As a text any number is kept.
    check_accepted(r#""a":"89014103211118510720","b":["1e400"]"#);
}

#[test]
fn a_very_long_number_is_measured_by_its_value() {
    check_accepted(&format!(r#""a":1.{},"b":[0.{}1e401]"#, "0".repeat(5000), "0".repeat(400)));
    let [reason] = &reasons(&format!(r#""a":{}"#, "1".repeat(5000)))[..] else { panic!("one reason") };
    assert!(reason.starts_with("$.a: expected a whole number of 64 bits, found number 1111") && reason.len() < 150);
}

#[test]
fn a_field_of_the_type_names_such_a_number_once() {
    let metric = |value| event(&format!(r#""metric_name":"m","value":{value}"#)).replace(r#""x""#, r#""qos_metric""#);
    let reasons = |value| decode(&metric(value), &Limits::default()).expect_err(value).to_string();
    assert_eq!(reasons("1e400"), "$.value: expected a number that a 64-bit float can hold, found number 1e400");
    assert_eq!(
        reasons("18446744073709551616"),
        "$.value: expected a whole number of 64 bits, found number 18446744073709551616"
    );
    assert!(decode(&metric("18446744073709551616.0"), &Limits::default()).is_ok());
}

#[test]
fn a_name_occurs_once_in_an_object_at_any_depth() {
    for (members, path) in [
        (r#""a":1,"a":2"#, "$.a"),
        (r#""a":1,"\u0061":1"#, "$.a"),
        (r#""a":null,"a":null"#, "$.a"),
        (r#""m":{},"m":{}"#, "$.m"),
        (r#""m":{"a":1},"m":{"a":2}"#, "$.m"),
        (r#""tenant_id":"globex""#, "$.tenant_id"),
        (r#""\u0074enant_id":"acme""#, "$.tenant_id"),
        (r#""call_id":"1","call_id":"1""#, "$.call_id"),
        (r#""m":{"a":1,"b":{"a":2},"a":1}"#, "$.m.a"),
        (r#""m":{"\u0061":1 , "a" :2}"#, "$.m.a"),
        (r#""m":{"é":1,"\u00e9":2}"#, "$.m.é"),
        (r#""m":{"":1,"":2}"#, "$.m."),
        (r#""m":[0,[{"b":{"a":[],"a":[]}}]]"#, "$.m[1][0].b.a"),
        (r#""metadata":{"a":1,"a":1}"#, "$.metadata.a"),
        (r#""m":{"a":1,"a":2,"a":3}"#, "$.m.a"),
    ] {
        check_refused(members, &[&format!("{path}: expected the name once, found the name twice")]);
    }
    // Other objects have their own names, and what only resembles a name is a text.
    check_accepted(
        r#""a":{"a":{"a":1},"b":1},"b":[{"a":1},{"a":1}],"c":["a","a"],"d":"\"a\":1,\"a\":2","e":{"A":1,"a":1}"#,
    );
}

#[test]
fn a_name_occurs_once_among_many() {
    let many = |names: usize| (0..names).map(|n| format!(r#""n{n}":{n}"#)).collect::<Vec<_>>().join(",");
    for names in [1, 15, 31, 32, 33, 64, 1000] {
        check_accepted(&format!(r#""m":{{{}}}"#, many(names)));
        check_accepted(&many(names));
        let last = names - 1;
        check_refused(
            &format!(r#""m":[{{{},"n{last}":0}}]"#, many(names)),
            &[&format!("$.m[0].n{last}: expected the name once, found the name twice")],
        );
        check_refused(&format!(r#"{},"n0":0"#, many(names)), &["$.n0: expected the name once, found the name twice"]);
    }
    // Deeply nested, beyond what the quick check follows.
    let nested = |inner: &str| format!(r#""m":{}{inner}{}"#, r#"{"n":["#.repeat(25), "]}".repeat(25));
    check_accepted(&nested(r#"{"a":1,"b":2}"#));
    check_refused(
        &nested(r#"{"a":1,"b":2,"a":3}"#),
        &[&format!("$.m{}.a: expected the name once, found the name twice", ".n[0]".repeat(25))],
    );
}

#[test]
fn a_name_with_dots_is_the_path_it_spells() {
    for (members, path) in [
        (r#""a.b":1,"a":{"b":2}"#, "$.a.b"),
        (r#""a":{"b":2},"a.b":1"#, "$.a.b"),
        (r#""a":{"b":2},"a\u002eb":1"#, "$.a.b"),
        (r#""m":{"a.b":[],"a":{"b":false}}"#, "$.m.a.b"),
        (r#""m":[{"a.b":1,"a":{"b":2}}]"#, "$.m[0].a.b"),
        (r#""a.b.c":1,"a":{"b.c":"x"}"#, "$.a.b.c"),
        (r#""a.b":{"c":1},"a":{"b":{"c":2}}"#, "$.a.b.c"),
        (r#""m":{"":1},"m.":2"#, "$.m."),
        (r#""metadata.a":1,"metadata":{"a":2}"#, "$.metadata.a"),
    ] {
        check_refused(
            members,
            &[&format!("{path}: expected the path once, found the path twice, by a name with dots")],
        );
    }
    check_accepted(r#""http.method":"GET","http.url":"/","http":{"status":200},"tags":{"k8s.pod":"a","k8s.node":"b"}"#);
    // One is no value, or the paths differ, or the objects do.
    check_accepted(r#""a.b":null,"a":{"b":2}"#);
    check_accepted(r#""a.b":{},"a":{"b":2}"#);
    check_accepted(r#""a.b":1,"a":{"b":{"c":2}}"#);
    check_accepted(r#""a.b":1,"a":2,".":3,"..":4,"":5"#);
    check_accepted(r#""m":[{"a.b":1},{"a":{"b":2}}],"a.b":1"#);
}

#[test]
fn all_such_errors_are_reported_at_once_up_to_a_limit() {
    check_refused(
        r#""m":{"a":1e400,"a":[18446744073709551616]},"n.o":1,"n":{"o":2},"duration_ms":1e999,"call_id":1,"call_id":2"#,
        &[
            "$.m.a: expected a number that a 64-bit float can hold, found number 1e400",
            "$.m.a: expected the name once, found the name twice",
            "$.m.a[0]: expected a whole number of 64 bits, found number 18446744073709551616",
            "$.n.o: expected the path once, found the path twice, by a name with dots",
            "$.duration_ms: expected a number that a 64-bit float can hold, found number 1e999",
            "$.call_id: expected the name once, found the name twice",
        ],
    );
    let long = "n".repeat(10_000);
    let twice: Vec<_> = (0..1000).map(|n| format!(r#""{n}{long}":1,"{n}{long}":2"#)).take(40).collect();
    let reasons = reasons(&format!(r#""m":{{{}}}"#, twice.join(",")));
    assert_eq!(reasons.len(), 20);
    assert!(reasons.iter().all(|reason| reason.len() < 200), "{reasons:?}");
}

#[test]
fn hostile_records_cost_no_more_than_their_size() {
    // Work that grows with the square of these sizes would take hours.
    let limits = Limits::default();
    let dots = ".".repeat(300_000);
    let long = "n".repeat(300_000);
    let numbers = |open: &str, close: &str| format!("{open}{}0{close}", "0,".repeat(200_000));
    let many: String = (0..60_000).map(|n| format!(r#""n{n}":0,"#)).collect();
    let names: String = (0..60_000).map(|n| format!(r#""{n}.":0,"#)).collect();
    for members in [
        format!(r#""{dots}":1,"m":{{"{dots}":1,"a":1}}"#),
        format!(r#""{long}.":{{"{long}":{}}}"#, numbers("[", "]")),
        format!(r#""{long}.":{{{names}"a":0}}"#),
        format!(r#"{many}"m":0"#),
        format!(r#""m":{{{many}"m":0}}"#),
        format!(r#""a.b":[{}0]"#, r#"{"a":1},"#.repeat(50_000)),
        format!(r#""a":{}"#, "1".repeat(900_000)),
        format!(r#""a":"{}""#, r"\ud800".repeat(150_000)),
        format!(r#""a":"{}""#, r"\\".repeat(400_000)),
    ] {
        let record = event(&members);
        let text = record_text(record.as_bytes(), &limits).expect("within the limits");
        let accepted = decode(&text, &limits).is_ok();
        assert!(accepted || members.contains("1111"));
    }
}

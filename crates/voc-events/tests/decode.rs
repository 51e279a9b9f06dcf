//! Decoding and validation of `voc` events through the public interface.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::borrow::Cow;

use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, Invalid, InvalidKind, Limits, Timestamp, record_text,
    voc::{Voc, VocEvent},
};

const ID: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

fn decode(text: &str) -> Result<VocEvent<'_>, Invalid> {
    decode_with(text, &DecodeOptions::default().strict(true))
}

fn decode_with<'a>(text: &'a str, options: &DecodeOptions) -> Result<VocEvent<'a>, Invalid> {
    match record_text(text.as_bytes(), &options.limits)? {
        Cow::Borrowed(text) => {
            Voc::for_topic("voc.events", options).decode(text, &Envelope::default()).map(|decoded| decoded.event)
        }
        Cow::Owned(text) => panic!("nothing of this record is to be replaced: {text}"),
    }
}

/// An event of a type, with members in addition to the base fields.
fn event(event_type: &str, members: &str) -> String {
    let separator = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"event_id":"{ID}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"{event_type}"{separator}{members}}}"#
    )
}

#[track_caller]
fn check_invalid(text: &str, kind: InvalidKind, violations: &[&str]) {
    let invalid = decode(text).expect_err("the event should be refused");
    let found: Vec<String> = invalid.violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        (invalid.kind, found.as_slice()),
        (kind, violations.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>().as_slice())
    );
}

#[test]
fn a_call_has_every_field() {
    let text = event(
        "call",
        r#""metadata":{"region":"br"},"call_id":"c-1","agent_id":"a-1","customer_id":"u-1",
           "transcript":"Agent: hi\nCustomer: \"great\"","duration_ms":61000,"call_quality":{"mos":4.2}"#,
    );
    let VocEvent::Call(call) = decode(&text).unwrap() else { panic!("not a call") };
    assert_eq!(call.base.event_id.to_string(), ID);
    assert_eq!(call.base.tenant_id, "acme");
    assert_eq!(call.base.timestamp, Timestamp::from_millis(1_770_033_600_000));
    assert_eq!(call.base.metadata.unwrap().as_str(), r#"{"region":"br"}"#);
    assert_eq!(call.call_id, "c-1");
    assert_eq!(call.agent_id.as_deref(), Some("a-1"));
    assert_eq!(call.customer_id.as_deref(), Some("u-1"));
    assert_eq!(call.transcript.as_deref(), Some("Agent: hi\nCustomer: \"great\""));
    assert_eq!(call.duration_ms, Some(61_000));
    assert_eq!(call.call_quality.unwrap().as_str(), r#"{"mos":4.2}"#);
}

#[test]
fn the_other_types_have_every_field() {
    let text = event("agent_action", r#""action":"transfer","agent_id":"a-1","target_id":"billing""#);
    let VocEvent::AgentAction(action) = decode(&text).unwrap() else { panic!("not an action") };
    assert_eq!((&*action.action, &*action.agent_id, action.target_id.as_deref()), ("transfer", "a-1", Some("billing")));

    let text = event("tool_invocation", r#""tool_name":"search","duration_ms":12.0,"success":false"#);
    let VocEvent::ToolInvocation(tool) = decode(&text).unwrap() else { panic!("not an invocation") };
    assert_eq!((&*tool.tool_name, tool.duration_ms, tool.success), ("search", Some(12), Some(false)));

    let text = event("qos_metric", r#""metric_name":"latency_p99","value":-1,"tags":{"region":"br","pop":"\u0067ru"}"#);
    let VocEvent::QosMetric(metric) = decode(&text).unwrap() else { panic!("not a metric") };
    assert_eq!((&*metric.metric_name, metric.value), ("latency_p99", -1.0));
    assert_eq!(metric.tags.unwrap().0, [("region".into(), "br".into()), ("pop".into(), "gru".into())]);
}

#[test]
fn an_event_of_another_type_keeps_its_members() {
    let text = event("survey", r#""score":9,"call_id":"c-1","free":{"text":"ok"}"#);
    let VocEvent::Other(base) = decode(&text).unwrap() else { panic!("not a base event") };
    let members: Vec<_> = base.extra.iter().map(|(name, value)| (&**name, value.as_str())).collect();
    assert_eq!(members, [("call_id", r#""c-1""#), ("score", "9"), ("free", r#"{"text":"ok"}"#)]);
}

#[test]
fn null_means_absent() {
    let text = event("call", r#""call_id":"c-1","agent_id":null,"transcript":null,"duration_ms":null,"metadata":null"#);
    let VocEvent::Call(call) = decode(&text).unwrap() else { panic!("not a call") };
    assert_eq!((call.agent_id, call.transcript, call.duration_ms, call.base.metadata), (None, None, None, None));
}

#[test]
fn texts_without_escapes_are_borrowed() {
    let text = event("call", r#""call_id":"c-1","transcript":"olá""#);
    let VocEvent::Call(call) = decode(&text).unwrap() else { panic!("not a call") };
    assert!(matches!(call.transcript, Some(Cow::Borrowed("olá"))));
}

#[test]
fn all_errors_are_reported_at_once() {
    check_invalid(
        r#"{"tenant_id":"","timestamp":"yesterday","event_type":"qos_metric","value":"high","tags":{"a":1,"b":"x"}}"#,
        InvalidKind::Schema,
        &[
            "$.event_id: expected a UUID string, found nothing",
            "$.tenant_id: expected 1 to 256 bytes of text without control characters, found an empty string",
            "$.timestamp: expected an RFC 3339 date and time, or a number of epoch seconds or milliseconds, \
             found string \"yesterday\"",
            "$.metric_name: expected a non-empty string, found nothing",
            "$.value: expected a finite number, found string \"high\"",
            "$.tags.a: expected a string, found number 1",
        ],
    );
}

#[test]
fn mistyped_fields_are_refused() {
    check_invalid(
        &event("call", r#""call_id":7,"transcript":["a"],"duration_ms":"12","call_quality":"good","metadata":[]"#),
        InvalidKind::Schema,
        &[
            "$.metadata: expected an object, found an array",
            "$.call_id: expected a string, found number 7",
            "$.transcript: expected a string, found an array",
            "$.duration_ms: expected a whole number of 64 bits, found string \"12\"",
            "$.call_quality: expected an object, found string \"good\"",
        ],
    );
    check_invalid(
        &event("tool_invocation", r#""tool_name":"t","success":"yes","duration_ms":1.5"#),
        InvalidKind::Schema,
        &[
            "$.duration_ms: expected a whole number of 64 bits, found number 1.5",
            "$.success: expected true or false, found string \"yes\"",
        ],
    );
}

#[test]
fn numbers_that_no_type_holds_are_refused() {
    check_invalid(
        &event("qos_metric", r#""metric_name":"m","value":1e999"#),
        InvalidKind::Schema,
        &["$.value: expected a number that a 64-bit float can hold, found number 1e999"],
    );
    check_invalid(
        &event("call", r#""call_id":"c","duration_ms":9223372036854775808"#),
        InvalidKind::Schema,
        &[
            "$.duration_ms: expected a whole number from -9223372036854775808 to 9223372036854775807, found number 9223372036854775808",
        ],
    );
    let invalid = decode(&event("qos_metric", r#""metric_name":"m","value":NaN"#)).unwrap_err();
    assert_eq!((invalid.kind, invalid.path()), (InvalidKind::Json, "$.value"));
}

#[test]
fn syntax_errors_are_located() {
    for (text, path) in [
        ("{\"tenant_id\":\"acme\",\"value\":", "$.value"),
        ("{\"tenant_id\":\"acme\"} trailing", "$"),
        ("{\"metadata\":{\"a\":}}", "$.metadata"),
        ("nonsense", "$"),
        ("{", "$"),
    ] {
        let invalid = decode(text).expect_err(text);
        assert_eq!((invalid.kind, invalid.path()), (InvalidKind::Json, path), "{text}");
    }
    let invalid = decode("{\"tenant_id\":\"acme\",\"value\":").unwrap_err();
    assert_eq!(invalid.tenant_id.as_deref(), Some("acme"));
}

#[test]
fn json_that_is_not_an_object_is_refused() {
    check_invalid("[1,2]", InvalidKind::Schema, &["$: expected a JSON object, found an array"]);
    check_invalid(" 42 ", InvalidKind::Schema, &["$: expected a JSON object, found number 42"]);
    check_invalid("null", InvalidKind::Schema, &["$: expected a JSON object, found null"]);
}

#[test]
fn records_are_checked_before_they_are_parsed() {
    let limits = Limits::default().with_max_record_bytes(10);
    let kind = |record: &'static [u8]| record_text(record, &limits).map_err(|invalid| invalid.kind);
    assert_eq!(kind(b"{}"), Ok("{}".into()));
    assert_eq!(kind(b""), Err(InvalidKind::Empty));
    assert_eq!(kind(b" \r\n\t"), Err(InvalidKind::Empty));
    assert_eq!(kind(b"{\"a\":\"\xff\xff\xff\"}"), Err(InvalidKind::TooLarge));
    assert_eq!(kind(b"{\"a\":\xff}"), Err(InvalidKind::Utf8));
    assert_eq!(Invalid::tombstone().kind, InvalidKind::Tombstone);
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| event("x", &format!(r#""a":{}{}"#, "[".repeat(levels), "]".repeat(levels)));
    assert!(decode(&nested(63)).is_ok());
    let invalid = decode(&nested(64)).unwrap_err();
    assert_eq!((invalid.kind, invalid.path()), (InvalidKind::Depth, "$.a"));
    // Far beyond any stack.
    assert_eq!(decode(&nested(200_000)).unwrap_err().kind, InvalidKind::Depth);
    // Brackets in a text do not nest.
    assert!(decode(&event("x", &format!(r#""a":{{"b":"\"{}"}}"#, "[".repeat(100)))).is_ok());
}

#[test]
fn a_name_given_twice_is_refused() {
    let invalid = decode(&event("x", r#""tenant_id":"globex""#)).unwrap_err();
    assert_eq!(invalid.to_string(), "$.tenant_id: expected the name once, found the name twice");
}

#[test]
fn tenants_have_bounds() {
    for (tenant, valid) in [("acme", true), ("São Paulo/1", true), ("", false), ("  ", false), ("a\\u0000b", false)] {
        let text = event("x", "").replace("acme", tenant);
        assert_eq!(decode(&text).is_ok(), valid, "{tenant:?}");
    }
    assert!(decode(&event("x", "").replace("acme", &"t".repeat(256))).is_ok());
    assert!(decode(&event("x", "").replace("acme", &"t".repeat(257))).is_err());
}

#[test]
fn timestamps_in_all_forms() {
    let millis = |timestamp: &str| {
        let text = event("x", "").replace("\"2026-02-02T12:00:00Z\"", timestamp);
        decode(&text).map(|event| event.timestamp().as_millis()).ok()
    };
    let noon = Some(1_770_033_600_000);
    for timestamp in [
        r#""2026-02-02T12:00:00Z""#,
        r#""2026-02-02T12:00:00""#,
        r#""2026-02-02 12:00:00.000""#,
        r#""2026-02-02T12:00Z""#,
        r#""2026-02-02T09:00:00-03:00""#,
        r#""2026-02-02T17:30:00+0530""#,
        r#""2026-02-02T13:00:00.000999+01""#,
        "1770033600",
        "1770033600.0",
        "1770033600000",
        "1.7700336e9",
    ] {
        assert_eq!(millis(timestamp), noon, "{timestamp}");
    }
    assert_eq!(millis("1770033600.25"), Some(1_770_033_600_250));
    assert_eq!(millis(r#""2016-12-31T23:59:60Z""#), Some(1_483_228_800_000));
    for timestamp in [
        r#""""#,
        r#""2026-02-30T00:00:00Z""#,
        r#""2025-02-29T00:00:00Z""#,
        r#""2026-13-01T00:00:00Z""#,
        r#""2026-02-02T24:00:00Z""#,
        r#""2026-02-02T12:00:00+25:00""#,
        r#""2026-02-02""#,
        r#""0001-01-01T00:00:00Z""#,
        r#""9999-12-31T23:59:59Z""#,
        "0",
        "-1",
        "1e300",
        "true",
        "{}",
        "1770033600000000000",
    ] {
        assert_eq!(millis(timestamp), None, "{timestamp}");
    }
}

#[test]
fn a_long_value_is_shortened_in_the_reason() {
    let invalid = decode(&event("x", "").replace(ID, &"é".repeat(500))).unwrap_err();
    assert!(invalid.to_string().len() < 200, "{invalid}");
}

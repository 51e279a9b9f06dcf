//! The reasons for a bad record: where it is not JSON, and which part of a time does not exist.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use voc_events::{
    DecodeOptions, Envelope, Family, Invalid, Limits, Timestamp, TimestampError, record_text,
    voc::{Voc, VocEvent},
};

/// Decodes as strictly as possible.
fn decode<'a>(text: &'a str, limits: &Limits) -> Result<VocEvent<'a>, Invalid> {
    let options = DecodeOptions::default().with_limits(limits.clone()).strict(true);
    Voc::for_topic("voc.events", &options).decode(text, &Envelope::default()).map(|decoded| decoded.event)
}

fn refusal(record: &str) -> Invalid {
    let limits = Limits::default();
    record_text(record.as_bytes(), &limits).and_then(|text| decode(&text, &limits).map(|_| ())).expect_err(record)
}

/// A record without its mark `§`, which follows the last readable byte, and that byte's number.
fn marked(record: &str) -> (String, usize) {
    let (before, after) = record.split_once('§').expect("a mark");
    (format!("{before}{after}"), before.len())
}

#[test]
fn a_syntax_error_is_located_by_its_byte_in_the_record() {
    for (record, path, reason) in [
        (r#"{"tenant_id":"acme","value":§"#, "$.value", "an unexpected end while parsing a value"),
        ("{\n \"tenant_id\": \"acmé\",\r\n \"value\": 01§}", "$.value", "a syntax error (invalid number)"),
        ("{\"a\":{\n\n\"b\"\n:\n}§}", "$.a", "a syntax error (expected value)"),
        (r#"{"a":1} t§railing"#, "$", "a syntax error (trailing characters)"),
        ("{\"a\":1}\n\n]§", "$", "a syntax error (trailing characters)"),
        ("{§", "$", "an unexpected end while parsing an object"),
        ("{\n\"a\":1\n§", "$", "an unexpected end while parsing an object"),
        (r#"{"a" 1§}"#, "$.a", "a syntax error (expected `:`)"),
        (r#"{"a":1,}§"#, "$", "a syntax error (trailing comma)"),
        ("no§nsense", "$", "a syntax error (expected ident)"),
        ("\n[1,\n2§", "$", "an unexpected end while parsing a list"),
        (
            "{\"a\":\"x§\ny\"}",
            "$.a",
            "a syntax error (control character (\\u0000-\\u001F) found while parsing a string)",
        ),
        // A replacement keeps the length.
        (r#"{"a":"\ud800","b":tru}§"#, "$.b", "a syntax error (expected ident)"),
    ] {
        let (record, byte) = marked(record);
        let expected = format!("{path}: expected valid JSON, found {reason} at byte {byte} of the record");
        assert_eq!(refusal(&record).to_string(), expected, "{record}");
    }
}

#[test]
fn half_a_surrogate_pair_that_was_not_replaced_is_located_too() {
    // Decoding a text without `record_text` sees what it would have replaced.
    for (members, path, reason) in [
        ("\n\"metric_name\":\"a\\ud800\"§", "$.metric_name", "unexpected end of hex escape"),
        ("\"metric_name\":\"m\",\"tags\":{\n\"x\":\"\\udc00§\"}", "$.tags.x", "lone leading surrogate in hex escape"),
    ] {
        let (text, byte) = marked(&format!(
            r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,"event_type":"qos_metric","value":1,{members}}}"#
        ));
        let invalid = decode(&text, &Limits::default()).expect_err(&text);
        assert_eq!(
            invalid.to_string(),
            format!(
                "{path}: expected a string, found a string with a bad escape ({reason}) at byte {byte} of the record"
            )
        );
    }
}

fn timestamp_refusal(timestamp: &str) -> String {
    refusal(&format!(
        r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":{timestamp},"event_type":"x"}}"#
    ))
    .to_string()
}

#[test]
fn a_time_that_does_not_exist_names_the_wrong_part() {
    for (timestamp, reason) in [
        ("2025-02-29T00:00:00Z", "February 2025 has no day 29"),
        ("2024-02-30T00:00:00Z", "February 2024 has no day 30"),
        ("2026-04-31 00:00", "April 2026 has no day 31"),
        ("2026-01-00T00:00:00Z", "January 2026 has no day 0"),
        ("2026-13-01T00:00:00Z", "there is no month 13"),
        ("2026-00-41T00:00:00Z", "there is no month 0"),
        ("2026-02-02T24:00:00Z", "there is no hour 24"),
        ("2026-02-02T12:60:00Z", "there is no minute 60"),
        ("2026-02-02T12:00:61Z", "there is no second 61"),
        ("2026-02-02T12:00:00+25:00", "there is no offset +25:00"),
        ("2026-02-02T12:00:00-0075", "there is no offset -00:75"),
        ("2026-02-02T12:00:00-99", "there is no offset -99:00"),
    ] {
        assert_eq!(
            timestamp_refusal(&format!("\"{timestamp}\"")),
            format!("$.timestamp: expected a date and time that exist, found string \"{timestamp}\": {reason}")
        );
        assert_eq!(Timestamp::parse(timestamp).unwrap_err().to_string(), reason);
    }
}

#[test]
fn times_outside_the_limits_and_other_texts_have_general_reasons() {
    let range = "a time from 2000-01-01T00:00:00.000Z to 2105-12-31T23:59:59.999Z";
    for timestamp in [r#""1999-12-31T23:59:59Z""#, r#""9999-12-31T23:59:59Z""#] {
        assert_eq!(timestamp_refusal(timestamp), format!("$.timestamp: expected {range}, found string {timestamp}"));
    }
    for timestamp in ["0", "-1", "1e300", "1770033600000000000"] {
        assert_eq!(timestamp_refusal(timestamp), format!("$.timestamp: expected {range}, found number {timestamp}"));
    }
    let form = "an RFC 3339 date and time, or a number of epoch seconds or milliseconds";
    // The form comes first: the parts of a text that is not a time are not examined.
    for timestamp in ["soon", "2026-02-02", "2026-13-01T0000", "2026-02-02T12:00:00+25:00x", "2026-02-02T12:00:61Zulu"]
    {
        assert_eq!(
            timestamp_refusal(&format!("\"{timestamp}\"")),
            format!("$.timestamp: expected {form}, found string \"{timestamp}\"")
        );
    }
}

#[test]
fn the_parts_of_an_impossible_time_are_distinguishable() {
    assert_eq!(Timestamp::parse("2025-02-29T00:00:00Z"), Err(TimestampError::Day { year: 2025, month: 2, day: 29 }));
    assert_eq!(Timestamp::parse("2025-13-29T00:00:00Z"), Err(TimestampError::Month { month: 13 }));
    assert_eq!(
        Timestamp::parse("2025-12-29T00:00:00-24:00"),
        Err(TimestampError::Offset { sign: '-', hours: 24, minutes: 0 })
    );
    assert_eq!(Timestamp::parse("2025-12-29"), Err(TimestampError::Format));
    assert_eq!(Timestamp::from_epoch(f64::NAN), Err(TimestampError::OutOfRange));
}

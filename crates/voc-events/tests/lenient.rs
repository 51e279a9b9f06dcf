//! Values in an unexpected form that a lenient reader accepts, and values that no reader accepts.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::borrow::Cow;

use uuid::Uuid;
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, Invalid, Json, Timestamp,
    fields::{EventType, Id, StringMap, Tenant, Transcript, decode},
    voc::{Voc, VocEvent},
};

voc_events::fields! {
    /// A field of every kind.
    pub struct Sample<'a> {
        optional {
            /// A text.
            text: Cow<'a, str>,
            /// An identifier.
            id: Cow<'a, str> as Id,
            /// A tenant.
            tenant: Cow<'a, str> as Tenant,
            /// A type.
            kind: Cow<'a, str> as EventType,
            /// A conversation.
            transcript: Cow<'a, str> as Transcript,
            /// A whole number.
            whole: i64,
            /// A number.
            number: f64,
            /// A boolean.
            flag: bool,
            /// A time.
            at: Timestamp,
            /// An identifier of 128 bits.
            uuid: Uuid,
            /// Texts by name.
            tags: StringMap<'a>,
            /// An object.
            object: Json<'a>,
            /// A list of texts.
            list: Vec<Cow<'a, str>>,
            /// Objects.
            parts: Vec<Part<'a>>,
        }
        rest extra
    }
}

voc_events::fields! {
    /// An object of its own.
    pub struct Part<'a> {
        required {
            /// An identifier.
            id: Cow<'a, str> as Id,
        }
        optional {
            /// A whole number.
            whole: i64,
        }
    }
}

fn read(text: &str, is_strict: bool) -> Result<Decoded<Sample<'_>>, Invalid> {
    decode(text, &DecodeOptions::default().strict(is_strict), None)
}

/// A value that a lenient reader accepts and reports, and a strict one refuses.
#[track_caller]
fn coerces(field: &'static str, written: &str, read_as: &str, expected: &str, found: &str) {
    let text = format!("{{\"{field}\":{written}}}");
    let decoded = read(&text, false).expect(&text);
    assert_eq!(serde_json::to_string(&decoded.event).expect("JSON"), format!("{{\"{field}\":{read_as}}}"));
    assert_eq!(decoded.coerced, [field], "{text}");
    let invalid = read(&text, true).expect_err(&text);
    assert_eq!(invalid.to_string(), format!("$.{field}: expected {expected}, found {found}"));
}

/// A value in the expected form.
#[track_caller]
fn accepts(field: &'static str, written: &str, read_as: &str) {
    let text = format!("{{\"{field}\":{written}}}");
    for is_strict in [false, true] {
        let decoded = read(&text, is_strict).expect(&text);
        assert_eq!(serde_json::to_string(&decoded.event).expect("JSON"), format!("{{\"{field}\":{read_as}}}"));
        assert_eq!(decoded.coerced, Vec::<&str>::new(), "{text}");
    }
}

/// A value that no reader accepts; both give the same reason.
#[track_caller]
fn refuses(field: &'static str, written: &str, expected: &str, found: &str) {
    let text = format!("{{\"{field}\":{written}}}");
    for is_strict in [false, true] {
        let invalid = read(&text, is_strict).expect_err(&text);
        assert_eq!(invalid.to_string(), format!("$.{field}: expected {expected}, found {found}"), "{is_strict}");
    }
}

#[test]
fn whole_numbers() {
    let expected = "a whole number of 64 bits";
    for (written, read_as) in [
        ("7", "7"),
        ("-0", "0"),
        ("1500.0", "1500"),
        ("1.5e3", "1500"),
        ("0e999", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        // Exact although no float is: a reader of floats would find …992.
        ("9007199254740993.0", "9007199254740993"),
        ("9223372036854775807.0", "9223372036854775807"),
        ("-9.223372036854775808e18", "-9223372036854775808"),
    ] {
        accepts("whole", written, read_as);
    }
    for (written, read_as) in [
        (r#""12""#, "12"),
        (r#"" -12\n""#, "-12"),
        (r#""+12""#, "12"),
        (r#""007""#, "7"),
        (r#""\u0031""#, "1"),
        (r#""12.0""#, "12"),
        (r#""12.9""#, "12"),
        (r#""1e3""#, "1000"),
        (r#""9223372036854775807""#, "9223372036854775807"),
    ] {
        coerces("whole", written, read_as, expected, &format!("string {written}"));
    }
    for (written, read_as) in
        [("1.5", "1"), ("-1.5", "-1"), ("0.999", "0"), ("1e-5", "0"), ("9223372036854775807.5", "9223372036854775807")]
    {
        coerces("whole", written, read_as, expected, &format!("number {written}"));
    }
    for written in [
        r#""""#,
        r#"" ""#,
        r#""-""#,
        r#"".""#,
        r#""e5""#,
        r#""1e""#,
        r#""soon""#,
        r#""0x10""#,
        r#""1_000""#,
        r#""1,5""#,
        r#""1 2""#,
        r#""NaN""#,
        r#""inf""#,
        r#""true""#,
    ] {
        refuses("whole", written, expected, &format!("string {written}"));
    }
    coerces("whole", "true", "1", expected, "true");
    coerces("whole", "false", "0", expected, "false");
    refuses("whole", "{}", expected, "an object");
    refuses("whole", "[1]", expected, "an array");
}

#[test]
fn whole_numbers_beyond_the_column_are_reported_with_the_limit() {
    let expected = "a whole number from -9223372036854775808 to 9223372036854775807";
    for written in ["9223372036854775808", "18446744073709551615", "1e19", "-1e300", "9223372036854775808.0"] {
        refuses("whole", written, expected, &format!("number {written}"));
        refuses("whole", &format!("\"{written}\""), expected, &format!("string \"{written}\""));
    }
    for written in [r#""1e999""#, r#""1e99999999999999999999""#, r#""-99999999999999999999""#] {
        refuses("whole", written, expected, &format!("string {written}"));
    }
    // Values of the payload that could not be read by anyone are refused in general.
    refuses("whole", "99999999999999999999", "a whole number of 64 bits", "number 99999999999999999999");
    refuses("whole", "1e999", "a number that a 64-bit float can hold", "number 1e999");
}

#[test]
fn numbers() {
    for (written, read_as) in [("1.5", "1.5"), ("7", "7.0"), ("-1E3", "-1000.0"), ("1e-999", "0.0")] {
        accepts("number", written, read_as);
    }
    accepts("number", "9007199254740993", "9007199254740992.0");
    for (written, read_as) in
        [(r#""1.5""#, "1.5"), (r#"" 7 ""#, "7.0"), (r#""+1e3""#, "1000.0"), (r#"".5""#, "0.5"), (r#""5.""#, "5.0")]
    {
        coerces("number", written, read_as, "a finite number", &format!("string {written}"));
    }
    for written in [
        r#""""#,
        r#""NaN""#,
        r#""nan""#,
        r#""inf""#,
        r#""-Infinity""#,
        r#""1e999""#,
        r#""high""#,
        r#""1_0""#,
        r#""1,5""#,
    ] {
        refuses("number", written, "a finite number", &format!("string {written}"));
    }
    coerces("number", "true", "1.0", "a finite number", "true");
    coerces("number", "false", "0.0", "a finite number", "false");
    refuses("number", "1e999", "a number that a 64-bit float can hold", "number 1e999");
}

#[test]
fn booleans() {
    accepts("flag", "true", "true");
    accepts("flag", "false", "false");
    for (written, read_as) in [
        (r#""true""#, "true"),
        (r#""False""#, "false"),
        (r#"" TRUE ""#, "true"),
        (r#""1""#, "true"),
        (r#""0""#, "false"),
        (r#""yes""#, "true"),
        (r#""no""#, "false"),
        (r#""on""#, "true"),
        (r#""off""#, "false"),
        (r#""t""#, "true"),
        (r#""N""#, "false"),
    ] {
        coerces("flag", written, read_as, "true or false", &format!("string {written}"));
    }
    for (written, read_as) in [("1", "true"), ("0", "false"), ("1.0", "true"), ("0.0", "false")] {
        coerces("flag", written, read_as, "true or false", &format!("number {written}"));
    }
    for written in [r#""""#, r#""maybe""#, r#""2""#] {
        refuses("flag", written, "true or false", &format!("string {written}"));
    }
    refuses("flag", "2", "true or false", "number 2");
    refuses("flag", "[]", "true or false", "an array");
}

#[test]
fn texts() {
    accepts("text", r#""""#, r#""""#);
    accepts("text", r#"" a ""#, r#"" a ""#);
    for field in ["text", "id", "tenant", "kind", "transcript"] {
        coerces(field, "42", r#""42""#, "a string", "number 42");
        coerces(field, "1.50", r#""1.50""#, "a string", "number 1.50");
        coerces(field, "true", r#""true""#, "a string", "true");
    }
    for field in ["text", "id", "tenant", "kind"] {
        refuses(field, "{}", "a string", "an object");
        refuses(field, "[\"a\"]", "a string", "an array");
    }
}

#[test]
fn white_space_around_identifiers() {
    for field in ["id", "tenant", "kind"] {
        let text = format!(r#"{{"{field}":" \ta b\u00a0"}}"#);
        let decoded = read(&text, false).expect("an event");
        assert_eq!(serde_json::to_string(&decoded.event).expect("JSON"), format!(r#"{{"{field}":"a b"}}"#));
        assert_eq!(decoded.coerced, [field]);
    }
    for field in ["id", "kind", "tenant"] {
        for written in [r#"" a""#, r#""a\n""#, r#""\u00a0a ""#] {
            let expected = "a string without surrounding white space";
            coerces(field, written, r#""a""#, expected, &format!("string {written}"));
        }
    }
}

#[test]
fn uuids() {
    let id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    let read_as = format!("\"{id}\"");
    accepts("uuid", &read_as, &read_as);
    accepts("uuid", &read_as.to_uppercase(), &read_as);
    accepts("uuid", &read_as.replacen('6', r"\u0036", 1), &read_as);
    let plain = id.replace('-', "");
    let of_same_length = format!("  {plain}  ");
    for written in [format!(" {id}"), plain, of_same_length, format!("{{{id}}}"), format!("urn:uuid:{id}")] {
        let found = format!("string \"{written}\"");
        coerces("uuid", &format!("\"{written}\""), &read_as, "a UUID string", &found);
    }
    for written in [r#""""#, r#""uuid""#, r#""6f9619ff-8b86-4d01-b42d-00cf4fc964f""#] {
        refuses("uuid", written, "a UUID string", &format!("string {written}"));
    }
    refuses("uuid", "7", "a UUID string", "number 7");
}

#[test]
fn identifiers_that_are_all_white_space_are_refused_where_they_are_required() {
    let refusal = |text: &str| read(text, false).expect_err(text).to_string();
    assert_eq!(refusal(r#"{"parts":[{"id":" \t"}]}"#), "$.parts[0].id: expected a non-empty string, found white space");
    assert_eq!(
        refusal(r#"{"tenant":"  "}"#),
        "$.tenant: expected 1 to 256 bytes of text without control characters, found an empty string"
    );
    let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"a","timestamp":1770033600,
        "event_type":" "}"#;
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let invalid = voc.decode(text, &Envelope::default()).expect_err("no type");
    assert_eq!(invalid.to_string(), "$.event_type: expected a non-empty string, found white space");
}

#[test]
fn transcripts() {
    accepts("transcript", r#""Agent: hi""#, r#""Agent: hi""#);
    coerces("transcript", r#"["hi", {"a":1}]"#, r#""[\"hi\", {\"a\":1}]""#, "a string", "an array");
    coerces("transcript", r#"{"turns":[]}"#, r#""{\"turns\":[]}""#, "a string", "an object");
}

#[test]
fn tags() {
    accepts("tags", r#"{"a":"x","b":""}"#, r#"{"a":"x","b":""}"#);
    let text = r#"{"tags":{"a":1,"b":true,"c":"x","d":-1.50}}"#;
    let decoded = read(text, false).expect("an event");
    assert_eq!(
        serde_json::to_string(&decoded.event).expect("JSON"),
        r#"{"tags":{"a":"1","b":"true","c":"x","d":"-1.50"}}"#
    );
    assert_eq!(decoded.coerced, ["tags"]);
    let invalid = read(text, true).expect_err("numbers");
    let violations: Vec<_> = invalid.violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        violations,
        [
            "$.tags.a: expected a string, found number 1",
            "$.tags.b: expected a string, found true",
            "$.tags.d: expected a string, found number -1.50",
        ]
    );
    refuses("tags", "[]", "an object of strings", "an array");
    refuses("tags", r#""a=b""#, "an object of strings", "string \"a=b\"");
    for is_strict in [false, true] {
        let invalid = read(r#"{"tags":{"a":null,"b":{"c":"d"}}}"#, is_strict).expect_err("an object");
        assert_eq!(invalid.to_string(), "$.tags.b: expected a string, found an object");
    }
}

#[test]
fn objects_and_lists() {
    accepts("object", r#"{"a": 1}"#, r#"{"a": 1}"#);
    refuses("object", r#""{}""#, "an object", "string \"{}\"");
    refuses("object", "[]", "an object", "an array");
    accepts("list", r#"["a"]"#, r#"["a"]"#);
    refuses("list", r#""a""#, "a list", "string \"a\"");
    refuses("parts", r#"{"id":"a"}"#, "a list", "an object");
    accepts("parts", r#"[{"id":"a","whole":1.0}]"#, r#"[{"id":"a","whole":1}]"#);
    let text = r#"{"list":["a",1,true]}"#;
    let decoded = read(text, false).expect(text);
    assert_eq!(serde_json::to_string(&decoded.event).expect("JSON"), r#"{"list":["a","1","true"]}"#);
    assert_eq!(decoded.coerced, ["list"]);
    assert_eq!(
        read(text, true).expect_err(text).to_string(),
        "$.list[1]: expected a string, found number 1; $.list[2]: expected a string, found true"
    );
}

#[test]
fn a_field_is_reported_once_however_much_of_it_is_unexpected() {
    let text = r#"{"whole":"1","parts":[{"id":1,"whole":"2"},{"id":2,"whole":3}],"flag":1,"list":[1,2]}"#;
    let decoded = read(text, false).expect("an event");
    assert_eq!(decoded.coerced, ["whole", "flag", "list", "id"]);
}

#[test]
fn null_is_absent_to_every_reader() {
    for field in ["text", "id", "tenant", "kind", "transcript", "whole", "flag", "at", "uuid", "tags", "object", "list"]
    {
        let text = format!("{{\"{field}\":null}}");
        for is_strict in [false, true] {
            let decoded = read(&text, is_strict).expect(&text);
            assert_eq!(serde_json::to_string(&decoded.event).expect("JSON"), "{}");
            assert!(decoded.coerced.is_empty());
        }
    }
    accepts("tags", r#"{"a":null,"b":"x","c":null}"#, r#"{"b":"x"}"#);
    accepts("tags", r#"{"a":null}"#, "{}");
    accepts("list", r#"[null,"a",null]"#, r#"["a"]"#);
    accepts("parts", r#"[null,{"id":"a","whole":null}]"#, r#"[{"id":"a"}]"#);
    // The position in a path is that of the element as it was written.
    assert_eq!(
        read(r#"{"parts":[null,{"id":null}]}"#, false).expect_err("no identifier").to_string(),
        "$.parts[1].id: expected a non-empty string, found null"
    );
}

const NOON: &str = r#""2026-02-02T12:00:00.000Z""#;
const MIDNIGHT: &str = r#""2026-02-03T00:00:00.000Z""#;
const FORM: &str = "an RFC 3339 date and time, or a number of epoch seconds or milliseconds";
const RANGE: &str = "a time from 2000-01-01T00:00:00.000Z to 2105-12-31T23:59:59.999Z";

#[test]
fn times_in_the_expected_form() {
    for written in [
        r#""2026-02-02T12:00:00Z""#,
        r#""2026-02-02 12:00""#,
        r#""2026-02-02t12:00:00.000999z""#,
        r#""2026-02-02T09:00:00-03""#,
        r#""2026-02-02T09:00:00-0300""#,
        "1770033600",
        "1770033600000",
        "1.7700336e9",
    ] {
        accepts("at", written, NOON);
    }
}

#[test]
fn times_in_further_forms() {
    for (written, read_as) in [
        (r#""2026-02-03""#, MIDNIGHT),
        (r#""20260203""#, MIDNIGHT),
        (r#"" 20260203 ""#, MIDNIGHT),
        (r#""20260202T120000Z""#, NOON),
        (r#""20260202T1200""#, NOON),
        (r#""20260202 120000.000""#, NOON),
        (r#""20260202T090000-0300""#, NOON),
        (r#""2026-02-02 12:00:00 +00:00""#, NOON),
        (r#""2026-02-02T09:00:00.000  -0300""#, NOON),
        (r#""2026-02-02 12:00:00 Z""#, NOON),
        (r#"" 2026-02-02T09:00:00-03:00 ""#, NOON),
        (r#""2026-02-02T12:00:00Z\n""#, NOON),
        (r#""2026-02-02T12:00:00,000999Z""#, NOON),
        (r#""2026-2-3""#, MIDNIGHT),
        (r#""2026-2-3T0:0:0""#, MIDNIGHT),
        (r#""2026-02-2 9:00:00.000-03:00""#, NOON),
        (r#""2026-2-02T9:0-0300""#, NOON),
    ] {
        coerces("at", written, read_as, FORM, &format!("string {written}"));
    }
    for written in [r#""2026-02-02T24:00:00Z""#, r#""2026-02-02T24:00""#, r#""2026-02-02 24:00:00.000+00:00""#] {
        let found = format!("string {written}: there is no hour 24");
        coerces("at", written, MIDNIGHT, "a date and time that exist", &found);
    }
}

#[test]
fn times_as_numbers_in_strings() {
    for written in [
        r#""1770033600""#,
        r#"" 1770033600.000 ""#,
        r#""1770033600000""#,
        r#""1.7700336e9""#,
        // Eight characters, but not a date.
        r#""17.7e008""#,
        r#""1770033600000000""#,
        r#""1770033600000000000""#,
    ] {
        let read_as = if written.len() == 10 { r#""2026-02-02T02:40:00.000Z""# } else { NOON };
        coerces("at", written, read_as, FORM, &format!("string {written}"));
    }
}

#[test]
fn times_in_micro_and_nanoseconds() {
    let coerces = |written: &str, read_as: &str| coerces("at", written, read_as, RANGE, &format!("number {written}"));
    coerces("1770033600000000", NOON);
    coerces("1770033600000000000", NOON);
    coerces("1770033600000000.0", NOON);
    coerces("1.7700336e18", NOON);
    // Fractions of a millisecond are cut, to the last nanosecond, as in times written as such.
    coerces("1770033600000999", NOON);
    coerces("1770033600001000", r#""2026-02-02T12:00:00.001Z""#);
    coerces("1770033600000999999", NOON);
    coerces("1770033600001000000", r#""2026-02-02T12:00:00.001Z""#);
}

#[test]
fn numbers_that_are_not_times_within_the_limits() {
    // Eight digits outside a string are seconds, namely of 1970.
    for written in ["0", "-1", "20260203", "20260203120000", "1e13", "1e20", "1e21", "1e300", "-1770033600", "17700336"]
    {
        refuses("at", written, RANGE, &format!("number {written}"));
    }
    refuses("at", "1e999", "a number that a 64-bit float can hold", "number 1e999");
    refuses("at", "true", FORM, "true");
    refuses("at", "[1770033600]", FORM, "an array");
    refuses("at", "{}", FORM, "an object");
}

#[test]
fn texts_that_are_not_times() {
    for written in [
        r#""""#,
        r#""soon""#,
        r#""nan""#,
        r#""inf""#,
        r#""-Infinity""#,
        r#""12:00""#,
        r#""2026-02""#,
        r#""2026-0203""#,
        r#""202602-03""#,
        r#""2026-02-02T12""#,
        r#""2026-2""#,
        r#""2026-2-2T9""#,
        r#""2026-2-2T9:000""#,
        r#""2026-2-2T9:0:""#,
        r#""2026-2-2T9:0-3:00""#,
        r#""26-2-2T9:00""#,
        r#""202622T900""#,
        r#""2026-02-02T120000Z""#,
        r#""20260202T12:00:00Z""#,
        r#""2026-02-02Z""#,
        r#""2026-02-02T12:00:00 UTC""#,
        r#""2026-02-02T12:00:00 + 00:00""#,
        r#""02/03/2026""#,
    ] {
        refuses("at", written, FORM, &format!("string {written}"));
    }
}

#[test]
fn further_forms_report_what_is_wrong_with_the_time() {
    let refusal = |written: &str| {
        let text = format!(r#"{{"at":"{written}"}}"#);
        let strict = read(&text, true).expect_err(&text).to_string();
        assert_eq!(strict, format!("$.at: expected {FORM}, found string \"{written}\""));
        read(&text, false).expect_err(&text).to_string()
    };
    for (written, reason) in [
        ("2026-02-30", "February 2026 has no day 30"),
        ("2026-2-0", "February 2026 has no day 0"),
        ("20261301", "there is no month 13"),
        // Eight digits of a string are not seconds, even if they are not a date.
        ("17700336", "March 1770 has no day 36"),
        ("20260202T250000Z", "there is no hour 25"),
        ("20260202T240001Z", "there is no hour 24"),
        ("2026-02-02 12:00:00 +25:00", "there is no offset +25:00"),
    ] {
        let expected = format!("$.at: expected a date and time that exist, found string \"{written}\": {reason}");
        assert_eq!(refusal(written), expected);
    }
    for written in ["1999-12-31", "19991231", "2026", "0", "-1", "1e300"] {
        assert_eq!(refusal(written), format!("$.at: expected {RANGE}, found string \"{written}\""));
    }
    // These have the strict form, so both readers give the same reason.
    refuses(
        "at",
        r#""2026-02-02T24:00:01Z""#,
        "a date and time that exist",
        "string \"2026-02-02T24:00:01Z\": there is no hour 24",
    );
    refuses("at", r#""2106-01-01T00:00:00Z""#, RANGE, "string \"2106-01-01T00:00:00Z\"");
}

#[test]
fn a_lenient_reader_still_reports_every_error() {
    let text = r#"{"whole":"x","number":"y","flag":"z","at":"soon","uuid":"u","text":7,"tags":{"a":[]}}"#;
    let invalid = read(text, false).expect_err("errors");
    let paths: Vec<_> = invalid.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.whole", "$.number", "$.flag", "$.at", "$.uuid", "$.tags.a"]);
}

#[test]
fn white_space_around_a_type_does_not_change_it() {
    let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":" acme ","timestamp":"1770033600",
        "event_type":"call ","call_id":7,"duration_ms":"1.9"}"#;
    let voc = |is_strict| Voc::for_topic("voc.events", &DecodeOptions::default().strict(is_strict));
    let decoded = voc(false).decode(text, &Envelope::default()).expect("a call");
    let VocEvent::Call(call) = &decoded.event else { unreachable!("{:?}", decoded.event) };
    assert_eq!((&*call.base.event_type, &*call.base.tenant_id, &*call.call_id), ("call", "acme", "7"));
    assert_eq!(call.duration_ms, Some(1));
    assert_eq!(decoded.coerced, ["tenant_id", "timestamp", "event_type", "call_id", "duration_ms"]);
    let invalid = voc(true).decode(text, &Envelope::default()).expect_err("white space");
    let paths: Vec<_> = invalid.violations.iter().map(|violation| violation.path.as_str()).collect();
    // A strict reader does not know the type, nor its fields.
    assert_eq!(paths, ["$.tenant_id", "$.timestamp", "$.event_type"]);
}

#[test]
fn a_refused_event_keeps_the_tenant_it_would_have_had() {
    let tenant = |tenant: &str, is_strict| {
        let options = DecodeOptions::default().strict(is_strict);
        let text = format!(r#"{{"tenant_id":{tenant},"event_type":"call"}}"#);
        Voc::for_topic("voc.events", &options).decode(&text, &Envelope::default()).expect_err("no event").tenant_id
    };
    for (written, lenient, strict) in [
        (r#""acme""#, Some("acme"), Some("acme")),
        (r#"" acme ""#, Some("acme"), None),
        ("42", Some("42"), None),
        ("null", None, None),
        (r#""  ""#, None, None),
        ("{}", None, None),
    ] {
        assert_eq!(tenant(written, false).as_deref(), lenient, "{written}");
        assert_eq!(tenant(written, true).as_deref(), strict, "{written}");
    }
}

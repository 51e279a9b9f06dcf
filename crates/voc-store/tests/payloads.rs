//! The engine can read what `voc-events` accepts, and cannot read what it refuses for that reason: checked with the
//! real engine.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use proptest::{collection, prelude::*, sample::select, string::string_regex, test_runner::TestRunner};
use voc_events::{DecodeOptions, Envelope, Family, Invalid, Limits, record_text, voc::Voc};
use voc_store::{Param, embedded::EngineConnection};
use voc_testkit::requirements::engine_or_skip;

const BASE: [&str; 4] = [
    r#""event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff""#,
    r#""tenant_id":"acme""#,
    r#""timestamp":1770033600"#,
    r#""event_type":"x""#,
];

/// Payloads, one per row. No JSON text contains the character between them.
const PAYLOADS: &str = "(SELECT arrayJoin(splitByChar(char(30), {payloads:String})) AS payload)";

/// Whether the JSON functions and the JSON type can read a payload.
const IS_READABLE: &str = "isValidJSON(payload) AND JSONExtractString(payload, 'tenant_id') = 'acme' AND accurateCastOrNull(payload, 'JSON') IS NOT NULL";

fn ask(connection: &mut EngineConnection, sql: &str, payloads: &[String]) -> Result<String, String> {
    let params = [Param::new("payloads", payloads.join("\u{1e}"))];
    let result = connection.query(sql, "TabSeparatedRaw", &params).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(result.bytes().to_vec()).unwrap().trim_end().to_owned())
}

/// A payload with which the engine does not do what is expected; empty if there is none.
fn unexpected(connection: &mut EngineConnection, readable: bool, payloads: &[String]) -> Result<String, String> {
    if payloads.is_empty() {
        return Ok(String::new());
    }
    let sql = format!("SELECT payload FROM {PAYLOADS} WHERE ({IS_READABLE}) != {readable} LIMIT 1");
    ask(connection, &sql, payloads)
}

/// Casts payloads to the JSON type, which fails for all if it fails for one; returns their number.
fn cast(connection: &mut EngineConnection, payloads: &[String]) -> Result<String, String> {
    ask(connection, &format!("SELECT countIf(length(toString(payload::JSON)) > 2) FROM {PAYLOADS}"), payloads)
}

/// A record's payload, and why an event with it is refused, if it is.
fn payload_of(record: &str) -> (String, Option<Invalid>) {
    let limits = Limits::default();
    let payload = record_text(record.as_bytes(), &limits).expect("a record").into_owned();
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default().with_limits(limits));
    let invalid = voc.decode(&payload, &Envelope::default()).err();
    (payload, invalid)
}

/// Whether the engine must fail. It does not always notice a repeated name: not if one value is an object and the
/// other is not.
fn is_unreadable(invalid: &Invalid) -> bool {
    invalid.violations.iter().any(|violation| violation.found != "the name twice")
}

#[test]
fn the_engine_and_the_decoder_agree_on_examples() {
    let Some(test) = engine_or_skip() else { return };
    let mut connection = test.engine().connect().unwrap();
    let nested = |open: &str, close: &str, levels| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let (arrays, objects, both) = (nested("[", "]", 62), nested(r#"{"a":"#, "}", 62), nested(r#"[{"a":"#, "}]", 31));
    let (long, zeros) = (format!("0.{}", "1".repeat(2000)), format!("1{}e-400", "0".repeat(400)));
    let readable = [
        // Numbers.
        "-0",
        "-0.0",
        "9223372036854775808",
        "18446744073709551615",
        "-9223372036854775808",
        "1.7976931348623158e308",
        "4.9e-324",
        "1e-400",
        "0e99999999999999999999",
        "18446744073709551616.0",
        "1e+20",
        &long,
        &zeros,
        // Texts.
        r#""\ud800 \ud83d\ude00 \udc00""#,
        r#""\u0000\uffff\u2028""#,
        r#"{"\ud83d":1,"\u0000":2,"":3}"#,
        "\"\u{7f}\u{feff}\"",
        r#"["9999-12-31 23:59:59.999999999","2026-02-30","1e400","nan"]"#,
        // Nesting and mixtures.
        &arrays,
        &objects,
        &both,
        r#"[1,"x",null,{"b":1},[1,[2]],true,1.5,18446744073709551615,-1,{},[]]"#,
        // Names.
        r#"[{"b":1},{"b":2}]"#,
        r#"{"b":1,"B":2,"é":3,"e\u0301":4,"`":5,"^b":6,"b[]":7,":Int64":8}"#,
        r#"{"b.c":1,"b":{"d":2}}"#,
        r#"{"b.c":1,"b":2}"#,
        r#"{"b.c":null,"b":{"c":2}}"#,
        r#"{"b.c":{},"b":{"c":{"d":2}}}"#,
        r#"{".":1,"..":2,"b.":3,".b":4}"#,
    ];
    let unreadable = [
        "18446744073709551616",
        "-9223372036854775809",
        "89014103211118510720",
        "1e400",
        "-1.8e308",
        "1e99999999999999999999",
        r#"{"b":1,"b":1}"#,
        r#"{"b":1,"\u0062":2}"#,
        r#"{"b":null,"b":null}"#,
        r#"{"b":{},"b":{"c":1}}"#,
        r#"[[1,{"b":1,"b":2}]]"#,
        r#"{"\ud800":1,"\udc00":2}"#,
        r#"{"b.c":1,"b":{"c":2}}"#,
        r#"{"b.c":[],"b":{"c":"x"}}"#,
        r#"[{"b":{"c":2},"b\u002ec":1}]"#,
        r#"{"b.c":{"d":1},"b":{"c.d":2}}"#,
        r#"{"":{"":1},".":2}"#,
    ];
    for (value, is_readable) in
        readable.into_iter().map(|value| (value, true)).chain(unreadable.into_iter().map(|value| (value, false)))
    {
        for members in [format!(r#""a":{value}"#), format!(r#""metadata":{{"m":{value}}}"#)] {
            let (payload, invalid) = payload_of(&format!("{{{},{members}}}", BASE.join(",")));
            assert_eq!(invalid.is_none(), is_readable, "the decoder: {payload}");
            let payloads = [payload];
            assert_eq!(unexpected(&mut connection, is_readable, &payloads), Ok(String::new()));
            assert_eq!(cast(&mut connection, &payloads).is_ok(), is_readable, "{payloads:?}");
        }
    }
}

/// White space where JSON allows it.
fn blank() -> impl Strategy<Value = &'static str> {
    select(&["", "", "", " ", "\n\t", "\r\n "][..])
}

fn number() -> impl Strategy<Value = String> {
    let form = string_regex(r"-?(0|[1-9][0-9]{0,21})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?").unwrap();
    let edges = select(
        &[
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "18446744073709551616",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "1e308",
            "1E+309",
            "1E400",
            "4.9e-324",
            "1e-5000",
            "-0",
            "-0.0e0",
            "0e9999",
        ][..],
    );
    prop_oneof![3 => any::<i32>().prop_map(|number| number.to_string()), 1 => form, 1 => edges.prop_map(str::to_owned)]
}

/// A string in its written form, with quotes.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(|character| serde_json::to_string(&character).unwrap().trim_matches('"').to_owned()),
        any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
        (0xd7f0_u16..0xe010).prop_map(|unit| format!("\\u{unit:04X}")),
        select(
            &[
                r"\ud83d\ude00",
                r"\ud83d",
                r"\ude00",
                r"\\",
                r"\\ud800",
                r"\/",
                r"\n",
                r"\u0000",
                ".",
                "2026-02-02T12:00:00Z"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// A name, one of few, so that names and paths collide.
fn name() -> impl Strategy<Value = String> {
    let few = [
        "a",
        r"\u0061",
        "b",
        "c",
        "d",
        "",
        ".",
        "a.b",
        "b.a",
        r"a\u002Eb",
        "a.b.c",
        "b.c",
        ".a",
        "a.",
        "é",
        r"\u00e9",
        r"\ud800",
        r"\uDFFF",
        "\u{fffd}",
        r"\ufffd",
        "A",
        "n1",
        "n2",
        "n3",
        "n4",
        "n5",
        "n6",
        "n7",
        "n8",
        "n9",
    ];
    prop_oneof![6 => (0..few.len()).prop_map(move |place| format!("\"{}\"", few[place])), 1 => string()]
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    let member = (blank(), name(), blank(), value, blank())
        .prop_map(|(first, name, second, value, third)| format!("{first}{name}{second}:{first}{value}{third}"));
    collection::vec(member, 0..6)
}

fn value() -> impl Strategy<Value = String> {
    let word = select(&["true", "false", "null"][..]).prop_map(str::to_owned);
    let leaf = prop_oneof![3 => number(), 2 => string(), 2 => word];
    leaf.prop_recursive(5, 24, 5, |inner| {
        let array = (blank(), collection::vec(inner.clone(), 0..4));
        prop_oneof![
            1 => array.prop_map(|(blank, elements)| format!("[{blank}{}{blank}]", elements.join(","))),
            2 => (blank(), members(inner)).prop_map(|(blank, members)| format!("{{{}{blank}}}", members.join(","))),
        ]
    })
}

prop_compose! {
    /// An event whose only defect is that it cannot be read.
    fn event()(
        more in members(value()),
        metadata in proptest::option::of(members(value())),
        twice in proptest::option::weighted(0.02, select(&[r#""tenant_id":"acme""#, r#""\u0074enant_id":"globex""#][..])),
    )(
        members in Just(
            BASE.map(str::to_owned)
                .into_iter()
                .chain(more)
                .chain(metadata.map(|members| format!(r#""metadata":{{{}}}"#, members.join(","))))
                .chain(twice.map(str::to_owned))
                .collect::<Vec<_>>(),
        ).prop_shuffle(),
        mark in proptest::bool::weighted(0.1),
    ) -> String {
        format!("{}{{{}}}", if mark { "\u{feff}" } else { "" }, members.join(","))
    }
}

#[test]
fn the_engine_and_the_decoder_agree_on_hostile_events() {
    let Some(test) = engine_or_skip() else { return };
    let config =
        ProptestConfig { cases: 32, max_shrink_iters: 5_000, failure_persistence: None, ..ProptestConfig::default() };
    let agree = |records: Vec<String>| {
        let mut connection = test.engine().connect().unwrap();
        let (mut accepted, mut unreadable) = (Vec::new(), Vec::new());
        for (payload, invalid) in records.iter().map(|record| payload_of(record)) {
            match invalid {
                None => accepted.push(payload),
                Some(invalid) if is_unreadable(&invalid) => unreadable.push(payload),
                Some(_) => {}
            }
        }
        prop_assert_eq!(unexpected(&mut connection, true, &accepted), Ok(String::new()), "accepted, but not readable");
        prop_assert_eq!(unexpected(&mut connection, false, &unreadable), Ok(String::new()), "refused, but readable");
        if !accepted.is_empty() {
            prop_assert_eq!(cast(&mut connection, &accepted), Ok(accepted.len().to_string()));
        }
        Ok(())
    };
    let outcome = TestRunner::new(config).run(&collection::vec(event(), 200), agree);
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

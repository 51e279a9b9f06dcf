//! Properties of decoding: it fails only with a reason, and what it decodes it can write again.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::collections::{BTreeMap, HashSet};

use proptest::{collection, option, prelude::*, sample::select, string::string_regex};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use voc_events::{
    DecodeOptions, Envelope, Family, Invalid, Limits, Timestamp, record_text,
    voc::{Voc, VocEvent},
};

/// Decodes as strictly as possible.
fn decode<'a>(text: &'a str, limits: &Limits) -> Result<VocEvent<'a>, Invalid> {
    let options = DecodeOptions::default().with_limits(limits.clone()).strict(true);
    Voc::for_topic("voc.events", &options).decode(text, &Envelope::default()).map(|decoded| decoded.event)
}

fn text() -> impl Strategy<Value = String> {
    string_regex("\\PC{0,40}|[\\n\"\\\\a-z\u{1F600}ção]{0,20}").expect("a valid pattern")
}

/// An identifier: no white space surrounds it.
fn identifier() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("i{text}d"))
}

fn tenant() -> impl Strategy<Value = String> {
    string_regex("[a-zç0-9_-]{1,20}").expect("a valid pattern")
}

fn json_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::btree_map(text(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    collection::btree_map(text(), value, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn members() -> impl Strategy<Value = (&'static str, Value)> {
    let turn = (text(), option::of(text()), option::of(any::<i64>()), json_object()).prop_map(
        |(text, speaker, start_ms, more)| json!({"text": text, "speaker": speaker, "start_ms": start_ms, "more": more}),
    );
    let turns = option::of(collection::vec(turn, 0..3));
    let call = (identifier(), option::of(text()), option::of(any::<i64>()), option::of(json_object()), turns).prop_map(
        |(call_id, transcript, duration_ms, call_quality, turns)| {
            (
                "call",
                json!({"call_id": call_id, "transcript": transcript, "duration_ms": duration_ms,
                "call_quality": call_quality, "transcript_turns": turns}),
            )
        },
    );
    let action = (text(), option::of(identifier())).prop_map(|(action, target_id)| {
        ("agent_action", json!({"action": format!("a{action}"), "agent_id": "agent", "target_id": target_id}))
    });
    let tool = (option::of(any::<i64>()), option::of(any::<bool>())).prop_map(|(duration_ms, success)| {
        ("tool_invocation", json!({"tool_name": "search", "duration_ms": duration_ms, "success": success}))
    });
    let metric = (
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        option::of(collection::btree_map(text(), text(), 0..4)),
    )
        .prop_map(|(value, tags)| ("qos_metric", json!({"metric_name": "m", "value": value, "tags": tags})));
    let other = json_object().prop_map(|object| ("survey", json!({"answers": object})));
    prop_oneof![call, action, tool, metric, other]
}

prop_compose! {
    fn event()(
        id in any::<u128>(),
        tenant in tenant(),
        millis in 946_684_800_000_i64..4_291_747_199_999,
        metadata in option::of(json_object()),
        (event_type, members) in members(),
    ) -> String {
        let mut event = Map::new();
        event.insert("event_id".into(), uuid::Uuid::from_u128(id).to_string().into());
        event.insert("tenant_id".into(), tenant.into());
        event.insert("timestamp".into(), Timestamp::from_millis(millis).to_string().into());
        event.insert("event_type".into(), event_type.into());
        event.insert("metadata".into(), metadata.unwrap_or(Value::Null));
        let Value::Object(members) = members else { unreachable!("members are an object") };
        event.extend(members);
        Value::Object(event).to_string()
    }
}

/// JSON whose names and paths may collide.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(&'static str),
    Array(Vec<Tree>),
    Object(Vec<(&'static str, Tree)>),
}

impl Tree {
    fn json(&self) -> String {
        match self {
            Self::Leaf(leaf) => (*leaf).to_owned(),
            Self::Array(elements) => format!("[{}]", elements.iter().map(Self::json).collect::<Vec<_>>().join(",")),
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| format!("\"{name}\" :{}", value.json()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    /// Whether every name occurs once in its object, and every path has one value. `path` is that of this value, if it
    /// has one, and `values` are the paths so far.
    fn is_readable(&self, path: Option<&str>, values: &mut HashSet<String>) -> bool {
        match self {
            Self::Object(members) => {
                let mut names = HashSet::new();
                members.iter().all(|(name, value)| {
                    let name: String = serde_json::from_str(&format!("\"{name}\"")).expect("a name");
                    let path = path.map_or_else(|| name.clone(), |path| format!("{path}.{name}"));
                    names.insert(name) && value.is_readable(Some(&path), values)
                })
            }
            Self::Leaf("null") => true,
            Self::Leaf(_) => path.is_none_or(|path| values.insert(path.to_owned())),
            Self::Array(elements) => {
                path.is_none_or(|path| values.insert(path.to_owned()))
                    && elements.iter().all(|element| element.is_readable(None, &mut HashSet::new()))
            }
        }
    }
}

fn tree_members(value: impl Strategy<Value = Tree>) -> impl Strategy<Value = Vec<(&'static str, Tree)>> {
    let name = select(
        &[
            "a",
            "b",
            "c",
            "d",
            "e",
            "f",
            r"\u0061",
            "a.b",
            "b.c",
            "a.b.c",
            "c.a",
            r"b\u002ec",
            "",
            ".",
            "a.",
            ".a",
            "é",
            r"\u00e9",
        ][..],
    );
    collection::vec((name, value), 0..5)
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = select(&["0", "null", "{}", "\"{\\\"a\\\":1,\"", "true", "-1.5e3"][..])
        .prop_map(|leaf| if leaf == "{}" { Tree::Object(Vec::new()) } else { Tree::Leaf(leaf) });
    leaf.prop_recursive(12, 32, 4, |inner| {
        prop_oneof![
            1 => collection::vec(inner.clone(), 0..4).prop_map(Tree::Array),
            3 => tree_members(inner).prop_map(Tree::Object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn names_occur_once_and_paths_have_one_value(members in tree_members(tree())) {
        let tree = Tree::Object(members);
        let json = tree.json();
        let base = r#""event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600"#;
        let text = json.replacen('{', &format!(r#"{{{base},"event_type":"x"{}"#, if json == "{}" { "" } else { "," }), 1);
        let is_readable = tree.is_readable(None, &mut HashSet::new());
        prop_assert_eq!(decode(&text, &Limits::default()).is_ok(), is_readable, "{}", text);
    }

    #[test]
    fn escapes_are_read_as_utf_16_with_half_pairs_replaced(units in collection::vec(prop_oneof![0xd7fe_u16..0xe002, any::<u16>()], 0..12)) {
        let escapes: String = units.iter().map(|unit| if unit % 2 == 0 { format!("\\u{unit:04x}") } else { format!("\\u{unit:04X}") }).collect();
        let record = format!("{{\"{escapes}\":\"\\\\{escapes}\\n\"}}");
        let text = record_text(record.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(text.len(), record.len());
        let members: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        let expected = String::from_utf16_lossy(&units);
        prop_assert_eq!(members, BTreeMap::from([(expected.clone(), format!("\\{expected}\n"))]));
    }
}

proptest! {
    #[test]
    fn a_valid_event_survives_a_round_trip(text in event()) {
        let limits = Limits::default();
        let first = decode(&text, &limits).map_err(|invalid| TestCaseError::fail(format!("{invalid}: {text}")))?;
        let written = serde_json::to_string(&first).unwrap();
        let second = decode(&written, &limits).map_err(|invalid| TestCaseError::fail(format!("{invalid}: {written}")))?;
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in collection::vec(any::<u8>(), 0..200)) {
        let limits = Limits::default();
        if let Ok(text) = record_text(&bytes, &limits) {
            let _ = decode(&text, &limits);
        }
    }

    #[test]
    fn a_damaged_event_is_decoded_or_refused_with_a_reason(text in event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let limits = Limits::default();
        if let Err(invalid) = record_text(&bytes, &limits).and_then(|text| decode(&text, &limits).map(|_| ())) {
            prop_assert!(!invalid.violations.is_empty());
            prop_assert!(invalid.path().starts_with('$'));
        }
    }

    #[test]
    fn timestamps_agree_with_the_time_crate(millis in 946_684_800_000_i64..7_258_118_399_999, offset_minutes in -1_439_i32..=1_439) {
        let instant = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis);
        let offset = UtcOffset::from_whole_seconds(offset_minutes * 60).unwrap();
        let written = instant.to_offset(offset).format(&Rfc3339).unwrap();
        let timestamp = Timestamp::parse(&written).unwrap();
        prop_assert_eq!(timestamp.as_millis(), millis);
        prop_assert_eq!(timestamp.month(), u32::try_from(instant.year()).unwrap() * 100 + u32::from(u8::from(instant.month())));
        prop_assert_eq!(OffsetDateTime::parse(&timestamp.to_string(), &Rfc3339).unwrap(), instant);
    }
}

//! The `product` family.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

mod support;

use std::collections::BTreeMap;

use proptest::{collection, option, prelude::*, sample::select};
use serde_json::{Value, json};
use support::{check_event, check_row, decode, json_object, members};
use voc_events::{
    ColumnKind, DecodeOptions, Family, FamilyEvent, Invalid,
    product::{Product, ProductEvent},
};

/// The specification's example.
const EXAMPLE: &str = r#"{
  "app_id": "openstream",
  "event_name": "video_buffering",
  "user_id": "user_550e8400",
  "timestamp": "2026-02-02T12:00:00.000Z",
  "properties": {
    "stream_id": "st-998877",
    "buffer_duration_ms": 1500,
    "network_type": "5g",
    "client_version": "1.2.0"
  }
}"#;

fn product(text: &str) -> Result<ProductEvent<'_>, Invalid> {
    decode::<Product>("octane.events", text, &DecodeOptions::default()).map(|decoded| decoded.event)
}

/// The stored properties of an event with these members in addition to the required ones.
fn stored(members: &str) -> String {
    let text = format!(r#"{{"app_id":"a","event_name":"n","user_id":"u","timestamp":1770033600{members}}}"#);
    product(&text).expect("an event").stored_properties().into_owned()
}

#[test]
fn the_specifications_example_is_read_completely() {
    let strict = DecodeOptions::default().strict(true);
    let event = decode::<Product>("octane.events", EXAMPLE, &strict).unwrap().event;
    assert_eq!(
        (event.event_id(), event.tenant_id(), event.event_type()),
        (None, Some("openstream"), "video_buffering")
    );
    assert_eq!(event.timestamp().to_string(), "2026-02-02T12:00:00.000Z");
    assert_eq!(event.text(), None);
    assert!(event.extra.is_empty());
    let properties = "{\n    \"stream_id\": \"st-998877\",\n    \"buffer_duration_ms\": 1500,\n    \
        \"network_type\": \"5g\",\n    \"client_version\": \"1.2.0\"\n  }";
    check_row::<Product>(&event, &[("user_id", "user_550e8400"), ("properties", properties)]);
}

#[test]
fn the_table_has_the_specifications_columns() {
    let mut columns: Vec<_> = Product::TABLE.columns().map(|column| column.name).collect();
    columns.sort_unstable();
    assert_eq!(columns, ["app_id", "event_name", "properties", "timestamp", "user_id"]);
    assert_eq!(Product::TABLE.time.kind, ColumnKind::Seconds);
    let presets = Product::PRESETS;
    assert_eq!((presets.topics, presets.group_id), (&["octane.events"][..], "analytics-worker"));
    assert_eq!((presets.batch_size, presets.flush_seconds), (1000, 5.0));
}

#[test]
fn the_required_fields_are_the_specifications() {
    let invalid = product(r#"{"properties":{}}"#).unwrap_err();
    let paths: Vec<_> = invalid.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.app_id", "$.event_name", "$.timestamp", "$.user_id"]);
    let invalid = product(r#"{"app_id":" openstream ","properties":"{}"}"#).unwrap_err();
    assert_eq!(invalid.tenant_id.as_deref(), Some("openstream"));
    assert_eq!(invalid.violations[3].to_string(), "$.properties: expected an object, found string \"{}\"");
}

#[test]
fn properties_are_stored_unchanged() {
    assert_eq!(stored(""), "{}");
    assert_eq!(stored(r#","properties":null"#), "{}");
    assert_eq!(stored(r#","properties":{ }"#), "{ }");
    assert_eq!(stored(r#","properties":{"b" : 1.50,"a":[]}"#), r#"{"b" : 1.50,"a":[]}"#);
}

#[test]
fn unknown_members_are_stored_with_the_properties() {
    assert_eq!(stored(r#","a":1,"b":{"c":null}"#), r#"{"_extra":{"a":1,"b":{"c":null}}}"#);
    assert_eq!(stored(r#","a":1,"properties":{ } "#), r#"{"_extra":{"a":1}}"#);
    // A member is not a property, even if there is a property with its name.
    let text = stored(",\"properties\":{\"a\" : 1.50 \n},\"a\":2,\"\\u00e9\":null");
    assert_eq!(text, r#"{"a" : 1.50,"_extra":{"a":2,"é":null}}"#);
}

#[test]
fn no_property_collides_with_the_unknown_members() {
    for (property, expected) in [
        ("_extra", "_extra_"),
        ("\\u005fextra", "_extra_"),
        ("_extra.a", "_extra_"),
        ("_extra_", "_extra"),
        ("a._extra", "_extra"),
    ] {
        let text = stored(&format!(r#","a":1,"properties":{{"{property}":0}}"#));
        assert_eq!(text, format!(r#"{{"{property}":0,"{expected}":{{"a":1}}}}"#));
    }
    assert_eq!(
        stored(r#","a":1,"properties":{"_extra":0,"_extra_":0}"#),
        r#"{"_extra":0,"_extra_":0,"_extra__":{"a":1}}"#
    );
}

fn properties() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let name =
        prop_oneof!["[a-z \"\\\\é]{0,4}", select(&["_extra", "_extra_", "_extra.x", "_"][..]).prop_map(str::to_owned)];
    // Only one of `_extra` and `_extra.x` may be an object; here neither is.
    collection::btree_map(name, any::<i32>().prop_map(Value::from), 0..5)
}

proptest! {
    #[test]
    fn a_valid_event_survives_a_round_trip(members in members(&[ProductEvent::OWN_FIELDS])) {
        check_event::<Product>("octane.events", &Value::Object(members).to_string())?;
    }

    #[test]
    fn nothing_is_lost_of_an_event(
        properties in option::of(properties()),
        extra in json_object(),
        is_pretty in any::<bool>(),
    ) {
        let mut event = json!({"app_id": "a", "event_name": "n", "user_id": "u", "timestamp": 1_770_033_600});
        let members = event.as_object_mut().expect("an object");
        members.extend(properties.clone().map(|properties| ("properties".to_owned(), json!(properties))));
        for (name, value) in extra.as_object().expect("an object") {
            members.entry(format!("x{name}")).or_insert_with(|| value.clone());
        }
        let text = if is_pretty { serde_json::to_string_pretty(&event).expect("JSON") } else { event.to_string() };
        let stored = product(&text).map_err(|invalid| TestCaseError::fail(format!("{invalid}: {text}")))?
            .stored_properties().into_owned();
        let mut stored: BTreeMap<String, Value> = serde_json::from_str(&stored)
            .map_err(|error| TestCaseError::fail(format!("{error}: {stored}")))?;
        for (name, value) in properties.unwrap_or_default() {
            prop_assert_eq!(stored.remove(&name), Some(value));
        }
        let expected: BTreeMap<String, Value> = extra.as_object().expect("an object").iter()
            .map(|(name, value)| (format!("x{name}"), value.clone())).collect();
        let rest: Vec<Value> = stored.into_values().collect();
        prop_assert_eq!(rest, if expected.is_empty() { vec![] } else { vec![json!(expected)] });
    }
}

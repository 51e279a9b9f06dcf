//! The columns of `voc` events.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

mod support;

use proptest::prelude::*;
use serde_json::Value;
use support::{check_event, check_row, decode, members};
use voc_events::{
    DecodeOptions, Family,
    voc::{Voc, VocEvent},
};

#[track_caller]
fn check_columns(members: &str, expected: &[(&'static str, &str)]) {
    let text = format!(
        r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,{members}}}"#
    );
    let event = decode::<Voc>("voc.events", &text, &DecodeOptions::default()).expect("an event").event;
    check_row::<Voc>(&event, expected);
}

#[test]
fn the_numbers_of_the_quality_of_a_call_are_a_column() {
    check_columns(
        r#""event_type":"call","call_id":"c-1","call_quality":{"mos":4.2,"jitter_ms":12,"late":true,"muted":false,
            "codec":"opus","level":"3","rtt":{"p50":20},"seen":[1],"gone":null,"d\u00e9bit":-1.5e3}"#,
        &[("call_id", "c-1"), ("call_quality", "mos=4.2|jitter_ms=12|late=1|muted=0|débit=-1500")],
    );
    // Present and empty is the same as absent for a store.
    check_columns(
        r#""event_type":"call","call_id":"c-1","call_quality":{"codec":"opus"}"#,
        &[("call_id", "c-1"), ("call_quality", "")],
    );
}

#[test]
fn the_tags_of_a_metric_are_a_column() {
    check_columns(
        r#""event_type":"qos_metric","metric_name":"mos","value":4,"tags":{"region":"eu","pop":"\u0067ru","n":7,"x":null}"#,
        &[("metric_name", "mos"), ("value", "4"), ("tags", "region=eu|pop=gru|n=7")],
    );
}

#[test]
fn metadata_ties_an_event_to_a_call() {
    let metadata = r#""metadata":{"plan":"gold","call_id":" c-1 ","agent_id":17,"customer_id":"u\u002d1"}"#;
    let ties = [("call_id", "c-1"), ("agent_id", "17"), ("customer_id", "u-1")];
    check_columns(
        &format!(r#""event_type":"tool_invocation","tool_name":"search",{metadata}"#),
        &[&[("tool_name", "search")], &ties[..]].concat(),
    );
    check_columns(
        &format!(r#""event_type":"qos_metric","metric_name":"mos","value":4,{metadata}"#),
        &[&[("metric_name", "mos"), ("value", "4")], &ties[..]].concat(),
    );
    check_columns(&format!(r#""event_type":"survey",{metadata}"#), &ties);
    // The event's own fields come first, and those it leaves out are filled.
    check_columns(
        &format!(r#""event_type":"agent_action","action":"transfer","agent_id":"a-9",{metadata}"#),
        &[("action", "transfer"), ("call_id", "c-1"), ("agent_id", "a-9"), ("customer_id", "u-1")],
    );
    check_columns(
        &format!(r#""event_type":"call","call_id":"c-9","customer_id":"u-9",{metadata}"#),
        &[("call_id", "c-9"), ("agent_id", "17"), ("customer_id", "u-9")],
    );
    // So do members that are no fields of its type.
    check_columns(
        &format!(r#""event_type":"tool_invocation","tool_name":"search","call_id":"c-9",{metadata}"#),
        &[("tool_name", "search"), ("call_id", "c-9"), ("agent_id", "17"), ("customer_id", "u-1")],
    );
}

#[test]
fn what_is_no_identifier_ties_nothing() {
    for value in [r#""""#, r#""  ""#, "null", "true", "[1]", r#"{"id":1}"#] {
        check_columns(&format!(r#""event_type":"survey","metadata":{{"call_id":{value}}}"#), &[]);
        check_columns(
            &format!(r#""event_type":"survey","agent_id":{value},"metadata":{{"agent_id":"a-1"}}"#),
            &[("agent_id", "a-1")],
        );
    }
    check_columns(r#""event_type":"survey","metadata":{"deep":{"call_id":"c-1"},"CALL_ID":"c-1"}"#, &[]);
}

/// An event of any type.
fn any_event() -> impl Strategy<Value = String> {
    let base = Voc::FIELDS.common;
    let of_type = |(name, own): &(&'static str, &'static [voc_events::fields::FieldInfo])| {
        let name = *name;
        members(&[base, own])
            .prop_map(move |mut members| {
                members.insert("event_type".to_owned(), name.into());
                Value::Object(members).to_string()
            })
            .boxed()
    };
    proptest::strategy::Union::new(Voc::FIELDS.types.iter().map(of_type))
}

proptest! {
    #[test]
    fn every_event_fits_its_columns(text in any_event()) {
        check_event::<Voc>("voc.events", &text)?;
    }
}

#[test]
fn an_owned_event_has_the_same_columns() {
    let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033600,
        "event_type":"call","call_id":"c-1","call_quality":{"mos":4.2},"metadata":{"agent_id":"a-1"}}"#;
    let event: VocEvent<'static> = VocEvent::try_from(text.as_bytes()).expect("an event").into_owned();
    check_row::<Voc>(&event, &[("call_id", "c-1"), ("call_quality", "mos=4.2"), ("agent_id", "a-1")]);
}

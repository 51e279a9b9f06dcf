use std::collections::{HashMap, HashSet};

use serde_json::Value;
use voc_events::{DecodeOptions, Envelope, Family, FamilyEvent, Invalid, Limits, record_text, voc::Voc};

use super::*;

/// 2026-09-21T14:13:20Z.
const END_MS: i64 = 1_790_000_000_000;

fn config(events: u64) -> GeneratorConfig {
    GeneratorConfig { events, ..GeneratorConfig::ending_at(END_MS) }
}

fn voc() -> Voc {
    Voc::for_topic("voc.events", &DecodeOptions::default())
}

#[test]
fn the_same_configuration_gives_the_same_events() {
    let events: Vec<_> = Generator::new(&config(500)).collect();
    assert!(Generator::new(&config(500)).eq(events.iter().cloned()));
    let other_seed = GeneratorConfig { seed: 2, ..config(500) };
    assert!(Generator::new(&other_seed).zip(&events).all(|(other, event)| other.json != event.json));
}

#[test]
fn the_first_event_is_known() {
    let first = Generator::new(&config(10)).next().unwrap().json;
    assert_eq!(first, FIRST);
}

#[test]
fn every_event_is_valid_and_as_described() {
    let limits = Limits::default();
    let mut ids = HashSet::new();
    for event in Generator::new(&config(5_000)) {
        assert!(!event.json.contains('\n'));
        let text = record_text(event.json.as_bytes(), &limits).unwrap();
        let decoded = voc().decode(&text, &Envelope::default()).unwrap().event;
        assert_eq!(decoded.tenant_id(), Some(&*event.tenant));
        assert_eq!(decoded.event_type(), event.event_type);
        assert_eq!(decoded.timestamp().as_millis(), event.timestamp_ms);
        assert_eq!(decoded.event_id(), Some(event.event_id));
        assert!((END_MS - 30 * MILLIS_PER_DAY..END_MS).contains(&event.timestamp_ms));
        assert!(ids.insert(event.event_id));
    }
}

#[test]
fn the_mix_is_as_configured() {
    let events: Vec<_> = Generator::new(&config(20_000)).collect();
    let mut tally = Tally::default();
    for event in &events {
        tally.count(event);
    }
    assert_eq!(tally.events(), 20_000);
    assert_eq!(tally.tenants().count(), 5);
    for (event_type, per_mille) in MIX {
        let count = tally.tenants().map(|(tenant, _)| tally.of(tenant, event_type)).sum::<u64>();
        let wanted = u64::from(per_mille) * 20;
        assert!(count.abs_diff(wanted) < wanted / 3, "{event_type}: {count}, wanted about {wanted}");
    }
    let mean = events.iter().map(|event| event.json.len()).sum::<usize>() / events.len();
    assert!((340..=500).contains(&mean), "the mean size is {mean} bytes");
}

#[test]
fn transcripts_have_turns_in_two_languages_and_rarely_repeat() {
    let transcripts: Vec<String> = Generator::new(&config(5_000))
        .filter_map(|event| {
            let json: Value = serde_json::from_str(&event.json).unwrap();
            Some(json.get("transcript")?.as_str()?.to_owned())
        })
        .collect();
    let starting = |label: &str| transcripts.iter().filter(|text| text.starts_with(label)).count();
    assert!(starting("Agent: ") > 100 && starting("Atendente: ") > 100);
    assert_eq!(starting("Agent: ") + starting("Atendente: "), transcripts.len());
    assert!(transcripts.iter().all(|text| text.lines().count() >= 8));
    let unfilled = transcripts.iter().find(|text| text.contains(['{', '}', '\\']));
    assert_eq!(unfilled, None);
    assert_eq!(transcripts.iter().collect::<HashSet<_>>().len(), transcripts.len());
}

#[test]
fn times_ascend_within_seconds_and_noon_is_busier_than_midnight() {
    let times: Vec<i64> = Generator::new(&config(10_000)).map(|event| event.timestamp_ms).collect();
    assert!(times.windows(2).all(|pair| pair[1] > pair[0] - i64::from(LATE_MS)));
    let start = END_MS - 30 * MILLIS_PER_DAY;
    let hour_of_day = |time: &&i64| (*time - start).rem_euclid(MILLIS_PER_DAY) / 3_600_000;
    let at_noon = times.iter().filter(|time| (10..14).contains(&hour_of_day(time))).count();
    let at_night = times.iter().filter(|time| (0..2).contains(&hour_of_day(time))).count();
    assert!(at_noon > 3 * at_night, "{at_noon} in 4 hours around noon, {at_night} in 2 after midnight");
}

#[test]
fn calls_have_consequences() {
    let text = |json: &Value, field: &str| json[field].as_str().map(str::to_owned);
    let (mut calls, mut customers) = (HashSet::new(), HashMap::new());
    let (mut with_call, mut without) = (0, 0);
    for event in Generator::new(&config(10_000)) {
        let json: Value = serde_json::from_str(&event.json).unwrap();
        if event.event_type == "call" {
            calls.insert((event.tenant.clone(), text(&json, "call_id").unwrap()));
            *customers.entry(text(&json, "customer_id")).or_insert(0) += 1;
        } else if let Some(call) = text(&json["metadata"], "call_id") {
            assert!(calls.contains(&(event.tenant, call)), "{json} is about a call that has not begun");
            with_call += 1;
        } else {
            without += 1;
        }
    }
    assert!(with_call > without / 3, "{with_call} events belong to calls, {without} do not");
    customers.remove(&None);
    let returning = customers.values().filter(|calls| **calls > 1).count();
    assert!((customers.len() / 20..customers.len() / 4).contains(&returning), "{returning} of {}", customers.len());
}

#[test]
fn sessions_begin_with_a_page_and_go_on() {
    let mut sessions: HashMap<String, Vec<&str>> = HashMap::new();
    for event in GeneratedFamily::Activity.events(&config(5_000)) {
        let json: Value = serde_json::from_str(&event.json).unwrap();
        sessions.entry(json["session_id"].to_string()).or_default().push(event.event_type);
    }
    assert!(sessions.values().all(|types| types[0] == "page_view"));
    assert!((300..2500).contains(&sessions.len()), "{} sessions", sessions.len());
}

#[test]
fn there_may_be_many_tenants_or_one() {
    let tenants = |count| -> HashSet<_> {
        let many = GeneratorConfig { tenants: count, ..config(20_000) };
        Generator::new(&many).map(|event| event.tenant).collect()
    };
    assert_eq!(tenants(1).len(), 1);
    assert_eq!(tenants(200).len(), 200);
}

#[test]
fn bad_records_are_refused_for_their_kind_and_events_stay_the_same() {
    let limits = Limits::default();
    let mut tally = Tally::default();
    let mut events = Vec::new();
    for record in Records::new(Generator::new(&config(2_000)), 1, 200, &BadKind::ALL) {
        tally.count_record(&record);
        match record {
            Record::Event(event) => events.push(event),
            Record::Bad(bad) => {
                let refusal = match &bad.value {
                    None => Invalid::tombstone(),
                    Some(value) => record_text(value, &limits)
                        .and_then(|text| voc().decode(&text, &Envelope::default()).map(drop))
                        .expect_err(&format!(
                            "{:?} is refused: {}",
                            bad.kind,
                            String::from_utf8_lossy(&value[..value.len().min(300)])
                        )),
                };
                assert_eq!(refusal.kind, bad.kind.refused_as(), "{:?}: {refusal}", bad.kind);
                assert!(!bad.value.unwrap_or_default().contains(&b'\n'));
            }
        }
    }
    assert!(Generator::new(&config(2_000)).eq(events));
    assert!(BadKind::ALL.iter().all(|kind| tally.bad(*kind) > 0));
    assert_eq!(tally.events(), 2_000);
}

/// Tests and reports refer to events of this generator by seed, so changes that alter them should be made
/// deliberately.
const FIRST: &str = concat!(
    r#"{"event_id":"6b8e0efc-d806-4414-a506-0736032bb898","tenant_id":"acme-telecom","#,
    r#""timestamp":"2026-08-24T03:49:51.581Z","event_type":"agent_action","action":"escalate","#,
    r#""agent_id":"agent-021","target_id":"supervisor","metadata":{"producer":"agent-runtime/4.5","attempt":1}}"#
);

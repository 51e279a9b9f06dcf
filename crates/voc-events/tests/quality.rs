//! The `quality` family.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{check_event, check_row, decode, members, row};
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, FamilyEvent, Invalid,
    quality::{BaseEvent, Defect, Quality, QualityEvent},
};

/// The pairs of topic and type that the specification lists.
const PAIRS: [(&str, &str); 22] = [
    ("chip-quality.inspection.events", "INSPECTION_CREATED"),
    ("chip-quality.inspection.events", "INSPECTION_STARTED"),
    ("chip-quality.inspection.events", "INSPECTION_COMPLETED"),
    ("chip-quality.inspection.events", "INSPECTION_FAILED"),
    ("chip-quality.inspection.events", "DEFECT_DETECTED"),
    ("chip-quality.inspection.events", "QUALITY_ASSESSED"),
    ("chip-quality.manufacturing.events", "BATCH_CREATED"),
    ("chip-quality.manufacturing.events", "LOT_CREATED"),
    ("chip-quality.manufacturing.events", "BATCH_COMPLETED"),
    ("chip-quality.manufacturing.events", "PRODUCTION_MILESTONE"),
    ("chip-quality.quality.events", "QUALITY_ASSESSED"),
    ("chip-quality.quality.events", "THRESHOLD_VIOLATED"),
    ("chip-quality.quality.events", "ALERT_TRIGGERED"),
    ("chip-quality.quality.events", "COMPLIANCE_CHECK"),
    ("chip-quality.user.events", "USER_LOGIN"),
    ("chip-quality.user.events", "USER_LOGOUT"),
    ("chip-quality.user.events", "AUDIT_ACTION"),
    ("chip-quality.user.events", "PERMISSION_GRANTED"),
    ("chip-quality.system.events", "SERVICE_STARTED"),
    ("chip-quality.system.events", "SERVICE_STOPPED"),
    ("chip-quality.system.events", "HEALTH_CHECK"),
    ("chip-quality.system.events", "ERROR_OCCURRED"),
];

/// The input of the specification's producer for a new inspection, wrapped in an event.
const CREATED: &str = r#"{"event_type":"INSPECTION_CREATED","timestamp":"2026-02-02T12:00:00Z",
    "event_id":"6F9619FF-8B86-4D01-B42D-00CF4FC964FF","correlation_id":"op-1","source_service":"inspector",
    "inspection_id":"INS-001",
    "batch_id":"BATCH-001",
    "chip_id":"CHIP-001",
    "inspection_type":"visual",
    "metadata":{"station": "A1"}}"#;

/// The same for a completed one.
const COMPLETED: &str = r#"{"event_type":"INSPECTION_COMPLETED","timestamp":"2026-02-02T12:00:00Z",
    "inspection_id":"INS-001",
    "batch_id":"BATCH-001",
    "chip_id":"CHIP-001",
    "inspection_type":"visual",
    "quality_score":0.95,
    "defects":[
        {
            "defect_type": "scratch",
            "severity": "minor",
            "confidence": 0.85,
            "location": "corner"
        }
    ]}"#;

fn quality<'a>(topic: &str, text: &'a str) -> Result<Decoded<QualityEvent<'a>>, Invalid> {
    decode::<Quality>(topic, text, &DecodeOptions::default())
}

/// An event with every member that any type requires.
fn event(event_type: &str) -> String {
    json!({
        "event_type": event_type, "timestamp": "2026-02-02T12:00:00Z",
        "inspection_id": "INS-001", "batch_id": "BATCH-001", "user_id": "u-1", "service_name": "gateway",
    })
    .to_string()
}

#[test]
fn the_pairs_are_the_specifications() {
    let pairs: Vec<_> = Quality::TOPIC_TYPES
        .iter()
        .flat_map(|(topic, types)| types.iter().map(move |event_type| (*topic, *event_type)))
        .collect();
    assert_eq!(pairs, PAIRS);
    let types: BTreeSet<_> = PAIRS.iter().map(|(_, event_type)| *event_type).collect();
    assert_eq!(Quality::TYPES.iter().copied().collect::<BTreeSet<_>>(), types);
    assert_eq!((Quality::TYPES.len(), types.len()), (21, 21));
    let topics: Vec<_> = Quality::TOPIC_TYPES.iter().map(|(topic, _)| *topic).collect();
    assert_eq!((Quality::PRESETS.topics, topics.len()), (topics.as_slice(), 5));
}

#[test]
fn a_type_is_accepted_on_its_topics_and_on_those_of_other_names() {
    let topics = Quality::PRESETS.topics;
    for event_type in Quality::TYPES {
        let text = event(event_type);
        for topic in topics {
            let decoded = quality(topic, &text);
            assert_eq!(decoded.is_ok(), PAIRS.contains(&(topic, event_type)), "{topic} {event_type}: {decoded:?}");
        }
        let decoded = quality("plant-7.everything", &text).unwrap();
        assert!(!matches!(decoded.event, QualityEvent::Other(_)), "{event_type}");
        assert_eq!(decoded.event.event_type(), *event_type);
    }
    for topic in topics {
        let text = event("CHIP_ETCHED");
        assert!(matches!(quality(topic, &text).unwrap().event, QualityEvent::Other(_)));
    }
}

#[test]
fn a_type_on_another_topic_is_refused_with_where_it_belongs() {
    let refusal = |topic, event_type| quality(topic, &event(event_type)).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        refusal("chip-quality.user.events", "BATCH_CREATED"),
        "$.event_type: expected one of the types of chip-quality.user.events (USER_LOGIN, USER_LOGOUT, AUDIT_ACTION, \
         PERMISSION_GRANTED), found string \"BATCH_CREATED\", which belongs to chip-quality.manufacturing.events"
    );
    assert_eq!(
        refusal("chip-quality.system.events", "QUALITY_ASSESSED"),
        "$.event_type: expected one of the types of chip-quality.system.events (SERVICE_STARTED, SERVICE_STOPPED, \
         HEALTH_CHECK, ERROR_OCCURRED), found string \"QUALITY_ASSESSED\", which belongs to \
         chip-quality.inspection.events and chip-quality.quality.events"
    );
    // Other errors are reported, too, and white space does not bypass the check.
    let text = r#"{"event_type":" USER_LOGIN","timestamp":"soon"}"#;
    let paths: Vec<_> =
        quality("chip-quality.system.events", text).unwrap_err().violations.into_iter().map(|v| v.path).collect();
    assert_eq!(paths, ["$.event_type", "$.timestamp", "$.user_id"]);
}

#[test]
fn the_specifications_examples_are_read_completely() {
    let strict = DecodeOptions::default().strict(true);
    let topic = "chip-quality.inspection.events";
    let event = decode::<Quality>(topic, CREATED, &strict).unwrap().event;
    assert!(matches!(&event, QualityEvent::InspectionCreated(created) if created.inspection_id == "INS-001"));
    assert_eq!(event.event_id().unwrap().to_string(), "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
    assert_eq!(event.base().metadata.as_ref().unwrap().as_str(), r#"{"station": "A1"}"#);
    check_row::<Quality>(
        &event,
        &[
            ("event_id", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
            ("correlation_id", "op-1"),
            ("source_service", "inspector"),
            ("inspection_id", "INS-001"),
            ("batch_id", "BATCH-001"),
            ("chip_id", "CHIP-001"),
            ("inspection_type", "visual"),
        ],
    );

    let event = decode::<Quality>(topic, COMPLETED, &strict).unwrap().event;
    assert_eq!((event.event_id(), event.tenant_id(), event.text()), (None, None, None));
    let mut defect = Defect::new();
    defect.defect_type = Some("scratch".into());
    defect.severity = Some("minor".into());
    defect.confidence = Some(0.85);
    defect.location = Some("corner".into());
    assert_eq!(event.defects(), [defect]);
    check_row::<Quality>(
        &event,
        &[
            ("inspection_id", "INS-001"),
            ("batch_id", "BATCH-001"),
            ("chip_id", "CHIP-001"),
            ("inspection_type", "visual"),
            ("quality_score", "0.95"),
            ("defect_types", "scratch"),
            ("defect_severities", "minor"),
        ],
    );
}

#[test]
fn the_two_lists_of_defects_are_in_one_order() {
    let text = json!({
        "event_type": "DEFECT_DETECTED", "timestamp": "2026-02-02T12:00:00Z", "inspection_id": "INS-001",
        "defects": [
            {"defect_type": "scratch", "size_um": 3},
            {"severity": "major", "confidence": "0.5"},
            {},
            {"defect_type": "crack", "severity": 3},
        ],
    })
    .to_string();
    let decoded = quality("chip-quality.inspection.events", &text).unwrap();
    assert_eq!(decoded.coerced, ["confidence", "severity"]);
    let row = row::<Quality>(&decoded.event);
    assert_eq!((row["defect_types"].as_str(), row["defect_severities"].as_str()), ("scratch|||crack", "|major||3"));
    assert_eq!(serde_json::to_value(&decoded.event).unwrap()["defects"][0]["size_um"], 3);
}

#[test]
fn errors_within_defects_are_reported_with_their_paths() {
    let text = COMPLETED
        .replace("0.85", "\"high\"")
        .replace("\"defects\":[", "\"defects\":[7,{\"location\":{}},")
        .replace("0.95", "[]");
    let violations: Vec<_> = quality("chip-quality.inspection.events", &text)
        .unwrap_err()
        .violations
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        violations,
        [
            "$.quality_score: expected a finite number, found an array",
            "$.defects[0]: expected an object, found number 7",
            "$.defects[1].location: expected a string, found an object",
            "$.defects[2].confidence: expected a finite number, found string \"high\"",
        ]
    );
}

#[test]
fn required_fields_of_each_type() {
    for (topic, event_type) in PAIRS {
        let text = format!(r#"{{"event_type":"{event_type}","timestamp":1770033600}}"#);
        let required: Vec<String> =
            quality(topic, &text).err().into_iter().flat_map(|invalid| invalid.violations).map(|v| v.path).collect();
        let expected: &[&str] = match (topic, event_type) {
            (_, "QUALITY_ASSESSED" | "PRODUCTION_MILESTONE") | ("chip-quality.quality.events", _) => &[],
            ("chip-quality.inspection.events", _) => &["$.inspection_id"],
            ("chip-quality.manufacturing.events", _) => &["$.batch_id"],
            ("chip-quality.user.events", _) => &["$.user_id"],
            _ => &["$.service_name"],
        };
        assert_eq!(required, expected, "{topic} {event_type}");
    }
}

fn event_members() -> impl Strategy<Value = (&'static str, Value)> {
    let types: Vec<_> = QualityEvent::TYPE_FIELDS
        .iter()
        .map(|(event_type, fields)| (*event_type, *fields))
        .chain([("CHIP_ETCHED", &[][..])])
        .collect();
    proptest::sample::select(types).prop_flat_map(|(event_type, fields)| {
        members(&[BaseEvent::OWN_FIELDS, fields]).prop_map(move |mut members| {
            members.insert("event_type".to_owned(), event_type.into());
            (event_type, Value::Object(members))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_event_survives_a_round_trip((event_type, event) in event_members()) {
        let pair = PAIRS.iter().rev().find(|pair| pair.1 == event_type);
        let topic = pair.map_or("chip-quality.user.events", |pair| pair.0);
        check_event::<Quality>(topic, &event.to_string())?;
    }
}

#[test]
fn errors_are_listed_up_to_a_bound() {
    let refused = |defects: usize| {
        let event = json!({"event_type": "DEFECT_DETECTED", "timestamp": 1_770_033_600, "inspection_id": "INS-1",
            "defects": vec![1; defects]});
        let family = Quality::for_topic("chip-quality.inspection.events", &DecodeOptions::default());
        let text = event.to_string();
        let invalid = family.decode(&text, &Envelope::default()).expect_err("no defect is a number");
        let elements = invalid.violations.iter().filter(|violation| violation.path.starts_with("$.defects["));
        (elements.count(), invalid.violations.last().expect("a violation").to_string())
    };
    assert_eq!(refused(3), (3, "$.defects[2]: expected an object, found number 1".to_owned()));
    assert_eq!(refused(100).0, 100);
    let more = "$: expected an event with at most 100 errors, found 99900 more".to_owned();
    assert_eq!(refused(100_000), (100, more));
}

//! The `activity` family.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail this way")]

mod support;

use proptest::prelude::*;
use serde_json::Value;
use support::{check_event, check_row, decode, members, row};
use voc_events::{
    DecodeOptions, Family, FamilyEvent, InvalidKind,
    activity::{Activity, EnrichedEvent},
};

/// The specification's example except for its `event_id` and `request_id`, which are placeholders.
const EXAMPLE: &str = r#"{
  "event_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  "request_id": "0b0e9f2a-5f0e-4b0a-9d7e-2f3f6d7f6a11",
  "event_type": "page_view",
  "timestamp": "2024-01-15T10:30:45Z",
  "user_id": "user-123",
  "session_id": "session-456",
  "page_url": "https://example.com",
  "event_data": {
    "button_clicked": "submit",
    "form_data": {"field1": "value1"}
  },
  "client_info": {
    "user_agent": "Mozilla/5.0...",
    "screen_resolution": "1920x1080",
    "language": "en-US"
  },
  "service_info": {
    "service_name": "ingestion-service",
    "service_version": "1.0.0",
    "environment": "development"
  },
  "processing_info": {
    "received_at": "2024-01-15T10:30:45Z",
    "processed_at": "2024-01-15T10:30:45Z",
    "processing_ms": 5
  }
}"#;

fn activity(text: &str) -> Result<EnrichedEvent<'_>, voc_events::Invalid> {
    decode::<Activity>("user-activity-events", text, &DecodeOptions::default()).map(|decoded| decoded.event)
}

#[test]
fn the_specifications_example_is_read_completely() {
    let strict = DecodeOptions::default().strict(true);
    let decoded = decode::<Activity>("user-activity-events", EXAMPLE, &strict).unwrap();
    let event = decoded.event;
    assert_eq!(event.event_id().unwrap().to_string(), "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
    assert_eq!((event.tenant_id(), event.event_type(), event.text()), (None, "page_view", None));
    assert_eq!(event.timestamp().to_string(), "2024-01-15T10:30:45.000Z");
    assert_eq!(event.client_info.as_ref().unwrap().parse().unwrap()["language"], "en-US");
    assert_eq!(event.event_data.as_ref().unwrap().parse().unwrap()["form_data"]["field1"], "value1");
    assert!(event.extra.is_empty());
    check_row::<Activity>(
        &event,
        &[
            ("request_id", "0b0e9f2a-5f0e-4b0a-9d7e-2f3f6d7f6a11"),
            ("user_id", "user-123"),
            ("session_id", "session-456"),
            ("page_url", "https://example.com"),
            ("service_name", "ingestion-service"),
            ("service_version", "1.0.0"),
            ("environment", "development"),
            ("service_received_at", "2024-01-15T10:30:45.000Z"),
            ("service_processed_at", "2024-01-15T10:30:45.000Z"),
            ("processing_ms", "5"),
        ],
    );
}

#[test]
fn the_specifications_placeholder_is_not_an_identifier() {
    let text = EXAMPLE.replace("6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "uuid");
    assert_eq!(activity(&text).unwrap_err().to_string(), "$.event_id: expected a UUID string, found string \"uuid\"");
}

#[test]
fn three_fields_are_enough() {
    let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","event_type":"click","timestamp":1770033600}"#;
    assert!(row::<Activity>(&activity(text).unwrap()).is_empty());
    let invalid = activity("{}").unwrap_err();
    let violations: Vec<_> = invalid.violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        (invalid.kind, violations.join("\n").as_str()),
        (
            InvalidKind::Schema,
            "$.event_id: expected a UUID string, found nothing\n\
             $.event_type: expected an event type, found nothing\n\
             $.timestamp: expected a timestamp, found nothing"
        )
    );
}

#[test]
fn errors_within_objects_are_reported_with_their_paths() {
    let text = EXAMPLE
        .replace(r#""processing_ms": 5"#, r#""processing_ms": "soon""#)
        .replace(r#""service_name": "ingestion-service""#, r#""service_name": ["a"]"#)
        .replace(r#""event_data": {"#, r#""event_data": [], "x": {"#);
    let violations: Vec<_> = activity(&text).unwrap_err().violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        violations,
        [
            "$.event_data: expected an object, found an array",
            "$.service_info.service_name: expected a string, found an array",
            "$.processing_info.processing_ms: expected a whole number of 64 bits, found string \"soon\"",
        ]
    );
}

#[test]
fn unknown_members_are_kept() {
    let text = EXAMPLE
        .replace(r#""environment": "#, r#""region": "br", "environment": "#)
        .replace(r#""page_url": "#, r#""referrer": null, "page_url": "#);
    let event = activity(&text).unwrap();
    let written = serde_json::to_value(&event).unwrap();
    assert_eq!(written["service_info"]["region"], "br");
    assert_eq!(written.get("referrer"), Some(&Value::Null));
}

#[test]
fn every_type_belongs_to_the_family() {
    assert!(Activity::TYPES.is_empty());
    let text = EXAMPLE.replace("page_view", " scroll ");
    let decoded = decode::<Activity>("any topic", &text, &DecodeOptions::default()).unwrap();
    assert_eq!((decoded.event.event_type(), decoded.coerced), ("scroll", vec!["event_type"]));
}

proptest! {
    #[test]
    fn a_valid_event_survives_a_round_trip(members in members(&[EnrichedEvent::OWN_FIELDS])) {
        check_event::<Activity>("user-activity-events", &Value::Object(members).to_string())?;
    }
}

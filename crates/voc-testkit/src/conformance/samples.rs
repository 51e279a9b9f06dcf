//! Records of each family for the checks: one every seven minutes of this month.
//!
//! Of this month, because a table may drop old rows.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use uuid::Uuid;
use voc_events::{Timestamp, quality::Quality};

/// When a numbered event happened.
fn time(number: i64) -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or_default()).to_string();
    let start = Timestamp::parse(&format!("{}-01T00:00:00Z", &now[..7])).unwrap_or(Timestamp::from_millis(0));
    Timestamp::from_millis(start.as_millis() + number * 420_123)
}

fn id(number: i64) -> Uuid {
    Uuid::from_u64_pair(0x0123_4567_89ab_4def, 0x8000_0000_0000_0000 | number.cast_unsigned())
}

/// A call or a survey, of three alternating tenants.
#[must_use]
pub fn voc(number: i64) -> String {
    let head =
        json!({"event_id": id(number), "tenant_id": format!("tenant-{}", number % 3), "timestamp": time(number)});
    let members = match number % 2 {
        0 => json!({"event_type": "call", "call_id": format!("c-{number}"), "duration_ms": number}),
        _ => json!({"event_type": "survey", "stars": 5}),
    };
    joined(head, &members)
}

/// What a user does on a site.
#[must_use]
pub fn activity(number: i64) -> String {
    let event_type = if number % 2 == 0 { "page_view" } else { "click" };
    let event = json!({
        "event_id": id(number), "event_type": event_type, "timestamp": time(number),
        "user_id": format!("user-{}", number % 5), "page_url": "https://example.com/",
        "event_data": {"number": number},
        "service_info": {"service_name": "ingestion-service", "environment": "test"},
        "processing_info": {"received_at": time(number), "processing_ms": number},
    });
    event.to_string()
}

/// What happens in one of three applications.
#[must_use]
pub fn product(number: i64) -> String {
    let event_name = if number % 2 == 0 { "video_heartbeat" } else { "search" };
    let event = json!({
        "app_id": format!("app-{}", number % 3), "event_name": event_name, "user_id": format!("user_{number}"),
        "timestamp": time(number), "properties": {"watch_time": number},
    });
    event.to_string()
}

/// A completed inspection with its defects, or a batch, of types that belong to the family's first topic.
#[must_use]
pub fn quality(number: i64) -> String {
    let (_, types) = Quality::TOPIC_TYPES[0];
    let head = json!({
        "event_type": types[usize::try_from(number).unwrap_or_default() % types.len()], "timestamp": time(number),
        "inspection_id": format!("INS-{number}"), "batch_id": format!("BATCH-{}", number % 4),
        "inspection_type": "visual", "quality_score": 0.95,
    });
    let defects = json!({"defects": [
        {"defect_type": "scratch", "severity": "minor", "confidence": 0.85, "location": "corner"},
        {"defect_type": "crack", "severity": "major", "confidence": 0.5, "location": "edge"},
    ]});
    joined(head, &defects)
}

/// The members of two objects combined.
fn joined(mut event: Value, members: &Value) -> String {
    if let (Some(event), Some(members)) = (event.as_object_mut(), members.as_object()) {
        event.extend(members.clone());
    }
    event.to_string()
}

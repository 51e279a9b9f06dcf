//! What users do on sites.

use serde_json::json;
use voc_events::{Family as _, Timestamp, activity::Activity};

use super::{Random, event_draft::EventDraft};

const TYPES: &[&str] = &["page_view", "page_view", "page_view", "click", "click", "form_submit", "login", "logout"];
const PAGES: &[&str] = &["/", "/pricing", "/docs", "/docs/api", "/checkout", "/login", "/conta", "/suporte"];
const SERVICES: &[&str] = &["ingestion-service", "ingestion-service", "mobile-gateway"];
const LANGUAGES: &[&str] = &["en-US", "pt-BR", "pt-BR", "en-GB"];

pub(super) fn event(random: &mut Random, timestamp: Timestamp) -> EventDraft {
    let event_type = random.word(TYPES);
    let processing_ms = random.duration_ms(6);
    let received_at = timestamp.as_millis() + i64::from(random.below(400));
    let processed_at = received_at + processing_ms.cast_signed();
    let user = random.below(2000);
    let json = json!({
        "event_id": "",
        "request_id": random.uuid(),
        "event_type": event_type,
        "timestamp": timestamp,
        "user_id": format!("user-{user}"),
        "session_id": format!("session-{user}-{}", random.below(20)),
        "page_url": format!("https://example.com{}", random.word(PAGES)),
        "event_data": {"button_clicked": "submit", "form_data": {"field1": format!("value{}", random.below(9))}},
        "client_info": {
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
            "screen_resolution": random.word(&["1920x1080", "1366x768", "390x844"]),
            "language": random.word(LANGUAGES),
        },
        "service_info": {
            "service_name": random.word(SERVICES), "service_version": "1.4.0", "environment": "production",
        },
        "processing_info": {
            "received_at": Timestamp::from_millis(received_at),
            "processed_at": Timestamp::from_millis(processed_at),
            "processing_ms": processing_ms,
        },
    });
    EventDraft { event_type, tenant: "", topic: Activity::PRESETS.topics[0], json }
}

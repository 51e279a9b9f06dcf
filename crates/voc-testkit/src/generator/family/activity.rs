//! What users do on sites.

use serde_json::json;
use voc_events::{Family as _, Timestamp, activity::Activity};

use super::{Random, event_draft::EventDraft};

/// What happens in a session after its first page.
const TYPES: &[&str] = &["page_view", "page_view", "page_view", "click", "click", "form_submit", "login", "logout"];
const PAGES: &[&str] = &["/", "/pricing", "/docs", "/docs/api", "/checkout", "/login", "/conta", "/suporte"];
const SERVICES: &[&str] = &["ingestion-service", "ingestion-service", "mobile-gateway"];
const LANGUAGES: &[&str] = &["en-US", "pt-BR", "pt-BR", "en-GB"];

/// Sessions at the same time.
const SESSIONS: usize = 2;

/// A session that has begun.
#[derive(Debug, Clone, Copy)]
struct Session {
    user: u32,
    number: u32,
}

/// The sessions of all sites.
#[derive(Debug, Default)]
pub(super) struct Sites {
    sessions: [Option<Session>; SESSIONS],
}

impl Sites {
    /// The next event: the first page of a new session, or something in one that has begun.
    pub(super) fn event(&mut self, random: &mut Random, timestamp: Timestamp) -> EventDraft {
        let place = &mut self.sessions[random.below(SESSIONS as u32) as usize];
        let (session, event_type) = match *place {
            Some(session) => (session, random.word(TYPES)),
            None => (Session { user: random.below(2000), number: random.below(100_000) }, "page_view"),
        };
        let is_last = event_type == "logout" || random.per_mille(100);
        *place = Some(session).filter(|_| !is_last);
        draft(random, timestamp, session, event_type)
    }
}

fn draft(random: &mut Random, timestamp: Timestamp, session: Session, event_type: &'static str) -> EventDraft {
    let processing_ms = random.duration_ms(6);
    let received_at = timestamp.as_millis() + i64::from(random.below(400));
    let processed_at = received_at + processing_ms.cast_signed();
    let json = json!({
        "event_id": "",
        "request_id": random.uuid(),
        "event_type": event_type,
        "timestamp": timestamp,
        "user_id": format!("user-{}", session.user),
        "session_id": format!("session-{}-{}", session.user, session.number),
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

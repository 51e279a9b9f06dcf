//! What happens in applications.

use serde_json::{Value, json};
use voc_events::{Family as _, Timestamp, product::Product};

use super::{Random, event_draft::EventDraft};

const APPS: &[&str] = &["openstream", "openstream", "openstream", "musicbox", "fitcoach"];
const EVENTS: &[&str] =
    &["video_heartbeat", "video_heartbeat", "video_heartbeat", "video_buffering", "search", "content_view", "signup"];
const NETWORKS: &[&str] = &["wifi", "5g", "4g"];
const SEARCHES: &[&str] = &["jazz", "samba", "yoga", "documentary", "futebol"];

pub(super) fn event(random: &mut Random, timestamp: Timestamp) -> EventDraft {
    let event_type = random.word(EVENTS);
    let tenant = random.word(APPS);
    let json = json!({
        "app_id": tenant,
        "event_name": event_type,
        "user_id": format!("user_{:08x}", random.below(5000)),
        "timestamp": timestamp,
        "properties": properties(random, event_type),
    });
    EventDraft { event_type, tenant, topic: Product::PRESETS.topics[0], json }
}

fn properties(random: &mut Random, event: &str) -> Value {
    let content = format!("ct-{}", random.below(300));
    match event {
        "video_heartbeat" => json!({"content_id": content, "watch_time": 10 + random.below(20), "quality": "1080p"}),
        "video_buffering" => json!({
            "stream_id": content, "buffer_duration_ms": random.duration_ms(900), "network_type": random.word(NETWORKS),
            "client_version": "1.2.0",
        }),
        "search" => json!({"query": random.word(SEARCHES), "results": random.below(50)}),
        "content_view" => json!({"content_id": content}),
        _ => json!({"plan": random.word(&["free", "premium"])}),
    }
}

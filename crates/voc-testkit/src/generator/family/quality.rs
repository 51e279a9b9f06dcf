//! Inspections and manufacturing.

use serde_json::{Value, json};
use voc_events::{Timestamp, quality::Quality};

use super::{Random, event_draft::EventDraft};

const INSPECTION_TYPES: &[&str] = &["visual", "electrical", "thermal", "x-ray"];
const DEFECTS: &[&str] = &["scratch", "crack", "contamination", "misalignment"];
const SEVERITIES: &[&str] = &["minor", "minor", "major", "critical"];
const SERVICES: &[&str] = &["inspection-service", "artifact-service", "report-service"];

pub(super) fn event(random: &mut Random, timestamp: Timestamp) -> EventDraft {
    let (topic, types) = *random.pick(Quality::TOPIC_TYPES);
    let event_type = random.word(types);
    let station = random.below(8);
    let mut json = json!({
        "event_id": "", "event_type": event_type, "timestamp": timestamp, "correlation_id": random.uuid(),
        "metadata": {"station": format!("A{station}")},
    });
    let members = members(random, event_type, station);
    if let (Some(event), Some(members)) = (json.as_object_mut(), members.as_object()) {
        event.extend(members.clone());
    }
    EventDraft { event_type, tenant: "", topic, json }
}

/// A station whose scores are worse than those of others.
const WORSE_STATION: u32 = 3;

/// The lowest score and the threshold that is violated, in thousandths.
const WORST: u32 = 700;
const THRESHOLD: u32 = 900;

/// The members of the type in addition to the common ones.
fn members(random: &mut Random, event_type: &str, station: u32) -> Value {
    let batch = format!("BATCH-{:03}", random.below(40));
    let inspection = json!({
        "inspection_id": format!("INS-{:05}", random.below(100_000)), "batch_id": batch,
        "chip_id": format!("CHIP-{:06}", random.below(1_000_000)), "inspection_type": random.word(INSPECTION_TYPES),
    });
    let with = |members: Value| {
        let mut all = inspection.clone();
        if let (Some(all), Some(members)) = (all.as_object_mut(), members.as_object()) {
            all.extend(members.clone());
        }
        all
    };
    let below = if station == WORSE_STATION || event_type == "THRESHOLD_VIOLATED" { THRESHOLD } else { 1000 };
    let score = f64::from(WORST + random.below(below - WORST)) / 1000.0;
    let user = format!("operator-{}", random.below(60));
    let service = random.word(SERVICES);
    match event_type {
        "INSPECTION_COMPLETED" | "DEFECT_DETECTED" => {
            // Most inspections find nothing.
            let count =
                if event_type == "DEFECT_DETECTED" { 1 + random.below(3) } else { random.below(4).saturating_sub(2) };
            let defects: Vec<Value> = (0..count).map(|_| defect(random)).collect();
            with(json!({"quality_score": score, "defects": defects}))
        }
        "INSPECTION_FAILED" => with(json!({"error_message": "camera time-out"})),
        "QUALITY_ASSESSED" => with(json!({"quality_score": score})),
        "THRESHOLD_VIOLATED" => {
            let threshold = f64::from(THRESHOLD) / 1000.0;
            with(json!({"threshold_name": "quality_score", "threshold_value": threshold, "actual_value": score}))
        }
        "ALERT_TRIGGERED" => json!({
            "alert_id": format!("ALERT-{}", random.below(10_000)), "severity": random.word(SEVERITIES),
            "message": "quality below the threshold", "batch_id": batch,
        }),
        "COMPLIANCE_CHECK" => json!({"standard": "ISO-9001", "passed": random.per_mille(960), "batch_id": batch}),
        "BATCH_CREATED" | "BATCH_COMPLETED" | "LOT_CREATED" | "PRODUCTION_MILESTONE" => json!({
            "batch_id": batch, "lot_id": format!("LOT-{}", random.below(400)), "milestone": "etching done",
        }),
        "USER_LOGIN" | "USER_LOGOUT" => json!({"user_id": user, "session_id": format!("s-{}", random.below(9999))}),
        "AUDIT_ACTION" => json!({"user_id": user, "action": "approve", "resource": batch}),
        "PERMISSION_GRANTED" => json!({"user_id": user, "permission": "inspections:write", "granted_by": "admin"}),
        "SERVICE_STARTED" | "SERVICE_STOPPED" => json!({"service_name": service, "service_version": "2.3.1"}),
        "HEALTH_CHECK" => json!({"service_name": service, "status": "healthy"}),
        "ERROR_OCCURRED" => {
            json!({"service_name": service, "error_type": "Timeout", "message": "no answer within 5 s"})
        }
        _ => inspection,
    }
}

fn defect(random: &mut Random) -> Value {
    json!({
        "defect_type": random.word(DEFECTS), "severity": random.word(SEVERITIES),
        "confidence": f64::from(500 + random.below(500)) / 1000.0, "location": random.word(&["corner", "edge", "center"]),
    })
}

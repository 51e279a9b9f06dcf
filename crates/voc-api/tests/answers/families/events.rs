//! Events of single families, as their producers write them.

use std::{sync::Arc, time::SystemTime};

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use voc_events::{DecodeOptions, Decoded, Envelope, Family, Timestamp, activity::Activity, product::Product};
use voc_store::{BatchBuilder, InsertBatch, PartitionBy, RowAnnotation, SourceRange};

use crate::event::{Annotation, DAY, DAYS, Event, HOUR};

/// Where all events come from. A topic of the family `quality` would have some of its types only.
pub(super) const TOPIC: &str = "events";

/// The beginning of the events' days. They are recent, because the store drops old events of a product.
pub(super) fn era() -> i64 {
    let now = Timestamp::from(SystemTime::now()).as_millis();
    now.div_euclid(DAY) * DAY - (DAYS + 1) * DAY
}

pub(super) fn event(number: u64, tenant: &'static str, millis: i64, event_type: &'static str, sent: Value) -> Event {
    let Value::Object(sent) = sent else { panic!("no object") };
    // The store's times of products are in seconds.
    let millis = millis.div_euclid(1000) * 1000;
    let (transcript, is_escaped, annotation) = (None, false, Annotation::default());
    Event { number, tenant, millis, event_type, sent, transcript, is_escaped, annotation }
}

pub(super) fn times() -> impl Strategy<Value = i64> {
    let era = era();
    prop_oneof![0..DAYS * DAY, (0..DAYS * 24).prop_map(|hour| hour * HOUR)].prop_map(move |millis| era + millis)
}

pub(super) fn activity() -> impl Strategy<Value = Event> {
    let of_user = (option::of(select(vec!["u1", "u2", "u3"])), option::of(select(vec!["s1", "s2", "s3", "s4"])));
    let types = select(vec!["page_view", "page_view", "click", "form_submit", "login"]);
    let page = option::of(select(vec!["https://a/", "https://a/b", "=c"]));
    (times(), types, of_user, page, option::of(0..500_i64)).prop_map(
        |(millis, event_type, (user, session), page, processing)| {
            let sent = json!({"user_id": user, "session_id": session, "page_url": page, "processing_ms": processing});
            event(0, "", millis, event_type, sent)
        },
    )
}

pub(super) fn product() -> impl Strategy<Value = Event> {
    let types = select(vec![
        "video_heartbeat",
        "video_heartbeat",
        "search",
        "search",
        "signup",
        "content_view",
        "video_buffering",
    ]);
    let watched = (option::of(0..40_i64), option::of(select(vec!["ct-1", "ct-2"])), option::of(0..900_i64));
    let searched = (option::of(0..3_i64), option::of(select(vec!["jazz", " Jazz", "SAMBA", "Ção"])));
    (times(), select(vec!["acme", "globex"]), types, select(vec!["u1", "u2"]), (watched, searched)).prop_map(
        |(millis, tenant, event_type, user, ((eighths, content, buffering), (results, query)))| {
            let watched = eighths.map(|eighths| eighths as f64 / 8.0);
            let sent = json!({"user_id": user, "properties.results": results, "properties.watch_time": watched,
                "properties.content_id": content, "properties.query": query,
                "properties.buffer_duration_ms": buffering});
            event(0, tenant, millis, event_type, sent)
        },
    )
}

pub(super) fn quality() -> impl Strategy<Value = Event> {
    let types = select(vec![
        "INSPECTION_COMPLETED",
        "INSPECTION_COMPLETED",
        "INSPECTION_FAILED",
        "THRESHOLD_VIOLATED",
        "PLANT_CLOSED",
    ]);
    let place = (option::of(select(vec!["A1", "B2"])), option::of(select(vec!["b-1", "b-2"])));
    let defect = (select(vec!["scratch", "crack", "dust"]), select(vec!["minor", "critical"]));
    let found = (option::of(0..64_i64), vec(defect, 0..4), option::of(select(vec!["visual", "thermal"])));
    (times(), types, place, found).prop_map(
        |(millis, event_type, (station, batch), (score, defects, inspection_type))| {
            let is_inspection = event_type == "INSPECTION_COMPLETED";
            let (defects, severities): (Vec<&str>, Vec<&str>) = defects.into_iter().unzip();
            let critical = severities.iter().filter(|severity| **severity == "critical").count();
            let sent = json!({
                "station": station,
                "batch_id": batch.filter(|_| event_type != "PLANT_CLOSED"),
                "quality_score": score.filter(|_| is_inspection).map(|part| part as f64 / 64.0),
                "inspection_type": inspection_type.filter(|_| event_type != "PLANT_CLOSED"),
                "defect_types": (is_inspection && !defects.is_empty()).then_some(&defects),
                "severities": (is_inspection && !defects.is_empty()).then_some(&severities),
                "defect_count": if is_inspection { defects.len() } else { 0 },
                "critical_count": if is_inspection { critical } else { 0 },
            });
            event(0, "", millis, event_type, sent)
        },
    )
}

/// An event as its producer writes it.
pub(super) fn written(family: &str, event: &Event) -> Value {
    let field = |name: &str| event.field(name);
    let timestamp = Timestamp::from_millis(event.millis).to_string();
    let members = match family {
        Activity::NAME => json!({"event_id": Uuid::from_u64_pair(11, event.number), "event_type": event.event_type,
            "timestamp": timestamp, "user_id": field("user_id"), "session_id": field("session_id"),
            "page_url": field("page_url"), "processing_info": {"processing_ms": field("processing_ms")}}),
        Product::NAME => {
            let properties =
                event.sent.iter().filter_map(|(name, value)| Some((name.strip_prefix("properties.")?, value)));
            let properties: Map<String, Value> =
                properties.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            json!({"app_id": event.tenant, "event_name": event.event_type, "timestamp": timestamp,
                "user_id": field("user_id"), "properties": properties})
        }
        _ => {
            let pairs = |types: &Vec<Value>, severities: &Vec<Value>| {
                let pairs = types.iter().zip(severities);
                pairs.map(|(name, severity)| json!({"defect_type": name, "severity": severity})).collect::<Value>()
            };
            let (types, severities) = (field("defect_types"), field("severities"));
            let defects =
                types.as_array().zip(severities.as_array()).map(|(types, severities)| pairs(types, severities));
            json!({"event_type": event.event_type, "timestamp": timestamp, "inspection_id": "i-1",
                "batch_id": field("batch_id"), "chip_id": "ch-1", "inspection_type": field("inspection_type"),
                "quality_score": field("quality_score"), "metadata": {"station": field("station")}, "defects": defects})
        }
    };
    present(members)
}

/// The members that have a value.
pub(super) fn present(mut members: Value) -> Value {
    members.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    members
}

/// Events, each with its offset, from the first offset of a batch on.
pub(super) fn sealed<F: Family>(events: &[(i64, Event)], processed_at: i64) -> Arc<InsertBatch> {
    let family = F::for_topic(TOPIC, &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
    for (offset, event) in events {
        let payload = written(F::NAME, event).to_string();
        let decoded = family.decode(&payload, &Envelope::default());
        let Ok(Decoded { event, .. }) = decoded else { panic!("cannot be decoded: {payload}") };
        builder.push(&event, &payload, &RowAnnotation::default(), *offset).unwrap();
    }
    let (first, last) = (events[0].0, events[events.len() - 1].0);
    let range = SourceRange { family: F::NAME, topic: TOPIC.into(), partition: 0, epoch: 0, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(processed_at)))
}

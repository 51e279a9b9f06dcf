//! Calls of two tenants.

use std::sync::Arc;

use serde_json::json;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{BatchBuilder, EventStore, InsertBatch, PartitionBy, RowAnnotation, SourceRange};

/// Calls of each tenant.
pub(crate) const CALLS: u64 = 40;
/// 2026-02-02T12:00:00Z.
const BEGIN: i64 = 1_770_033_600_000;

/// The identifier of the first call's event.
pub(crate) const FIRST_EVENT: &str = "00000000-0000-4000-8000-000000000000";

/// A call a minute, of acme and globex by turns.
fn batch() -> Arc<InsertBatch> {
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let last = i64::try_from(2 * CALLS).unwrap() - 1;
    for offset in 0..=last {
        let text = json!({
            "event_id": format!("00000000-0000-4000-8000-{offset:012}"),
            "tenant_id": if offset % 2 == 0 { "acme" } else { "globex" },
            "timestamp": Timestamp::from_millis(BEGIN + offset * 60_000).to_string(),
            "event_type": "call",
            "call_id": format!("call-{offset}"),
            "agent_id": "ana",
            "customer_id": "customer-3",
            "duration_ms": 1000 + offset,
            "transcript": "Agent: Hello!\nCustomer: I want a refund.",
        })
        .to_string();
        let Ok(Decoded { event, .. }) = voc.decode(&text, &Envelope::default()) else { panic!("{text}") };
        let annotation =
            RowAnnotation { sentiment: Some(0.25), topic: Some("billing"), language: "en", ..RowAnnotation::default() };
        builder.push(&event, &text, &annotation, offset).unwrap();
    }
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(BEGIN)))
}

pub(crate) async fn insert(store: &impl EventStore) {
    store.insert(batch()).await.unwrap();
}

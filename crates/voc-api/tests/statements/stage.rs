//! An engine with events of all families.

use std::{
    sync::{Arc, OnceLock},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_api::{Reports, access::Access};
use voc_events::{
    DecodeOptions, Envelope, Family, Timestamp, activity::Activity, product::Product, quality::Quality, voc::Voc,
};
use voc_store::{
    BatchBuilder, EventStore as _, Migrator, PartitionBy, RowAnnotation, SourceRange, SqlBackend as _,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::TestEngine;

use crate::served::Served;

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The midnight twenty days ago: the store drops old events of the product family.
pub(crate) fn start() -> i64 {
    static START: OnceLock<i64> = OnceLock::new();
    *START.get_or_init(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        (i64::try_from(now).unwrap() / DAY - 20) * DAY
    })
}

/// The date this many days after the start.
pub(crate) fn date(days: i64) -> String {
    Timestamp::from_millis(start() + days * DAY).to_string()[..10].to_owned()
}

/// A call, an action or another event of the voc family, as it was sent and annotated.
#[derive(Debug, Clone)]
pub(crate) struct VocRow {
    pub(crate) number: u64,
    pub(crate) tenant: &'static str,
    pub(crate) millis: i64,
    pub(crate) sent: Value,
    pub(crate) sentiment: Option<f32>,
    pub(crate) topic: Option<&'static str>,
}

/// An event of the product family.
#[derive(Debug, Clone)]
pub(crate) struct ProductRow {
    pub(crate) app: &'static str,
    pub(crate) millis: i64,
    pub(crate) name: &'static str,
    pub(crate) user: String,
    pub(crate) properties: Value,
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// Events of ten days from three days before the start on.
pub(crate) fn voc_rows() -> Vec<VocRow> {
    let mut numbers = Numbers(7);
    let row = |number| {
        let millis = start() - 3 * DAY + i64::try_from(numbers.below(10 * 24 * 60)).unwrap() * 60_000;
        let agent = numbers.pick(&["ana", "bo", "cy", ""]);
        let (event_type, mut sent) = match numbers.below(4) {
            0 | 1 => (
                "call",
                json!({"call_id": format!("c{number}"), "customer_id": format!("k{}", numbers.below(20)),
                    "duration_ms": numbers.below(600_000)}),
            ),
            2 => ("agent_action", json!({"action": numbers.pick(&["transfer", "escalate", "resolve"])})),
            _ => ("tool_invocation", json!({"tool_name": "crm", "success": numbers.below(3) > 0})),
        };
        if event_type == "agent_action" || (event_type == "call" && !agent.is_empty()) {
            sent["agent_id"] = json!(if agent.is_empty() { "dee" } else { agent });
        }
        sent["event_type"] = json!(event_type);
        let is_call = event_type == "call";
        let sentiment = (is_call && numbers.below(5) > 0).then(|| (numbers.below(129) as f32 - 64.0) / 64.0);
        let topic = is_call.then(|| numbers.pick(&["billing", "account", "sales"]));
        VocRow { number, tenant: numbers.pick(&["acme", "globex"]), millis, sent, sentiment, topic }
    };
    (0..600).map(row).collect()
}

pub(crate) fn product_rows() -> Vec<ProductRow> {
    let mut numbers = Numbers(11);
    let row = |_| {
        let name = numbers.pick(&[
            "video_heartbeat",
            "video_heartbeat",
            "video_buffering",
            "search",
            "content_view",
            "signup",
        ]);
        let content = format!("ct-{}", numbers.below(12));
        let properties = match name {
            "video_heartbeat" => json!({"content_id": content, "watch_time": numbers.below(30)}),
            "video_buffering" => json!({"stream_id": content, "buffer_duration_ms": numbers.below(900)}),
            "search" => {
                json!({"query": numbers.pick(&["jazz", "Jazz ", "SAMBA", "ioga"]), "results": numbers.below(4)})
            }
            "content_view" => json!({"content_id": content}),
            _ => json!({}),
        };
        ProductRow {
            app: numbers.pick(&["openstream", "openstream", "musicbox"]),
            millis: start() - 3 * DAY + i64::try_from(numbers.below(10 * 24 * 3600)).unwrap() * 1000,
            name,
            user: format!("u{}", numbers.below(40)),
            properties,
        }
    };
    (0..800).map(row).collect()
}

pub(crate) struct Stage {
    pub(crate) runtime: Runtime,
    pub(crate) store: Arc<EmbeddedStore>,
}

impl Stage {
    pub(crate) fn new(engine: &TestEngine) -> Self {
        let runtime = Runtime::new().unwrap();
        let options = EmbeddedOptions::default().with_database(engine.fresh_database());
        let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
        runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
        // Events that are sent again stay versions of each other.
        runtime.block_on(store.backend().execute("SYSTEM STOP MERGES voc_events", &[])).unwrap();
        let stage = Self { runtime, store: Arc::new(store) };
        stage.fill();
        stage
    }

    pub(crate) fn serve(&self, access: Access) -> Served {
        Served::with_statements(&self.store, access, Reports::load(None).unwrap())
    }

    fn fill(&self) {
        let voc: Vec<_> = voc_rows().iter().map(|row| (voc_json(row), annotation(row))).collect();
        self.insert::<Voc>("voc.events", &voc, 0);
        // A producer sends some of its events again; nothing counts them twice.
        self.insert::<Voc>("voc.events", &voc[..100], 10_000);
        let product: Vec<_> = product_rows().iter().map(|row| (product_json(row), RowAnnotation::default())).collect();
        self.insert::<Product>("octane.events", &product, 0);
        let at = |hour: i64| Timestamp::from_millis(start() + hour * HOUR);
        let activity = |hour: i64| {
            json!({"event_id": Uuid::from_u64_pair(3, hour.cast_unsigned()), "request_id": "r", "event_type": "page_view",
                "timestamp": at(hour), "user_id": format!("u{}", hour % 3), "session_id": format!("s{}", hour % 5),
                "page_url": "https://example.com/", "event_data": {}, "client_info": {}})
            .to_string()
        };
        let activity: Vec<_> = (0..60).map(|hour| (activity(hour), RowAnnotation::default())).collect();
        self.insert::<Activity>("user.activity.events", &activity, 0);
        let quality = |hour: i64| {
            json!({"event_type": "INSPECTION_COMPLETED", "timestamp": at(hour), "inspection_id": format!("i{hour}"),
                "batch_id": "b", "chip_id": "c", "inspection_type": if hour % 2 == 0 { "visual" } else { "thermal" },
                "quality_score": 0.5, "defects": [{"defect_type": "crack", "severity": "critical"}]})
            .to_string()
        };
        let quality: Vec<_> = (0..10).map(|hour| (quality(hour), RowAnnotation::default())).collect();
        self.insert::<Quality>(Quality::PRESETS.topics[0], &quality, 0);
    }

    fn insert<F: Family>(&self, topic: &str, rows: &[(String, RowAnnotation<'static>)], first: i64) {
        let family = F::for_topic(topic, &DecodeOptions::default());
        let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
        for ((text, annotation), offset) in rows.iter().zip(first..) {
            let decoded = family.decode(text, &Envelope::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            builder.push(&decoded.event, text, annotation, offset).unwrap();
        }
        let last = first + i64::try_from(rows.len()).unwrap() - 1;
        let range = SourceRange { family: F::NAME, topic: topic.into(), partition: 0, epoch: 0, first, last };
        let batch = Arc::new(builder.seal(range, Timestamp::from_millis(1_800_000_000_000 + first)));
        self.runtime.block_on(self.store.insert(batch)).unwrap();
    }
}

fn voc_json(row: &VocRow) -> String {
    let mut json = row.sent.clone();
    json["event_id"] = json!(Uuid::from_u64_pair(9, row.number));
    json["tenant_id"] = json!(row.tenant);
    json["timestamp"] = json!(Timestamp::from_millis(row.millis));
    json.to_string()
}

fn annotation(row: &VocRow) -> RowAnnotation<'static> {
    RowAnnotation { sentiment: row.sentiment, topic: row.topic, ..RowAnnotation::default() }
}

fn product_json(row: &ProductRow) -> String {
    json!({"app_id": row.app, "event_name": row.name, "user_id": row.user,
        "timestamp": Timestamp::from_millis(row.millis), "properties": row.properties})
    .to_string()
}

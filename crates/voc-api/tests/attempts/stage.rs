//! Rows of two tenants, and their keys.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_api::{
    Reports,
    access::{Access, Scope, Tenants},
};
use voc_events::{DecodeOptions, Decoded, Envelope, Family, FamilyEvent as _, Timestamp, product::Product, voc::Voc};
use voc_store::{
    BatchBuilder, DeadLetter, EventStore as _, Migrator, PartitionBy, RowAnnotation, SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::TestEngine;

use crate::{
    keys::{KeyStage, only},
    served::Served,
};

/// 2026-02-02T12:00:00Z.
pub(super) const NOON: i64 = 1_770_033_600_000;
pub(super) const RANGE: &str = "from=2026-02-01&to=2026-02-28";
pub(super) const DAY: i64 = 86_400_000;

/// The noon ten days ago: the store drops old events of products.
pub(super) fn recent_noon() -> i64 {
    static NOON: OnceLock<i64> = OnceLock::new();
    *NOON.get_or_init(|| Timestamp::from(SystemTime::now()).as_millis().div_euclid(DAY) * DAY - 10 * DAY + DAY / 2)
}

/// The two dates of a range with the events of products.
pub(super) fn recent_range() -> [String; 2] {
    [-DAY, DAY].map(|millis| Timestamp::from_millis(recent_noon() + millis).to_string()[..10].to_owned())
}

/// What an attempt may name, as `{call}`.
pub(super) const NAMES: [&str; 12] =
    ["call", "customer", "agent", "topic", "tool", "metric", "action", "region", "word", "user", "content", "kind"];

/// A tenant's names; those that belong to nobody are as long.
pub(super) fn names(owner: &str, number: u64) -> BTreeMap<&'static str, String> {
    let event = ("event", Uuid::from_u64_pair(11, number).to_string());
    NAMES.into_iter().map(|name| (name, format!("{owner}{name}"))).chain([event]).collect()
}

pub(super) fn filled(template: &str, names: &BTreeMap<&'static str, String>) -> String {
    names.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Events of a tenant, with its names in everything that can be asked for.
pub(super) fn events(tenant: &str, owner: &str, number: u64) -> Vec<String> {
    let names = names(owner, number);
    let name = |name: &str| names[name].clone();
    let base = |place: u64, event_type: &str| {
        let id = Uuid::from_u64_pair(11, number + place);
        let time = Timestamp::from_millis(NOON + i64::try_from(place).unwrap() * 60_000);
        json!({"event_id": id, "tenant_id": tenant, "timestamp": time.to_string(), "event_type": event_type})
    };
    let ties = json!({"call_id": name("call"), "agent_id": name("agent"), "customer_id": name("customer")});
    let with = |mut event: Value, members: Value| {
        event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        event.to_string()
    };
    let said = format!("Agent: Hello!\nCustomer: {} is terrible, {} too.", name("word"), name("word"));
    let call = json!({"call_id": name("call"), "agent_id": name("agent"), "customer_id": name("customer"),
        "duration_ms": 1000, "transcript": said});
    let second = json!({"call_id": format!("{}-2", name("call")), "agent_id": format!("{}-2", name("agent")),
        "customer_id": name("customer"), "transcript": said});
    vec![
        with(base(0, "call"), call.clone()),
        with(base(1, "call"), call),
        with(base(2, "tool_invocation"), json!({"tool_name": name("tool"), "success": true, "metadata": ties})),
        with(
            base(3, "qos_metric"),
            json!({"metric_name": name("metric"), "value": 1.5,
            "tags": {"region": name("region")}, "metadata": ties}),
        ),
        with(base(4, "agent_action"), json!({"agent_id": name("agent"), "action": name("action")})),
        with(base(5, "call"), second),
    ]
}

/// Events of products of a tenant.
pub(super) fn products(tenant: &str, owner: &str) -> Vec<String> {
    let names = names(owner, 0);
    let event = |place: i64, kind: &str, user: &str, properties: Value| {
        let time = Timestamp::from_millis(recent_noon() + place * 60_000).to_string();
        json!({"app_id": tenant, "event_name": kind, "timestamp": time, "user_id": user, "properties": properties})
            .to_string()
    };
    let (user, content) = (&names["user"], &names["content"]);
    vec![
        event(0, "video_heartbeat", user, json!({"content_id": content, "watch_time": 30})),
        event(1, "search", user, json!({"query": names["word"], "results": 0})),
        event(2, &names["kind"], user, json!({"content_id": content})),
        event(3, "content_view", &format!("{user}-2"), json!({"content_id": content})),
    ]
}

pub(super) fn dead_letter(tenant: &str, owner: &str, offset: i64) -> DeadLetter {
    let names = names(owner, 0);
    DeadLetter {
        family: "voc",
        error_type: names["word"].clone(),
        error: names["call"].clone(),
        path: String::new(),
        tenant_id: tenant.to_owned(),
        topic: names["topic"].clone(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: Some(names["customer"].clone().into_bytes()),
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(NOON),
    }
}

pub(super) const OTHERS: u64 = 100;
pub(super) const NOBODYS: u64 = 200;
pub(super) const ACME: (&str, &str, u64) = ("acme", "mine", 0);
pub(super) const GLOBEX: (&str, &str, u64) = ("globex", "secret", OTHERS);

/// A key for everything about a tenant.
pub(super) fn key_of(keys: &KeyStage, tenant: &str) -> String {
    keys.create(tenant, [Scope::Read, Scope::Report, Scope::Sql], only(&[tenant])).expose().to_owned()
}

pub(super) fn key_of_all(keys: &KeyStage) -> String {
    keys.create("all", [Scope::Read, Scope::Report, Scope::Sql], Tenants::All).expose().to_owned()
}

pub(super) fn serve(keys: &KeyStage, store: &Arc<EmbeddedStore>) -> Served {
    Served::with_statements(store, Access::new(&keys.config()).unwrap(), Reports::load(None).unwrap())
}

pub(super) fn insert<F: Family>(store: &EmbeddedStore, topic: &str, texts: &[String], topic_of_text: &str, first: i64) {
    let family = F::for_topic(topic, &DecodeOptions::default());
    let mut builder = BatchBuilder::new(F::TABLE, PartitionBy::Month);
    let mut last = first;
    for (place, (text, offset)) in texts.iter().zip(first..).enumerate() {
        let Ok(Decoded { event, .. }) = family.decode(text, &Envelope::default()) else { panic!("{text}") };
        // Its first event is about another topic than its others.
        let topic = if place == 0 { topic_of_text.to_owned() } else { format!("{topic_of_text}-2") };
        let has_text = event.text().is_some();
        let annotation = RowAnnotation { sentiment: Some(-0.5), topic: Some(&topic), ..RowAnnotation::default() };
        let annotation = if has_text || F::TABLE.annotated { annotation } else { RowAnnotation::default() };
        builder.push(&event, text, &annotation, offset).unwrap();
        last = offset;
    }
    let range = SourceRange { family: F::NAME, topic: topic.into(), partition: 0, epoch: 0, first, last };
    let batch = Arc::new(builder.seal(range, Timestamp::from_millis(NOON)));
    Runtime::new().unwrap().block_on(store.insert(batch)).unwrap();
}

/// A store with the rows of some tenants, each the same wherever it is stored.
pub(super) fn store(engine: &TestEngine, tenants: &[(&str, &str, u64)]) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    for (tenant, owner, number) in tenants {
        let topic = names(owner, *number)["topic"].clone();
        let first = i64::try_from(*number).unwrap();
        insert::<Voc>(&store, "voc.events", &events(tenant, owner, *number), &topic, first);
        insert::<Product>(&store, "octane.events", &products(tenant, owner), &topic, first);
        let letters = [dead_letter(tenant, owner, 2 * first), dead_letter(tenant, owner, 2 * first + 1)];
        runtime.block_on(store.insert_dead_letters(letters.into())).unwrap();
    }
    store
}

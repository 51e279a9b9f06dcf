//! Attempts to see another tenant's rows, each with the key of a tenant, against the engine.
//!
//! An attempt names what belongs to the other tenant. It is repeated with names that belong to nobody, and where the
//! other tenant has no rows at all: the answers must be the same. As a control, the other tenant's own key sees a
//! difference.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "access/stage.rs"]
mod keys;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::SystemTime,
};

use async_trait::async_trait;
use keys::{KeyStage, only};
use serde_json::{Value, json};
use served::{Response, Served};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_api::{
    Reports,
    access::{Access, Scope, Tenants},
};
use voc_events::{
    DecodeOptions, Decoded, Envelope, Family, FamilyEvent as _, Table, Timestamp, product::Product, voc::Voc,
};
use voc_store::{
    Answer, BatchBuilder, DeadLetter, DeadLetterList, DeadLetterPage, Drivers, EventList, EventPage, EventQueries,
    EventStore as _, EventStream, Freshness, Funnel, LedgerFilter, Migrator, PartitionBy, PartitionLedger, Query,
    ReadMeter, RepeatContacts, RowAnnotation, SourceRange, StoreError, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

/// 2026-02-02T12:00:00Z.
const NOON: i64 = 1_770_033_600_000;
const RANGE: &str = "from=2026-02-01&to=2026-02-28";
const DAY: i64 = 86_400_000;

/// The noon ten days ago: the store drops old events of products.
fn recent_noon() -> i64 {
    static NOON: OnceLock<i64> = OnceLock::new();
    *NOON.get_or_init(|| Timestamp::from(SystemTime::now()).as_millis().div_euclid(DAY) * DAY - 10 * DAY + DAY / 2)
}

/// The two dates of a range with the events of products.
fn recent_range() -> [String; 2] {
    [-DAY, DAY].map(|millis| Timestamp::from_millis(recent_noon() + millis).to_string()[..10].to_owned())
}

/// What an attempt may name, as `{call}`.
const NAMES: [&str; 12] =
    ["call", "customer", "agent", "topic", "tool", "metric", "action", "region", "word", "user", "content", "kind"];

/// Paths that name something of a tenant, without the range.
const PATHS: [&str; 91] = [
    "/api/v1/calls/{call}",
    "/api/v1/events/{event}",
    "/api/v1/customers/{customer}",
    "/api/v1/search?q={word}",
    "/api/v1/search?q=%22{word}%22",
    "/api/v1/search?q=sec*+{word}",
    "/api/v1/search?q={word}&speaker=customer",
    "/api/v1/search?q=hello&call_id={call}",
    "/api/v1/search?q=hello&customer_id={customer}",
    "/api/v1/search?q=hello&topic={topic}&topic=billing",
    "/api/v1/search.csv?q={word}",
    "/api/v1/search.ndjson?q={word}",
    "/api/v1/events?call_id={call}",
    "/api/v1/events?customer_id={customer}",
    "/api/v1/events?agent_id={agent}",
    "/api/v1/events?topic={topic}",
    "/api/v1/events?tool={tool}",
    "/api/v1/events?metric={metric}",
    "/api/v1/events?action={action}",
    "/api/v1/events?fields=payload&call_id={call}",
    "/api/v1/events?fields=tenant_id,event_id&agent_id={agent}",
    "/api/v1/events?sort=timestamp&topic={topic}",
    "/api/v1/events.csv?call_id={call}",
    "/api/v1/events.csv?call_id={call}&limit=10",
    "/api/v1/events.ndjson?customer_id={customer}",
    "/api/v1/events.parquet?customer_id={customer}",
    "/api/v1/events?format=csv&agent_id={agent}",
    "/api/v1/calls?call_id={call}",
    "/api/v1/calls?customer_id={customer}",
    "/api/v1/calls?agent_id={agent}",
    "/api/v1/calls?topic={topic}",
    "/api/v1/calls?sort=call_id&agent_id={agent}",
    "/api/v1/calls.csv?agent_id={agent}",
    "/api/v1/calls.ndjson?topic={topic}",
    "/api/v1/calls.parquet?call_id={call}",
    "/api/v1/summary?call_id={call}",
    "/api/v1/summary?customer_id={customer}",
    "/api/v1/summary?agent_id={agent}",
    "/api/v1/summary?topic={topic}",
    "/api/v1/summary?compare=true&topic={topic}",
    "/api/v1/summary.csv?agent_id={agent}",
    "/metrics/summary?topic={topic}",
    "/metrics/summary?agent_id={agent}",
    "/api/v1/trends?topic={topic}",
    "/api/v1/trends?by=agent_id&call_id={call}",
    "/api/v1/trends?by=customer_id&agent_id={agent}",
    "/api/v1/trends?metrics=unique_call_id&agent_id={agent}",
    "/api/v1/trends?granularity=hour&tool={tool}",
    "/api/v1/trends.csv?metric={metric}",
    "/api/v1/topics?agent_id={agent}",
    "/api/v1/topics?topic={topic}",
    "/api/v1/topics?compare=true&call_id={call}",
    "/api/v1/topics.csv?topic={topic}",
    "/api/v1/agents?agent_id={agent}",
    "/api/v1/agents?topic={topic}",
    "/api/v1/agents?compare=true&agent_id={agent}",
    "/api/v1/agents.csv?agent_id={agent}",
    "/api/v1/tools?tool={tool}",
    "/api/v1/tools?call_id={call}",
    "/api/v1/tools.ndjson?tool={tool}",
    "/api/v1/qos?metric={metric}",
    "/api/v1/qos?tag=region&metric={metric}",
    "/api/v1/qos?granularity=day&call_id={call}",
    "/api/v1/qos.csv?metric={metric}",
    "/api/v1/drivers?min_support=1&agent_id={agent}",
    "/api/v1/drivers?min_support=1&topic={topic}",
    "/api/v1/drivers.csv?min_support=1&call_id={call}",
    "/api/v1/repeat-contacts?customer_id={customer}",
    "/api/v1/repeat-contacts?by=agent_id&agent_id={agent}",
    "/api/v1/repeat-contacts?topic={topic}",
    "/api/v1/dead-letters?topic={topic}",
    "/api/v1/dead-letters?error_type={word}",
    "/api/v1/dead-letters.csv?error_type={word}",
    "/api/v1/ledger?topic={topic}",
    "/api/v1/product?user_id={user}",
    "/api/v1/product?event_type={kind}",
    "/api/v1/product?by=user_id&user_id={user}",
    "/api/v1/product?by=user_id&sort=user_id&limit=1",
    "/api/v1/product?by=tenant_id&event_type={kind}",
    "/api/v1/product?by=properties.content_id&event_type={kind}",
    "/api/v1/product?granularity=day&compare=true&user_id={user}",
    "/api/v1/product.csv?by=event_type&user_id={user}",
    "/api/v1/product.ndjson?by=user_id",
    "/api/v1/product.parquet?by=user_id&user_id={user}",
    "/api/v1/summary?family=product&user_id={user}",
    "/metrics/summary?family=product&user_id={user}",
    "/api/v1/trends?family=product&by=user_id&event_type={kind}",
    "/api/v1/events?family=product&user_id={user}",
    "/api/v1/events?family=product&fields=properties&event_type={kind}",
    "/api/v1/events.csv?family=product&user_id={user}",
    "/api/v1/events.parquet?family=product&event_type={kind}",
];

/// Filters of posted questions.
const FILTERS: [&str; 16] = [
    r#"["is", "call_id", ["{call}"]]"#,
    r#"["is", "customer_id", ["{customer}"]]"#,
    r#"["is", "agent_id", ["{agent}", "own-agent"]]"#,
    r#"["contains", "agent_id", ["{agent}"]]"#,
    r#"["contains", "topic", ["{topic}"]]"#,
    r#"["is", "topics", ["{topic}"]]"#,
    r#"["is", "tool_name", ["{tool}"]]"#,
    r#"["is", "metric_name", ["{metric}"]]"#,
    r#"["is", "tags.region", ["{region}"]]"#,
    r#"["contains", "tags.region", ["{region}"]]"#,
    r#"["is", "event_id", ["{event}"]]"#,
    r#"["is", "action", ["{action}"]]"#,
    r#"["is", "payload.call_id", ["{call}"]]"#,
    r#"["contains", "payload.transcript", ["{word}"]]"#,
    r#"["is_not", "agent_id", ["{agent}"]]"#,
    r#"["contains_not", "call_id", ["{call}"]]"#,
];

/// The same about products.
const FILTERS_OF_PRODUCTS: [&str; 5] = [
    r#"["is", "user_id", ["{user}"]]"#,
    r#"["contains", "user_id", ["{user}"]]"#,
    r#"["is", "event_type", ["{kind}"]]"#,
    r#"["is", "properties.content_id", ["{content}"]]"#,
    r#"["is_not", "properties.content_id", ["{content}"]]"#,
];

/// Reports about events of tenants, with parameters.
const REPORTS: [(&str, &str); 6] = [
    ("executive_overview", "{}"),
    ("agent_scorecard", r#"{"min_calls": 0}"#),
    ("topic_movers", r#"{"limit": 10000}"#),
    ("overview_stats", "{}"),
    ("search_analytics", r#"{"limit": 10000}"#),
    ("top_content", "{}"),
];

/// Statements that would show another tenant's rows, or something else that is none of the caller's.
const STATEMENTS: [&str; 40] = [
    "SELECT * FROM voc_events",
    "SELECT payload FROM voc_events WHERE tenant_id = 'globex'",
    "SELECT call_id FROM voc_events WHERE tenant_id = 'acme' OR 1 = 1",
    "SELECT call_id FROM voc_events WHERE call_id = '{call}'",
    "SELECT count() FROM voc_events WHERE call_id = '{call}'",
    "SELECT tenant_id, call_id FROM voc_events UNION ALL SELECT tenant_id, call_id FROM voc_events",
    "SELECT call_id FROM (SELECT * FROM voc_events WHERE tenant_id != 'acme')",
    "WITH voc_events AS (SELECT 1 AS x) SELECT * FROM voc_events",
    "WITH everything AS (SELECT * FROM voc_events) SELECT call_id FROM everything",
    "SELECT a.call_id, b.call_id FROM voc_events AS a CROSS JOIN voc_events AS b",
    "SELECT b.call_id FROM voc_events AS a RIGHT JOIN voc_events AS b ON a.tenant_id = b.tenant_id",
    "SELECT a.call_id FROM voc_events AS a FULL JOIN ai_analytics_events AS b ON a.tenant_id = b.app_id",
    "SELECT user_id FROM ai_analytics_events",
    "SELECT user_id, properties FROM ai_analytics_events WHERE app_id = 'globex'",
    "SELECT user_id FROM ai_analytics_events WHERE user_id = '{user}'",
    "SELECT (SELECT max(call_id) FROM voc_events) AS call",
    "SELECT call_id FROM voc_events WHERE EXISTS (SELECT 1 FROM voc_events WHERE call_id = '{call}')",
    "SELECT call_id FROM voc_events WHERE call_id IN (SELECT call_id FROM voc_events)",
    "SELECT call_id FROM voc_events WHERE call_id IN (voc_events)",
    "SELECT groupArray(call_id) FROM voc_events GROUP BY ALL",
    "SELECT first_value(call_id) OVER (ORDER BY call_id DESC) FROM voc_events",
    "SELECT call_id FROM voc_events LIMIT 10 BY tenant_id",
    "SELECT call_id FROM voc_events ARRAY JOIN topics",
    "SELECT call_id FROM default.voc_events",
    "SELECT call_id FROM voc_events FINAL",
    "SELECT call_id FROM voc_events PREWHERE tenant_id = 'globex'",
    "SELECT call_id FROM voc_events SAMPLE 1",
    "SELECT call_id FROM voc_events SETTINGS additional_table_filters = {}",
    "SELECT call_id FROM voc_events FORMAT JSON",
    "SELECT * FROM merge('.*', 'voc_events')",
    "SELECT * FROM remote('localhost', currentDatabase(), 'voc_events')",
    "SELECT * FROM view(SELECT * FROM voc_events)",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM system.query_log",
    "SELECT * FROM system.tables",
    "SELECT payload FROM dead_letter_events",
    "SELECT * FROM ingest_ledger",
    "SELECT dictGet('d', 'x', '{call}')",
    "SELECT call_id FROM voc_events; SELECT call_id FROM voc_events",
    "SELECT call_id /* */ FROM voc_events -- WHERE tenant_id = 'acme'",
];

/// A tenant's names; those that belong to nobody are as long.
fn names(owner: &str, number: u64) -> BTreeMap<&'static str, String> {
    let event = ("event", Uuid::from_u64_pair(11, number).to_string());
    NAMES.into_iter().map(|name| (name, format!("{owner}{name}"))).chain([event]).collect()
}

fn filled(template: &str, names: &BTreeMap<&'static str, String>) -> String {
    names.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Events of a tenant, with its names in everything that can be asked for.
fn events(tenant: &str, owner: &str, number: u64) -> Vec<String> {
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
fn products(tenant: &str, owner: &str) -> Vec<String> {
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

fn dead_letter(tenant: &str, owner: &str, offset: i64) -> DeadLetter {
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

const OTHERS: u64 = 100;
const NOBODYS: u64 = 200;
const ACME: (&str, &str, u64) = ("acme", "mine", 0);
const GLOBEX: (&str, &str, u64) = ("globex", "secret", OTHERS);

/// A key for everything about a tenant.
fn key_of(keys: &KeyStage, tenant: &str) -> String {
    keys.create(tenant, [Scope::Read, Scope::Report, Scope::Sql], only(&[tenant])).expose().to_owned()
}

fn key_of_all(keys: &KeyStage) -> String {
    keys.create("all", [Scope::Read, Scope::Report, Scope::Sql], Tenants::All).expose().to_owned()
}

fn serve(keys: &KeyStage, store: &Arc<EmbeddedStore>) -> Served {
    Served::with_statements(store, Access::new(&keys.config()).unwrap(), Reports::load(None).unwrap())
}

fn insert<F: Family>(store: &EmbeddedStore, topic: &str, texts: &[String], topic_of_text: &str, first: i64) {
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
fn store(engine: &TestEngine, tenants: &[(&str, &str, u64)]) -> EmbeddedStore {
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

#[derive(Debug, Clone)]
struct Attempt {
    method: &'static str,
    uri: String,
    body: Option<String>,
}

impl Attempt {
    fn send(&self, api: &Served, key: &str, names: &BTreeMap<&'static str, String>) -> Response {
        let credential = format!("Bearer {key}");
        let headers = [("authorization", credential.as_str()), ("content-type", "application/json")];
        let body = self.body.as_ref().map(|body| filled(body, names));
        api.send(self.method, &filled(&self.uri, names), &headers, body.as_deref())
    }
}

fn posted(uri: &str, body: String) -> Attempt {
    Attempt { method: "POST", uri: uri.to_owned(), body: Some(body) }
}

/// All attempts: each path as it is, and with the other tenant named in several ways.
fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let [recent_from, recent_to] = recent_range();
    let is_of_products = |text: &str| text.contains("product");
    for path in PATHS {
        // These have no range.
        let is_single = path.starts_with("/api/v1/calls/") || path.starts_with("/api/v1/events/");
        let separator = if path.contains('?') { '&' } else { '?' };
        let with_range = match () {
            () if is_single || path.starts_with("/api/v1/ledger") => path.to_owned(),
            () if is_of_products(path) => format!("{path}{separator}from={recent_from}&to={recent_to}"),
            () => format!("{path}{separator}{RANGE}"),
        };
        let separator = if with_range.contains('?') { '&' } else { '?' };
        for more in ["", "tenant_id=acme", "tenant_id=globex"] {
            let uri = if more.is_empty() { with_range.clone() } else { format!("{with_range}{separator}{more}") };
            attempts.push(Attempt { method: "GET", uri, body: None });
        }
    }
    for filter in FILTERS {
        for tenant in ["", r#""tenant_id": "globex", "#] {
            for dimensions in ["[]", r#"["tenant_id", "agent_id", "call_id"]"#] {
                attempts.push(posted(
                    "/api/v1/query",
                    format!(
                        r#"{{{tenant}"from": "2026-02-01", "to": "2026-02-28",
                        "metrics": ["event_count", "last_call_id"], "dimensions": {dimensions}, "filters": [{filter}]}}"#
                    ),
                ));
            }
        }
    }
    for filter in FILTERS_OF_PRODUCTS {
        for tenant in ["", r#""tenant_id": "globex", "#] {
            attempts.push(posted(
                "/api/v1/query",
                format!(
                    r#"{{{tenant}"family": "product", "from": "{recent_from}", "to": "{recent_to}",
                    "metrics": ["event_count", "last_user_id"], "dimensions": ["user_id"], "filters": [{filter}]}}"#
                ),
            ));
        }
    }
    for (template, parameters) in REPORTS {
        let is_of_voc = ["executive_overview", "agent_scorecard", "topic_movers"].contains(&template);
        let (from, to) = if is_of_voc { ("2026-02-01", "2026-02-28") } else { (&*recent_from, &*recent_to) };
        for more in ["", r#", "tenant_id": "acme""#, r#", "tenant_id": "globex""#, r#", "format": "csv""#] {
            attempts.push(posted(
                "/report",
                format!(
                    r#"{{"template": "{template}", "from": "{from}", "to": "{to}", "parameters": {parameters}{more}}}"#
                ),
            ));
        }
    }
    for sql in STATEMENTS {
        attempts.push(posted("/query", json!({"sql": sql}).to_string()));
        attempts.push(posted("/query", json!({"sql": sql, "tenant_id": "acme"}).to_string()));
        attempts.push(posted("/query", json!({"sql": sql, "tenant_id": "globex"}).to_string()));
    }
    attempts
}

/// What a client sees, but for what differs from one request to the next.
fn seen(response: &Response, names: &BTreeMap<&'static str, String>) -> (u16, Vec<(String, String)>, String) {
    let id = response.header("x-request-id").unwrap_or("").to_owned();
    // A caller may be told what it has asked for.
    let without_names = |text: &str| {
        let text = text.replace(&id, "ID");
        names.iter().fold(text, |text, (name, value)| text.replace(value.as_str(), &format!("{{{name}}}")))
    };
    let differs = ["x-request-id", "date", "content-length", "ratelimit"];
    let headers = response.headers.iter().filter(|(name, _)| !differs.contains(&name.as_str()));
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.clone(), without_names(value))).collect();
    headers.sort();
    (response.status, headers, without_names(&response.text))
}

#[test]
fn nothing_of_another_tenant_can_be_told_from_nothing() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex) = (key_of(&keys, "acme"), key_of(&keys, "globex"));
    // Two services with the same history, except for what is attempted: what an answer has cost depends on what was
    // asked before.
    let both = Arc::new(store(&engine, &[ACME, GLOBEX]));
    let [of_secrets, of_nothing] = [serve(&keys, &both), serve(&keys, &both)];
    let alone = serve(&keys, &Arc::new(store(&engine, &[ACME])));
    let (secret, nobodys) = (names("secret", OTHERS), names("absent", NOBODYS));
    let attempts = attempts();
    assert!(attempts.len() >= 450, "{} attempts", attempts.len());
    let mut controls = BTreeMap::new();
    for attempt in &attempts {
        // The other tenant's answers are kept when the attempt is made.
        let control = seen(&attempt.send(&of_secrets, &globex, &secret), &secret);
        assert_eq!(seen(&attempt.send(&of_nothing, &globex, &secret), &secret), control, "{attempt:?}");
        let mut found = seen(&attempt.send(&of_secrets, &acme, &secret), &secret);
        assert_eq!(found, seen(&attempt.send(&alone, &acme, &secret), &secret), "{attempt:?}");
        let mut of_nobody = seen(&attempt.send(&of_nothing, &acme, &nobodys), &nobodys);
        // A tag is also that of what was asked.
        for (_, headers, _) in [&mut found, &mut of_nobody] {
            headers.retain(|(name, _)| name != "etag");
        }
        assert_eq!(found, of_nobody, "{attempt:?}");
        assert!(!found.2.contains("secret"), "{attempt:?}: {}", found.2);
        let route = attempt.uri.split(['?', '.', '{']).next().unwrap().to_owned();
        *controls.entry(route).or_insert(0) += usize::from(control.0 == 200 && control != found);
        // A mistake is one for everybody; nothing else is run.
        if attempt.uri == "/query" {
            assert!(matches!(found.0, 403 | 422), "{attempt:?}: {}", found.2);
        }
    }
    // What can be found is found by those who may. SQL is for nobody who is bound to a tenant here.
    controls.retain(|_, seen| *seen == 0);
    assert!(controls.keys().all(|route| ["/api/v1/ledger", "/query"].contains(&route.as_str())), "{controls:?}");
}

/// What a statement says cannot widen what it is about.
#[test]
fn statements_about_a_tenant_show_nothing_of_another() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let all = key_of_all(&keys);
    let both = serve(&keys, &Arc::new(store(&engine, &[ACME, GLOBEX])));
    let alone = serve(&keys, &Arc::new(store(&engine, &[ACME])));
    let (secret, mut shown) = (names("secret", OTHERS), 0);
    for sql in STATEMENTS {
        let about = |tenant: Option<&str>| {
            let mut body = json!({"sql": sql});
            tenant.iter().for_each(|tenant| body["tenant_id"] = json!(tenant));
            posted("/query", body.to_string())
        };
        let found = about(Some("acme")).send(&both, &all, &secret);
        assert!(matches!(found.status, 200 | 422), "{sql}: {}", found.text);
        let rows = |response: &Response| response.json()["data"].clone();
        let found_alone = about(Some("acme")).send(&alone, &all, &secret);
        assert_eq!((found.status, rows(&found)), (found_alone.status, rows(&found_alone)), "{sql}");
        // A caller may be told what it has written.
        let seen = seen(&found, &secret).2;
        assert!(!seen.contains("secret") && (found.status == 422 || !seen.contains("globex")), "{sql}: {seen}");
        let control = about(None).send(&both, &all, &secret);
        shown += usize::from(control.status == 200 && control.text.contains("secret"));
    }
    assert!(shown >= 15, "{shown} statements show what there is to those who may see it");
}

#[test]
fn cursors_and_tags_of_another_tenant_are_of_no_use() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex, all) = (key_of(&keys, "acme"), key_of(&keys, "globex"), key_of_all(&keys));
    let api = serve(&keys, &Arc::new(store(&engine, &[ACME, GLOBEX])));
    let get = |key: &str, uri: &str, tag: Option<&str>| {
        let credential = format!("Bearer {key}");
        let headers = [("authorization", credential.as_str())];
        let tag = tag.map(|tag| ("if-none-match", tag));
        api.fetch_with("GET", uri, &headers.into_iter().chain(tag).collect::<Vec<_>>())
    };
    let [recent_from, recent_to] = recent_range();
    let of_products = format!("from={recent_from}&to={recent_to}");
    let lists = [
        ("events?", RANGE),
        ("calls?", RANGE),
        ("search?q=hello&", RANGE),
        ("topics?", RANGE),
        ("agents?", RANGE),
        ("customers/secretcustomer?", RANGE),
        ("dead-letters?", RANGE),
        ("product?by=user_id&", &of_products),
        ("events?family=product&", &of_products),
    ];
    for (list, range) in lists {
        for owner in [&globex, &all] {
            let uri = format!("/api/v1/{list}limit=1&{range}");
            let first = get(owner, &uri, None);
            assert_eq!(first.status, 200, "{uri} {}", first.text);
            let body = first.json();
            let next = body["meta"]["next"].as_str().or(body["next"].as_str());
            let next = next.unwrap_or_else(|| panic!("no cursor: {uri} {body}"));
            assert_eq!(get(owner, &format!("{uri}&cursor={next}"), None).status, 200, "{uri}");
            // A customer that acme has not is not there, whatever the page.
            let is_single = list.contains("secret");
            let page = get(&acme, &format!("{uri}&cursor={next}"), None);
            assert_eq!(page.status, if is_single { 404 } else { 400 }, "{uri} {}", page.text);
            let forged = get(&acme, &format!("{uri}&tenant_id=globex&cursor={next}"), None);
            assert!(matches!(forged.status, 400 | 403), "{uri} {}", forged.text);

            let tag = first.header("etag").unwrap_or_else(|| panic!("no tag: {uri}"));
            let own = get(&acme, &uri, Some(tag));
            assert_eq!(own.status, if is_single { 404 } else { 200 }, "{uri}");
            assert!(!own.text.contains("secret"), "{uri} {}", own.text);
            assert_eq!(get(owner, &uri, Some(tag)).status, 304, "{uri}");
        }
    }
    // The tag of an export of everybody's.
    for export in [format!("events.csv?{RANGE}"), format!("events.ndjson?family=product&{of_products}")] {
        let uri = format!("/api/v1/{export}");
        let tag = get(&all, &uri, None).header("etag").unwrap().to_owned();
        assert_eq!(get(&all, &uri, Some(&tag)).status, 304, "{uri}");
        let own = get(&acme, &uri, Some(&tag));
        assert_eq!((own.status, own.text.contains("secret")), (200, false), "{uri}");
    }
}

/// A store that notes what it is asked, and how many rows are read for it.
struct Noted {
    store: Arc<EmbeddedStore>,
    asked: Mutex<Vec<String>>,
    rows_read: Mutex<u64>,
}

impl Noted {
    fn note(&self, question: &impl std::fmt::Debug) {
        self.asked.lock().unwrap().push(format!("{question:?}"));
    }

    /// What was noted since the last time.
    fn taken(&self) -> (Vec<String>, u64) {
        (std::mem::take(&mut *self.asked.lock().unwrap()), std::mem::take(&mut *self.rows_read.lock().unwrap()))
    }
}

/// The same for one question.
struct Metered {
    noted: Arc<Noted>,
    store: Arc<dyn EventQueries>,
}

impl Metered {
    fn of(noted: &Arc<Noted>, meter: ReadMeter) -> Self {
        let rows_read = Arc::clone(noted);
        let meter = ReadMeter::new(move |rows| {
            *rows_read.rows_read.lock().unwrap() += rows;
            meter.add(rows);
        });
        Self { noted: Arc::clone(noted), store: Arc::clone(&noted.store).metered(meter) }
    }
}

#[async_trait]
impl EventQueries for Metered {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn EventQueries> {
        Arc::new(Self::of(&self.noted, meter))
    }

    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        self.noted.note(query);
        self.store.query(query).await
    }

    async fn funnel(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        self.noted.note(funnel);
        self.store.funnel(funnel).await
    }

    async fn drivers(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        self.noted.note(drivers);
        self.store.drivers(drivers).await
    }

    async fn repeat_contacts(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        self.noted.note(question);
        self.store.repeat_contacts(question).await
    }

    async fn events(&self, list: &EventList) -> Result<EventPage, StoreError> {
        self.noted.note(list);
        self.store.events(list).await
    }

    async fn reach(&self, list: &EventList, events: usize) -> Result<Option<Timestamp>, StoreError> {
        self.noted.note(&(list, events));
        self.store.reach(list, events).await
    }

    async fn stream(&self, list: &EventList) -> Result<EventStream, StoreError> {
        self.noted.note(list);
        self.store.stream(list).await
    }

    async fn dead_letters(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.noted.note(list);
        self.store.dead_letters(list).await
    }

    async fn freshness(&self, table: &Table, tenants: &TenantScope) -> Result<Option<Freshness>, StoreError> {
        self.noted.note(&(table.name, tenants));
        self.store.freshness(table, tenants).await
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.noted.note(&table.name);
        self.store.version(table).await
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.noted.note(filter);
        self.store.ledger(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// How long an answer takes cannot be compared without chance, but what it takes can: a 404 about what another tenant
/// has takes the same questions as one about what nobody has.
#[test]
fn what_is_not_there_costs_the_same_as_what_is_another_tenants() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex) = (key_of(&keys, "acme"), key_of(&keys, "globex"));
    let (secret, nobodys) = (names("secret", OTHERS), names("absent", NOBODYS));
    let store = Arc::new(store(&engine, &[ACME, GLOBEX]));
    let paths = [
        "/api/v1/events/{event}",
        "/api/v1/events/{event}?tenant_id=acme",
        "/api/v1/calls/{call}",
        "/api/v1/calls/{call}?tenant_id=acme",
        "/api/v1/customers/{customer}",
        "/api/v1/customers/{customer}?tenant_id=acme&from=2026-02-01&to=2026-02-28",
    ];
    for path in paths {
        let attempt = Attempt { method: "GET", uri: path.to_owned(), body: None };
        let taken = |key: &str, names: &BTreeMap<&'static str, String>| {
            let (asked, rows_read) = Default::default();
            let noted = Arc::new(Noted { store: Arc::clone(&store), asked, rows_read });
            let api = keys.serve_from(Arc::new(Metered::of(&noted, ReadMeter::default())));
            let answer = seen(&attempt.send(&api, key, names), names);
            let (asked, rows_read) = noted.taken();
            let without_names = |text: String| {
                names.iter().fold(text, |text, (name, value)| text.replace(value.as_str(), &format!("{{{name}}}")))
            };
            (answer, asked.into_iter().map(without_names).collect::<Vec<_>>(), rows_read)
        };
        let (of_secret, of_nobody) = (taken(&acme, &secret), taken(&acme, &nobodys));
        assert_eq!(of_secret.0.0, 404, "{path}: {of_secret:?}");
        assert!(!of_secret.1.is_empty(), "{path} asks the store");
        assert_eq!(of_secret, of_nobody, "{path}");
        if !path.contains("tenant_id") {
            let (answer, _, rows_read) = taken(&globex, &secret);
            assert_eq!((answer.0, rows_read > 0), (200, true), "{path} is there");
        }
    }
}

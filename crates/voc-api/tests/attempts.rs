//! Attempts to see another tenant's rows, each with the key of a tenant, against the engine.
//!
//! An attempt names what belongs to the other tenant, and is repeated with names that belong to nobody: both answers
//! must be the same. As a control, the other tenant's own key sees a difference.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "access/stage.rs"]
mod keys;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{collections::BTreeMap, sync::Arc};

use keys::KeyStage;
use serde_json::{Value, json};
use served::{Response, Served};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_events::{DecodeOptions, Decoded, Envelope, Family as _, Timestamp, voc::Voc};
use voc_store::{
    BatchBuilder, DeadLetter, EventStore as _, Migrator, PartitionBy, RowAnnotation, SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// 2026-02-02T12:00:00Z.
const NOON: i64 = 1_770_033_600_000;
const RANGE: &str = "from=2026-02-01&to=2026-02-28";

/// What an attempt may name, as `{call}`.
const NAMES: [&str; 9] = ["call", "customer", "agent", "topic", "tool", "metric", "action", "region", "word"];

/// Paths that name something of a tenant, without the range.
const PATHS: [&str; 74] = [
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

fn store(engine: &voc_testkit::requirements::TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).unwrap());
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let mut offset = 0;
    for (tenant, owner, number) in [("acme", "mine", 0), ("globex", "secret", OTHERS)] {
        let topic = names(owner, number)["topic"].clone();
        for payload in events(tenant, owner, number) {
            let Ok(Decoded { event, .. }) = voc.decode(&payload, &Envelope::default()) else { panic!("{payload}") };
            let annotation = RowAnnotation { sentiment: Some(-0.5), topic: Some(&topic), ..RowAnnotation::default() };
            builder.push(&event, &payload, &annotation, offset).unwrap();
            offset += 1;
        }
    }
    let range =
        SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last: offset };
    runtime.block_on(store.insert(Arc::new(builder.seal(range, Timestamp::from_millis(NOON))))).unwrap();
    let dead_letters = [dead_letter("acme", "mine", 1), dead_letter("globex", "secret", 2)];
    runtime.block_on(store.insert_dead_letters(dead_letters.into())).unwrap();
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

/// All attempts: each path as it is, and with the other tenant named in several ways.
fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for path in PATHS {
        // These have no range.
        let is_single = path.starts_with("/api/v1/calls/") || path.starts_with("/api/v1/events/");
        let separator = if path.contains('?') { '&' } else { '?' };
        let with_range = match () {
            () if is_single || path.starts_with("/api/v1/ledger") => path.to_owned(),
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
                let body = format!(
                    r#"{{{tenant}"from": "2026-02-01", "to": "2026-02-28", "metrics": ["event_count", "last_call_id"],
                        "dimensions": {dimensions}, "filters": [{filter}]}}"#
                );
                attempts.push(Attempt { method: "POST", uri: "/api/v1/query".to_owned(), body: Some(body) });
            }
        }
    }
    attempts
}

/// What a client sees, but for what differs from one request to the next.
fn seen(response: &Response, names: &BTreeMap<&'static str, String>) -> (u16, String) {
    let id = response.header("x-request-id").unwrap_or("").to_owned();
    let mut text = response.text.replace(&id, "ID");
    // A caller may be told what it has asked for.
    for (name, value) in names {
        text = text.replace(value.as_str(), &format!("{{{name}}}"));
    }
    (response.status, text)
}

#[test]
fn nothing_of_another_tenant_can_be_told_from_nothing() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex) = (keys.reader("acme"), keys.reader("globex"));
    // Two services with the same history, except for what is attempted: what an answer has cost depends on what was
    // asked before.
    let store = Arc::new(store(&engine));
    let [of_secrets, of_nothing] = [keys.serve_from(Arc::clone(&store)), keys.serve_from(store)];
    let (secret, nobodys) = (names("secret", OTHERS), names("absent", NOBODYS));
    let attempts = attempts();
    assert!(attempts.len() >= 200, "{} attempts", attempts.len());
    let mut controls = BTreeMap::new();
    for attempt in &attempts {
        // The other tenant's answers are kept when the attempt is made.
        let control = seen(&attempt.send(&of_secrets, &globex, &secret), &secret);
        assert_eq!(seen(&attempt.send(&of_nothing, &globex, &secret), &secret), control, "{attempt:?}");
        let found = seen(&attempt.send(&of_secrets, &acme, &secret), &secret);
        let of_nobody = seen(&attempt.send(&of_nothing, &acme, &nobodys), &nobodys);
        assert_eq!(found, of_nobody, "{attempt:?}");
        assert!(!found.1.contains("secret"), "{attempt:?}: {}", found.1);
        let route = attempt.uri.split(['?', '.', '{']).next().unwrap().to_owned();
        *controls.entry(route).or_insert(0) += usize::from(control.0 == 200 && control != found);
    }
    // What can be found is found by those who may.
    controls.retain(|_, seen| *seen == 0);
    assert!(controls.keys().all(|route| route == "/api/v1/ledger"), "{controls:?}");
}

#[test]
fn cursors_and_tags_of_another_tenant_are_of_no_use() {
    let Some(engine) = engine_or_skip() else { return };
    let keys = KeyStage::new();
    let (acme, globex, all) = (keys.reader("acme"), keys.reader("globex"), keys.reader_of_all());
    let api = keys.serve_from(Arc::new(store(&engine)));
    let get = |key: &str, uri: &str, tag: Option<&str>| {
        let credential = format!("Bearer {key}");
        let headers = [("authorization", credential.as_str())];
        let tag = tag.map(|tag| ("if-none-match", tag));
        api.fetch_with("GET", uri, &headers.into_iter().chain(tag).collect::<Vec<_>>())
    };
    let lists = ["events?", "calls?", "search?q=hello&", "topics?", "agents?", "dead-letters?"];
    for list in lists {
        for owner in [&globex, &all] {
            let uri = format!("/api/v1/{list}limit=1&{RANGE}");
            let first = get(owner, &uri, None);
            assert_eq!(first.status, 200, "{uri} {}", first.text);
            let body = first.json();
            let next = body["meta"]["next"].as_str().or(body["next"].as_str());
            if let Some(next) = next {
                let page = get(&acme, &format!("{uri}&cursor={next}"), None);
                assert_eq!(page.status, 400, "{uri} {}", page.text);
                let forged = get(&acme, &format!("{uri}&tenant_id=globex&cursor={next}"), None);
                assert!(matches!(forged.status, 400 | 403), "{uri} {}", forged.text);
            }
            if let Some(tag) = first.header("etag") {
                let own = get(&acme, &uri, Some(tag));
                assert_eq!(own.status, 200, "{uri}");
                assert!(!own.text.contains("secret"), "{uri} {}", own.text);
                assert_eq!(get(owner, &uri, Some(tag)).status, 304, "{uri}");
            }
        }
    }
}

//! Lists in pages: each row once, whatever the order.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{collections::BTreeSet, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use served::{Answer, Served};
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_events::{
    Family as _, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{
    BatchBuilder, DeadLetter, EventQueries, EventStore, MemoryStore, Migrator, PartitionBy, RowAnnotation, SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

/// 2026-02-02T12:00:00Z.
const START: i64 = 1_770_033_600_000;
const CALLS: i64 = 40;
/// Calls of a day, more than one answer has.
const MANY: i64 = 10_500;
const DEAD_LETTERS: i64 = 2100;

/// Calls of two tenants, every fifth of which is two events; some have no sentiment, and some share their time.
fn batch() -> Arc<voc_store::InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let events = (0..CALLS).flat_map(|call| if call % 5 == 0 { vec![(call, 0), (call, 1)] } else { vec![(call, 0)] });
    let mut last = 0;
    for ((call, leg), offset) in events.zip(0_i64..) {
        let id = Uuid::from_u64_pair(1, offset.cast_unsigned());
        let time = Timestamp::from_millis(START + call / 3 * 1000 + leg);
        let base = BaseEvent::new(id, if call % 2 == 0 { "acme" } else { "globex" }, time, CallEvent::TYPE);
        let mut event = CallEvent::new(base, format!("call-{call}"));
        event.duration_ms = Some(1000 * (call % 7));
        event.agent_id = Some(format!("agent-{leg}").into());
        let sentiment = (call % 4 != 0).then_some(0.25 * (call % 3) as f32);
        let annotation = RowAnnotation { sentiment, language: "en", decided_by: "fast@1", ..RowAnnotation::default() };
        builder.push(&VocEvent::Call(event), "{}", &annotation, offset).unwrap();
        last = offset;
    }
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(START)))
}

/// Calls of 5 MiB each.
fn long_calls() -> Arc<voc_store::InsertBatch> {
    const LAST: i64 = 8;
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let payload = format!("{{\"notes\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));
    for offset in 0..=LAST {
        let id = Uuid::from_u64_pair(2, offset.cast_unsigned());
        let time = Timestamp::from_millis(START + 86_400_000 + offset);
        let event = VocEvent::Call(CallEvent::new(BaseEvent::new(id, "acme", time, CallEvent::TYPE), "call-1"));
        builder.push(&event, &payload, &RowAnnotation::default(), offset).unwrap();
    }
    let topic = "voc.long".into();
    let range = SourceRange { family: Voc::NAME, topic, partition: 0, epoch: 0, first: 0, last: LAST };
    Arc::new(builder.seal(range, Timestamp::from_millis(START)))
}

/// All pages of a list.
fn pages(api: &Served, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = api.get(&format!("{path}&limit=7{cursor}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.body["data"].as_array().unwrap();
        assert!(page.len() <= 7);
        rows.extend(page.iter().cloned());
        let next = answer.body["meta"]["next"].as_str();
        assert_eq!(next.is_some(), answer.body["meta"]["truncated"] == json!(true));
        match next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// More calls than one answer has, two days later.
fn many_calls() -> Arc<voc_store::InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for offset in 0..MANY {
        let id = Uuid::from_u64_pair(3, offset.cast_unsigned());
        let time = Timestamp::from_millis(START + 2 * 86_400_000 + offset / 7);
        let event = CallEvent::new(BaseEvent::new(id, "acme", time, CallEvent::TYPE), format!("call-{offset}"));
        builder.push(&VocEvent::Call(event), "{}", &RowAnnotation::default(), offset).unwrap();
    }
    let topic = "voc.many".into();
    let range = SourceRange { family: Voc::NAME, topic, partition: 0, epoch: 0, first: 0, last: MANY - 1 };
    Arc::new(builder.seal(range, Timestamp::from_millis(START)))
}

/// A list that is exported has all rows, unless a page is asked for.
fn check_many_calls(api: &Served) {
    let range = "from=2026-02-04&to=2026-02-04";
    let calls = |format: &str, more: &str| {
        let answer = api.fetch("GET", &format!("/api/v1/calls.{format}?{range}{more}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    };
    let ids = |ndjson: &str| {
        let row = |line: &str| serde_json::from_str::<Value>(line).unwrap()["call_id"].to_string();
        ndjson.lines().map(row).collect::<Vec<_>>()
    };
    for sort in ["", "&sort=-started_at", "&sort=call_id"] {
        let ids = ids(&calls("ndjson", sort));
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (MANY as usize, MANY as usize), "{sort}");
        assert_eq!(calls("csv", sort).lines().count(), 1 + MANY as usize, "{sort}");
    }
    for (more, rows) in [("&limit=30", 30), ("&limit=10000", 10_000)] {
        assert_eq!(ids(&calls("ndjson", more)).len(), rows, "{more}");
    }
    let first = api.get(&format!("/api/v1/calls?{range}&limit=10000")).body;
    let next = first["meta"]["next"].as_str().unwrap();
    assert_eq!(ids(&calls("ndjson", &format!("&limit=10000&cursor={next}"))).len(), MANY as usize - 10_000);
    assert_eq!(api.get(&format!("/api/v1/calls?{range}")).body["data"].as_array().unwrap().len(), 50);
    // So has any question, also rows of empty buckets.
    let ask = |accept: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        api.send("POST", "/api/v1/query", &headers, Some(&body.to_string())).text
    };
    let body = json!({"from": "2026-02-04", "to": "2026-02-04", "dimensions": ["call_id"]});
    assert_eq!(ask("text/csv", body).lines().count(), 1 + MANY as usize);
    let body = json!({"from": "2026-01-25", "to": "2026-02-04", "dimensions": ["time:minute"]});
    assert_eq!(ask("application/x-ndjson", body).lines().count(), 11 * 24 * 60);
}

/// A page of long events ends before its limit.
fn check_long_calls(api: &Served) {
    let page = |cursor: &str| {
        let path = format!("/api/v1/events?from=2026-02-03&to=2026-02-03&fields=event_id,payload{cursor}");
        let body = api.fetch("GET", &path).json();
        let next = body["meta"]["next"].as_str().map(|next| format!("&cursor={next}"));
        assert_eq!(body["meta"]["truncated"], json!(next.is_some()));
        let ids = body["data"].as_array().unwrap().iter().map(|row| row["event_id"].to_string());
        (ids.collect::<Vec<_>>(), next)
    };
    let (first, next) = page("");
    let (second, end) = page(&next.unwrap());
    // The seventh is the one with which there are 32 MiB.
    assert_eq!((first.len(), second.len(), end), (7, 2, None));
    assert_eq!(first.iter().chain(&second).collect::<BTreeSet<_>>().len(), 9);
}

fn check(api: &Served) {
    let range = "from=2026-02-02&to=2026-02-02";
    for sort in
        ["started_at", "-started_at", "sentiment", "-sentiment", "duration_ms", "-call_id", "events", "agent_id"]
    {
        let path = format!("/api/v1/calls?{range}&sort={sort}");
        let whole = api.get(&format!("{path}&limit=1000")).body;
        assert_eq!(whole["data"].as_array().unwrap().len(), CALLS as usize, "{sort}");
        assert_eq!(json!(pages(api, &path)), whole["data"], "{sort}");
    }
    let one = pages(api, &format!("/api/v1/calls?{range}&tenant_id=acme"));
    let ids: BTreeSet<&str> = one.iter().map(|row| row["call_id"].as_str().unwrap()).collect();
    assert_eq!((one.len(), ids.len()), (20, 20));
    let two_legs = one.iter().find(|row| row["call_id"] == "call-30").unwrap();
    let of_call = |name: &str| &two_legs[name];
    assert_eq!(
        (of_call("events"), of_call("duration_ms"), of_call("agent_id")),
        (&json!(2), &json!(4000), &json!("agent-1"))
    );
    assert_eq!(of_call("started_at"), &json!("2026-02-02T12:00:10.000Z"));

    // Any question has pages, and a range up to now is still the same on the next one.
    let agents = pages(api, "/api/v1/agents?last=3660d");
    assert_eq!(agents.len(), 2);
    let ask = |cursor: Option<&str>| {
        let body = json!({"last": "3660d", "dimensions": ["call_id"], "limit": 25, "cursor": cursor});
        let headers = [("content-type", "application/json")];
        let answer = api.send("POST", "/api/v1/query", &headers, Some(&body.to_string()));
        Answer { status: answer.status, body: answer.json() }
    };
    let first = ask(None);
    let second = ask(first.body["meta"]["next"].as_str());
    assert_eq!((first.body["meta"]["to"].clone(), second.status), (second.body["meta"]["to"].clone(), 200));
    assert_eq!(second.body["data"].as_array().unwrap().len(), 15);

    // Also of rows for buckets without events.
    let hours = |limit: usize, cursor: Option<&str>| {
        let body = json!({"from": "2026-02-02", "to": "2026-02-02", "tenant_id": "acme", "metrics": ["event_count"],
            "dimensions": ["time:hour", "agent_id"], "limit": limit, "cursor": cursor});
        let headers = [("content-type", "application/json")];
        api.send("POST", "/api/v1/query", &headers, Some(&body.to_string())).json()
    };
    let whole = hours(1000, None)["data"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 24 * 2);
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = hours(7, next.as_deref());
        found.push(page["data"].as_array().unwrap().clone());
        next = page["meta"]["next"].as_str().map(str::to_owned);
        assert_eq!(next.is_some(), page["meta"]["truncated"] == json!(true));
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 7, 7, 6]);
    assert_eq!(found.concat(), whole);

    let next = api.get(&format!("/api/v1/calls?{range}&limit=7")).body["meta"]["next"].as_str().unwrap().to_owned();
    let refused = |path: String| {
        let answer = api.get(&path);
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_cursor")), "{path}");
    };
    for other in ["tenant_id=acme", "sort=sentiment", "agent_id=agent-0", "sentiment_min=0"] {
        refused(format!("/api/v1/calls?{range}&{other}&cursor={next}"));
    }
    refused(format!("/api/v1/calls?from=2026-02-01&to=2026-02-02&cursor={next}"));
    refused(format!("/api/v1/tools?{range}&cursor={next}"));
    for garbage in ["x", "e30", &next[1..], &next[..next.len() - 3]] {
        refused(format!("/api/v1/calls?{range}&cursor={garbage}"));
    }
    // The period of a cursor is one that the range had; nobody makes the question larger.
    let relative = "/api/v1/calls?last=3660d&limit=7";
    let next_of_relative = api.get(relative).body["meta"]["next"].as_str().unwrap().to_owned();
    let moved = |by: (i64, i64)| {
        let mut cursor: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&next_of_relative).unwrap()).unwrap();
        let period = [&cursor["period"][0], &cursor["period"][1]].map(|millis| millis.as_i64().unwrap());
        cursor["period"] = json!([period[0] + by.0, period[1] + by.1]);
        format!("{relative}&cursor={}", URL_SAFE_NO_PAD.encode(cursor.to_string()))
    };
    let hour = 3_600_000;
    assert_eq!(api.get(&moved((-hour, -hour))).status, 200);
    for by in [(-2 * hour, 0), (0, 2 * hour)] {
        refused(moved(by));
    }
    // The limit may change between pages.
    assert_eq!(api.get(&format!("/api/v1/calls?{range}&limit=3&cursor={next}")).status, 200);
    let compared = api.get(&format!("/api/v1/agents?{range}&compare=true&cursor={next}"));
    assert_eq!((compared.status, &compared.body["detail"][0]["loc"]), (422, &json!(["query", "cursor"])));
    let unknown = api.get(&format!("/api/v1/calls?{range}&sort=-started"));
    let Answer { status, body } = unknown;
    let message = body["detail"][0]["msg"].as_str().unwrap();
    assert!(status == 422 && message.contains("did you mean 'started_at'?"), "{message}");
}

/// Dead letters of 20 KiB each, more than 32 MiB.
fn dead_letters() -> Arc<[DeadLetter]> {
    let dead_letter = |offset: i64| DeadLetter {
        family: Voc::NAME,
        error_type: "invalid_json".to_owned(),
        error: "$: expected a value".to_owned(),
        path: "$".to_owned(),
        tenant_id: "acme".to_owned(),
        topic: "voc.events".to_owned(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: Some("x".repeat(20 * 1024).into_bytes()),
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(START + offset / 10),
    };
    (0..DEAD_LETTERS).map(dead_letter).collect()
}

/// An export of dead letters has all of them; a page of long ones ends before its limit.
fn check_dead_letters(api: &Served) {
    let range = "from=2026-02-02&to=2026-02-02";
    let ids = |ndjson: &str| -> Vec<String> {
        let row = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        ndjson.lines().map(row).collect()
    };
    let all = api.fetch("GET", &format!("/api/v1/dead-letters.ndjson?{range}"));
    let expected: Vec<String> = (0..DEAD_LETTERS).rev().map(|offset| format!("voc.events/0/{offset}")).collect();
    assert_eq!((all.status, all.header("link")), (200, None));
    assert_eq!(ids(&all.text), expected);

    let mut found: Vec<String> = Vec::new();
    let mut path = format!("/api/v1/dead-letters.ndjson?{range}&limit=10000");
    let mut pages = 0;
    loop {
        let page = api.fetch("GET", &path);
        found.extend(ids(&page.text));
        pages += 1;
        let Some(link) = page.header("link") else { break };
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(next.starts_with(&format!("?{range}&limit=10000&cursor=")), "{next}");
        path = format!("/api/v1/dead-letters.ndjson{next}");
    }
    assert_eq!(found, expected);
    assert_eq!(pages, 2, "32 MiB are a page");
    let first = api.get(&format!("/api/v1/dead-letters?{range}")).body;
    assert_eq!(first["data"].as_array().unwrap().len(), 100);
    assert_eq!(
        (&first["meta"]["truncated"], &first["meta"]["from"]),
        (&json!(true), &json!("2026-02-02T00:00:00+00:00"))
    );
}

fn check_all(store: impl EventStore + EventQueries + 'static) {
    let store = Arc::new(store);
    let runtime = Runtime::new().unwrap();
    let insert = |batch| runtime.block_on(store.insert(batch)).unwrap();
    insert(batch());
    insert(long_calls());
    let api = Served::start(Arc::clone(&store), Vec::new());
    check(&api);
    check_long_calls(&api);
    insert(many_calls());
    check_many_calls(&api);
    runtime.block_on(store.insert_dead_letters(dead_letters())).unwrap();
    check_dead_letters(&api);
}

#[test]
fn pages_of_the_memory_store_have_each_row_once() {
    check_all(MemoryStore::new());
}

#[test]
fn pages_of_the_engine_have_each_row_once() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(Migrator::new(&store, PartitionBy::Month).up()).unwrap();
    check_all(store);
}

//! Answers next to those of the period before: each of them is the answer to the same question about that period.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};
use served::Served;
use tokio::runtime::Runtime;
use uuid::Uuid;
use voc_events::{
    DecodeOptions, Envelope, Family as _, Timestamp,
    activity::Activity,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{BatchBuilder, EventStore as _, MemoryStore, PartitionBy, RowAnnotation, SourceRange};

/// 2026-02-02T00:00:00Z.
const START: i64 = 1_769_990_400_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const CALLS: i64 = 400;
const TOPICS: [&str; 3] = ["billing", "technical", "sales"];

fn range(family: &'static str, last: i64) -> SourceRange {
    SourceRange { family, topic: family.into(), partition: 0, epoch: 0, first: 0, last }
}

/// Calls of four weeks; one topic ends with the third one, another begins with it.
fn calls() -> Arc<voc_store::InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    for offset in 0..CALLS {
        let week = offset * 4 / CALLS;
        let time = Timestamp::from_millis(START - 21 * DAY + offset * 28 * DAY / CALLS);
        let topic = match (offset % 3, week) {
            (0, _) => TOPICS[0],
            (_, 0..=2) => TOPICS[1],
            _ => TOPICS[2],
        };
        let payload = json!({
            "event_id": Uuid::from_u64_pair(1, offset.unsigned_abs()), "tenant_id": "acme",
            "timestamp": time.to_string(), "event_type": "call", "call_id": format!("call-{offset}"),
            "agent_id": format!("agent-{}", offset % 4), "customer_id": format!("customer-{}", offset % 37),
            "transcript": "Customer: where is my invoice?",
        });
        let payload = payload.to_string();
        let event = voc.decode(&payload, &Envelope::default()).unwrap().event;
        let sentiment = Some((offset % 9 - week) as f32 / 10.0);
        let annotation = RowAnnotation { topic: Some(topic), sentiment, ..RowAnnotation::default() };
        builder.push(&event, &payload, &annotation, offset).unwrap();
    }
    Arc::new(builder.seal(range(Voc::NAME, CALLS - 1), Timestamp::from_millis(START)))
}

/// Sessions of four weeks, of which every other one has a second step, and every fourth one a third.
fn sessions() -> Arc<voc_store::InsertBatch> {
    let mut builder = BatchBuilder::new(Activity::TABLE, PartitionBy::Month);
    let activity = Activity::for_topic("activity", &DecodeOptions::default());
    let mut offset = 0;
    for session in 0..200_i64 {
        let start = START - 21 * DAY + session * session * 28 * DAY / 40_000;
        let steps = ["page_view", "click", "form_submit"];
        let reached = if session % 4 == 0 { 3 } else { 1 + usize::from(session % 2 == 0) };
        for (step, of_type) in (0..).zip(&steps[..reached]) {
            let payload = json!({
                "event_id": Uuid::from_u64_pair(2, offset), "event_type": of_type,
                "timestamp": Timestamp::from_millis(start + step * 60_000 * (1 + session % 7)).to_string(),
                "session_id": format!("session-{session}"), "user_id": format!("user-{}", session % 50),
            });
            let payload = payload.to_string();
            let event = activity.decode(&payload, &Envelope::default()).unwrap().event;
            let place = i64::try_from(offset).unwrap();
            builder.push(&event, &payload, &RowAnnotation::default(), place).unwrap();
            offset += 1;
        }
    }
    let last = i64::try_from(offset).unwrap() - 1;
    Arc::new(builder.seal(range(Activity::NAME, last), Timestamp::from_millis(START)))
}

fn served() -> Served {
    let store = MemoryStore::new();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(store.insert(calls())).unwrap();
    runtime.block_on(store.insert(sessions())).unwrap();
    Served::start(Arc::new(store), Vec::new())
}

fn rows(api: &Served, path: &str) -> Vec<Map<String, Value>> {
    let answer = api.get(path);
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    serde_json::from_value(answer.body["data"].clone()).unwrap()
}

/// The rows of a week next to those of the week before, put together from two answers. `identifying` are the columns
/// that distinguish rows; a row that was not there has null.
fn expected(api: &Served, path: &str, identifying: &[&str]) -> Vec<Map<String, Value>> {
    let key =
        |row: &Map<String, Value>| identifying.iter().map(|name| row[*name].to_string()).collect::<Vec<_>>().join("/");
    // The limit is that of the rows of this week.
    let unlimited = path.replace("limit=3&", "");
    let before = rows(api, &format!("{unlimited}from=2026-01-26&to=2026-02-01"));
    let before: BTreeMap<String, Map<String, Value>> = before.into_iter().map(|row| (key(&row), row)).collect();
    let mut now = rows(api, &format!("{path}from=2026-02-02&to=2026-02-08"));
    for row in &mut now {
        let then = before.get(&key(row));
        for (name, value) in row.clone().into_iter().filter(|(name, _)| !identifying.contains(&name.as_str())) {
            let earlier = then.map_or(Value::Null, |then| then[&name].clone());
            let change = match (&value, &earlier) {
                (Value::Number(now), Value::Number(then)) if now.is_i64() => {
                    json!(now.as_i64().unwrap() - then.as_i64().unwrap())
                }
                (Value::Number(now), Value::Number(then)) => json!(now.as_f64().unwrap() - then.as_f64().unwrap()),
                _ => Value::Null,
            };
            row.insert(format!("change_{name}"), change);
            row.insert(format!("previous_{name}"), earlier);
        }
    }
    now
}

#[test]
fn drivers_repeat_contacts_and_funnels_are_compared_row_by_row() {
    let api = served();
    for (path, identifying) in [
        ("/api/v1/drivers?min_support=5&", vec!["factor", "value"]),
        ("/api/v1/drivers?min_support=5&kinds=agent&limit=3&", vec!["factor", "value"]),
        ("/api/v1/repeat-contacts?within=2d&", vec![]),
        ("/api/v1/repeat-contacts?within=9d&by=topic&", vec!["topic"]),
        ("/api/v1/activity/funnel?steps=page_view,click,form_submit&", vec!["step", "name"]),
    ] {
        let compared = format!("{path}from=2026-02-02&to=2026-02-08&compare=true");
        let found = rows(&api, &compared);
        let expected = expected(&api, path, &identifying);
        assert_eq!(found, expected, "{path}");
        assert!(!found.is_empty(), "{path}");
        let has_changed = |row: &Map<String, Value>| {
            row.iter().any(|(name, value)| name.starts_with("change_") && value.as_f64().is_some_and(|by| by != 0.0))
        };
        assert!(found.iter().any(has_changed), "{path} {found:?}");
        let meta = &api.get(&compared).body["meta"];
        let before = json!({"from": "2026-01-26T00:00:00+00:00", "to": "2026-02-02T00:00:00+00:00"});
        assert_eq!(meta["compared_with"], before, "{path}");
    }
}

#[test]
fn the_share_of_a_topic_is_compared_too() {
    let api = served();
    let found = rows(&api, "/api/v1/topics?from=2026-02-02&to=2026-02-08&compare=true");
    let of = |path: &str| -> BTreeMap<String, f64> {
        let shares = rows(&api, path).into_iter();
        shares.map(|row| (row["topic"].as_str().unwrap().to_owned(), row["share"].as_f64().unwrap())).collect()
    };
    let now = of("/api/v1/topics?from=2026-02-02&to=2026-02-08");
    let before = of("/api/v1/topics?from=2026-01-26&to=2026-02-01");
    assert_eq!(found.len(), TOPICS.len(), "also a topic that is gone");
    for row in found {
        let topic = row["topic"].as_str().unwrap();
        let share = |shares: &BTreeMap<String, f64>| shares.get(topic).copied().unwrap_or(0.0);
        let (now, before) = (share(&now), share(&before));
        assert_eq!((&row["share"], &row["previous_share"]), (&json!(now), &json!(before)), "{row:?}");
        assert_eq!(row["change_share"], json!(now - before), "{row:?}");
    }
    // An export has the same columns.
    let csv = api.fetch("GET", "/api/v1/topics.csv?from=2026-02-02&to=2026-02-08&compare=true").text;
    assert!(csv.lines().next().unwrap().ends_with("share,previous_share,change_share"), "{csv}");
}

/// An answer of two periods has the groups of both, which may be more than an answer has.
#[test]
fn an_answer_of_two_periods_is_not_cut_silently() {
    const AGENTS: i64 = 6000;
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    for (offset, agent) in (0..2 * AGENTS).enumerate() {
        let time = Timestamp::from_millis(START + if agent < AGENTS { -DAY } else { DAY });
        let base = BaseEvent::new(Uuid::from_u64_pair(3, agent.unsigned_abs()), "acme", time, CallEvent::TYPE);
        let mut call = CallEvent::new(base, format!("call-{agent}"));
        call.agent_id = Some(format!("agent-{agent}").into());
        let place = i64::try_from(offset).unwrap();
        builder.push(&VocEvent::Call(call), "{}", &RowAnnotation::default(), place).unwrap();
    }
    let store = MemoryStore::new();
    let batch = Arc::new(builder.seal(range(Voc::NAME, 2 * AGENTS - 1), Timestamp::from_millis(START)));
    Runtime::new().unwrap().block_on(store.insert(batch)).unwrap();
    let api = Served::start(Arc::new(store), Vec::new());
    let path = |format: &str| format!("/api/v1/agents{format}?from=2026-02-02&to=2026-02-08&compare=true");
    let refused = api.fetch("GET", &path(".csv"));
    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("query_too_expensive")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("give a 'limit'"), "{}", refused.text);
    let limited = api.fetch("GET", &format!("{}&limit=10000", path(".csv")));
    assert_eq!((limited.status, limited.text.lines().count()), (200, 10_001));
    let json = api.get(&format!("{}&limit=10000", path("")));
    assert_eq!((json.status, &json.body["meta"]["truncated"]), (200, &serde_json::json!(true)));
}

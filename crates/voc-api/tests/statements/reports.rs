//! Reports are what a plain fold over the events says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use voc_api::access::{Access, Scope, Tenants};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    keys::{KeyStage, only},
    mistake, post, rows,
    served::Served,
    stage::{DAY, ProductRow, Stage, VocRow, date, product_rows, start, voc_rows},
};

fn ask(api: &Served, template: &str, more: &Value) -> Vec<Value> {
    let mut body = json!({"template": template, "from": date(0), "to": date(3)});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rows(&post(api, "/report", None, &body))
}

/// Whether an instant is in the four days of the questions.
fn is_asked(millis: i64) -> bool {
    (start()..start() + 4 * DAY).contains(&millis)
}

fn products(app: Option<&str>) -> Vec<ProductRow> {
    let mut events = product_rows();
    events.retain(|event| is_asked(event.millis) && app.is_none_or(|app| event.app == app));
    events
}

/// How many seconds something was watched, who watched it, and how many views there were.
type Watched<'a> = (f64, BTreeSet<(&'a str, &'a str)>, u64);

/// A user, who is one of an app.
fn user(event: &ProductRow) -> (&str, &str) {
    (event.app, &event.user)
}

fn number(event: &ProductRow, name: &str) -> f64 {
    event.properties[name].as_f64().unwrap_or_default()
}

fn mean(numbers: &[f64]) -> Value {
    if numbers.is_empty() { Value::Null } else { json!(numbers.iter().sum::<f64>() / numbers.len() as f64) }
}

fn assert_close(found: &Value, expected: &Value, what: &str) {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}"),
        _ => assert_eq!(found, expected, "{what}"),
    }
}

fn assert_same(found: &[Value], expected: &[Value]) {
    assert_eq!(found.len(), expected.len(), "{found:#?}\n{expected:#?}");
    for (found, expected) in found.iter().zip(expected) {
        let (found, expected) = (found.as_object().unwrap(), expected.as_object().unwrap());
        assert!(found.keys().eq(expected.keys()), "{found:?}\n{expected:?}");
        found.iter().for_each(|(name, value)| assert_close(value, &expected[name], name));
    }
}

#[test]
fn the_products_reports_are_those_of_a_fold() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    for app in [None, Some("openstream"), Some("musicbox"), Some("nobody")] {
        let tenant = app.map_or(json!({}), |app| json!({"tenant_id": app}));
        let events = products(app);
        let users = |name: Option<&str>| {
            let events = events.iter().filter(|event| name.is_none_or(|name| event.name == name));
            events.map(user).collect::<BTreeSet<_>>().len()
        };
        let count = |name: &str| events.iter().filter(|event| event.name == name).count();
        let sum = |name: &str, property: &str| {
            events.iter().filter(|event| event.name == name).map(|event| number(event, property)).sum::<f64>()
        };
        let expected = json!({
            "events": events.len(), "users": users(None), "watch_seconds": sum("video_heartbeat", "watch_time"),
            "viewers": users(Some("video_heartbeat")), "content_views": count("content_view"),
            "searches": count("search"), "bufferings": count("video_buffering"),
            "buffering_ms": sum("video_buffering", "buffer_duration_ms"), "signups": count("signup"),
        });
        assert_same(&ask(&api, "overview_stats", &tenant), &[expected]);

        let mut searches: BTreeMap<String, Vec<&ProductRow>> = BTreeMap::new();
        for event in events.iter().filter(|event| event.name == "search") {
            let query = event.properties["query"].as_str().unwrap().trim().to_lowercase();
            searches.entry(query).or_default().push(event);
        }
        let mut expected: Vec<Value> = searches
            .iter()
            .map(|(query, events)| {
                let results: Vec<f64> = events.iter().map(|event| number(event, "results")).collect();
                json!({
                    "query": query, "searches": events.len(),
                    "users": events.iter().map(|event| user(event)).collect::<BTreeSet<_>>().len(),
                    "without_results": results.iter().filter(|results| **results == 0.0).count(),
                    "avg_results": mean(&results),
                })
            })
            .collect();
        expected.sort_by_key(|row| std::cmp::Reverse(row["searches"].as_u64()));
        assert_same(&ask(&api, "search_analytics", &tenant), &expected);

        let mut content: BTreeMap<&str, Watched> = BTreeMap::new();
        for event in events.iter().filter(|event| ["video_heartbeat", "content_view"].contains(&event.name)) {
            let entry = content.entry(event.properties["content_id"].as_str().unwrap()).or_default();
            if event.name == "content_view" {
                entry.2 += 1;
            } else {
                entry.0 += number(event, "watch_time");
                entry.1.insert(user(event));
            }
        }
        let mut expected: Vec<_> = content.into_iter().collect();
        expected.sort_by(|(_, one), (_, other)| other.0.total_cmp(&one.0).then(other.2.cmp(&one.2)));
        let row = |(id, (watched, viewers, views)): (&str, Watched)| json!({"content_id": id, "watch_seconds": watched, "viewers": viewers.len(), "views": views});
        let expected: Vec<Value> = expected.into_iter().map(row).collect();
        let mut first = tenant.clone();
        first["parameters"] = json!({"limit": 3});
        assert_same(&ask(&api, "top_content", &first), &expected[..expected.len().min(3)]);
        assert_same(&ask(&api, "top_content", &tenant), &expected);
    }
}

fn calls(events: &[VocRow]) -> impl Iterator<Item = &VocRow> {
    events.iter().filter(|event| event.sent["event_type"] == "call")
}

fn did(events: &[VocRow], action: &str) -> usize {
    events.iter().filter(|event| event.sent["action"] == action).count()
}

#[test]
fn the_scorecard_is_that_of_a_fold() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    for tenant in [None, Some("acme"), Some("globex")] {
        let mut by_agent: BTreeMap<String, Vec<VocRow>> = BTreeMap::new();
        for event in voc_rows() {
            if is_asked(event.millis)
                && tenant.is_none_or(|tenant| event.tenant == tenant)
                && let Some(agent) = event.sent["agent_id"].as_str()
            {
                by_agent.entry(agent.to_owned()).or_default().push(event);
            }
        }
        let mut expected: Vec<Value> = by_agent
            .iter()
            .map(|(agent, events)| {
                let of_calls =
                    |number: fn(&VocRow) -> Option<f64>| calls(events).filter_map(number).collect::<Vec<_>>();
                json!({
                    "agent_id": agent, "calls": calls(events).count(),
                    "avg_sentiment": mean(&of_calls(|event| event.sentiment.map(f64::from))),
                    "avg_customer_sentiment": null, "avg_sentiment_change": null,
                    "avg_duration_ms": mean(&of_calls(|event| event.sent["duration_ms"].as_f64())),
                    "transfers": did(events, "transfer"), "escalations": did(events, "escalate"),
                    "calls_with_escalation_phrases": 0,
                })
            })
            .filter(|row| row["calls"].as_u64() >= Some(1))
            .collect();
        expected.sort_by_key(|row| std::cmp::Reverse(row["calls"].as_u64()));
        let more = tenant.map_or(json!({}), |tenant| json!({"tenant_id": tenant}));
        assert_same(&ask(&api, "agent_scorecard", &more), &expected);
        let most = expected[0]["calls"].clone();
        let mut only_most = more.clone();
        only_most["parameters"] = json!({"min_calls": most});
        let busiest: Vec<Value> = expected.iter().filter(|row| row["calls"] == most).cloned().collect();
        assert_same(&ask(&api, "agent_scorecard", &only_most), &busiest);
    }
}

/// A report that compares has the period before, and nothing from before it.
#[test]
fn movers_are_those_of_a_fold() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    let count = |topic: &str, days: std::ops::Range<i64>| {
        let days = start() + days.start * DAY..start() + days.end * DAY;
        voc_rows().iter().filter(|event| event.topic == Some(topic) && days.contains(&event.millis)).count()
    };
    let body = json!({"template": "topic_movers", "from": date(0), "to": date(1)});
    for row in rows(&post(&api, "/report", None, &body)) {
        let topic = row["topic_name"].as_str().unwrap();
        assert_eq!(row["events"], json!(count(topic, 0..2)), "{topic}");
        assert_eq!(row["previous_events"], json!(count(topic, -2..0)), "{topic}");
        assert_eq!(row["change_events"].as_i64(), Some(count(topic, 0..2) as i64 - count(topic, -2..0) as i64));
    }
    let overview = ask(&api, "executive_overview", &json!({"to": date(1)}));
    let of = |days: std::ops::Range<i64>| {
        let days = start() + days.start * DAY..start() + days.end * DAY;
        let events: Vec<VocRow> = voc_rows().into_iter().filter(|event| days.contains(&event.millis)).collect();
        calls(&events).count()
    };
    let found: Vec<_> = overview.iter().map(|row| (row["period"].as_str().unwrap(), row["calls"].clone())).collect();
    assert_eq!(found, [("current", json!(of(0..2))), ("previous", json!(of(-2..0)))]);
}

#[test]
fn families_without_tenants_have_reports() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    let days = ask(&api, "activity_overview", &json!({"timezone": "America/Sao_Paulo"}));
    // The range begins at midnight in São Paulo, three hours after the first event.
    let days: Vec<_> = days.iter().map(|row| (row["day"].as_str().unwrap(), row["events"].as_u64().unwrap())).collect();
    let dates = [date(0), date(1), date(2)];
    assert_eq!(days, [(dates[0].as_str(), 24), (dates[1].as_str(), 24), (dates[2].as_str(), 9)]);
    let quality = ask(&api, "quality_overview", &json!({}));
    let expected = json!({"inspection_type": "thermal", "completed": 5, "failed": 0, "batches": 1, "scored": 5,
        "avg_quality_score": 0.5, "min_quality_score": 0.5, "defects": 5, "critical_defects": 5});
    assert_same(&quality[..1], &[expected]);
    let named = json!({"template": "quality_overview", "tenant_id": "acme"});
    let (place, message) = mistake(&post(&api, "/report", None, &named));
    assert_eq!(place, json!(["body", "tenant_id"]));
    assert_eq!(message, "value must not be given, because the table 'quality_events' has no tenants");
}

#[test]
fn an_answer_says_what_it_is_about() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    let body = json!({"template": "top_content", "from": date(0), "to": date(3), "tenant_id": "openstream",
        "timezone": "America/Sao_Paulo", "parameters": {"limit": 2}});
    let expected = json!({"template": "top_content", "title": "Top content", "tenant_id": "openstream",
        "from": format!("{}T00:00:00-03:00", date(0)), "to": format!("{}T00:00:00-03:00", date(4)), "timezone": "America/Sao_Paulo",
        "truncated": false});
    let mut about = post(&api, "/report", None, &body).json()["meta"].take();
    assert!(about.as_object_mut().unwrap().remove("rows_read").unwrap().as_u64() > Some(0));
    assert_eq!(about, expected);
    let with = |format: &str| {
        let mut body = body.clone();
        body["format"] = json!(format);
        post(&api, "/report", None, &body)
    };
    let csv = with("csv");
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(csv.text.lines().next(), Some("content_id,watch_seconds,viewers,views"));
    assert_eq!(csv.text.lines().count(), 3);
    assert_eq!(with("ndjson").text.lines().count(), 2);
    let parquet = api.send(
        "POST",
        "/report",
        &[("content-type", "application/json"), ("accept", "application/vnd.apache.parquet")],
        Some(&body.to_string()),
    );
    assert_eq!((parquet.status, &parquet.text[..4]), (200, "PAR1"));
}

#[test]
fn mistakes_name_what_is_meant() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    for (body, place, message) in [
        (json!({}), json!(["body", "template"]), "field required"),
        (json!({"template": "top_contents"}), json!(["body", "template"]), "did you mean 'top_content'?"),
        (json!({"template": "../top_content"}), json!(["body", "template"]), "not a valid enumeration member"),
        (
            json!({"template": "top_content", "parameters": {"limt": 5}}),
            json!(["body", "parameters", "limt"]),
            "unknown parameter; did you mean 'limit'?",
        ),
        (
            json!({"template": "top_content", "parameters": {"limit": "5"}}),
            json!(["body", "parameters", "limit"]),
            "value is not a valid integer",
        ),
        (
            json!({"template": "top_content", "parameters": {"limit": 0}}),
            json!(["body", "parameters", "limit"]),
            "ensure this value is between 1 and 10000",
        ),
        (json!({"template": "top_content", "parameters": [5]}), json!(["body", "parameters"]), "not a valid object"),
        (json!({"template": "top_content", "tenant": "a"}), json!(["body", "tenant"]), "did you mean 'tenant_id'?"),
        (json!({"template": "top_content", "days": 91}), json!(["body", "days"]), "less than or equal to 90"),
        (json!([]), json!(["body"]), "value is not a valid object"),
    ] {
        let (found, said) = mistake(&post(&api, "/report", None, &body));
        assert_eq!(found, place, "{body}");
        assert!(said.contains(message), "{body}: {said}");
    }
    assert_eq!(post(&api, "/report?tenant_id=acme", None, &json!({"template": "top_content"})).status, 422);
}

#[test]
fn a_key_of_a_tenant_gets_that_tenants_reports() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let keys = KeyStage::new();
    let of_acme = keys.create("acme", [Scope::Report], only(&["acme"])).expose().to_owned();
    let of_all = keys.create("all", [Scope::Report], Tenants::All).expose().to_owned();
    let reader = keys.create("reader", [Scope::Read, Scope::Sql], Tenants::All).expose().to_owned();
    let api = stage.serve(Access::new(&keys.config()).unwrap());
    let body = |more: Value| {
        let mut body = json!({"template": "agent_scorecard", "from": date(0), "to": date(3)});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let bound = rows(&post(&api, "/report", Some(&of_acme), &body(json!({}))));
    assert_eq!(bound, rows(&post(&api, "/report", Some(&of_all), &body(json!({"tenant_id": "acme"})))));
    assert_ne!(bound, rows(&post(&api, "/report", Some(&of_all), &body(json!({})))));
    for (key, body, status) in [
        (Some(of_acme.as_str()), body(json!({"tenant_id": "globex"})), 403),
        (Some(&of_acme), json!({"template": "quality_overview"}), 403),
        (Some(&reader), body(json!({})), 403),
        (None, body(json!({})), 401),
    ] {
        assert_eq!(post(&api, "/report", key, &body).status, status, "{body}");
    }
    let list = |key: &str| api.fetch_with("GET", "/report", &[("authorization", &format!("Bearer {key}"))]);
    assert_eq!((list(&of_acme).status, list(&reader).status), (200, 403));
    let names: Vec<Value> =
        list(&of_acme).json()["data"].as_array().unwrap().iter().map(|row| row["template"].clone()).collect();
    let expected = [
        "activity_overview",
        "agent_scorecard",
        "executive_overview",
        "overview_stats",
        "quality_overview",
        "search_analytics",
        "top_content",
        "topic_movers",
    ];
    assert_eq!(names, expected);
}

//! The API over HTTP, with a store that answers as instructed.

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{sync::Arc, time::Duration};

use serde_json::json;
use served::{Answer, FixedProbe, FixedStore, Served};
use voc_api::{Probe, StoreProbe};
use voc_store::StoreError;

fn served() -> Served {
    Served::start(Arc::new(FixedStore::default()), Vec::new())
}

#[test]
fn liveness_and_metrics_are_served_without_a_store() {
    let api = Served::without_store();
    assert_eq!(api.get("/healthz"), Answer { status: 200, body: json!({"status": "ok"}) });
    let page = api.fetch("GET", "/metrics");
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(page.text, "voc_events_consumed_total 1\n");
    assert_eq!(api.get("/api/v1/summary").status, 404);
    assert_eq!(api.get("/readyz"), Answer { status: 200, body: json!({"status": "ok", "checks": {}}) });
}

#[test]
fn readiness_names_what_is_connected() {
    let store = Arc::new(FixedStore::default());
    let probes: Vec<Arc<dyn Probe>> = vec![
        Arc::new(StoreProbe::of_queries(store.clone(), "clickhouse")),
        Arc::new(FixedProbe { role: "broker", system: "kafka", answer: Some(Ok(())) }),
    ];
    let expected = json!({
        "status": "ok",
        "clickhouse": "connected",
        "kafka": "connected",
        "checks": {"store": "connected", "broker": "connected"},
    });
    assert_eq!(Served::start(store, probes).get("/readyz"), Answer { status: 200, body: expected });
}

#[test]
fn readiness_reports_the_reasons() {
    let store = Arc::new(FixedStore::failing(|| StoreError::Unavailable("connection refused".to_owned())));
    let probes: Vec<Arc<dyn Probe>> = vec![
        Arc::new(StoreProbe::of_queries(store.clone(), "clickhouse")),
        Arc::new(FixedProbe { role: "broker", system: "kafka", answer: None }),
        Arc::new(FixedProbe { role: "disk", system: "volume", answer: Some(Ok(())) }),
    ];
    let expected = json!({
        "status": "unavailable",
        "detail": "clickhouse: store unavailable: connection refused; kafka: no answer within 50ms",
        "clickhouse": "store unavailable: connection refused",
        "kafka": "no answer within 50ms",
        "volume": "connected",
        "checks": {
            "store": "store unavailable: connection refused",
            "broker": "no answer within 50ms",
            "disk": "connected",
        },
    });
    assert_eq!(Served::start(store, probes).get("/readyz"), Answer { status: 503, body: expected });
}

#[test]
fn summaries_have_the_shapes_that_clients_know() {
    let api = served();
    let by_type = json!([
        {
            "event_type": "call",
            "event_count": 1234,
            "avg_sentiment": -0.5,
            "first_event": "2026-02-02T12:00:00.000Z",
            "last_event": "2026-02-02T12:00:00.001Z",
        },
        {
            "event_type": "agent_action",
            "event_count": 5678,
            "avg_sentiment": null,
            "first_event": "2026-02-02T12:00:00.000Z",
            "last_event": "2026-02-02T12:00:00.001Z",
        },
    ]);
    let mut answer = api.get("/api/v1/summary?tenant_id=tenant-123&days=30");
    let meta = answer.body.as_object_mut().unwrap().remove("meta").unwrap();
    assert_eq!((&meta["timezone"], &meta["truncated"]), (&json!("UTC"), &json!(false)));
    let expected = json!({"data": by_type, "family": "voc", "tenant_id": "tenant-123", "days": 30});
    assert_eq!(answer, Answer { status: 200, body: expected });

    let expected = json!({"rows": [["call", 1234, -0.5], ["agent_action", 5678, null]], "meta": {"rows_read": 0}});
    assert_eq!(api.get("/metrics/summary?tenant_id=tenant-123&days=7"), Answer { status: 200, body: expected });

    let by_topic = json!([
        {"topic": "billing", "event_count": 12, "avg_sentiment": -0.25, "share": 0.8},
        {"topic": "support", "event_count": 3, "avg_sentiment": null, "share": 0.2},
    ]);
    let mut answer = api.get("/api/v1/topics");
    answer.body.as_object_mut().unwrap().remove("meta").unwrap();
    let expected = json!({"data": by_topic, "family": "voc", "tenant_id": null, "days": 7});
    assert_eq!(answer, Answer { status: 200, body: expected });
}

#[test]
fn queries_are_about_a_family() {
    let store = Arc::new(FixedStore::default());
    let api = Served::start(Arc::clone(&store) as _, Vec::new());
    for family in ["product", "quality", "activity", "voc"] {
        let answer = api.get(&format!("/api/v1/summary?family={family}"));
        assert_eq!((answer.status, &answer.body["family"]), (200, &json!(family)));
    }
    api.get("/metrics/summary?family=product");
    api.get("/api/v1/trends?family=quality");
    // Its events have none.
    assert_eq!(api.get("/api/v1/topics?family=quality").body["detail"][0]["loc"], json!(["query", "family"]));
    let tables = store.tables.lock().unwrap().clone();
    let [product, quality, activity, voc] =
        ["ai_analytics_events", "quality_events", "user_activity_events", "voc_events"];
    assert_eq!(tables, [product, quality, activity, voc, product, quality]);
    let answer = api.get("/api/v1/summary?family=other");
    assert_eq!(answer.status, 422);
    let message = answer.body["detail"][0]["msg"].as_str().unwrap();
    assert_eq!(message, "value is not a valid enumeration member; permitted: 'voc', 'activity', 'product', 'quality'");
}

#[test]
fn queries_reach_the_store_unchanged() {
    let store = Arc::new(FixedStore::default());
    let api = Served::start(store.clone(), Vec::new());
    api.get("/api/v1/summary?tenant_id=a%20%26%C3%A9&days=90");
    api.get("/api/v1/topics");
    let asked = store.asked();
    assert_eq!(asked[0].0.as_deref(), Some("a &é"));
    assert_eq!(asked[1].0, None);
    let day = Duration::from_hours(24);
    let age = |index: usize| asked[index].1;
    assert!(age(0) >= day * 90 && age(0) < day * 91, "{:?}", age(0));
    assert!(age(1) >= day * 7 && age(1) < day * 8, "{:?}", age(1));
}

#[test]
fn head_answers_as_get_without_a_body() {
    let api = served();
    for path in ["/healthz", "/metrics", "/api/v1/summary", "/api/v1/summary?days=0"] {
        let (get, head) = (api.fetch("GET", path), api.fetch("HEAD", path));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert_eq!(head.header("content-length"), get.header("content-length"));
        assert_eq!(head.text, "");
    }
}

#[test]
fn every_answer_has_a_request_id() {
    let api = served();
    let own = api.fetch_with("GET", "/healthz", &[("x-request-id", "abc-123")]);
    assert_eq!(own.header("x-request-id"), Some("abc-123"));
    let long = "x".repeat(129);
    for unusable in ["", "two words", long.as_str()] {
        let fresh = api.fetch_with("GET", "/nowhere", &[("x-request-id", unusable)]);
        let id = fresh.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36, "a new UUID in place of {unusable:?}, not {id}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let api = served();
    let error = api.serve_again().unwrap_err();
    let port = api.address().port();
    assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1 port {port}"));
    let reason = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(reason.map(std::io::Error::kind), Some(std::io::ErrorKind::AddrInUse));
}

#[test]
fn cancelling_ends_the_server_although_a_client_keeps_its_connection() {
    let api = served();
    api.get("/healthz");
    let address = api.address();
    api.stop();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_request_in_progress_is_answered_before_the_server_ends() {
    let (store, entered, release) = FixedStore::held();
    let api = Served::start(Arc::new(store), Vec::new());
    let asking = api.client();
    let answer = std::thread::spawn(move || asking.get("/api/v1/summary"));
    entered.recv().unwrap();
    api.cancel();
    release.send(()).unwrap();
    assert_eq!(answer.join().unwrap().status, 200);
    api.stop();
}

//! Every answer that comes from the store says how many rows were read for it.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use voc_api::{Reports, access::Access};
use voc_store::{
    EventQueries, EventStore, MemoryStore, Migrator, PartitionBy, StatementQueries,
    clickhouse::{ClickHouse, ClickHouseConfig, ClickHouseStore},
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::engine_or_skip,
};

use crate::{
    calls::{CALLS, FIRST_EVENT, insert},
    served::{Response, Served},
};

/// What calls are asked about: all of acme's, by a value that no rollup has.
const ABOUT: &str = "tenant_id=acme&from=2026-02-02&to=2026-02-02&agent_id=ana";

fn post(api: &Served, path: &str, body: &Value) -> Response {
    api.send("POST", path, &[("content-type", "application/json")], Some(&body.to_string()))
}

/// The rows that were read, which are no fewer than those of the answer.
fn rows_read(answer: &Response) -> u64 {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let read = body["meta"]["rows_read"].as_u64().unwrap_or_else(|| panic!("no number: {body}"));
    let rows = body["data"].as_array().map_or(0, Vec::len) as u64;
    assert!(read >= rows, "{read} rows read for {rows}");
    read
}

/// The store has calls only.
fn check(api: &Served) {
    for name in ["summary", "trends", "topics", "calls", "agents", "drivers", "repeat-contacts"] {
        let read = rows_read(&api.fetch("GET", &format!("/api/v1/{name}?{ABOUT}")));
        assert!(read >= CALLS, "{name}: {read}");
    }
    let query = json!({
        "tenant_id": "acme", "from": "2026-02-02", "to": "2026-02-02", "metrics": ["p50_duration_ms"],
        "filters": [["at_least", "duration_ms", 1000]],
    });
    assert!(rows_read(&post(api, "/api/v1/query", &query)) >= CALLS);
    let compared =
        rows_read(&api.fetch("GET", &format!("/api/v1/summary?{ABOUT}&customer_id=customer-3&compare=true")));
    let page = rows_read(&api.fetch("GET", &format!("/api/v1/events?{ABOUT}&limit=10")));
    let found = rows_read(&api.fetch("GET", &format!("/api/v1/search?{ABOUT}&q=refund&limit=5")));
    for read in [compared, page, found] {
        assert!(read >= 5, "{read}");
    }
    for path in [
        format!("/api/v1/events/{FIRST_EVENT}?tenant_id=acme"),
        "/api/v1/calls/call-0?tenant_id=acme".to_owned(),
        "/api/v1/customers/customer-3?tenant_id=acme".to_owned(),
        format!("/metrics/summary?{ABOUT}&topic=billing"),
    ] {
        assert!(rows_read(&api.fetch("GET", &path)) > 0, "{path}");
    }
    // There are no metrics, dead letters and entries of the ledger, so a store may know that there is nothing to read.
    for path in [&format!("/api/v1/qos?{ABOUT}"), "/api/v1/dead-letters?days=7", "/api/v1/ledger"] {
        rows_read(&api.fetch("GET", path));
    }

    // The same again is not read again.
    let again = |path: &str| {
        let (first, second) = (api.fetch("GET", path), api.fetch("GET", path));
        assert!(rows_read(&first) >= CALLS, "{}", first.text);
        let (first, second) = (first.json(), second.json());
        assert_eq!((&second["meta"]["rows_read"], &second["data"]), (&json!(0), &first["data"]));
    };
    again(&format!("/api/v1/calls?{ABOUT}&language=en"));
    again(&format!("/api/v1/summary?{ABOUT}&language=en"));
}

fn check_statements(api: &Served) {
    let sql = json!({"sql": "SELECT call_id FROM voc_events WHERE duration_ms >= 1000", "tenant_id": "acme"});
    assert!(rows_read(&post(api, "/query", &sql)) >= CALLS);
    let report = json!({"template": "top_content", "from": "2026-02-02", "to": "2026-02-02"});
    rows_read(&post(api, "/report", &report));
}

fn serve<S: EventStore + EventQueries + StatementQueries + 'static>(store: S) -> Served {
    Served::with_statements(&Arc::new(store), Access::unrestricted(), Reports::load(None).unwrap())
}

#[test]
fn of_the_memory_store() {
    let store = MemoryStore::new();
    Runtime::new().unwrap().block_on(insert(&store));
    check(&Served::start(Arc::new(store), Vec::new()));
}

#[test]
fn of_the_embedded_engine() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Runtime::new().unwrap().block_on(async {
        Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
        insert(&store).await;
    });
    let api = serve(store);
    check(&api);
    check_statements(&api);
}

#[test]
fn of_a_server() {
    let Some(test) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", test.engine().clone(), Accounts::default()).unwrap();
    let config = ClickHouseConfig::at("127.0.0.1", endpoint.address().port()).with_database(test.fresh_database());
    Runtime::new().unwrap().block_on(async {
        ClickHouse::new(config.clone()).create_database().await.unwrap();
        let store = ClickHouseStore::connect(config.clone());
        Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
        insert(&store).await;
    });
    let api = serve(ClickHouseStore::connect(config));
    check(&api);
    check_statements(&api);
    api.stop();
}

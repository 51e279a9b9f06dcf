//! The ledger from the perspective of clients.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod served;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use served::{Answer, FixedStore, Served};
use voc_events::Timestamp;
use voc_store::{Account, EventStore, LedgerEntry, OffsetRange, SourceRange, StoreError};

/// A store with two partitions; in the second one a record of globex is lost.
fn store() -> FixedStore {
    let account = |consumed, stored, dead_lettered, duplicates| Account { consumed, stored, dead_lettered, duplicates };
    let accounts = [
        (0, BTreeMap::from([("acme".to_owned(), account(6, 4, 1, 1)), ("globex".to_owned(), account(2, 2, 0, 0))])),
        (1, BTreeMap::from([("globex".to_owned(), account(8, 7, 0, 0))])),
    ];
    let store = FixedStore::default();
    for (partition, tenants) in accounts {
        let entry = LedgerEntry {
            range: SourceRange { family: "voc", topic: "voc.events".into(), partition, epoch: 5, first: 10, last: 19 },
            records: 8,
            has_tenants: true,
            tenants,
            gaps: vec![OffsetRange { first: 12, last: 13 }],
            processed_at: Timestamp::from_millis(0),
        };
        futures_util::future::FutureExt::now_or_never(store.entries.record(&entry)).unwrap().unwrap();
    }
    store
}

#[test]
fn the_ledger_names_what_does_not_balance_and_the_gaps() {
    let api = Served::start(Arc::new(store()), Vec::new());
    let answer = api.get("/api/v1/ledger");
    assert_eq!(answer.status, 200);
    let none = json!({"rows": 0, "dead_letters": 0});
    let first = json!({
        "family": "voc", "topic": "voc.events", "partition": 0, "epoch": 5,
        "extent": {
            "first_offset": 10, "last_offset": 19, "batches": 1, "records": 8,
            "gaps": {"offsets": 2, "ranges": 1, "first": [{"first": 12, "last": 13}]},
        },
        "account": {"consumed": 8, "stored": 6, "dead_lettered": 1, "duplicates": 1},
        "erased": none,
        "balanced": true,
        "tenant_count": 2,
        "tenants": [
            {
                "tenant_id": "acme", "consumed": 6, "stored": 4, "dead_lettered": 1, "duplicates": 1, "erased": none,
                "balanced": true,
            },
            {
                "tenant_id": "globex", "consumed": 2, "stored": 2, "dead_lettered": 0, "duplicates": 0, "erased": none,
                "balanced": true,
            },
        ],
    });
    assert_eq!(answer.body["data"][0], first);
    assert_eq!(answer.body["data"][1]["balanced"], false);
    let totals = json!({
        "consumed": 16, "stored": 13, "dead_lettered": 1, "duplicates": 1, "erased": none, "balanced": false,
    });
    assert_eq!(answer.body["totals"], totals);
}

#[test]
fn a_tenant_sees_only_its_own_records() {
    let api = Served::start(Arc::new(store()), Vec::new());
    let account = json!({"consumed": 6, "stored": 4, "dead_lettered": 1, "duplicates": 1});
    let none = json!({"rows": 0, "dead_letters": 0});
    let of_tenant = json!({
        "tenant_id": "acme", "consumed": 6, "stored": 4, "dead_lettered": 1, "duplicates": 1, "erased": none,
        "balanced": true,
    });
    let expected = json!({
        "data": [{
            "family": "voc", "topic": "voc.events", "partition": 0, "epoch": 5, "extent": null, "account": account,
            "erased": none,
            "balanced": true,
            "tenant_count": 1, "tenants": [of_tenant],
        }],
        "totals": {
            "consumed": 6, "stored": 4, "dead_lettered": 1, "duplicates": 1, "erased": none, "balanced": true,
        },
        "family": null, "topic": null, "partition": null, "tenant_id": "acme",
    });
    let mut answer = api.get("/api/v1/ledger?tenant_id=acme");
    assert!(answer.body.as_object_mut().unwrap().remove("meta").unwrap()["rows_read"].is_u64());
    assert_eq!(answer, Answer { status: 200, body: expected });
    let nobody = api.get("/api/v1/ledger?tenant_id=umbrella");
    assert_eq!((nobody.status, &nobody.body["data"]), (200, &json!([])));
}

#[test]
fn partitions_and_topics_can_be_selected() {
    let api = Served::start(Arc::new(store()), Vec::new());
    let answer = api.get("/api/v1/ledger?topic=voc.events&partition=1").body;
    assert_eq!((answer["data"].as_array().map(Vec::len), &answer["data"][0]["partition"]), (Some(1), &json!(1)));
    assert_eq!((&answer["topic"], &answer["partition"]), (&json!("voc.events"), &json!(1)));
    assert_eq!(api.get("/api/v1/ledger?topic=voc.calls").body["data"], json!([]));
    let of_family = |family| api.get(&format!("/api/v1/ledger?family={family}")).body["data"].clone();
    assert_eq!((of_family("voc").as_array().map(Vec::len), of_family("product")), (Some(2), json!([])));
}

#[test]
fn wrong_parameters_are_named() {
    let api = Served::start(Arc::new(store()), Vec::new());
    let long = "x".repeat(250);
    for (query, name, kind) in [
        ("topic=", "topic", "value_error.any_str.min_length"),
        (&*format!("topic={long}"), "topic", "value_error.any_str.max_length"),
        ("partition=-1", "partition", "value_error.number.not_ge"),
        ("partition=2147483648", "partition", "value_error.number.not_le"),
        ("partition=one", "partition", "type_error.integer"),
        ("partition=1&partition=2", "partition", "value_error.duplicate"),
        ("tenant_id=", "tenant_id", "value_error.any_str.min_length"),
        ("family=other", "family", "type_error.enum"),
    ] {
        let answer = api.get(&format!("/api/v1/ledger?{query}"));
        let detail = &answer.body["detail"][0];
        assert_eq!((answer.status, &detail["loc"][1], &detail["type"]), (422, &json!(name), &json!(kind)), "{query}");
    }
}

#[test]
fn an_unavailable_store_is_reported() {
    let store = FixedStore::failing(|| StoreError::Unavailable("connection refused".to_owned()));
    let answer = Served::start(Arc::new(store), Vec::new()).get("/api/v1/ledger");
    assert_eq!(answer.status, 503);
    assert!(!answer.body.to_string().contains("refused"), "{}", answer.body);
    assert_eq!(Served::without_store().get("/api/v1/ledger").status, 404);
}

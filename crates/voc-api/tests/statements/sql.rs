//! Restricted SQL over HTTP.

use serde_json::{Value, json};
use voc_api::access::{Access, Scope, Tenants};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    keys::{KeyStage, only},
    mistake, post, rows,
    stage::{Stage, voc_rows},
};

#[test]
fn a_statement_is_answered_in_any_format() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    let count = |tenant: &str| voc_rows().iter().filter(|event| event.tenant == tenant).count();
    let sql = "SELECT tenant_id, count() AS events FROM voc_events GROUP BY tenant_id ORDER BY tenant_id";
    let all = post(&api, "/query", None, &json!({"sql": sql}));
    let expected = [
        json!({"tenant_id": "acme", "events": count("acme")}),
        json!({"tenant_id": "globex", "events": count("globex")}),
    ];
    assert_eq!(rows(&all), expected);
    let about = &all.json()["meta"];
    assert_eq!((&about["tenant_id"], &about["truncated"]), (&json!(null), &json!(false)));
    let acme = post(&api, "/query", None, &json!({"sql": sql, "tenant_id": "acme"}));
    assert_eq!(rows(&acme), expected[..1]);
    let first = post(&api, "/query", None, &json!({"sql": sql, "limit": 1}));
    assert_eq!((rows(&first).as_slice(), &first.json()["meta"]["truncated"]), (&expected[..1], &json!(true)));
    let csv = post(&api, "/query", None, &json!({"sql": sql, "format": "csv"}));
    assert_eq!(csv.text.lines().next(), Some("tenant_id,events"));
    let json_texts = "SELECT ['a'] AS list, map('k', 1) AS m, min(ts) AS first, NULL AS nothing FROM voc_events";
    let row = rows(&post(&api, "/query", None, &json!({"sql": json_texts}))).remove(0);
    assert_eq!((&row["list"], &row["m"], &row["nothing"]), (&json!(["a"]), &json!({"k": 1}), &Value::Null));
    assert!(row["first"].as_str().is_some_and(|first| first.ends_with('Z')), "{row}");
}

#[test]
fn mistakes_say_what_and_where() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let api = stage.serve(Access::unrestricted());
    for (body, message) in [
        (json!({}), "field required"),
        (json!({"sql": "SELECT 1\nFROM system.users"}), "line 2, column 6: 'system.users' is of another database"),
        (json!({"sql": "SELECT file('/etc/passwd')"}), "line 1, column 8: the function 'file' is not one"),
        (json!({"sql": "DROP TABLE voc_events"}), "the statement is not a SELECT"),
        (json!({"sql": "SELECT tpic FROM voc_events"}), "the store refuses the statement: Unknown expression"),
        (json!({"sql": "SELECT sum(topic) FROM voc_events"}), "the store refuses the statement: Illegal type"),
        (json!({"sql": "SELECT 1 AS a, 2 AS a"}), "the store refuses the statement: Multiple expressions"),
        (json!({"sql": "SELECT toInt64(tenant_id) FROM voc_events"}), "the store refuses the statement: Cannot parse"),
    ] {
        let (place, said) = mistake(&post(&api, "/query", None, &body));
        assert_eq!(place, json!(["body", "sql"]), "{body}");
        assert!(said.contains(message), "{body}: {said}");
        // What was added to the statement is not told.
        assert!(!said.contains("FINAL") && !said.contains("SELECT `"), "{said}");
    }
    let wide =
        json!({"sql": "SELECT leftPad('x', 100000) AS x FROM (SELECT arrayJoin(range(9000)) AS y)", "limit": 9000});
    let refused = post(&api, "/query", None, &wide);
    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("query_too_expensive")), "{}", refused.text);
}

/// The embedded engine does not enforce tenants, so the check alone is not relied on.
#[test]
fn only_callers_for_all_tenants_write_sql_on_the_embedded_engine() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let keys = KeyStage::new();
    let of_acme = keys.create("acme", [Scope::Sql], only(&["acme"])).expose().to_owned();
    let of_all = keys.create("all", [Scope::Sql], Tenants::All).expose().to_owned();
    let reader = keys.create("reader", [Scope::Read, Scope::Report], Tenants::All).expose().to_owned();
    let api = stage.serve(Access::new(&keys.config()).unwrap());
    let body = json!({"sql": "SELECT count() FROM voc_events"});
    for (key, status) in [(Some(of_all.as_str()), 200), (Some(&of_acme), 403), (Some(&reader), 403), (None, 401)] {
        assert_eq!(post(&api, "/query", key, &body).status, status);
    }
    // Without a store that runs statements there is no such path.
    let without = keys.serve();
    assert_eq!(post(&without, "/query", Some(&of_all), &body).status, 404);
}

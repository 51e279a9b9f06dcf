//! The service as the user that `voc-query setup-sql` creates for it, on the engine, which enforces that user's
//! rights.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{path::Path, process::Command};

use rustix::process::Signal;
use serde_json::{Value, json};
use voc_events::families;
use voc_store::embedded::{Engine, EngineError};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::has_engine,
    service::{self, ServiceProcess},
    users::configuration_of,
};

fn voc_query(arguments: &[&str]) -> Command {
    service::command(env!("CARGO_BIN_EXE_voc-query"), arguments)
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The service in front of an engine, with keys.
fn serve(engine: Engine, keys: &Path) -> (Endpoint, ServiceProcess) {
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine, Accounts::default()).unwrap();
    let port = endpoint.address().port().to_string();
    let mut command =
        voc_query(&["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", "voc"]);
    command.env("VOC_API_KEYS_FILE", keys);
    (endpoint, ServiceProcess::start(command))
}

/// Rows of three tenants in all tables.
fn fill(engine: &Engine) {
    let mut connection = engine.connect().unwrap();
    for (tenant, rows) in [("acme", 40), ("globex", 9), ("initech", 2)] {
        let at = "now64(3) - toIntervalMinute(number)";
        for insert in [
            format!(
                "voc_events (event_id, tenant_id, event_type, ts, call_id, customer_id, agent_id, sentiment, topic, language, \
                 payload) SELECT generateUUIDv4(number), '{tenant}', 'call', {at}, concat('{tenant}-', toString(number)), \
                 concat('c', toString(number % 3)), 'a1', 0.5 - number / 40, 'billing', 'en', concat('{{\"transcript\": \
                 \"Agent: Hello. Customer: My invoice of {tenant} is wrong, number ', toString(number), '\"}}')"
            ),
            format!(
                "voc_events (event_id, tenant_id, event_type, ts, call_id, tool_name, success, payload) \
                 SELECT generateUUIDv4(number), '{tenant}', 'tool_invocation', {at}, concat('{tenant}-', toString(number)), \
                 'crm', true, '{{}}'"
            ),
            format!(
                "ai_analytics_events (app_id, timestamp, event_name, source_offset) SELECT '{tenant}', {at}, 'search', number"
            ),
            format!(
                "user_activity_events (event_id, timestamp, event_type) SELECT generateUUIDv4(number), {at}, 'page_view'"
            ),
            format!(
                "quality_events (timestamp, event_type, source_topic, source_offset) SELECT {at}, 'x', '{tenant}', number"
            ),
            format!(
                "dead_letters (family, source_topic, source_offset, tenant_id, error, failed_at) \
                 SELECT 'voc', 'of {tenant}', number, '{tenant}', 'e', {at}"
            ),
            format!(
                "ledger (family, source_topic, first_offset, last_offset, records, rows, tenant_ids, consumed, stored, \
                 dead_lettered, duplicates) SELECT 'voc', 'of {tenant}', number, number, 1, 1, ['{tenant}'], [1], [1], [0], [0]"
            ),
        ] {
            let sql = format!("INSERT INTO voc.{insert} FROM numbers({rows})");
            connection.query(&sql, "Null", &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
    // A later merge would change the order of rows with equal places, and the last digits of means.
    for table in families::tables() {
        let sql = format!("OPTIMIZE TABLE voc.{} FINAL", table.name);
        connection.query(&sql, "Null", &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The directory is free once the connections' threads have ended.
fn reopen(directory: &Path, configuration: &Path) -> Engine {
    loop {
        match Engine::open_configured(directory, configuration) {
            Ok(engine) => return engine,
            Err(EngineError::OtherDirectoryOpen { .. }) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// What every operation that needs no body answers, without what depends on the time.
fn answers(service: &ServiceProcess, keys: &[&str]) -> Vec<(String, u16, String)> {
    let (_, document) = service.get("/openapi.json");
    let operations = document["paths"].as_object().unwrap().iter();
    let paths = operations.filter(|(path, operation)| operation.get("get").is_some() && path.starts_with("/api/"));
    let mut paths: Vec<String> = paths.map(|(path, _)| path.clone()).filter(|path| !path.ends_with("/keys")).collect();
    for path in &mut paths {
        *path = path.replace("{call_id}", "acme-3").replace("{customer_id}", "c1").replace("{event_id}", "0");
    }
    let further = [
        "/api/v1/search?q=invoice",
        "/api/v1/activity/funnel?steps=page_view,click",
        "/api/v1/events.ndjson?last=7d",
        "/api/v1/calls.csv?last=7d",
        "/metrics/summary",
    ];
    paths.extend(further.map(str::to_owned));
    let mut answers = Vec::new();
    for key in keys {
        for path in &paths {
            let (status, text) = service.ask(path, key, None);
            let body = serde_json::from_str::<Value>(&text).ok();
            let data = body.and_then(|body| body.get("data").map(Value::to_string)).unwrap_or(text);
            answers.push((path.clone(), status, if status == 200 { data } else { String::new() }));
        }
    }
    answers
}

#[test]
fn it_answers_everything_as_a_user_who_sees_only_the_tenants_that_a_statement_is_about() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("engine"), folder.path().join("keys.json"));
    let key = |name: &str, tenants: &[&str]| {
        let arguments = ["keys", "create", "--name", name, "--scopes", "read,report,sql"];
        let key = output(voc_query(&arguments).args(tenants).env("VOC_API_KEYS_FILE", &keys));
        key.trim().to_owned()
    };
    let (everyone, acme) = (key("everyone", &["--all-tenants"]), key("acme", &["--tenant", "acme"]));
    let sql = json!({"sql": "SELECT count() AS rows, uniqExact(tenant_id) AS tenants FROM voc_events"});

    let engine = Engine::open(&data).unwrap();
    let migrating = Endpoint::on_engine("127.0.0.1:0", engine.clone(), Accounts::default()).unwrap();
    let port = migrating.address().port().to_string();
    let server = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", "voc", "--migrate"];
    let mut migrated = ServiceProcess::start(voc_query(&server));
    assert_eq!(migrated.end(Signal::TERM).code(), Some(0));
    migrating.stop();
    fill(&engine);
    let (endpoint, mut service) = serve(engine, &keys);
    let expected = answers(&service, &[&everyone, &acme]);
    let answered = expected.iter().filter(|(_, status, _)| *status == 200).count();
    assert!(answered > 30, "{expected:?}");
    assert_eq!(service.ask("/query", &acme, Some(&sql)).0, 403, "only the check of the text would protect others");
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
    endpoint.stop();

    let printed = output(&mut voc_query(&["setup-sql", "--clickhouse-db", "voc"]));
    let statements: Vec<String> = printed.split_terminator(";\n").map(str::to_owned).collect();
    let engine = reopen(&data, &configuration_of(&statements, "voc_query", folder.path()));
    let (endpoint, mut service) = serve(engine, &keys);
    assert_eq!(service.get("/readyz").0, 200);
    for (found, expected) in answers(&service, &[&everyone, &acme]).iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    for (key, row) in [(&everyone, json!([{"rows": 102, "tenants": 3}])), (&acme, json!([{"rows": 80, "tenants": 1}]))]
    {
        let (status, text) = service.ask("/query", key, Some(&sql));
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, &body["data"]), (200, &row), "{text}");
    }
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
    endpoint.stop();
}

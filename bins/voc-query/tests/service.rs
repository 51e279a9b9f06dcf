//! The program as operators run it: started with flags and variables, queried over HTTP, stopped by signals.

use std::{net::TcpListener, process::Command, time::Duration};

use rustix::process::Signal;
use serde_json::json;
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    exposition::{Kind, Page},
    requirements::engine_or_skip,
    service::{self, ServiceProcess, unused_port},
    tls::{Authority, TlsFront},
};

fn voc_query(arguments: &[&str]) -> Command {
    service::command(env!("CARGO_BIN_EXE_voc-query"), arguments)
}

#[test]
fn all_configuration_errors_are_reported_before_a_port_opens() {
    // A service that tried to listen would report that the port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = voc_query(&["--http-host", "127.0.0.1", "--http-port", &port, "--clickhuose-host", "db"])
        .env("CLICKHOUSE_PORT", "8123")
        .env("CLICKHOUSE_PASSWORD", "open sesame")
        .env("VOC_PARTITION_BY", "week")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let expected = "\
3 errors in the configuration of voc-query:
  --clickhuose-host: unknown, did you mean --clickhouse-host?
  CLICKHOUSE_PORT: found \"8123\", expected the port of the native protocol, by default 9000 (8123 and 8443 are HTTP, which is not spoken here)
  VOC_PARTITION_BY: found \"week\", expected month or tenant-month
Try voc-query --help.
";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
}

#[test]
fn help_goes_to_stdout() {
    let output = voc_query(&["--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["--clickhouse-host <HOST>", "[env: HTTP_PORT] [default: 8001]", "--migrate"] {
        assert!(help.contains(part), "missing {part:?} in: {help}");
    }
}

#[test]
fn without_its_store_it_is_alive_reports_why_it_is_not_ready_and_shuts_down_gracefully() {
    let port = unused_port().to_string();
    let mut service = ServiceProcess::start(voc_query(&["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port]));
    assert_eq!(service.get("/healthz"), (200, json!({"status": "ok"})));
    let (status, readiness) = service.get("/readyz");
    assert_eq!((status, &readiness["status"]), (503, &json!("unavailable")));
    let reason = readiness["checks"]["store"].as_str().unwrap();
    assert!(reason.contains(&format!("127.0.0.1:{port}")), "{reason}");
    assert!(readiness["detail"].as_str().unwrap().contains(reason), "{readiness}");
    assert_eq!(service.get("/api/v1/summary").0, 503);
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

#[test]
fn migrations_that_cannot_be_applied_are_a_failure_after_the_retries() {
    let port = unused_port().to_string();
    let output = voc_query(&["--migrate", "--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port])
        .args(["--max-retries", "1", "--retry-delay", "0.01", "--http-port", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("the store is not ready yet") && log.contains("cannot prepare the store: "), "{log}");
}

#[test]
fn the_level_of_the_log_changes_with_its_file_and_a_hangup_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("level");
    let arguments = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", "1", "--log-level-file"];
    let mut service = ServiceProcess::start(voc_query(&[arguments.as_slice(), &[file.to_str().unwrap()]].concat()));
    let wait_for = |service: &ServiceProcess, line: &str| {
        service.wait_for(Duration::from_secs(60), ServiceProcess::log, |log| log.contains(line))
    };
    let set = "the level of the log is set\",\"level\":";
    for (text, line) in [
        ("voc_api=debug,WARNING,voc_service=info", format!("{set}\"voc_api=debug,warn,voc_service=info\"")),
        ("loud", "found \\\"loud\\\", expected error, warn".to_owned()),
        ("", format!("{set}\"info,actix_server=warn")),
    ] {
        std::fs::write(&file, text).unwrap();
        service.signal(Signal::HUP);
        wait_for(&service, &line);
        if text.is_empty() {
            break;
        }
        // At the level debug; a level that cannot be used changes nothing.
        let answered = answers(&service.log());
        assert_eq!(service.get("/healthz").0, 200);
        service.wait_for(Duration::from_secs(60), |service| answers(&service.log()), |now| *now > answered);
    }
    let answered = answers(&service.log());
    assert_eq!(service.get("/healthz").0, 200);
    assert_eq!(service.end(Signal::TERM).code(), Some(0));
    assert_eq!(answers(&service.whole_log()), answered);
}

/// The lines about answered requests, which are of the level debug.
fn answers(log: &str) -> usize {
    log.matches("request answered").count()
}

#[test]
fn it_answers_from_clickhouse() {
    let Some(engine) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
    let port = endpoint.address().port().to_string();
    let database = engine.fresh_database();
    let server = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", &database];

    let mut without_tables = ServiceProcess::start(voc_query(&server));
    let (status, readiness) = without_tables.get("/readyz");
    assert_eq!(status, 503);
    assert_eq!(readiness["clickhouse"], "connected");
    assert!(readiness["checks"]["schema"].as_str().unwrap().contains("--migrate"), "{readiness}");
    assert_eq!(without_tables.end(Signal::INT).code(), Some(0));

    let mut service = ServiceProcess::start(voc_query(&[server.as_slice(), &["--migrate"]].concat()));
    let ready = json!({
        "status": "ok",
        "clickhouse": "connected",
        "migrations": "connected",
        "checks": {"store": "connected", "schema": "connected"},
    });
    assert_eq!(service.get("/readyz"), (200, ready));
    let of_store = [("role", "store"), ("system", "clickhouse")];
    let checked =
        |service: &ServiceProcess| Page::parse(&service.text("/metrics")).unwrap().value("voc_ready", &of_store);
    service.wait_for(Duration::from_secs(60), checked, |ready| *ready == Some(1.0));
    let summary = |service: &ServiceProcess, asked: &str| {
        let (status, answer) = service.get(&format!("/metrics/summary{asked}"));
        (status, answer["rows"].clone())
    };
    assert_eq!(summary(&service, ""), (200, json!([])));

    let insert = format!(
        "INSERT INTO {database}.voc_events (event_id, tenant_id, event_type, ts, sentiment, topic) VALUES
            (generateUUIDv4(), 'acme', 'call', now64(3), -0.5, 'billing'),
            (generateUUIDv4(), 'acme', 'call', now64(3), NULL, NULL),
            (generateUUIDv4(), 'acme', 'call', now64(3) - INTERVAL 30 DAY, 1, 'support'),
            (generateUUIDv4(), 'globex', 'agent_action', now64(3), NULL, NULL)"
    );
    engine.engine().connect().unwrap().query(insert, "Null", &[]).unwrap();
    assert_eq!(summary(&service, "?tenant_id=acme"), (200, json!([["call", 2, -0.5]])));
    let expected = json!([["call", 3, 0.25], ["agent_action", 1, null]]);
    assert_eq!(summary(&service, "?days=60"), (200, expected));
    let (status, mut topics) = service.get("/api/v1/topics?tenant_id=acme");
    let meta = topics.as_object_mut().unwrap().remove("meta").unwrap();
    assert_eq!((&meta["timezone"], &meta["truncated"]), (&json!("UTC"), &json!(false)), "{meta}");
    let expected = json!({
        "data": [{"topic": "billing", "event_count": 1, "avg_sentiment": -0.5, "share": 1.0}],
        "family": "voc",
        "tenant_id": "acme",
        "days": 7,
    });
    assert_eq!((status, topics), (200, expected));
    assert_eq!(service.get("/api/v1/summary?days=91").0, 422);

    let lose = format!("DROP TABLE {database}.quality_events");
    engine.engine().connect().unwrap().query(lose, "Null", &[]).unwrap();
    let (status, readiness) = service.get("/readyz");
    let reason = readiness["checks"]["schema"].as_str().unwrap();
    assert!(status == 503 && reason.contains("no table quality_events"), "{readiness}");

    let page = Page::parse(&service.text("/metrics")).unwrap();
    let count = |route, status| {
        page.value("voc_http_requests_total", &[("route", route), ("method", "GET"), ("status", status)])
    };
    assert_eq!(count("/metrics/summary", "200"), Some(3.0));
    assert_eq!(count("/api/v1/summary", "422"), Some(1.0));
    assert_eq!(count("/healthz", "200"), Some(0.0), "known before its first request");
    assert_eq!(page.kind("voc_http_request_seconds"), Some(Kind::Histogram));
    let answered = [("route", "/metrics/summary"), ("method", "GET"), ("class", "2xx")];
    assert_eq!(page.value("voc_http_request_seconds_count", &answered), Some(3.0));
    assert!(page.value("voc_http_answer_bytes_total", &answered).unwrap() > 0.0);
    let of_page = [("route", "/metrics"), ("method", "GET")];
    assert_eq!(page.value("voc_http_requests_in_progress", &of_page), Some(1.0), "the one that reads it");
    assert_eq!(page.kind("voc_api_store_seconds"), Some(Kind::Histogram));
    assert!(page.value("process_start_time_seconds", &[]).unwrap() > 1.7e9);
    let missed = [("route", "/api/v1/topics"), ("outcome", "miss")];
    assert!(page.value("voc_api_cache_total", &missed).unwrap() > 0.0);

    assert_eq!(service.end(Signal::TERM).code(), Some(0));
}

#[test]
fn templates_are_compared_with_tables_that_come_later() {
    let Some(engine) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
    let (port, database) = (endpoint.address().port().to_string(), engine.fresh_database());
    let server = ["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port, "--clickhouse-db", &database];
    let folder = tempfile::tempdir().unwrap();
    let template = "-- title: Moods\n-- description: A column that there is not.\nSELECT mood FROM voc_events\n";
    std::fs::write(folder.path().join("moods.sql"), template).unwrap();
    let with_reports = [server.as_slice(), &["--reports-dir", folder.path().to_str().unwrap()]].concat();

    let service = ServiceProcess::start(voc_query(&with_reports));
    let reason = |(status, readiness): (u16, serde_json::Value)| {
        assert_eq!(status, 503, "{readiness}");
        readiness["checks"]["schema"].as_str().unwrap().to_owned()
    };
    let before = reason(service.get("/readyz"));
    assert!(before.contains("--migrate"), "{before}");
    let migrating = ServiceProcess::start(voc_query(&[server.as_slice(), &["--migrate"]].concat()));
    assert_eq!(migrating.get("/readyz").0, 200);
    let after = reason(service.get("/readyz"));
    assert!(after.contains("moods.sql") && after.contains("mood"), "{after}");
}

#[test]
fn it_asks_clickhouse_over_tls() {
    let Some(engine) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let ca_file = authority.file(folder.path(), "ca.pem");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let front = runtime.block_on(TlsFront::start(authority.server("localhost"), endpoint.address())).unwrap();
    let (port, database) = (front.address().port().to_string(), engine.fresh_database());
    let service = |further: &[&str]| {
        let server = ["--clickhouse-host", "localhost", "--clickhouse-port", &port, "--clickhouse-db", &database];
        ServiceProcess::start(voc_query(&[server.as_slice(), further].concat()))
    };
    let (_, readiness) = service(&["--clickhouse-secure"]).get("/readyz");
    let reason = readiness["checks"]["store"].as_str().unwrap();
    assert!(reason.contains("authority is not known"), "{reason}");
    assert_eq!(front.received(), 0);

    let trusted = ["--clickhouse-secure", "--clickhouse-ca-file", ca_file.to_str().unwrap(), "--migrate"];
    let service = service(&trusted);
    let (status, readiness) = service.get("/readyz");
    assert_eq!(status, 200, "{readiness}");
    assert!(front.received() > 0);
    let page = Page::parse(&service.text("/metrics")).unwrap();
    let labels = [("role", "store"), ("system", "clickhouse")];
    // 4096-01-01, as the authority of the tests has it.
    let expires = page.value("voc_certificate_not_after_timestamp_seconds", &labels);
    assert_eq!(expires, Some(67090118400.0));
}

/// Whoever deploys the services copies them; the chart's values are checked by the schema.
#[test]
fn the_example_and_the_schema_of_the_variables_are_up_to_date() {
    service::check_configuration_files(env!("CARGO_BIN_EXE_voc-query"), "voc-query");
}

/// ClickHouse's image runs them when its volume is new.
#[test]
fn the_statements_for_new_servers_are_up_to_date() {
    let output = voc_query(&["setup-sql", "--clickhouse-db", "voc"]).output().unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/clickhouse/users.sql");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &output.stdout).unwrap();
    }
    let written = std::fs::read(&path).unwrap();
    assert!(written == output.stdout, "deploy/clickhouse/users.sql differs: run the test with UPDATE_DOCS=1");
}

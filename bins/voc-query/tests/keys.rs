//! `voc-query keys` as operators run it, and a service that uses the keys.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::json;
use voc_testkit::service::{self, ServiceProcess, unused_port};

fn voc_query(arguments: &[&str]) -> Command {
    service::command(env!("CARGO_BIN_EXE_voc-query"), arguments)
}

fn keys(file: &Path, arguments: &[&str]) -> Output {
    let mut command = voc_query(&["keys"]);
    command.args(arguments).env("VOC_API_KEYS_FILE", file);
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Creates or rotates a key and returns it.
fn key(file: &Path, arguments: &[&str]) -> String {
    let output = keys(file, arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn keys_are_created_listed_rotated_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let created = keys(
        &file,
        &[
            "create",
            "--name",
            "dashboard",
            "--scopes",
            "read,report",
            "--tenant",
            "acme",
            "--tenant",
            "globex",
            "--expires",
            "90d",
        ],
    );
    let first = text(&created.stdout);
    assert!(first.starts_with("voc_") && !first.contains(char::is_whitespace), "{first}");
    let explanation = text(&created.stderr);
    assert!(explanation.contains("acme,globex") && explanation.contains("read,report"), "{explanation}");
    assert!(!explanation.contains(&first) && explanation.contains(&first[4..12]), "{explanation}");

    let second = key(&file, &["rotate", "dashboard", "--overlap", "1h"]);
    let third = key(&file, &["create", "--name", "root", "--scopes", "admin", "--all-tenants"]);
    let listed = text(&keys(&file, &["list"]).stdout);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..4], ["PREFIX", "NAME", "SCOPES", "TENANTS"]);
    assert_eq!(lines[1][..4], [&first[4..12], "dashboard", "read,report", "acme,globex"]);
    assert_eq!(lines[2][..4], [&second[4..12], "dashboard", "read,report", "acme,globex"]);
    assert_eq!((&lines[3][..4], lines[3][5]), (&[&third[4..12], "root", "admin", "all"][..], "-"));
    for key in [&first, &second, &third] {
        assert!(!listed.contains(&key[13..]) && !fs::read_to_string(&file).unwrap().contains(&key[13..]));
    }

    assert!(keys(&file, &["revoke", &first[4..12]]).status.success());
    assert!(keys(&file, &["revoke", "--name", "root"]).status.success());
    let listed = text(&keys(&file, &["list"]).stdout);
    assert!(listed.lines().count() == 2 && listed.contains(&second[4..12]), "{listed}");
    let again = keys(&file, &["revoke", "--name", "root"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("no live key named \"root\""), "{}", text(&again.stderr));
}

#[test]
fn unclear_commands_are_refused_with_all_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    for (arguments, parts) in [
        (
            vec!["create"],
            vec!["--name: not given", "--tenant: not given, expected at least one tenant, or --all-tenants"],
        ),
        (
            vec!["create", "--name", "x", "--tenant", "a", "--all-tenants", "--scopes", "write", "--expires", "soon"],
            vec![
                "either --all-tenants or --tenant",
                "expected read, report, sql or admin",
                "a span of time such as 90d",
            ],
        ),
        (vec!["revoke"], vec!["PREFIX: not given, expected the prefix of a key, or --name"]),
        (vec!["rotate"], vec!["NAME: not given"]),
        (
            vec!["rename"],
            vec!["\"rename\": unknown, expected a command of voc-query keys: create, list, revoke, rotate"],
        ),
    ] {
        let output = keys(&file, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = text(&output.stderr);
        assert!(parts.iter().all(|part| errors.contains(part)), "{arguments:?}: {errors}");
        assert!(!file.exists());
    }
    let output = voc_query(&["keys", "list"]).output().unwrap();
    assert!(
        text(&output.stderr).contains("--api-keys-file (or VOC_API_KEYS_FILE): not given"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn without_credentials_only_this_machine_is_served_unless_that_is_chosen() {
    // A service that tried to listen would report that the port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let start = |arguments: &[&str]| {
        let output = voc_query(&["--http-port", &port]).args(arguments).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    for host in ["0.0.0.0", "::", "192.0.2.1", "example.org"] {
        let (status, errors) = start(&["--http-host", host]);
        assert_eq!(status, Some(2), "{errors}");
        for part in ["--http-host: found", "no credentials are configured", "VOC_API_KEYS_FILE", "VOC_API_OPEN=true"] {
            assert!(errors.contains(part), "{part}: {errors}");
        }
    }
    // With another error, so that it never starts.
    for host in [
        &["--http-host", "localhost"][..],
        &["--http-host", "127.0.0.2"],
        &["--http-host", "::1"],
        &["--http-host", "0.0.0.0", "--api-open"],
    ] {
        let (status, errors) = start(&[host, &["--clickhouse-port", "8123"]].concat());
        assert!(status == Some(2) && !errors.contains("--http-host"), "{host:?}: {errors}");
    }
    // The default is this machine.
    let (status, log) = start(&[]);
    assert!(status == Some(1) && log.contains(&format!("cannot listen on 127.0.0.1 port {port}")), "{log}");
    let (status, errors) = start(&["--api-open", "--api-keys-file", "keys.json"]);
    assert!(status == Some(2) && errors.contains("--api-open: found \"true\", expected either"), "{errors}");
    let (status, log) = start(&["--api-keys-file", "/nowhere/keys.json"]);
    assert!(status == Some(1) && log.contains("cannot read the API keys in /nowhere/keys.json"), "{log}");
}

#[test]
fn a_running_service_takes_keys_over_and_its_log_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let first = key(&file, &["create", "--name", "one", "--tenant", "acme"]);
    let port = unused_port().to_string();
    let mut command = voc_query(&["--clickhouse-host", "127.0.0.1", "--clickhouse-port", &port]);
    command.env("VOC_API_KEYS_FILE", &file).env("LOG_LEVEL", "trace");
    let mut service = ServiceProcess::start(command);
    assert!(service.log().contains("callers need an API key or a token"), "{}", service.log());

    let status = |service: &ServiceProcess, key: &str| service.status_with("/api/v1/summary", &format!("Bearer {key}"));
    assert_eq!(service.get("/api/v1/summary").0, 401);
    // Accepted, but the store cannot be reached.
    assert_eq!(status(&service, &first), 503);
    let second = key(&file, &["rotate", "one"]);
    service.wait_for(Duration::from_secs(60), |service| status(service, &second), |status| *status == 503);
    assert!(keys(&file, &["revoke", &first[4..12]]).status.success());
    service.wait_for(Duration::from_secs(60), |service| status(service, &first), |status| *status == 401);

    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl";
    assert_eq!(status(&service, jwt), 401);
    // What is asked is recorded without what may be personal, and without a key that somebody puts there.
    let personal = format!("/api/v1/summary?days=7&customer_id=someone%40example.org&api_key={second}&days={second}");
    let written = second.replace('_', "%5F");
    let personal = format!("{personal}&{second}&topic={written}");
    let _ = service.status_with(&personal, &format!("Bearer {second}"));
    let body = json!({"tenant_id": "acme", "days": 7, "metrics": ["event_count"], "api_key": second,
        "filters": [["is", "customer_id", "someone@example.org"]], "topic": second});
    let _ = service.ask("/api/v1/query", &second, Some(&body));

    assert_eq!(service.end(Signal::TERM).code(), Some(0));
    let log = service.whole_log();
    assert!(log.contains("the API keys were reloaded"), "{log}");
    let audited: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["target"] == "audit")
        .collect();
    let unknown = &audited[0];
    assert_eq!((&unknown["caller"], &unknown["status"]), (&json!("unknown"), &json!(401)));
    let [.., last, posted] = audited.as_slice() else { panic!("{log}") };
    assert_eq!((&posted["method"], &posted["route"]), (&json!("POST"), &json!("/api/v1/query")));
    let expected = r#"api_key=<56>&days=7&filters=<44>&metrics=["event_count"]&tenant_id=acme&topic=<56>"#;
    assert_eq!(posted["parameters"], expected);
    assert_eq!(last["caller"], format!("key:{}", &second[4..12]));
    assert_eq!(
        (&last["tenants"], &last["method"], &last["route"]),
        (&json!("acme"), &json!("GET"), &json!("/api/v1/summary"))
    );
    assert_eq!(last["parameters"], "days=7&customer_id=<21>&api_key=<56>&days=<56>&<56>&topic=<60>");
    assert!(last["millis"].is_u64() && last["span"]["id"].is_string(), "{last}");
    let actix = |line: &str| line.contains("\"target\":\"actix_http");
    assert!(log.lines().all(|line| actix(line) || !line.contains("someone")), "{log}");
    for key in [&first[13..], &second[13..], &jwt[..20], &jwt[21..48]] {
        assert!(!log.contains(key), "{log}");
    }
    let listed = text(&keys(&file, &["list"]).stdout);
    let cells: Vec<&str> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert!(cells[6].ends_with('Z'), "last used: {listed}");
}

#[test]
fn settings_of_tokens_limits_and_origins_are_checked() {
    for (arguments, expected) in [
        (
            &["--jwt-jwks", "http://id.example/keys"][..],
            "--jwt-jwks: found \"http://id.example/keys\", expected a file or an https",
        ),
        (&["--jwt-jwks", "http://127.0.0.1@id.example/keys"], "expected a file or an https address"),
        (&["--jwt-jwks", "http://localhost.example/keys"], "expected a file or an https address"),
        (
            &["--jwt-jwks", "keys.json", "--jwt-secret-file", "secret"],
            "one of --jwt-secret-file, --jwt-public-key-file and --jwt-jwks",
        ),
        (
            &["--jwt-public-key-file", "a.pem", "--jwt-secret-file", "secret"],
            "--jwt-public-key-file: found \"a.pem\", expected one of",
        ),
        (&["--jwt-audience", "voc"], "--jwt-audience: found \"voc\", expected the keys of JWTs, too"),
        (&["--jwt-issuer", "https://id.example"], "expected the keys of JWTs, too"),
        (&["--api-rate", "0"], "--api-rate: found \"0\", expected a whole number from 1"),
        (&["--api-rows-per-hour", "-1"], "--api-rows-per-hour: found \"-1\", expected a whole number from 0"),
        (&["--api-questions-at-once", "0"], "--api-questions-at-once: found \"0\""),
        (&["--cors-origins", "*"], "--cors-origins: found \"*\", expected origins such as https://dashboard.example"),
        (&["--cors-origins", "https://a.example,https://b.example/"], "without paths and patterns"),
    ] {
        let output = voc_query(arguments).output().unwrap();
        let errors = text(&output.stderr);
        assert!(output.status.code() == Some(2) && errors.contains(expected), "{arguments:?}: {errors}");
    }
}

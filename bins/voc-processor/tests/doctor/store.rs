//! Stores that cannot be used.

use std::path::Path;

use voc_testkit::{
    endpoint::{Account, Accounts},
    service::unused_port,
    tls::{Authority, TlsFront},
};

use crate::stage::Stage;

#[test]
fn a_store_that_cannot_be_connected_to() {
    let Some(stage) = Stage::migrated() else { return };
    let port = stage.endpoint.address().port();
    let report = stage.examine(&[("CLICKHOUSE_HOST", "no-such-store.invalid")]);
    let server = format!("server no-such-store.invalid:{port}");
    report.assert_cause(&server, "no-such-store.invalid does not resolve", "CLICKHOUSE_HOST");

    let unused = unused_port();
    let report = stage.examine(&[("CLICKHOUSE_PORT", &unused.to_string())]);
    let server = format!("server 127.0.0.1:{unused}");
    report.assert_cause(&server, "refuses connections", "start the ClickHouse server");
    for check in ["database", "clock", "tables", "right to write", "repeated inserts"] {
        report.assert_consequence(check, &server);
    }

    let certificate = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let trusted = authority.file(certificate.path(), "ca.pem");
    let other = Authority::new("another").file(certificate.path(), "other.pem");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let front = runtime.block_on(TlsFront::start(authority.server("127.0.0.1"), stage.endpoint.address())).unwrap();
    let secure = front.address().port().to_string();
    let server = format!("server 127.0.0.1:{secure}");
    let report = stage.examine(&[("CLICKHOUSE_PORT", &secure)]);
    report.assert_cause(&server, "expects TLS", "CLICKHOUSE_SECURE=true");
    let over_tls = |authority: &Path| {
        let authority = authority.to_str().unwrap();
        let variables = [("CLICKHOUSE_SECURE", "true"), ("CLICKHOUSE_CA_FILE", authority)];
        stage.examine(&[&variables[..], &[("CLICKHOUSE_PORT", &secure)]].concat())
    };
    over_tls(&other).assert_cause(&server, "its authority is not known", "CLICKHOUSE_CA_FILE");
    let report = over_tls(&trusted);
    assert_eq!(report.assert_well(), Vec::<&str>::new());
    assert_eq!(report.line("server certificate")["status"], "ok");
}

#[test]
fn a_store_that_refuses_the_user() {
    let accounts = [Account::new("voc", "sesame"), Account::new("reader", "sesame").read_only()];
    let Some(stage) = Stage::with_accounts(Accounts::new(accounts)) else { return };
    let user = |name, password| [("CLICKHOUSE_USER", name), ("CLICKHOUSE_PASSWORD", password)];
    let migrated = stage.command(&["migrate", "up"]).envs(user("voc", "sesame")).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert_eq!(stage.examine(&user("voc", "sesame")).assert_well(), Vec::<&str>::new());

    let report = stage.examine(&user("voc", "guessed"));
    let remedy = "correct CLICKHOUSE_USER and CLICKHOUSE_PASSWORD";
    let server = format!("server 127.0.0.1:{}", stage.endpoint.address().port());
    report.assert_cause(&server, "no such user, or a wrong password", remedy);
    report.assert_consequence("tables", &server);
    assert!(!report.said.contains("guessed"), "{}", report.said);

    let report = stage.examine(&user("reader", "sesame"));
    report.assert_cause("right to write", "reader lacks INSERT on voc_events", "readonly = 0");
    report.assert_consequence("repeated inserts", "right to write");
}

#[test]
fn several_servers_whose_tables_are_not_replicated() {
    let Some(stage) = Stage::migrated() else { return };
    let away = format!("127.0.0.1:{}", unused_port());
    let report = stage.examine(&[("CLICKHOUSE_OTHER_HOSTS", &away)]);
    report.assert_cause("replication", "is not replicated", "CLICKHOUSE_CLUSTER");
    assert_eq!(report.lines("warning"), [format!("server {away}")], "one that works is enough");
}

#[test]
fn a_database_that_does_not_exist() {
    let Some(stage) = Stage::set() else { return };
    let missing = ("CLICKHOUSE_DB", "no_such_database");
    let report = stage.examine(&[missing]);
    report.assert_cause("database", "there is no database no_such_database", "CREATE DATABASE no_such_database");
    assert_eq!(report.line(&format!("server 127.0.0.1:{}", stage.endpoint.address().port()))["status"], "ok");
    // A processor that migrates creates it.
    let report = stage.examine(&[missing, ("VOC_MIGRATE", "true")]);
    assert!(report.assert_well().contains(&"database"), "{}", report.said);
}

#[test]
fn tables_that_are_missing_newer_or_another_programs() {
    let Some(stage) = Stage::set() else { return };
    let report = stage.examine(&[]);
    report.assert_cause("tables", "migrations are not applied: 0001_", "voc-processor migrate up");
    report.assert_consequence("right to write", "tables");
    assert_eq!(
        stage.examine(&[("VOC_MIGRATE", "true")]).assert_well(),
        ["tables", "right to write", "repeated inserts"]
    );

    stage.execute(&format!("CREATE TABLE {}.voc_events (id UInt64) ENGINE = MergeTree ORDER BY id", stage.database));
    let report = stage.examine(&[]);
    report.assert_cause("tables", "that another program has created", "RENAME TABLE voc_events TO voc_events_old");

    let Some(stage) = Stage::migrated() else { return };
    stage.execute(&format!(
        "INSERT INTO {}.voc_schema_migrations (version, name, checksum, applied_at) SELECT 9999, 'from_the_future', '', now64(3)",
        stage.database
    ));
    let report = stage.examine(&[]);
    report.assert_cause("tables", "the database is newer than this program", "use a newer program");

    let Some(stage) = Stage::migrated() else { return };
    stage.execute(&format!(
        "ALTER TABLE {}.dead_letters MODIFY SETTING non_replicated_deduplication_window = 0",
        stage.database
    ));
    let report = stage.examine(&[]);
    report.assert_cause(
        "repeated inserts",
        "the table dead_letters does not drop",
        "non_replicated_deduplication_window",
    );
}

//! `migrate plan` on the embedded engine and on a server.

use std::process::Command;

use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::{engine_or_skip, has_engine},
    service,
};

use crate::stage::{log, standalone};

/// What a command prints; it must succeed.
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", log(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_plan_shows_the_sql_that_is_missing() {
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let migrate =
        |verb| printed(&mut standalone(directory.path(), &["migrate", verb, "--partition-by", "tenant-month"]));
    let plan = migrate("plan");
    assert!(plan.starts_with("-- `voc-processor migrate up` would apply 0001_voc_events, 0002_dead_letters"), "{plan}");
    assert!(plan.contains("\n-- Migration 0001_voc_events\n") && plan.contains("CREATE TABLE"), "{plan}");
    assert!(plan.contains("PARTITION BY (tenant_id, toYYYYMM(ts))") && !plan.contains("{{"), "{plan}");
    assert_eq!(migrate("plan"), plan, "a plan changes nothing");
    migrate("up");
    assert_eq!(migrate("plan"), "-- All migrations are applied.\n");
}

#[test]
fn a_plan_for_a_server_without_the_database_begins_with_it() {
    let Some(engine) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
    let (port, database) = (endpoint.address().port().to_string(), format!("planned_{}", std::process::id()));
    let migrate = |verb| {
        let mut command = service::command(env!("CARGO_BIN_EXE_voc-processor"), &["migrate", verb]);
        let server = [("CLICKHOUSE_HOST", "127.0.0.1"), ("CLICKHOUSE_PORT", &port), ("CLICKHOUSE_DB", &database)];
        printed(command.envs(server))
    };
    let plan = migrate("plan");
    let beginning =
        format!("-- The database {database} is created first.\n-- `voc-processor migrate up` would apply 0001");
    assert!(plan.starts_with(&beginning), "{plan}");
    assert!(plan.contains("-- (`only if` is asked before this statement.)\n"), "{plan}");
    assert_eq!(migrate("plan"), plan, "a plan changes nothing");
    migrate("up");
    assert_eq!(migrate("plan"), "-- All migrations are applied.\n");
}

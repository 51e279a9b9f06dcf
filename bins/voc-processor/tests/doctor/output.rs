//! The output of the command.

use voc_testkit::service;

use crate::stage::PROGRAM;

#[test]
fn settings_with_errors_are_listed_as_by_config_check() {
    let errors = |arguments: &[&str]| {
        let output = service::command(PROGRAM, arguments).env("CLICKHOUSE_PORT", "8123").output().unwrap();
        assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.lines().filter(|line| !line.starts_with("Try ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let said = errors(&["doctor", "--json"]);
    assert!(said[1].contains("CLICKHOUSE_PORT: found \"8123\""), "{said:?}");
    assert_eq!(said, errors(&["config", "check"]));
}

#[test]
fn help_teaches() {
    let output = service::command(PROGRAM, &["doctor", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for expected in ["kubectl exec deploy/voc-processor -- voc-processor doctor", "no shell", "--json", "not checked"] {
        assert!(help.contains(expected), "no {expected:?} in:\n{help}");
    }
}

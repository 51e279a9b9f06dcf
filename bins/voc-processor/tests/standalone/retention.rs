//! How long the embedded engine keeps rows.

use std::fs;

use voc_testkit::requirements::has_engine;

use crate::stage::{import, log, standalone};

#[test]
fn a_tenants_retention_is_planned_changed_and_withdrawn() {
    if !has_engine() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("events.ndjson"));
    let event = |number: u32, tenant: &str| {
        format!(r#"{{"event_id":"00000000-0000-4000-8000-{number:012}","tenant_id":"{tenant}","event_type":"call","#)
            + &format!(r#""call_id":"c-{number}","timestamp":"2020-05-02T12:00:00Z"}}"#)
    };
    fs::write(&file, [event(1, "acme"), event(2, "globex")].join("\n")).unwrap();
    let run = |arguments: &[&str]| {
        let output = standalone(&data, arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", log(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let set = ["retention", "set", "--tenant", "acme", "--of-families", "voc", "--days", "365"];
    assert!(run(&set).ends_with("\n-- nothing is changed without --execute\n"));
    assert!(!run(&["retention", "list"]).contains("acme"));
    let changed = run(&[&set[..], &["--execute"]].concat());
    assert!(changed.starts_with("ALTER TABLE voc_events MODIFY TTL ") && changed.contains("'acme'"), "{changed}");
    assert_eq!(import(&data, &file)["stored"], 2);
    let again =
        run(&["retention", "set", "--tenant", "acme", "--of-families", "voc", "--days", "default", "--execute"]);
    assert_eq!(again, "ALTER TABLE voc_events REMOVE TTL;\nALTER TABLE dead_letters REMOVE TTL;\n");
    let forever = run(&["retention", "set", "--tenant", "acme", "--of-families", "voc", "--days", "forever"]);
    assert_eq!(forever, "-- no table has to be altered\n-- nothing is changed without --execute\n");
}

#[test]
fn nothing_is_erased_from_a_directory_that_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, whose) = (folder.path().join("typo"), ["erase", "--tenant", "acme", "--execute"]);
    let output = standalone(&missing, &whose).output().unwrap();
    assert!(output.status.code() == Some(1) && log(&output).contains("nothing is stored in the"), "{}", log(&output));
    assert!(!missing.exists());
}

#[test]
fn a_change_says_what_is_missing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (vec!["--tenant", "acme"], "--days: not given, expected a number of days, forever, or default"),
        (vec!["--days", "30"], "--of-families: not given, expected the families, or --tenant"),
        (vec!["--days", "0", "--tenant", "acme"], "a number of days from 1 to 18250, forever, or default"),
        (vec!["--days", "30", "--tenant", "acme", "--of-families", "quality"], "belong to no tenant"),
    ] {
        let output = standalone(folder.path(), &[&["retention", "set"], &arguments[..]].concat()).output().unwrap();
        assert!(output.status.code() == Some(2) && log(&output).contains(expected), "{arguments:?}: {}", log(&output));
    }
}

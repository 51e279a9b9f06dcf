//! What cannot be adopted, and what the user is told.

use crate::stage::{OLD_TABLE, Outcome, Stage};

#[test]
fn what_cannot_be_adopted_is_refused_before_anything_changes() {
    let Some(stage) = Stage::set() else { return };
    let nothing = stage.adopt(&[]);
    assert!(nothing.status == Some(1) && nothing.log.contains("no table voc_events"), "{nothing:?}");
    for (create, problem) in [
        ("CREATE TABLE voc_events (a UInt8) ENGINE = MergeTree ORDER BY a", "voc_events has no column ts"),
        (
            &OLD_TABLE.replace("DateTime64(3)", "DateTime64(6)"),
            "ts of voc_events is of type DateTime64(6), not DateTime64(3)",
        ),
        (
            "CREATE TABLE voc_events (event_id UUID, tenant_id String, event_type String, ts DateTime64(3, 'UTC'), \
             payload String, processed_at DateTime64(3)) ENGINE = Memory",
            "the engine Memory",
        ),
    ] {
        stage.ask(create);
        let refused = stage.adopt(&[]);
        assert!(refused.status == Some(1) && refused.log.contains(problem), "{refused:?}");
        assert_eq!(stage.ask("SHOW TABLES"), ["voc_events"]);
        stage.ask("DROP TABLE voc_events");
    }
    // The service has created its table again.
    stage.ask(OLD_TABLE);
    stage.ask("RENAME TABLE voc_events TO voc_events_before_adoption");
    stage.ask(OLD_TABLE);
    let again = stage.adopt(&[]);
    assert!(again.status == Some(1) && again.log.contains("has created its table voc_events again"), "{again:?}");
    // What there is to do otherwise: another database, or nothing at all.
    stage.ask("DROP TABLE voc_events");
    assert_eq!(stage.adopt(&[]).status, Some(0));
    stage.ask("DROP TABLE voc_events_before_adoption");
    let done = stage.adopt(&[]);
    assert_eq!((done.status, done.table()), (Some(0), &().into()), "{done:?}");
}

#[test]
fn the_migrations_point_to_the_adoption() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_TABLE);
    let migrated = Outcome::of(&mut stage.command(&["migrate", "up"]));
    assert!(migrated.status == Some(1) && migrated.log.contains("voc-processor adopt"), "{migrated:?}");
}

#[test]
fn settings_that_contradict_each_other_are_rejected() {
    for (arguments, expected) in [
        (&["adopt", "--standalone"][..], "the Python services stored their events in a ClickHouse server"),
        (&["adopt", "--no-kafka", "--rewind", "10m"], "because --no-kafka is given"),
        (&["adopt", "--family", "product", "--rewind", "10m"], "its events have no identifiers"),
        (&["adopt", "--rewind", "soon"], "a span of time such as 90d"),
    ] {
        let mut command = voc_testkit::service::command(env!("CARGO_BIN_EXE_voc-processor"), arguments);
        let refused = Outcome::of(&mut command);
        assert!(refused.status == Some(2) && refused.log.contains(expected), "{refused:?}");
    }
}

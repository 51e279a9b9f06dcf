//! The table of the analytics service, whose events have no identifiers.

use crate::stage::{OLD_ANALYTICS, OLD_TABLE, Outcome, Stage};

fn adopt(stage: &Stage, families: &str) -> Outcome {
    Outcome::of(stage.command(&["adopt", "--no-kafka", "--json"]).env("VOC_FAMILIES", families))
}

/// Rows of some days ago.
fn store(stage: &Stage, rows: &[(u32, &str, &str, &str)]) {
    for (days, app, name, properties) in rows {
        stage.ask(&format!(
            "INSERT INTO ai_analytics_events SELECT toStartOfDay(now()) - INTERVAL {days} DAY, '{app}', '{name}', 'u-1', \
             {properties}"
        ));
    }
}

#[test]
fn every_row_is_an_event() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_ANALYTICS);
    stage.ask("SYSTEM STOP TTL MERGES ai_analytics_events");
    store(
        &stage,
        &[
            (1, "openstream", "video_heartbeat", r#"'{"watch_time": 30, "nested": {"a": [1.50]}}'"#),
            (1, "openstream", "video_heartbeat", r#"'{"watch_time": 30, "nested": {"a": [1.50]}}'"#),
            (1, "openstream", "search", "''"),
            (40, "openstream", "search", r#"'{"q": "a/b"}'"#),
            // Older than the table keeps rows.
            (100, "openstream", "search", "'{}'"),
            (2, "news/daily", "open", "'{}'"),
            (2, "news/daily", "open", "'no json'"),
        ],
    );
    let adopted = adopt(&stage, "product");
    assert_eq!(adopted.status, Some(0), "{adopted:?}");
    let counts = ["rows", "events", "duplicates", "stored", "dead_lettered", "expired", "missing", "surplus"];
    assert_eq!(counts.map(|name| adopted.count(name)), [7, 7, 0, 5, 1, 1, 0, 0], "{adopted:?}");
    let daily = &adopted.table()["comparison"]["tenants"]["news/daily"];
    assert_eq!((&daily["stored"], &daily["dead_lettered"]), (&1.into(), &1.into()), "{adopted:?}");
    let properties = "SELECT DISTINCT properties FROM ai_analytics_events WHERE event_name = 'video_heartbeat'";
    assert_eq!(stage.ask(properties), [r#"{"watch_time": 30, "nested": {"a": [1.50]}}"#]);
    // Rows of the table that is set aside do not expire meanwhile, or all places would change.
    stage.ask("SYSTEM START TTL MERGES ai_analytics_events_before_adoption");
    stage.ask("OPTIMIZE TABLE ai_analytics_events_before_adoption FINAL");
    assert_eq!(stage.number("SELECT count() FROM ai_analytics_events_before_adoption"), 7);
    let again = adopt(&stage, "product");
    assert_eq!((again.status, counts.map(|name| again.count(name))), (Some(0), [7, 7, 0, 5, 1, 1, 0, 0]), "{again:?}");

    stage.ask("ALTER TABLE ai_analytics_events DELETE WHERE event_name = 'open' SETTINGS mutations_sync = 2");
    let gone = adopt(&stage, "product");
    assert_eq!((gone.status, gone.count("missing"), gone.count("stored")), (Some(1), 1, 4), "{gone:?}");
}

#[test]
fn tables_of_two_services_in_one_database_are_adopted_together() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_ANALYTICS);
    stage.ask(OLD_TABLE);
    store(&stage, &[(1, "openstream", "search", "'{}'")]);
    // The migrations need both names.
    for (alone, other) in [("voc", "VOC_FAMILIES=voc,product"), ("product", "VOC_FAMILIES=product,voc")] {
        let refused = adopt(&stage, alone);
        assert!(refused.status == Some(1) && refused.log.contains(other), "{refused:?}");
        assert_eq!(stage.ask("SHOW TABLES"), ["ai_analytics_events", "voc_events"]);
    }
    let adopted = adopt(&stage, "voc,product");
    assert_eq!(adopted.status, Some(0), "{adopted:?}");
    assert_eq!(adopted.report["families"][1]["table"]["total"]["stored"], 1, "{adopted:?}");
    // A family whose service stored nothing has nothing to adopt.
    let with_others = adopt(&stage, "voc,product,activity");
    assert_eq!(
        (with_others.status, &with_others.report["families"][2]["table"]),
        (Some(0), &().into()),
        "{with_others:?}"
    );
}

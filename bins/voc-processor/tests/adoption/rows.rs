//! Rows of every kind that a service may have written.

use crate::stage::{OLD_TABLE, Stage};

/// Stores a row: its identifier's number, its time in milliseconds, its payload, and when it was processed.
fn store(stage: &Stage, tenant: &str, id: u32, millis: i64, payload: &str, processed: u32) {
    stage.ask(&format!(
        "INSERT INTO voc_events SELECT toUUID('00000000-0000-0000-0000-{id:012}'), '{tenant}', 'call', \
         fromUnixTimestamp64Milli({millis}), {payload}, 0.5, 'billing', fromUnixTimestamp64Milli({processed})"
    ));
}

const NOON: i64 = 1_770_033_600_000;

/// The payload of a call, as a literal of SQL.
fn call(id: u32, time: &str, more: &str) -> String {
    format!(
        r#"'{{"event_id": "00000000-0000-0000-0000-{id:012}", "tenant_id": "acme", "timestamp": {time}, "event_type": "call", "call_id": "c-{id}", "transcript": "Customer: It is broken."{more}}}'"#
    )
}

#[test]
fn every_event_is_stored_once_or_a_dead_letter() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_TABLE);
    let noon = "\"2026-02-02 12:00:00+00:00\"";
    let enrichment =
        r#", "sentiment": 0.5, "topic": "billing", "processed_at": "2026-02-02 12:00:01", "agent_id": null"#;
    // Whole, enriched, and without what the columns have.
    store(&stage, "acme", 1, NOON, &call(1, noon, ""), 1);
    store(&stage, "acme", 2, NOON, &call(2, noon, enrichment), 1);
    store(&stage, "acme", 3, NOON + 7, r#"'{"call_id": "c-3", "timestamp": null}'"#, 1);
    // Three rows of one event, and two events with one identifier.
    for processed in 1..=3 {
        store(&stage, "acme", 4, NOON, &call(4, noon, &format!(r#", "duration_ms": {processed}"#)), processed);
    }
    store(&stage, "acme", 5, NOON, &call(5, noon, ""), 1);
    store(&stage, "acme", 5, NOON + 3_600_000, &call(5, "\"2026-02-02T13:00:00\"", ""), 1);
    // Of another tenant and another month.
    store(&stage, "globex", 1, NOON - 40 * 86_400_000, r#"'{"call_id": "c-1"}'"#, 1);
    // The clock of the service was that of another time zone.
    store(&stage, "acme", 6, NOON + 3 * 3_600_000, &call(6, "\"2026-02-02T12:00:00\"", ""), 1);
    // What cannot be read: no JSON, no UTF-8, nothing, no call.
    for (id, payload) in [(11, "'not json'"), (12, "unhex('7B22FF227D')"), (13, "''"), (14, r#"'{"a": NaN}'"#)] {
        store(&stage, "acme", id, NOON, payload, 1);
    }
    store(&stage, "globex", 15, NOON, "'{}'", 1);

    let planned = stage.adopt(&["--dry-run"]);
    assert_eq!((planned.status, planned.count("rows"), planned.count("events")), (Some(0), 15, 13), "{planned:?}");
    assert_eq!(stage.ask("SELECT name FROM system.tables WHERE database = currentDatabase()"), ["voc_events"]);

    let adopted = stage.adopt(&[]);
    assert_eq!(adopted.status, Some(0), "{adopted:?}");
    let counts = ["rows", "events", "duplicates", "stored", "at_another_time", "dead_lettered", "missing"];
    assert_eq!(counts.map(|name| adopted.count(name)), [15, 13, 2, 7, 1, 5, 0], "{adopted:?}");
    assert_eq!(adopted.table()["comparison"]["tenants"]["globex"]["dead_lettered"], 1, "{adopted:?}");

    let stored = "SELECT tenant_id, toString(ts), toUInt32(substring(toString(event_id), 25)), call_id FROM voc_events \
        ORDER BY ALL";
    assert_eq!(
        stage.ask(stored),
        [
            "acme\t2026-02-02 12:00:00.000\t1\tc-1",
            "acme\t2026-02-02 12:00:00.000\t2\tc-2",
            "acme\t2026-02-02 12:00:00.000\t4\tc-4",
            "acme\t2026-02-02 12:00:00.000\t5\tc-5",
            "acme\t2026-02-02 12:00:00.000\t6\tc-6",
            "acme\t2026-02-02 12:00:00.007\t3\tc-3",
            "acme\t2026-02-02 13:00:00.000\t5\tc-5",
            "globex\t2025-12-24 12:00:00.000\t1\tc-1",
        ]
    );
    // The newest version of an event counts; sentiment is this program's, and the old one is in the payload.
    assert_eq!(stage.ask("SELECT duration_ms FROM voc_events WHERE call_id = 'c-4'"), ["3"]);
    let annotated = "SELECT sentiment < 0, decided_by != '', JSONExtractFloat(payload, 'sentiment'), payload LIKE '%+00:00%' \
        FROM voc_events WHERE call_id = 'c-2'";
    assert_eq!(stage.ask(annotated), ["true\ttrue\t0.5\t1"].map(|line| line.replace("true", "1")));
    // Under the names of their events, and as they were, but for what was added to an empty event.
    let dead_letters = "SELECT error_type, splitByChar('-', assumeNotNull(key))[5], hex(payload) FROM dead_letters FINAL \
        WHERE tenant_id = '' ORDER BY ALL";
    assert_eq!(
        stage.ask(dead_letters),
        [
            "empty\t000000000013\t",
            "invalid_json\t000000000011\t6E6F74206A736F6E",
            "invalid_json\t000000000014\t7B2261223A204E614E7D",
            "invalid_utf8\t000000000012\t7B22FF227D",
        ]
    );
    let of_tenants = "SELECT tenant_id, error_type, error, JSONExtractString(assumeNotNull(payload), 'timestamp') \
        FROM dead_letters FINAL WHERE tenant_id != ''";
    assert_eq!(
        stage.ask(of_tenants),
        ["globex\tinvalid_event\t$.call_id: expected a non-empty string, found nothing\t2026-02-02T12:00:00.000Z"]
    );
    let ledger =
        "SELECT sum(arraySum(consumed)), sum(arraySum(stored)), sum(arraySum(dead_lettered)) FROM ledger FINAL";
    assert_eq!(stage.ask(ledger), ["13\t8\t5"]);
    assert_eq!(stage.number("SELECT count() FROM voc_events_before_adoption"), 15);

    // Again, it only compares; also when the rows are versions of others.
    let again = stage.adopt(&[]);
    assert_eq!((again.status, counts.map(|name| again.count(name))), (Some(0), [15, 13, 2, 7, 1, 5, 0]), "{again:?}");
    assert_eq!(stage.number("SELECT count() FROM voc_events"), 8);
    // And says what is gone.
    stage.ask("ALTER TABLE voc_events DELETE WHERE call_id = 'c-2' SETTINGS mutations_sync = 2");
    let gone = stage.adopt(&[]);
    assert_eq!((gone.status, gone.count("missing"), gone.count("stored")), (Some(1), 1, 6), "{gone:?}");
    let missing = &gone.table()["comparison"]["missing_events"][0];
    assert_eq!(missing, &format!("{NOON}/acme/00000000-0000-0000-0000-000000000002"), "{gone:?}");
    let text = stage.command(&["adopt", "--no-kafka"]).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("DIFFERENCE tenant \"acme\": 1 of 11 events are missing")
            && text.contains(&missing.as_str().unwrap()[..20]),
        "{text}"
    );
}

/// A service that still runs writes into the new table, which has all of its columns.
#[test]
fn rows_that_the_old_service_writes_afterwards_are_noticed() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_TABLE);
    store(&stage, "acme", 1, NOON, &call(1, "0", ""), 1);
    assert_eq!(stage.adopt(&[]).status, Some(0));
    stage.ask(
        "INSERT INTO voc_events (event_id, tenant_id, event_type, ts, payload, processed_at) \
         SELECT generateUUIDv4(), 'acme', 'call', now64(3), '{}', now64(3)",
    );
    let noticed = stage.adopt(&[]);
    assert_eq!((noticed.status, &noticed.table()["comparison"]["foreign_rows"]), (Some(1), &1.into()), "{noticed:?}");
    assert!(noticed.log.contains("0 events are missing, 0 rows are too many, 1 are of another program"), "{noticed:?}");
}

#[test]
fn a_table_that_changes_while_it_is_adopted_is_noticed() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_TABLE);
    store(&stage, "acme", 1, NOON, r#"'{"call_id": "c-1"}'"#, 1);
    assert_eq!(stage.adopt(&[]).status, Some(0));
    stage.ask("INSERT INTO voc_events_before_adoption SELECT * REPLACE (generateUUIDv4() AS event_id) FROM voc_events_before_adoption");
    let changed = stage.adopt(&[]);
    assert!(changed.status == Some(1) && changed.log.contains("had 1 events in 1 rows"), "{changed:?}");
    // As it says.
    stage.ask("DELETE FROM adoptions WHERE table_name = 'voc_events'");
    let adopted = stage.adopt(&[]);
    assert_eq!((adopted.status, adopted.count("events"), adopted.count("missing")), (Some(0), 2, 0), "{adopted:?}");
    assert_eq!(stage.number("SELECT count() FROM voc_events FINAL"), 2);
}

//! Adoptions that are killed, or asked to end.

use crate::stage::{OLD_TABLE, Running, Stage, fill, stored};

const EVENTS: u64 = 20_000;

/// The command with small batches.
fn adoption(stage: &Stage, batch_max: &str) -> Running {
    Running::start(stage.command(&["adopt", "--no-kafka", "--json", "--batch-max", batch_max]))
}

fn rows(stage: &Stage) -> u64 {
    match stage.number("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'ledger'") {
        0 => 0,
        _ => stage.number("SELECT count() FROM voc_events"),
    }
}

#[test]
fn an_adoption_killed_again_and_again_stores_every_event_once() {
    let Some(stage) = Stage::set() else { return };
    let expected = fill(&stage, 1, EVENTS);
    let is_set_aside = || {
        stage.number("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'voc_events_before_adoption'") == 1
    };
    let mut adoption_of_names = adoption(&stage, "1000");
    assert!(adoption_of_names.wait_for(is_set_aside));
    adoption_of_names.kill();
    let mut kills = 0;
    for share in 0..10 {
        let enough = rows(&stage).max(EVENTS / 11 * share) + 1;
        let mut adoption = adoption(&stage, "1000");
        if adoption.wait_for(|| rows(&stage) >= enough) {
            adoption.kill();
            kills += 1;
        }
    }
    assert!(kills >= 5, "only {kills} adoptions were killed in the middle");
    let adopted = stage.adopt(&["--batch-max", "1000"]);
    assert_eq!(adopted.status, Some(0), "{adopted:?}");
    let counts = ["rows", "events", "stored", "dead_lettered", "missing"].map(|name| adopted.count(name));
    assert_eq!(counts, [EVENTS + EVENTS / 50, EVENTS, EVENTS, 0, 0], "{adopted:?}");
    assert_eq!(stored(&stage), expected);
    // Not even until a merge: each batch was inserted again as it had been.
    assert_eq!(stage.number("SELECT count() - uniqExact(source_offset) FROM voc_events"), 0);
    let ledger = "SELECT sum(arraySum(consumed)), sum(arraySum(stored)), max(last_offset) + 1 FROM ledger FINAL";
    assert_eq!(stage.ask(ledger), [format!("{EVENTS}\t{EVENTS}\t{EVENTS}")]);
}

#[test]
fn a_process_killed_between_two_steps_is_continued() {
    let Some(stage) = Stage::set() else { return };
    let expected = fill(&stage, 2, 100);
    // After it has set the table aside.
    stage.ask("RENAME TABLE voc_events TO voc_events_before_adoption");
    assert_eq!(stage.adopt(&["--dry-run"]).count("events"), 100);
    let adopted = stage.adopt(&[]);
    assert_eq!((adopted.status, adopted.count("stored")), (Some(0), 100), "{adopted:?}");
    assert_eq!(stored(&stage), expected);
    // After the last batch, and before the comparison.
    let again = stage.adopt(&[]);
    assert_eq!((again.status, again.count("stored")), (Some(0), 100), "{again:?}");
    assert_eq!(stage.number("SELECT count() FROM voc_events"), 100);
}

#[test]
fn a_signal_ends_it_with_what_it_has_read_stored() {
    let Some(stage) = Stage::set() else { return };
    let expected = fill(&stage, 3, EVENTS);
    let mut running = adoption(&stage, "500");
    assert!(running.wait_for(|| rows(&stage) > 0), "it has ended by itself");
    running.interrupt();
    let (status, said) = running.status();
    assert!(status == Some(130) && said.contains("run the same command again to continue"), "{said}");
    let committed = stage.number("SELECT argMax(next_offset, change) FROM adoptions");
    assert!(committed > 0 && committed < EVENTS, "{committed}");
    assert_eq!(rows(&stage), committed);
    assert_eq!(stage.adopt(&[]).count("missing"), 0);
    assert_eq!(stored(&stage), expected);
}

#[test]
fn of_two_adoptions_at_once_the_later_one_continues() {
    let Some(stage) = Stage::set() else { return };
    let expected = fill(&stage, 4, EVENTS);
    let mut first = adoption(&stage, "500");
    assert!(first.wait_for(|| rows(&stage) > 0), "it has ended by itself");
    let second = stage.adopt(&["--batch-max", "500"]);
    assert_eq!((second.status, second.count("stored"), second.count("missing")), (Some(0), EVENTS, 0), "{second:?}");
    let (status, said) = first.status();
    assert!(status == Some(1) && said.contains("another process"), "{said}");
    assert_eq!(stored(&stage), expected);
}

#[test]
fn a_table_without_rows_is_adopted() {
    let Some(stage) = Stage::set() else { return };
    stage.ask(OLD_TABLE);
    let adopted = stage.adopt(&[]);
    assert_eq!((adopted.status, adopted.count("events")), (Some(0), 0), "{adopted:?}");
    assert_eq!(stage.number("SELECT count() FROM voc_events"), 0);
}

//! The seam between the adopted table and Kafka.

use rustix::process::Signal;
use serde_json::json;
use voc_events::{Family as _, voc::Voc};
use voc_store::{EventList, EventQueries as _, Field, Period, TenantScope};
use voc_testkit::kafka::Codec;

use crate::stage::{KafkaStage, OLD_TABLE, Outcome, events, stored};

/// Kafka, the ledger and the store agree.
fn verify(stage: &KafkaStage) {
    let output = stage.command(&["verify"]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&said));
}

/// How many events a question counts, and how many a list has.
fn asked(stage: &KafkaStage) -> (u64, usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = stage.stage.store_of_questions();
        let types = store.summary(&Voc::TABLE, None, Period::EVER).await.unwrap();
        let list = EventList::new(Voc::TABLE, TenantScope::All, Period::EVER).limit(100_000);
        let list = list.field(Field::find(&Voc::TABLE, "event_id").unwrap());
        let page = store.events(&list).await.unwrap();
        assert!(!page.truncated);
        (types.iter().map(|of_type| of_type.event_count).sum(), page.events.len())
    })
}

#[test]
fn events_on_both_sides_of_the_seam_count_once() {
    const EVENTS: u64 = 6_000;
    let Some(stage) = KafkaStage::set(2) else { return };
    let (texts, expected) = events(1, EVENTS);
    stage.stage.ask(OLD_TABLE);
    stage.kafka.produce(&stage.topic, Codec::Gzip, texts.iter().map(String::as_str));
    // Four times, the service ends in a way of its own; twice it reads records again that it had stored.
    stage.serve(1_700, &json!({"end": "stored"}));
    stage.serve(900, &json!({"write": "iso"}));
    stage.serve(600, &json!({"write": "bare", "end": "stored"}));
    stage.serve(1_300, &json!({"end": "stored", "zone": "America/Sao_Paulo"}));
    let old_rows = stage.stage.number("SELECT count() FROM voc_events");
    assert_eq!(old_rows, 4_500);
    let old_events = stage.stage.number("SELECT uniqExact(tenant_id, ts, event_id) FROM voc_events");
    assert!(old_events < old_rows, "the service has stored no event twice");

    let adopted = stage.adopt(&[]);
    assert_eq!(adopted.status, Some(0), "{adopted:?}");
    let counts = ["rows", "events", "stored", "dead_lettered", "missing"].map(|name| adopted.count(name));
    let moved = adopted.count("at_another_time");
    assert_eq!(counts, [old_rows, old_events, old_events - moved, 0, 0], "{adopted:?}");
    // What the clock of Sao Paulo made of times without an offset.
    assert!(moved > 0, "{adopted:?}");
    let lag: i64 = adopted.partitions().iter().map(|partition| partition["lag"].as_i64().unwrap()).sum();
    assert!(EVENTS - u64::try_from(lag).unwrap() < old_events, "the service has stored nothing beyond its commits");

    // Or the rows of one of the two ways would be gone.
    stage.stage.ask("SYSTEM STOP MERGES voc_events");
    let mut processor = stage.processor();
    stage.wait_for_the_end(&processor, 2);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    assert!(stage.stage.number("SELECT count() FROM voc_events") > EVENTS, "no event was on both sides of the seam");
    let adopted_rows = || {
        stage.stage.number("SELECT countIf(startsWith(source_topic, 'voc_events_before_adoption#')) FROM voc_events")
    };
    let before_merge = adopted_rows();
    assert_eq!((stored(&stage.stage), asked(&stage)), (expected.clone(), (EVENTS, 6_000)));
    verify(&stage);
    stage.stage.ask("SYSTEM START MERGES voc_events");
    stage.stage.ask("OPTIMIZE TABLE voc_events FINAL");
    assert!(adopted_rows() < before_merge, "the later rows, those of Kafka, do not remain");
    assert_eq!((stored(&stage.stage), asked(&stage)), (expected, (EVENTS, 6_000)));
    assert_eq!(stage.stage.number("SELECT count() FROM voc_events"), EVENTS);
    verify(&stage);
    // Once the rows of Kafka have replaced adopted ones, every event is still found.
    let again = stage.adopt(&[]);
    assert_eq!((again.status, again.count("missing")), (Some(0), 0), "{again:?}");
    // Where there was something left to read.
    assert!(again.partitions().iter().any(|partition| partition["is_continued"] == true), "{again:?}");
}

/// A service that commits before it stores loses what it had not stored.
#[test]
fn what_was_committed_and_not_stored_is_read_again_if_that_is_asked_for() {
    const EVENTS: u64 = 2_000;
    let Some(stage) = KafkaStage::set(1) else { return };
    let (texts, expected) = events(2, EVENTS);
    stage.stage.ask(OLD_TABLE);
    stage.kafka.produce(&stage.topic, Codec::Gzip, texts.iter().map(String::as_str));
    stage.serve(1_300, &json!({"end": "committed"}));
    assert_eq!(stage.stage.number("SELECT count() FROM voc_events"), 1_000);

    let planned = stage.adopt(&["--dry-run", "--rewind", "1h"]);
    let position = |outcome: &Outcome| {
        let partition = &outcome.partitions()[0];
        (partition["next_offset"].as_i64(), partition["rewound_from"].as_i64())
    };
    assert_eq!((planned.status, position(&planned)), (Some(0), (Some(0), Some(1_300))), "{planned:?}");
    let adopted = stage.adopt(&[]);
    assert_eq!((adopted.status, position(&adopted)), (Some(0), (Some(1_300), None)), "{adopted:?}");
    // Everything was produced within the hour; once is enough, however often it is run.
    for _ in 0..2 {
        let rewound = stage.adopt(&["--rewind", "1h"]);
        assert_eq!((rewound.status, position(&rewound)), (Some(0), (Some(0), Some(1_300))), "{rewound:?}");
    }
    let mut processor = stage.processor();
    stage.wait_for_the_end(&processor, 1);
    assert_eq!((stored(&stage.stage), asked(&stage)), (expected, (EVENTS, 2_000)));
    // The group has a member now, and where it is, is its own business.
    let refused = stage.adopt(&["--rewind", "1h"]);
    assert!(refused.status == Some(1) && refused.log.contains("voc-processor at 127.0.0.1"), "{refused:?}");
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    let late = stage.adopt(&["--rewind", "1h"]);
    assert_eq!((late.status, position(&late)), (Some(0), (Some(2_000), None)), "{late:?}");
    verify(&stage);
}

#[test]
fn a_service_that_still_runs_is_named() {
    let Some(stage) = KafkaStage::set(1) else { return };
    let (texts, _) = events(3, 100);
    stage.stage.ask(OLD_TABLE);
    stage.kafka.produce(&stage.topic, Codec::Gzip, texts.iter().map(String::as_str));
    let member = stage.member(100);
    let planned = stage.adopt(&["--dry-run"]);
    assert_eq!(planned.report["families"][0]["group"]["members"].as_array().unwrap().len(), 1, "{planned:?}");
    let refused = stage.adopt(&[]);
    assert!(refused.status == Some(1) && refused.log.contains("aiokafka"), "{refused:?}");
    assert_eq!(stage.stage.ask("SHOW TABLES"), ["voc_events"]);
    // Nor can a processor join the group.
    let migrated =
        stage.command(&["migrate", "up"]).env("CLICKHOUSE_DB", stage.stage.other_database()).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let joined =
        stage.command(&["--http-port", "0"]).env("CLICKHOUSE_DB", stage.stage.other_database()).output().unwrap();
    let said = String::from_utf8_lossy(&joined.stderr).into_owned();
    assert!(joined.status.code() == Some(1) && said.contains("its members are of another program"), "{said}");
    member.stop();
    assert_eq!(stage.adopt(&[]).status, Some(0));
}

//! Replays: a range re-annotated.

use rustix::process::Signal;
use serde_json::Value;
use voc_events::{Family as _, Timestamp, voc::Voc};
use voc_store::{
    EventQueries as _, Period, TopicSummary, TypeSummary,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{generator::Tally, kafka::Codec};

use crate::stage::{PATIENCE, Stage, generate, wait_for_rows};

const EVENTS: u64 = 1500;

/// What dashboards show.
fn answers(stage: &Stage) -> (Vec<TypeSummary>, Vec<TopicSummary>) {
    let options = EmbeddedOptions::default().with_database(&stage.database);
    let store = EmbeddedStore::new(EmbeddedBackend::open(stage.engine.engine(), options).unwrap());
    let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut types, mut topics) = runtime.block_on(async {
        (
            store.summary(&Voc::TABLE, None, period).await.unwrap(),
            store.topics(&Voc::TABLE, None, period).await.unwrap(),
        )
    });
    // The last digits of a mean depend on the order of summation.
    let rounded = |mean: &mut Option<f64>| *mean = mean.map(|mean| (mean * 1e9).round());
    types.iter_mut().for_each(|row| rounded(&mut row.avg_sentiment));
    topics.iter_mut().for_each(|row| rounded(&mut row.avg_sentiment));
    (types, topics)
}

#[test]
fn an_interrupted_replay_finishes_although_its_records_have_expired() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("passed", 1);
    let mut processor = stage.processor(&[&topic], &[]);
    let events = generate(1, EVENTS, &mut Tally::default());
    stage.kafka.produce(&topic, Codec::Zstd, events.iter().map(String::as_str));
    wait_for_rows(&stage, &processor, EVENTS);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    let begun = ["--from", "beginning", "--id", "cut off"];
    let (status, report, said) = replay(&stage, &topic, &[&begun[..], &["--no-merge"]].concat());
    assert_eq!((status, &report["read"]), (Some(0), &EVENTS.into()), "{said}");

    for (oldest, left) in [(1200, 300), (EVENTS, 0)] {
        // Interrupted at its first record.
        stage.ask("ALTER TABLE revisions UPDATE next_offset = 0 WHERE id = 'cut off' SETTINGS mutations_sync = 2");
        stage.kafka.delete_records_before(&topic, 0, oldest);
        let (status, report, said) = replay(&stage, &topic, &[&begun[..], &["--no-merge"]].concat());
        assert_eq!((status, &report["read"], &report["until"]), (Some(0), &left.into(), &EVENTS.into()), "{said}");
    }
    let (status, report, said) = replay(&stage, &topic, &begun);
    assert_eq!((status, &report["merged"], stage.rows()), (Some(0), &true.into(), EVENTS), "{said}");
    assert_eq!(stage.ask("SELECT count() FROM revisions FINAL WHERE is_open"), ["0"]);
}

fn replay(stage: &Stage, topic: &str, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let all = [&["replay", "--topic", topic, "--partition", "0", "--until", "end"], arguments].concat();
    let (status, mut report, said) = stage.run(topic, &all);
    (status, report.pop().unwrap_or_default(), said)
}

#[test]
fn a_replay_replaces_rows_and_no_query_is_ever_wrong() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("replay", 1);
    let processor = stage.processor(&[&topic], &[]);
    let events = generate(1, EVENTS, &mut Tally::default());
    // One event is sent twice, and one record is bad.
    let sent = std::iter::once(&events[0]).chain(&events).map(String::as_str).chain(["not json"]);
    stage.kafka.produce(&topic, Codec::Zstd, sent);
    wait_for_rows(&stage, &processor, EVENTS);
    let dead_letter = |page: &String| page.contains("\nvoc_events_dead_lettered_total{family=\"voc\"} 1\n");
    processor.wait_for(PATIENCE, |service| service.text("/metrics"), dead_letter);
    let right = answers(&stage);

    // As an earlier version would have annotated them.
    stage.ask("ALTER TABLE voc_events UPDATE sentiment = -0.5, topic = 'old' WHERE topic IS NOT NULL SETTINGS mutations_sync = 2");
    let old: u64 = stage.ask("SELECT count() FROM voc_events WHERE topic = 'old'")[0].parse().unwrap();
    assert!(old > 0 && answers(&stage) != right);
    let (status, plan, said) = replay(&stage, &topic, &["--from", "beginning", "--dry-run"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(
        (&plan["read"], &plan["changed"], &plan["unchanged"]),
        (&(EVENTS + 2).into(), &old.into(), &(EVENTS - old).into())
    );
    assert_eq!((&plan["still_bad"], &plan["unknown"], &plan["gone_bad"]), (&1.into(), &1.into(), &0.into()), "{plan}");
    let moved: u64 = plan["topics"].as_object().unwrap().values().map(|rows| rows.as_u64().unwrap()).sum();
    assert_eq!(moved, old, "{plan}");
    let (_, plan, _) = replay(&stage, &topic, &["--from", "0", "--dry-run", "--max-event-bytes", "1024"]);
    assert!(plan["gone_bad"].as_u64() > Some(0) && plan["gone_bad_examples"][0].as_str().is_some(), "{plan}");
    let (_, plan, said) = replay(&stage, &topic, &["--from", "0", "--dry-run", "--unknown-too"]);
    assert_eq!((&plan["new"], &plan["unknown"], &plan["changed"]), (&1.into(), &0.into(), &old.into()), "{said}");
    assert_eq!(stage.rows(), EVENTS);

    stage.ask("SYSTEM STOP MERGES voc_events");
    let arguments = ["--from", "beginning", "--id", "new version", "--no-merge"];
    let (status, report, said) = replay(&stage, &topic, &arguments);
    assert_eq!((status, &report["changed"], &report["merged"]), (Some(0), &old.into(), &false.into()), "{said}");
    assert_eq!((stage.rows(), answers(&stage) == right), (2 * EVENTS, true), "both versions are stored");

    // It resumes with merging.
    stage.ask("SYSTEM START MERGES voc_events");
    let (status, report, said) = replay(&stage, &topic, &arguments[..4]);
    assert_eq!((status, &report["read"], &report["merged"]), (Some(0), &0.into(), &true.into()), "{said}");
    assert_eq!((stage.rows(), answers(&stage) == right), (EVENTS, true));
    assert_eq!(stage.ask("SELECT count() FROM revisions FINAL WHERE is_open"), ["0"]);

    let (status, _, said) = replay(&stage, &topic, &arguments[..4]);
    assert!(status == Some(1) && said.contains("is done"), "{said}");
    let (status, report, said) = replay(&stage, &topic, &["--from", "1200"]);
    assert_eq!((status, &report["changed"], &report["unchanged"]), (Some(0), &0.into(), &301.into()), "{said}");
    assert_eq!((stage.rows(), answers(&stage) == right), (EVENTS, true));
    assert_eq!(stage.ask("SELECT count() FROM dead_letters"), ["1"]);
}

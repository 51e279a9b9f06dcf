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

/// What an earlier version did not store of each row.
const FACTS: &str = "SELECT toString(tuple(event_type, call_id, agent_id, customer_id, call_quality, tags, turns, \
    customer_words, agent_words, other_words, longest_monologue_words, agent_talk_ms, customer_talk_ms, \
    other_talk_ms, non_talk_ms, agent_interruptions, customer_interruptions, response_ms, customer_sentiment, agent_sentiment, \
    first_quarter_sentiment, last_quarter_sentiment, sentiment_change, worst_turn_sentiment, topics, topic_scores, \
    topic_sentiments, escalation_phrases, churn_phrases)) FROM voc_events ORDER BY source_offset";

#[test]
fn a_replay_fills_what_an_earlier_version_did_not_store() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("facts", 1);
    let mut processor = stage.processor(&[&topic], &[]);
    let event = |number: u8, members: &str| {
        format!(
            r#"{{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964{number:02x}","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z",{members}}}"#
        )
    };
    let events = [
        event(
            1,
            r#""event_type":"call","call_id":"c-1","call_quality":{"mos":4.2},"metadata":{"agent_id":"a-1"},
            "transcript_turns":[{"role":"agent","text":"Hello!","start_ms":0,"end_ms":900},
            {"role":"customer","text":"The invoice is wrong, I want to speak to a manager.","start_ms":1000,"end_ms":4000},
            {"role":"agent","text":"Done.","start_ms":4500,"end_ms":5000},{"role":"customer","text":"Great!"}]"#,
        ),
        event(2, r#""event_type":"tool_invocation","tool_name":"refund","metadata":{"call_id":"c-1","agent_id":7}"#),
        event(
            3,
            r#""event_type":"qos_metric","metric_name":"mos","value":4.1,"tags":{"region":"br"},"metadata":{"call_id":"c-1"}"#,
        ),
    ];
    // One record is one line.
    let sent: Vec<String> = events.iter().map(|event| event.replace('\n', " ")).collect();
    stage.kafka.produce(&topic, Codec::Zstd, sent.iter().map(String::as_str));
    wait_for_rows(&stage, &processor, 3);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    let right = stage.ask(FACTS);
    let [call, tool, metric] = &right[..] else { panic!("{right:?}") };
    assert!(call.starts_with("('call','c-1','a-1','',{'mos':4.2},{},4,"), "{call}");
    assert!(call.ends_with("['speak to a manager'],[])"), "{call}");
    assert!(call.contains(",1400,3000,0,600,0,0,500,"), "{call}");
    assert!(tool.starts_with("('tool_invocation','c-1','7','',{},{},NULL,"), "{tool}");
    assert!(metric.starts_with("('qos_metric','c-1','','',{},{'region':'br'},NULL,"), "{metric}");

    // The table of an earlier version, with its rows.
    stage.ask(
        "ALTER TABLE voc_events DROP INDEX idx_call_id, DROP INDEX idx_customer_id, DROP COLUMN call_quality, DROP COLUMN tags, \
         DROP COLUMN turns, DROP COLUMN customer_words, DROP COLUMN agent_words, DROP COLUMN other_words, \
         DROP COLUMN longest_monologue_words, DROP COLUMN agent_talk_ms, DROP COLUMN customer_talk_ms, \
         DROP COLUMN other_talk_ms, DROP COLUMN non_talk_ms, DROP COLUMN agent_interruptions, \
         DROP COLUMN customer_interruptions, DROP COLUMN response_ms, DROP COLUMN customer_sentiment, DROP COLUMN agent_sentiment, \
         DROP COLUMN first_quarter_sentiment, DROP COLUMN last_quarter_sentiment, DROP COLUMN sentiment_change, \
         DROP COLUMN worst_turn_sentiment, DROP COLUMN topics, DROP COLUMN topic_scores, DROP COLUMN topic_sentiments, \
         DROP COLUMN escalation_phrases, DROP COLUMN churn_phrases SETTINGS mutations_sync = 2",
    );
    stage.ask(
        "ALTER TABLE voc_events UPDATE agent_id = '', call_id = if(event_type = 'call', call_id, '') WHERE 1 \
         SETTINGS mutations_sync = 2",
    );
    let records = format!("{}.voc_schema_migrations", stage.database);
    stage.ask(&format!("ALTER TABLE {records} DELETE WHERE version IN (10, 13) SETTINGS mutations_sync = 2"));

    let migrated = stage.command(&[&topic], &["migrate", "up"]).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let empty = stage.ask(FACTS);
    assert!(empty[0].starts_with("('call','c-1','','',{},{},NULL,"), "{empty:?}");
    assert!(empty[1].starts_with("('tool_invocation','','','',{},{},NULL,"), "{empty:?}");
    let (status, report, said) = replay(&stage, &topic, &["--from", "beginning"]);
    assert_eq!((status, &report["read"], &report["merged"]), (Some(0), &3.into(), &true.into()), "{said}");
    assert_eq!((stage.rows(), stage.ask(FACTS)), (3, right));
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

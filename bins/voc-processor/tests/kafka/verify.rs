//! Kafka, the ledger and the store compared.

use rustix::process::Signal;
use serde_json::{Value, json};
use voc_testkit::{generator::Tally, kafka::Codec};

use crate::{
    comparison::{differences, logs, verify},
    stage::{Stage, generate, wait_for_metric, wait_for_rows},
};

fn sum(report: &Value, number: &str) -> u64 {
    logs(report).iter().map(|log| log["account"][number].as_u64().unwrap()).sum()
}

#[test]
fn every_record_is_accounted_for_after_poison_records_resends_and_kills() {
    const EVENTS: u64 = 20_000;
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("accounted", 2);
    let events = generate(1, EVENTS, &mut Tally::default());
    let (first, second) = events.split_at(events.len() / 2);
    let poison = [Some("not json"), None, Some("[]"), Some("{\"tenant_id\":\"acme\"}")];
    let resent = &first[first.len() - 500..];
    stage.kafka.produce(&topic, Codec::Lz4, first.iter().map(String::as_str));
    stage.kafka.produce_keyed(&topic, Codec::Lz4, poison.map(|value| (Some("bad"), value)));
    // To any partition: a duplicate that a lane does not recognise is a row that a merge removes.
    stage.kafka.produce(&topic, Codec::Lz4, resent.iter().map(String::as_str));
    stage.kafka.produce(&topic, Codec::Lz4, second.iter().map(String::as_str));
    let start = || stage.processor(&[&topic], &["--kafka-group-instance-id", "only", "--batch-max", "1000"]);
    for rows in [1, EVENTS / 3, EVENTS / 2] {
        let mut processor = start();
        wait_for_rows(&stage, &processor, rows);
        // While it runs, and before its batch is complete.
        let (status, report, said) = verify(&stage, &topic);
        assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");
        processor.end(Signal::KILL);
    }
    let mut processor = start();
    for partition in [0, 1] {
        wait_for_metric(
            &processor,
            &format!("voc_consumer_lag{{family=\"voc\",topic=\"{topic}\",partition=\"{partition}\"}} 0"),
        );
    }
    wait_for_metric(&processor, "voc_ledger_imbalance_total{family=\"voc\"} 0");
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));

    stage.ask("OPTIMIZE TABLE voc_events FINAL");
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");
    let (stored, duplicates) = (sum(&report, "stored"), sum(&report, "duplicates"));
    assert_eq!(sum(&report, "consumed"), EVENTS + 504, "{report}");
    assert_eq!((sum(&report, "dead_lettered"), stored + duplicates), (4, EVENTS + 500), "{report}");
    assert_eq!(stage.rows(), EVENTS);
}

#[test]
fn an_offset_reset_by_hand_is_no_loss() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("reset", 1);
    let events = generate(1, 1_000, &mut Tally::default());
    stage.kafka.produce(&topic, Codec::Lz4, events.iter().map(String::as_str));
    let mut processor = stage.processor(&[&topic], &["--batch-max", "500"]);
    wait_for_metric(&processor, &format!("voc_consumer_lag{{family=\"voc\",topic=\"{topic}\",partition=\"0\"}} 0"));
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    for offset in [1_000, 300] {
        stage.kafka.reset_offset(&stage.group(), &topic, 0, offset);
        let (status, report, said) = verify(&stage, &topic);
        assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");
        let partition = &report["partitions"][0];
        assert_eq!(partition["committed_offset"], json!(offset));
        let remark = partition["remarks"][0].as_str().unwrap();
        assert!(remark.contains(&format!("{offset} was not committed by a processor")), "{report}");
        assert_eq!(sum(&report, "stored"), 1_000, "{report}");
    }
    // A record that the ledger has and the store does not is still a loss.
    stage.ask("ALTER TABLE voc_events DELETE WHERE source_offset = 17 SETTINGS mutations_sync = 2");
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!(
        (status, differences(&report)),
        (Some(1), vec![("lost".to_owned(), vec![(17, 17)])]),
        "{said}\n{report}"
    );
}

#[test]
fn lost_and_duplicated_records_are_named() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("altered", 1);
    let events = generate(1, 3_000, &mut Tally::default());
    stage.kafka.produce(&topic, Codec::Lz4, events.iter().map(String::as_str));
    stage.kafka.produce_keyed(&topic, Codec::Lz4, ["x", "y"].map(|value| (Some("bad"), Some(value))));
    let mut processor = stage.processor(&[&topic], &["--batch-max", "500"]);
    wait_for_metric(&processor, &format!("voc_consumer_lag{{family=\"voc\",topic=\"{topic}\",partition=\"0\"}} 0"));
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!((status, &report["partitions"][0]["committed_offset"]), (Some(0), &json!(3_002)), "{said}\n{report}");

    stage.ask("SYSTEM STOP MERGES voc_events");
    let double =
        "INSERT INTO voc_events SELECT * FROM voc_events WHERE source_offset = 100 SETTINGS insert_deduplicate = 0";
    stage.ask(double);
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!((status, differences(&report)), (Some(1), vec![("doubled".to_owned(), vec![(100, 100)])]), "{said}");
    stage.ask("SYSTEM START MERGES voc_events");
    stage.ask("OPTIMIZE TABLE voc_events FINAL");

    let gone = "source_offset IN (17, 20, 21, 22, 2999) SETTINGS mutations_sync = 2";
    stage.ask(&format!("ALTER TABLE voc_events DELETE WHERE {gone}"));
    stage.ask("ALTER TABLE dead_letters DELETE WHERE source_offset = 3001 SETTINGS mutations_sync = 2");
    let (status, report, said) = verify(&stage, &topic);
    let rows = ("lost".to_owned(), vec![(17, 17), (20, 22), (2999, 2999)]);
    let dead_letters = ("lost".to_owned(), vec![(3001, 3001)]);
    assert_eq!((status, differences(&report)), (Some(1), vec![rows.clone(), dead_letters.clone()]), "{said}\n{report}");
    // The same for people.
    let output = stage.command(&[&topic], &["verify"]).output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        table.contains("lost: offsets 17, 20-22, 2999:") && table.ends_with("1 partitions, 2 differences\n"),
        "{table}"
    );

    // A topic that does not exist yet is mentioned, unless it was asked for.
    let compared = |arguments: &[&str]| {
        let output = stage.command(&[&topic, "not-created"], arguments).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (table, said) = compared(&["verify"]);
    assert!(table.contains("note: kafka has no topic not-created") && said.contains("2 differences between"), "{said}");
    let (_, said) = compared(&["verify", "--topic", &format!("{topic},not-created")]);
    assert!(said.contains("kafka has no topic not-created"), "{said}");

    // Records that were committed but that neither the ledger nor the store knows.
    let batch = stage.ask(&format!(
        "SELECT first_offset, last_offset FROM {}.ledger ORDER BY first_offset LIMIT 1, 1",
        stage.database
    ));
    let bounds: Vec<i64> = batch[0].split('\t').map(|bound| bound.parse().unwrap()).collect();
    let whole_batch = format!("source_offset BETWEEN {} AND {} SETTINGS mutations_sync = 2", bounds[0], bounds[1]);
    stage.ask(&format!("ALTER TABLE voc_events DELETE WHERE {whole_batch}"));
    stage.ask(&format!(
        "ALTER TABLE {}.ledger DELETE WHERE first_offset = {} SETTINGS mutations_sync = 2",
        stage.database, bounds[0]
    ));
    let (status, report, said) = verify(&stage, &topic);
    let passed = ("not_recorded".to_owned(), vec![(bounds[0], bounds[1])]);
    assert_eq!(status, Some(1), "{said}");
    assert!(differences(&report).contains(&passed), "{bounds:?} {report}");
}

//! Events are erased while others arrive and processors are killed: none comes back, and the accounts balance.

use rustix::process::Signal;
use voc_testkit::{generator::Tally, kafka::Codec};

use crate::{
    comparison::{differences, logs, verify},
    stage::{Stage, expected_counts, generate, wait_for_metric, wait_for_rows},
};

fn erase(stage: &Stage, topic: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = stage.command(&[topic], &["erase"]);
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

#[test]
fn erased_events_stay_erased_and_the_accounts_balance() {
    const EVENTS: u64 = 20_000;
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("erased", 2);
    let mut expected = Tally::default();
    let events = generate(1, EVENTS, &mut expected);
    let (first, second) = events.split_at(events.len() / 2);
    let ((tenant, _), _) = expected_counts(&expected).pop_first().unwrap();
    let poison = format!(r#"{{"tenant_id":"{tenant}","event_type":"call"}}"#);
    stage.kafka.produce(&topic, Codec::Lz4, first.iter().map(String::as_str));
    stage.kafka.produce_keyed(&topic, Codec::Lz4, [&*poison, "not json"].map(|value| (Some("bad"), Some(value))));
    // To any partition: a merge keeps one of two rows of an event.
    stage.kafka.produce(&topic, Codec::Lz4, first[first.len() - 500..].iter().map(String::as_str));
    let start = || stage.processor(&[&topic], &["--kafka-group-instance-id", "only", "--batch-max", "500"]);
    let whose = ["--tenant", &tenant, "--from-families", "voc", "--execute"];
    for rows in [1, EVENTS / 4] {
        let mut processor = start();
        wait_for_rows(&stage, &processor, rows);
        // More may arrive than are erased; then it says so.
        let (status, said) = erase(&stage, &topic, &whose);
        assert!(status == Some(0) || said.contains("have arrived meanwhile"), "{said}");
        processor.end(Signal::KILL);
    }
    stage.kafka.produce(&topic, Codec::Lz4, second.iter().map(String::as_str));
    let mut processor = start();
    for partition in [0, 1] {
        let line = format!("voc_consumer_lag{{family=\"voc\",topic=\"{topic}\",partition=\"{partition}\"}} 0");
        wait_for_metric(&processor, &line);
    }
    wait_for_metric(&processor, "voc_ledger_imbalance_total{family=\"voc\"} 0");
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    stage.ask("OPTIMIZE TABLE voc_events FINAL");
    let (status, said) = erase(&stage, &topic, &whose);
    assert_eq!(status, Some(0), "{said}");

    let of_others = |counts: std::collections::BTreeMap<(String, String), u64>| {
        counts.into_iter().filter(|((of, _), _)| *of != tenant).collect::<Vec<_>>()
    };
    assert_eq!(stage.counts().into_iter().collect::<Vec<_>>(), of_others(expected_counts(&expected)));
    assert_eq!(stage.ask("SELECT count() FROM dead_letters"), ["1"]);
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");
    let erased = |what: &str| logs(&report).iter().map(|log| log["erased"][what].as_u64().unwrap()).sum::<u64>();
    let of_tenant: u64 = expected_counts(&expected).iter().filter(|((of, _), _)| *of == tenant).map(|(_, n)| n).sum();
    assert!(erased("rows") >= of_tenant, "{report}");
    assert_eq!(erased("dead_letters"), 1, "{report}");

    // What comes back is noticed, and erased again.
    stage.ask(&format!(
        "INSERT INTO voc_events (event_id, tenant_id, ts, source_topic, source_partition, source_epoch, source_offset) \
         SELECT generateUUIDv4(), tenant_id, parseDateTimeBestEffort(concat(partition_id, '02')), source_topic, source_partition, source_epoch, source_offset \
         FROM {}.erased_records WHERE NOT is_dead_letter ORDER BY source_offset LIMIT 3",
        stage.database
    ));
    let (status, report, said) = verify(&stage, &topic);
    let kinds: Vec<String> = differences(&report).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(status, Some(1), "{said}\n{report}");
    assert!(kinds.contains(&"not_erased".to_owned()), "{report}");
    let (status, said) = erase(&stage, &topic, &["--again", "--execute"]);
    assert!(status == Some(0) && said.contains("erased again 3 rows"), "{said}");
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");

    // A replay of everything, also of what the store does not know, leaves the erased records out; but not others of
    // the same events.
    let range = ["--topic", &topic, "--partition", "0", "--from", "beginning", "--until", "end", "--unknown-too"];
    let (status, _, said) = stage.run(&topic, &[&["replay"], range.as_slice()].concat());
    assert_eq!(status, Some(0), "{said}");
    let coordinates = "(source_partition, source_epoch, source_offset)";
    let back = format!(
        "SELECT count() FROM voc_events WHERE {coordinates} IN (SELECT {coordinates} FROM {}.erased_records \
         WHERE NOT is_dead_letter)",
        stage.database
    );
    assert_eq!(stage.ask(&back), ["0"], "{said}");
    let (status, said) = erase(&stage, &topic, &whose);
    assert_eq!(status, Some(0), "{said}");
}

//! Dead letters: listed, shown, sent again.

use rustix::process::Signal;
use serde_json::Value;
use voc_testkit::{kafka::Codec, service::ServiceProcess};

use crate::stage::{PATIENCE, Stage, wait_for_rows};

fn wait_for_dead_letters(processor: &ServiceProcess, dead_letters: usize) {
    let wanted = format!("\nvoc_events_dead_lettered_total{{family=\"voc\"}} {dead_letters}\n");
    processor.wait_for(PATIENCE, |service| service.text("/metrics"), |page| page.contains(&wanted));
}

fn texts<'v>(lines: &'v [Value], field: &str) -> Vec<&'v str> {
    lines.iter().map(|line| line[field].as_str().unwrap()).collect()
}

#[test]
fn a_dead_letter_is_listed_shown_and_sent_again_once() {
    let Some(stage) = Stage::set() else { return };
    stage.keep_rows();
    let topic = stage.topic("letters", 1);
    let large = format!(
        r#"{{"event_id":"0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6","tenant_id":"acme","timestamp":"2026-02-02T12:00:00Z","event_type":"note","text":"{}"}}"#,
        "x".repeat(3000)
    );
    let mut processor = stage.processor(&[&topic], &["--max-event-bytes", "2048"]);
    let values = [large.as_str(), "not json", r#"{"tenant_id":"globex"}"#];
    stage.kafka.produce_keyed(&topic, Codec::Lz4, values.map(|value| (Some("key"), Some(value))));
    wait_for_dead_letters(&processor, 3);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));

    let (status, dead_letters, said) = stage.run(&topic, &["dlq", "list", "--json"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(texts(&dead_letters, "error_type"), ["too_large", "invalid_json", "invalid_event"], "{dead_letters:?}");
    assert_eq!(texts(&dead_letters, "status"), ["waiting"; 3]);
    for (filter, found) in [
        (["--error", "invalid_json"], 1),
        (["--tenant", "globex"], 1),
        (["--tenant", "nobody"], 0),
        (["--since", "1h"], 3),
        (["--until", "1h"], 0),
        (["--partition", "0"], 3),
        (["--partition", "1"], 0),
        (["--limit", "2"], 2),
    ] {
        let (_, dead_letters, said) = stage.run(&topic, &["dlq", "list", "--json", filter[0], filter[1]]);
        assert_eq!(dead_letters.len(), found, "{filter:?} {said}");
    }
    let (status, dead_letters_of_nothing, said) = stage.run(&topic, &["dlq", "list", "--json", "--topic", "nope"]);
    assert_eq!((status, dead_letters_of_nothing.len()), (Some(0), 0));
    assert!(said.contains("there is no topic nope.dlq"), "{said}");
    let (_, shown, said) = stage.run(&topic, &["dlq", "show", "--json", &format!("{topic}/0/1")]);
    assert_eq!((&shown[0]["value"], &shown[0]["key"]), (&"not json".into(), &"key".into()), "{said}");
    assert_eq!(shown[0]["id"], dead_letters[1]["id"]);
    let (_, same, said) = stage.run(&topic, &["dlq", "show", "--json", dead_letters[1]["at"].as_str().unwrap()]);
    assert_eq!(same, shown, "{said}");
    assert_eq!(stage.run(&topic, &["dlq", "show", "--json", &format!("{topic}/0/99")]).0, Some(1));

    let (status, _, said) = stage.run(&topic, &["dlq", "redrive"]);
    assert!(status == Some(2) && said.contains("--all"), "{said}");
    let (status, planned, said) = stage.run(&topic, &["dlq", "redrive", "--all", "--dry-run", "--json"]);
    assert_eq!((status, &planned[3]["sent"]), (Some(0), &3.into()), "{said}");
    assert_eq!((stage.kafka.count(&topic), stage.kafka.count(&format!("{topic}.dlq"))), (3, 3));

    // With the default limit, the large record is an event.
    let processor = stage.processor(&[&topic], &[]);
    let (status, sent, said) = stage.run(&topic, &["dlq", "redrive", "--error", "too_large", "--json"]);
    assert_eq!((status, &sent[1]["sent"]), (Some(0), &1.into()), "{said}");
    wait_for_rows(&stage, &processor, 1);
    // The others are rejected again, and the one that was sent is not sent again.
    let (_, sent, said) = stage.run(&topic, &["dlq", "redrive", "--all", "--json"]);
    assert_eq!(sent[2]["sent"], 2, "{said}");
    wait_for_dead_letters(&processor, 2);
    let (_, dead_letters, _) = stage.run(&topic, &["dlq", "list", "--json"]);
    let statuses = [
        "redriven, attempt 1",
        "redriven, attempt 1",
        "redriven, attempt 1",
        "refused again, attempt 1",
        "refused again, attempt 1",
    ];
    assert_eq!(texts(&dead_letters, "status"), statuses);
    assert_eq!(texts(&dead_letters[3..], "error_type"), ["invalid_json", "invalid_event"]);
    let (_, shown, _) = stage.run(&topic, &["dlq", "show", "--json", dead_letters[3]["id"].as_str().unwrap()]);
    let mark = format!("{}#1", dead_letters[1]["id"].as_str().unwrap());
    assert_eq!(shown[0]["headers"], serde_json::json!([["voc.redriven", mark]]));
    let (_, sent, _) = stage.run(&topic, &["dlq", "redrive", "--all", "--json"]);
    assert_eq!((sent[0]["outcome"].as_str(), &sent[2]["sent"]), (Some("sent, attempt 2"), &2.into()));
    assert_eq!((stage.rows(), stage.doubled()), (1, 0));
}

//! Rows are removed because of their age: that is no loss, and a loss among them is still noticed.

use rustix::process::Signal;
use voc_events::Timestamp;
use voc_testkit::kafka::Codec;

use crate::{
    comparison::{differences, verify},
    stage::{Stage, wait_for_metric},
};

const MILLIS_PER_DAY: i64 = 86_400_000;
const EVENTS: usize = 900;

fn event(number: usize, tenant: &str, days_ago: i64) -> String {
    let now = Timestamp::from(std::time::SystemTime::now()).as_millis();
    let time = Timestamp::from_millis(now - days_ago * MILLIS_PER_DAY);
    format!(r#"{{"event_id":"00000000-0000-4000-8000-{number:012}","tenant_id":"{tenant}","event_type":"call","#)
        + &format!(r#""call_id":"c-{number}","timestamp":"{time}"}}"#)
}

/// Runs a subcommand that must succeed; returns what it printed.
fn done(stage: &Stage, topic: &str, arguments: &[&str]) -> String {
    let output = stage.command(&[topic], arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_removed_because_of_its_age_is_not_lost() {
    let Some(stage) = Stage::set() else { return };
    let topic = stage.topic("kept", 1);
    done(&stage, &topic, &["migrate", "up"]);
    // Two thirds are old; of each tenant there are as many.
    let tenants = ["acme", "globex"];
    let events: Vec<String> =
        (0..EVENTS).map(|number| event(number, tenants[number % 2], [1, 60, 60][number / 2 % 3])).collect();
    stage.kafka.produce(&topic, Codec::None, events.iter().map(String::as_str));
    stage.kafka.produce(&topic, Codec::None, [r#"{"tenant_id":"acme","event_type":"call"}"#]);
    let plan =
        ["retention", "set", "--of-families", "voc", "--tenant", "acme", "--days", "30", "--requested-by", "ana"];
    let planned = done(&stage, &topic, &plan);
    let (statements, note) = planned.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(note, "-- nothing is changed without --execute");
    assert_eq!(done(&stage, &topic, &[&plan[..], &["--execute"]].concat()).trim_end(), statements);

    let mut processor = stage.processor(&[&topic], &["--batch-max", "100"]);
    wait_for_metric(&processor, &format!("voc_consumer_lag{{family=\"voc\",topic=\"{topic}\",partition=\"0\"}} 0"));
    wait_for_metric(&processor, &format!("voc_events_expired_total{{family=\"voc\"}} {}", EVENTS / 3));
    assert_eq!(
        processor.log().matches("older than the table voc_events keeps rows (forever, but acme 30 days)").count(),
        1,
        "{}",
        processor.log()
    );
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    stage.ask("OPTIMIZE TABLE voc_events FINAL");
    let kept = "SELECT tenant_id, count() FROM voc_events GROUP BY tenant_id ORDER BY tenant_id";
    let (of_acme, of_globex) = (EVENTS / 6, EVENTS / 2);
    assert_eq!(stage.ask(kept), [format!("acme\t{of_acme}"), format!("globex\t{of_globex}")]);

    let remark = format!("{} rows or dead letters are gone because of their age", EVENTS / 3);
    let verified = || {
        let (status, report, said) = verify(&stage, &topic);
        assert_eq!((status, differences(&report)), (Some(0), Vec::new()), "{said}\n{report}");
        assert!(report.to_string().contains(&remark), "{report}");
    };
    let missing = || {
        let (status, report, said) = verify(&stage, &topic);
        let found = differences(&report);
        assert_eq!((status, found.len()), (Some(1), 1), "{said}\n{report}");
        assert_eq!(found[0].0, "missing_or_merged", "{report}");
        found[0].1.clone()
    };
    verified();
    // Without its record, only the age of a batch tells why its rows are gone.
    stage.kafka.delete_records_before(&topic, 0, EVENTS as u64 / 2);
    missing();
    let database = &stage.database;
    let older = |which: &str| {
        stage.ask(&format!(
            "ALTER TABLE {database}.ledger UPDATE processed_at = processed_at - INTERVAL 40 DAY WHERE {which} \
             SETTINGS mutations_sync = 2"
        ));
    };
    let of_half =
        stage.ask(&format!("SELECT max(last_offset) FROM {database}.ledger WHERE first_offset < {EVENTS} / 2"));
    let half: i64 = of_half[0].parse().unwrap();
    older(&format!("last_offset <= {half}"));
    // The older batches of the window are explained, and the younger ones are not.
    stage.kafka.delete_records_before(&topic, 0, EVENTS as u64 + 1);
    let found = missing();
    assert!(found.iter().all(|(first, _)| *first > half) && found.last().unwrap().1 > half, "{half}: {found:?}");
    older(&format!("last_offset > {half}"));
    verified();
    // A loss among them, of the tenant whose rows are kept forever; and a row that is there twice.
    stage.ask("ALTER TABLE voc_events DELETE WHERE source_offset = 7 SETTINGS mutations_sync = 2");
    assert!(missing().iter().any(|(first, last)| (*first..=*last).contains(&7)));
    let put = |offset: u32| {
        stage.ask(&format!(
            "INSERT INTO voc_events SELECT * REPLACE ({offset} AS source_offset, generateUUIDv4() AS event_id) \
             FROM voc_events WHERE call_id = 'c-1'"
        ));
    };
    put(7);
    verified();
    put(9);
    let (status, report, said) = verify(&stage, &topic);
    assert_eq!(
        (status, differences(&report)),
        (Some(1), vec![("doubled".to_owned(), vec![(9, 9)])]),
        "{said}\n{report}"
    );

    let listed = done(&stage, &topic, &["retention", "list"]);
    let of_voc: Vec<&str> = listed.lines().filter(|line| line.starts_with("voc ")).collect();
    assert!(of_voc[0].contains(" (others) ") && of_voc[0].contains(" forever"), "{listed}");
    assert!(of_voc[1].contains(" acme ") && of_voc[1].contains(" 30 days ") && of_voc[1].ends_with(" ana"), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("product ") && line.contains(" 90 days")), "{listed}");
}

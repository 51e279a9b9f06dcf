//! A table of any size, and a group: `VOC_TEST_ADOPTION_EVENTS=1000000` measures an adoption of a million events.

use rustix::process::Signal;
use voc_testkit::kafka::Codec;

use crate::stage::{KafkaStage, Running, count, fill_with, generated, stored};

/// Events that Kafka has, but the old table has not.
const NEW: u64 = 5_000;
/// Events that both have: the group has committed half of them.
const SHARED: u64 = 2_000;

#[test]
fn a_large_table_and_a_group_are_adopted_in_little_memory() {
    let Some(stage) = KafkaStage::set(1) else { return };
    let events = std::env::var("VOC_TEST_ADOPTION_EVENTS").ok().map_or(30_000, |events| events.parse().unwrap());
    let all = || generated(5, events + NEW);
    let in_order = |number: u64| usize::try_from(number).unwrap();
    let mut expected = fill_with(&stage.stage, all().take(in_order(events)));
    let in_kafka: Vec<String> = all().skip(in_order(events - SHARED)).map(|event| event.json).collect();
    stage.kafka.produce(&stage.topic, Codec::Lz4, in_kafka.iter().map(String::as_str));
    stage.kafka.reset_offset(&stage.group(), &stage.topic, 0, i64::try_from(SHARED / 2).unwrap());

    let (report, elapsed, most_resident) = Running::start(stage.command(&["adopt", "--json"])).end();
    let rows = events + events.div_ceil(50);
    let total = |name: &str| report["families"][0]["table"]["total"][name].as_u64();
    assert_eq!((total("rows"), total("events"), total("stored")), (Some(rows), Some(events), Some(events)), "{report}");
    assert_eq!((total("missing"), total("dead_lettered")), (Some(0), Some(0)), "{report}");
    let partition = &report["families"][0]["group"]["partitions"][0];
    assert_eq!((&partition["next_offset"], &partition["lag"]), (&1_000.into(), &6_000.into()), "{report}");
    assert_eq!(stored(&stage.stage), expected);
    assert_eq!(stage.stage.number("SELECT count() FROM voc_events"), events);
    // 256 MiB of records, what is being inserted, and the program itself.
    assert!((1..900 << 20).contains(&most_resident), "{most_resident} bytes");
    let size = |table: &str| {
        let sql =
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table =";
        stage.stage.number(&format!("{sql} '{table}'")) >> 20
    };
    println!(
        "{rows} rows, {events} events in {elapsed:?}; at most {} MiB; {} MiB became {} MiB",
        most_resident >> 20,
        size("voc_events_before_adoption"),
        size("voc_events")
    );

    let mut processor = stage.processor();
    stage.wait_for_the_end(&processor, 1);
    assert_eq!(processor.end(Signal::TERM).code(), Some(0));
    all().skip(in_order(events)).for_each(|event| count(&mut expected, &event));
    assert_eq!(stored(&stage.stage), expected);
    let verified = stage.command(&["verify"]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

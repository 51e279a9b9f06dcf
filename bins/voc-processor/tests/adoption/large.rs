//! A table of any size. `VOC_TEST_ADOPTION_EVENTS=1000000` measures one of a million events.

use crate::stage::{Running, Stage, fill, stored};

#[test]
fn a_large_table_is_adopted_in_little_memory() {
    let Some(stage) = Stage::set() else { return };
    let events = std::env::var("VOC_TEST_ADOPTION_EVENTS").ok().map_or(30_000, |events| events.parse().unwrap());
    let expected = fill(&stage, 5, events);
    let rows = events + events.div_ceil(50);
    let (report, elapsed, most_resident) = Running::start(stage.command(&["adopt", "--no-kafka", "--json"])).end();
    let table = &report["families"][0]["table"];
    let total = |name: &str| table["total"][name].as_u64();
    assert_eq!((total("rows"), total("events"), total("stored")), (Some(rows), Some(events), Some(events)), "{report}");
    assert_eq!((total("missing"), total("dead_lettered")), (Some(0), Some(0)), "{report}");
    assert_eq!(stored(&stage), expected);
    assert_eq!(stage.number("SELECT count() FROM voc_events"), events);
    // 256 MiB of records, what is being inserted, and the program itself.
    assert!(most_resident < 900 << 20, "{most_resident} bytes");
    let size = |table: &str| {
        stage.number(&format!("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = '{table}' AND database = currentDatabase()"))
    };
    println!(
        "{rows} rows, {events} events in {elapsed:?}; at most {} MiB; {} MiB became {} MiB",
        most_resident >> 20,
        size("voc_events_before_adoption") >> 20,
        size("voc_events") >> 20
    );
}

//! Records that belong to another family: the log says so once, and names it.

use voc_testkit::conformance::samples;

use crate::{
    log::Log,
    support::{LaneUnderTest, by_size, event},
};

/// What a lane of the `voc` family logs about records.
async fn logged(records: impl Iterator<Item = String>) -> String {
    let (log, _guard) = Log::collect();
    let mut lane = LaneUnderTest::start(by_size(100, 100));
    let records: Vec<String> = records.collect();
    lane.send(lane.chunk(0, records.iter().map(|record| Some(record.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    log.text()
}

#[tokio::test]
async fn the_family_that_knows_the_events_is_named_once() {
    for (sample, hint) in [
        (samples::quality as fn(i64) -> String, "is --family quality meant?"),
        (samples::product, "is --family product meant?"),
        (samples::activity, "is --family activity meant?"),
    ] {
        let log = logged((0..10).map(sample)).await;
        assert_eq!((log.matches(hint).count(), log.matches("meant?").count()), (1, 1), "{log}");
    }
}

#[tokio::test]
async fn where_records_are_accepted_no_other_family_is_named() {
    let log = logged(std::iter::once(event(1)).chain((0..10).map(samples::quality))).await;
    assert!(!log.contains("meant?"), "{log}");
}

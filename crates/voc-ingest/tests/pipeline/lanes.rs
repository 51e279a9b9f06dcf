//! The guarantees of a lane, one per test.

use std::{sync::Arc, time::Duration};

use voc_ingest::{BatchSettings, CommitError, LaneControl, PipelineError};
use voc_nlp::{Annotator, Calibration, CallStage, CustomisationFile, Sentiment, Tenants};
use voc_store::MemoryStore;

use crate::support::{LaneUnderTest, by_size, event};

#[tokio::test]
async fn a_batch_is_cut_at_its_size_and_committed_after_its_last_record() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    lane.send_events(0..10).await;
    lane.committed(10).await;
    lane.send_events(10..20).await;
    lane.committed(20).await;
    assert_eq!(lane.offsets(), [10, 20]);
    assert_eq!(lane.stored_offsets(), (0..20).collect::<Vec<_>>());
    let ranges: Vec<String> = lane.store.batches().iter().map(|batch| batch.range.to_string()).collect();
    assert_eq!(ranges, ["voc/voc.events/0@99/0-9", "voc/voc.events/0@99/10-19"]);
    lane.end_records();
    lane.ended().await;
}

#[tokio::test]
async fn a_small_batch_is_cut_after_the_flush_interval() {
    let lane = LaneUnderTest::start(BatchSettings { flush_after: Duration::from_millis(20), ..by_size(1000, 1000) });
    lane.send_events(0..3).await;
    lane.committed(3).await;
    assert_eq!(lane.stored_offsets(), [0, 1, 2]);
}

#[tokio::test]
async fn the_last_records_are_delivered_when_the_source_ends() {
    let mut lane = LaneUnderTest::start(by_size(1000, 1000));
    lane.send_events(0..7).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.offsets(), lane.stored_offsets().len()), (vec![7], 7));
    assert_eq!((lane.tally.consumed(), lane.tally.stored()), (7, 7));
}

#[tokio::test]
async fn a_transcript_is_annotated() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    lane.send_events(0..1).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.texts("language"), ["en"]);
    assert!(lane.store.texts("decided_by")[0].starts_with("fast@"), "{:?}", lane.store.texts("decided_by"));
}

#[tokio::test]
async fn rows_name_the_calibration_of_their_tenant() {
    let texts: Vec<(String, Sentiment)> = (0..60)
        .map(|i| match i % 3 {
            0 => (format!("I love it {i}"), Sentiment::Positive),
            _ => (format!("the parcel is on the table {i}"), Sentiment::Negative),
        })
        .collect();
    let texts: Vec<(&str, Sentiment)> = texts.iter().map(|(text, label)| (text.as_str(), *label)).collect();
    let (calibration, _) = Calibration::fit(&CallStage::default(), "acme", &texts).unwrap();
    let tenants = Tenants::new(CallStage::default());
    let acme = tenants.customise(&CustomisationFile::default()).unwrap().with_calibration(&calibration).unwrap();
    tenants.replace([("acme".to_owned(), acme)]);

    let annotator = Annotator::builder().fast_stage(Arc::new(tenants)).build();
    let shared = format!("fast@{}", annotator.version());
    let mut lane = LaneUnderTest::with_annotator(annotator, by_size(10, 10));
    let (of_acme, of_globex) = (event(0), event(1).replace("acme", "globex"));
    lane.send(lane.chunk(0, [Some(of_acme.as_bytes()), Some(of_globex.as_bytes())])).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.texts("decided_by"), [format!("{shared}+{}", calibration.version()), shared]);
}

#[tokio::test]
async fn only_the_bad_record_becomes_a_dead_letter() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let (first, last) = (event(0), event(4));
    let values: [Option<&[u8]>; 5] =
        [Some(first.as_bytes()), Some(b"{\"tenant_id\":\"acme\"}"), None, Some(b"\xff"), Some(last.as_bytes())];
    lane.send(lane.chunk(100, values)).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets(), lane.offsets()), (vec![100, 104], vec![105]));
    let dead_letters = lane.store.dead_letters();
    let found: Vec<_> = dead_letters
        .iter()
        .map(|dead_letter| (dead_letter.offset, &*dead_letter.error_type, &*dead_letter.path))
        .collect();
    assert_eq!(found, [(101, "invalid_event", "$.event_id"), (102, "tombstone", "$"), (103, "invalid_utf8", "$")]);
    assert_eq!((dead_letters[0].tenant_id.as_str(), dead_letters[0].key.as_deref()), ("acme", Some(&b"key"[..])));
    assert_eq!((&dead_letters[1].payload, dead_letters[2].payload.as_deref()), (&None, Some(&b"\xff"[..])));
    assert_eq!((lane.tally.consumed(), lane.tally.stored(), lane.tally.dead_lettered()), (5, 2, 3));
}

#[tokio::test]
async fn a_batch_of_only_bad_records_is_committed() {
    let lane = LaneUnderTest::start(by_size(2, 2));
    lane.send(lane.chunk(0, [Some(&b"x"[..]), None])).await;
    lane.committed(2).await;
    assert_eq!((lane.store.rows(), lane.store.dead_letters().len()), (0, 2));
}

#[tokio::test]
async fn a_resent_event_is_dropped_and_counted() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let (one, two) = (event(1), event(2));
    let other_tenant = event(1).replace("acme", "globex");
    let values = [&one, &two, &one, &other_tenant].map(|event| Some(event.as_bytes()));
    lane.send(lane.chunk(0, values)).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets(), lane.offsets()), (vec![0, 1, 3], vec![4]));
    assert_eq!((lane.tally.consumed(), lane.tally.stored(), lane.tally.duplicates()), (4, 3, 1));
}

#[tokio::test]
async fn an_insert_is_retried_until_it_succeeds() {
    let store = MemoryStore::new();
    store.fail_next(2);
    let mut lane = LaneUnderTest::with_store(store, by_size(10, 10), Vec::new());
    lane.send_events(0..10).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.store.attempts(), lane.stored_offsets().len(), lane.offsets()), (3, 10, vec![10]));
}

#[tokio::test]
async fn a_lost_response_causes_no_duplicates() {
    let store = MemoryStore::new();
    store.lose_next_answers(1);
    let mut lane = LaneUnderTest::with_store(store, by_size(10, 10), Vec::new());
    lane.send_events(0..10).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.store.attempts(), lane.stored_offsets().len(), lane.offsets()), (2, 10, vec![10]));
}

#[tokio::test]
async fn a_loaded_lane_collects_while_it_inserts_and_then_waits() {
    let mut lane = LaneUnderTest::start(by_size(10, 30));
    let hold = lane.store.hold();
    lane.send_events(0..10).await;
    lane.store.wait_until(|store| store.held() == 1).await;
    for first in [10, 20, 30] {
        lane.send_events(first..first + 10).await;
    }
    // The second batch is full, so the next chunk stays in the channel and the source must wait.
    lane.send_events(40..50).await;
    tokio::task::yield_now().await;
    assert!(lane.is_full());
    assert_eq!((lane.offsets(), lane.store.rows()), (vec![], 0));
    drop(hold);
    lane.end_records();
    lane.ended().await;
    // The commit that completes a batch also declares the next one, if it follows immediately.
    let commits = [
        (0, "voc/1 epoch 99 intent 0-9"),
        (10, "voc/1 epoch 99 intent 10-39"),
        (40, "voc/1 epoch 99 intent 40-49"),
        (50, "voc/1 epoch 99"),
    ];
    assert_eq!(lane.commits(), commits.map(|(offset, metadata)| (offset, Some(metadata.to_owned()))));
    assert_eq!(lane.stored_offsets(), (0..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn memory_is_released_when_the_rows_are_stored() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let hold = lane.store.hold();
    lane.send_events(0..10).await;
    lane.store.wait_until(|store| store.held() == 1).await;
    assert!(lane.budget.held_bytes() > 0);
    drop(hold);
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.budget.held_bytes(), 0);
}

#[tokio::test]
async fn a_draining_lane_delivers_only_the_records_it_took() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let hold = lane.store.hold();
    lane.send_events(0..10).await;
    lane.store.wait_until(|store| store.held() == 1).await;
    lane.control.send_replace(LaneControl::Drain);
    drop(hold);
    lane.ended().await;
    assert_eq!((lane.offsets(), lane.stored_offsets().len()), (vec![10], 10));
}

#[tokio::test]
async fn an_abandoned_lane_commits_nothing() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let hold = lane.store.hold();
    lane.send_events(0..10).await;
    lane.store.wait_until(|store| store.held() == 1).await;
    lane.control.send_replace(LaneControl::Abandon);
    lane.ended().await;
    drop(hold);
    assert_eq!((lane.offsets(), lane.store.rows()), (vec![], 0));
    assert_eq!(lane.budget.held_bytes(), 0);
}

#[tokio::test]
async fn a_commit_is_retried_until_it_succeeds() {
    let refusals = vec![CommitError::Unavailable("no coordinator".to_owned())];
    let mut lane = LaneUnderTest::with_store(MemoryStore::new(), by_size(10, 10), refusals);
    lane.send_events(0..10).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.offsets(), [10]);
}

#[tokio::test]
async fn a_fenced_lane_ends_and_stores_nothing() {
    let refusals = vec![CommitError::Fenced("illegal generation".to_owned())];
    let mut lane = LaneUnderTest::with_store(MemoryStore::new(), by_size(10, 10), refusals);
    lane.send_events(0..10).await;
    lane.ended().await;
    assert_eq!((lane.commits(), lane.store.rows()), (Vec::new(), 0));
}

#[tokio::test]
async fn records_taken_before_the_source_fails_are_delivered() {
    let mut lane = LaneUnderTest::with_failing_source(by_size(10, 10));
    lane.send_events(0..7).await;
    lane.end_records();
    assert!(matches!(lane.failed().await, PipelineError::Source(_)));
    assert_eq!((lane.offsets(), lane.stored_offsets().len()), (vec![7], 7));
}

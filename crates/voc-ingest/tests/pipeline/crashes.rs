//! Changes of owners: everything that an earlier owner had in flight is stored exactly once.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};
use voc_ingest::{BatchSettings, LaneControl, RecordChunk};
use voc_store::MemoryStore;

use crate::support::{COMPLETION, LaneUnderTest, NEW_EPOCH, by_size, event};

#[tokio::test]
async fn an_inherited_batch_is_reinserted_with_exactly_its_range() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/1 intent 100-104"));
    lane.send_events(100..103).await;
    lane.send_events(103..108).await;
    lane.end_records();
    lane.ended().await;
    let ranges: Vec<String> = lane.store.batches().iter().map(|batch| batch.range.to_string()).collect();
    assert_eq!(ranges, ["voc/voc.events/0/100-104", "voc/voc.events/0/105-107"]);
    // It was declared already, so the first commit completes it.
    let commits = [(105, Some("voc/1 intent 105-107")), (108, None)];
    assert_eq!(lane.commits(), commits.map(|(offset, metadata)| (offset, metadata.map(str::to_owned))));
}

#[tokio::test]
async fn an_owner_that_dies_between_storing_and_committing_causes_no_duplicates() {
    let store = MemoryStore::new();
    let mut first = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
    store.lose_next_answers(1);
    first.send_events(0..10).await;
    // Its rows are stored, but it does not know.
    store.wait_until(|store| store.rows() == 10).await;
    first.control.send_replace(LaneControl::Abandon);
    first.ended().await;
    assert_eq!(first.offsets(), Vec::<i64>::new());

    let (offset, metadata) = first.commits().pop().expect("the batch was declared");
    let mut second = LaneUnderTest::taking_over(store, by_size(3, 3), offset, metadata.as_deref());
    second.send_events(offset..offset + 15).await;
    second.end_records();
    second.ended().await;
    assert_eq!(second.stored_offsets(), (0..15).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_declared_before_the_store_died_is_reinserted_immediately() {
    let store = MemoryStore::new();
    // Another owner has re-inserted the batch by now, and the store that died has forgotten its token.
    let metadata = format!("voc/1 epoch {NEW_EPOCH} intent 0-9");
    let mut successor = LaneUnderTest::taking_over(store.clone(), by_size(10, 10), 0, Some(&metadata));
    successor.send_events(0..10).await;
    successor.end_records();
    successor.ended().await;
    store.forget_tokens();

    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
    let hold = store.hold();
    lane.send_events(0..10).await;
    store.wait_until(|store| store.held() == 1).await;
    store.end_sessions();
    let attempts = store.attempts();
    drop(hold);
    lane.end_records();
    lane.ended().await;
    assert_eq!((store.offsets("voc.events", 0), lane.offsets()), ((0..10).collect(), vec![10]));
    assert_eq!(store.attempts() - attempts, 1, "one replay, and nothing else");
}

#[tokio::test]
async fn a_part_of_an_inherited_batch_is_not_sent() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/1 intent 100-109"));
    lane.send_events(100..106).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.store.rows(), lane.commits()), (0, Vec::new()));
}

#[tokio::test]
async fn an_inherited_batch_with_missing_records_does_not_block_the_lane() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/1 intent 100-109"));
    lane.send_events(200..204).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets(), lane.offsets()), (vec![200, 201, 202, 203], vec![204]));
}

/// Ranges of the stored batches.
fn ranges(store: &MemoryStore) -> Vec<String> {
    store.batches().iter().map(|batch| batch.range.to_string()).collect()
}

#[tokio::test]
async fn a_lane_resumes_in_the_epoch_of_the_commit_metadata() {
    for (metadata, ranges_of_both) in [
        ("voc/1 epoch 7 intent 100-101", ["voc/voc.events/0@7/100-101", "voc/voc.events/0@7/102-103"]),
        ("voc/1 intent 100-101", ["voc/voc.events/0/100-101", "voc/voc.events/0/102-103"]),
    ] {
        let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(2, 2), 100, Some(metadata));
        lane.send_events(100..102).await;
        lane.send_events(102..104).await;
        lane.end_records();
        lane.ended().await;
        assert_eq!(ranges(&lane.store), ranges_of_both);
        let epoch = metadata.split(" intent").next().filter(|epoch| epoch.contains("epoch"));
        assert_eq!(lane.commits().last(), Some(&(104, epoch.map(str::to_owned))));
    }
}

#[tokio::test]
async fn records_of_a_recreated_topic_are_stored_although_their_offsets_were_stored_before() {
    let store = MemoryStore::new();
    let mut before = LaneUnderTest::taking_over(store.clone(), by_size(5, 5), 0, Some("voc/1 epoch 7"));
    before.send_events(0..5).await;
    before.end_records();
    before.ended().await;
    // Kafka deletes the group's commits with the topic.
    let mut after = LaneUnderTest::with_store(store.clone(), by_size(5, 5), Vec::new());
    store.lose_next_answers(1);
    after
        .send(after.chunk(0, (10..15).map(event).collect::<Vec<_>>().iter().map(|event| Some(event.as_bytes()))))
        .await;
    after.end_records();
    after.ended().await;
    assert_eq!(ranges(&store), ["voc/voc.events/0@7/0-4", "voc/voc.events/0@99/0-4"]);
    assert_eq!(store.rows(), 10);
}

#[tokio::test]
async fn a_batch_that_does_not_begin_at_the_committed_offset_is_not_inherited() {
    let mut lane =
        LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 50, Some("voc/1 epoch 7 intent 100-109"));
    lane.send_events(50..54).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.store.batches()[0].range.epoch, NEW_EPOCH);
    assert_eq!((lane.stored_offsets(), lane.offsets()), (vec![50, 51, 52, 53], vec![54]));
}

#[tokio::test]
async fn an_inherited_batch_whose_last_records_are_gone_is_completed() {
    // Some of them arrive, or none because all were deleted.
    for (records, stored) in [(100..103, vec![100, 101, 102]), (100..100, vec![])] {
        let metadata = Some("voc/1 epoch 7 intent 100-104");
        let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, metadata);
        if !records.is_empty() {
            lane.send_events(records).await;
        }
        lane.send(RecordChunk::reaching(105)).await;
        lane.send_events(105..109).await;
        lane.end_records();
        lane.ended().await;
        assert_eq!(lane.stored_offsets(), [stored, vec![105, 106, 107, 108]].concat());
        let mut commits: Vec<i64> = lane.commits().iter().map(|(offset, _)| *offset).collect();
        commits.dedup();
        assert_eq!(commits, [105, 109]);
    }
}

#[tokio::test]
async fn a_log_that_ends_before_the_inherited_batch_is_another_log() {
    let metadata = Some("voc/1 epoch 7 intent 100-109");
    let batch = BatchSettings { flush_after: Duration::from_millis(10), ..by_size(4, 4) };
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), batch, 100, metadata);
    lane.send_events(100..103).await;
    lane.send(RecordChunk::reaching(103)).await;
    // Records produced from now on have the same offsets as the batch.
    lane.committed(103).await;
    lane.send_events(103..107).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.stored_offsets(), (100..107).collect::<Vec<_>>());
    assert!(lane.store.batches().iter().all(|batch| batch.range.epoch == NEW_EPOCH));
}

#[tokio::test]
async fn offsets_without_records_are_committed() {
    let batch = BatchSettings { flush_after: Duration::from_millis(10), ..by_size(4, 4) };
    // After the committed offset, at the end of a batch, and between two batches.
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), batch, 100, Some("voc/1 epoch 99"));
    lane.send(RecordChunk::reaching(102)).await;
    lane.committed(102).await;
    lane.send_events(102..104).await;
    lane.send(RecordChunk::reaching(107)).await;
    lane.committed(107).await;
    lane.send(RecordChunk::reaching(107)).await;
    lane.send_events(110..112).await;
    lane.committed(112).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.stored_offsets(), [102, 103, 110, 111]);
    assert_eq!(lane.commits().len() % 2, 0, "the last word commits nothing more: {:?}", lane.commits());
}

#[tokio::test]
async fn foreign_commit_metadata_is_not_an_intent() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("up to 100"));
    lane.send_events(100..104).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets().len(), lane.offsets()), (4, vec![104]));
}

#[tokio::test]
async fn commit_metadata_of_another_version_stops_the_lane() {
    let mut lane =
        LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/2 intent 100-104 and more"));
    let error = lane.failed().await;
    assert!(error.to_string().contains("voc.events/0") && error.to_string().contains("voc/2"), "{error}");
    assert_eq!((lane.store.rows(), lane.commits()), (0, Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_record_is_stored_once_however_often_owners_die(
        records in 1_i64..120,
        lives in vec((1_usize..30, 0_usize..60, any::<bool>(), any::<bool>()), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = MemoryStore::new();
            let (mut offset, mut metadata) = (0, None::<String>);
            // Each owner dies when the store has some more rows; the last one survives.
            for (size, dies_after, fails, loses) in lives.into_iter().map(Some).chain([None]).map(|life| life.unwrap_or((7, usize::MAX, false, false))) {
                store.fail_next(usize::from(fails));
                store.lose_next_answers(usize::from(loses));
                let mut lane = LaneUnderTest::taking_over(store.clone(), by_size(size, size), offset, metadata.as_deref());
                for first in (offset..records).step_by(size) {
                    let events: Vec<String> = (first..records.min(first + i64::try_from(size).unwrap())).map(event).collect();
                    let chunk = lane.chunk(first, events.iter().map(|event| Some(event.as_bytes())));
                    if !lane.send_unless_dead(chunk, dies_after).await {
                        break;
                    }
                }
                lane.end_records();
                lane.ended().await;
                if let Some((committed, committed_metadata)) = lane.commits().pop() {
                    (offset, metadata) = (committed, committed_metadata);
                }
            }
            let mut stored: Vec<i64> = crate::support::offsets_of(&store);
            stored.sort_unstable();
            prop_assert_eq!(store.rows(), stored.len(), "no batch is stored twice");
            prop_assert_eq!(stored, (0..records).collect::<Vec<_>>());
            prop_assert_eq!((offset, metadata.as_deref()), (records, Some(COMPLETION)));
            Ok(())
        })?;
    }
}

//! Resent events in a partition that has changed owners.

use std::time::Duration;

use voc_ingest::LaneControl;
use voc_store::MemoryStore;

use crate::support::{LaneUnderTest, by_size, event};

const COMMIT_METADATA: Option<&str> = Some("voc/1 epoch 7");

/// A store with the events 0 to 4 of a lane that ended normally.
async fn store_of_an_earlier_owner() -> MemoryStore {
    let store = MemoryStore::new();
    let mut lane = LaneUnderTest::taking_over(store.clone(), by_size(5, 5), 0, COMMIT_METADATA);
    lane.send_events(0..5).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(store.rows(), 5);
    store
}

/// Sends events with these numbers as records from `first` on.
async fn send(lane: &LaneUnderTest, first: i64, numbers: &[i64]) {
    let events: Vec<String> = numbers.iter().map(|number| event(*number)).collect();
    lane.send(lane.chunk(first, events.iter().map(|event| Some(event.as_bytes())))).await;
}

#[tokio::test]
async fn the_next_owner_recognises_a_resend() {
    let store = store_of_an_earlier_owner().await;
    let mut lane = LaneUnderTest::taking_over(store, by_size(4, 4), 5, COMMIT_METADATA);
    send(&lane, 5, &[1, 6, 4, 8]).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(lane.stored_offsets(), [0, 1, 2, 3, 4, 6, 8]);
    assert_eq!((lane.tally.consumed(), lane.tally.stored(), lane.tally.duplicates()), (4, 2, 2));
}

#[tokio::test]
async fn a_reinserted_batch_drops_the_same_resends_as_its_first_attempt() {
    let store = store_of_an_earlier_owner().await;
    let mut first = LaneUnderTest::taking_over(store.clone(), by_size(4, 4), 5, COMMIT_METADATA);
    let hold = store.hold();
    send(&first, 5, &[1, 6, 4, 8]).await;
    store.wait_until(|store| store.held() == 1).await;
    first.control.send_replace(LaneControl::Abandon);
    first.ended().await;
    drop(hold);
    assert_eq!(store.rows(), 5, "nothing of the batch has landed");

    let (offset, metadata) = first.commits().pop().expect("the batch was declared");
    let mut second = LaneUnderTest::taking_over(store, by_size(4, 4), offset, metadata.as_deref());
    send(&second, 5, &[1, 6, 4, 8]).await;
    second.end_records();
    second.ended().await;
    assert_eq!(second.stored_offsets(), [0, 1, 2, 3, 4, 6, 8]);
}

#[tokio::test]
async fn rows_of_the_inherited_batch_itself_are_not_resends() {
    let store = store_of_an_earlier_owner().await;
    let mut lane = LaneUnderTest::taking_over(store, by_size(4, 4), 0, Some("voc/1 epoch 7 intent 0-4"));
    lane.send_events(0..5).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets().len(), lane.tally.duplicates()), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_does_not_leave_the_window_empty() {
    let store = store_of_an_earlier_owner().await;
    store.stop("down for a moment");
    let mut lane = LaneUnderTest::taking_over(store.clone(), by_size(2, 2), 5, COMMIT_METADATA);
    send(&lane, 5, &[1, 6]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    store.start();
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets().len(), lane.tally.duplicates()), (6, 1));
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_store_leaves_the_window_empty_and_blocks_nothing() {
    let store = store_of_an_earlier_owner().await;
    store.stop("down for a test");
    let mut lane = LaneUnderTest::taking_over(store.clone(), by_size(2, 2), 5, COMMIT_METADATA);
    send(&lane, 5, &[1, 6]).await;
    store.wait_until(|store| store.attempts() > 1).await;
    store.start();
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets().len(), lane.tally.duplicates()), (7, 0));
}

#[tokio::test(start_paused = true)]
async fn resends_stored_by_an_earlier_attempt_are_accounted_for_as_stored() {
    let store = store_of_an_earlier_owner().await;
    // The first attempt does not know the events, so it stores the resends. It dies before the batch is in the ledger.
    store.stop("down for a test");
    let mut first = LaneUnderTest::taking_over(store.clone(), by_size(4, 4), 5, COMMIT_METADATA);
    send(&first, 5, &[1, 6, 4, 8]).await;
    store.wait_until(|store| store.attempts() > 1).await;
    store.fail_next_records(1_000_000);
    store.start();
    store.wait_until(|store| store.rows() == 9).await;
    first.control.send_replace(LaneControl::Abandon);
    first.ended().await;
    store.fail_next_records(0);

    // The second attempt knows the events, and that the resends are stored.
    let (offset, metadata) = first.commits().pop().expect("the batch was declared");
    let mut second = LaneUnderTest::taking_over(store.clone(), by_size(4, 4), offset, metadata.as_deref());
    send(&second, 5, &[1, 6, 4, 8]).await;
    second.end_records();
    second.ended().await;
    assert_eq!(second.stored_offsets(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let entry = store.recorded().into_iter().find(|entry| entry.range.first == 5).expect("the batch is recorded");
    assert_eq!((entry.total().stored, entry.total().duplicates), (4, 0));
}

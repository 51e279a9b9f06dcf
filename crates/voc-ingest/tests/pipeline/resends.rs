//! Resent events: in a partition that has changed owners, and after their record became a dead letter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use voc_ingest::LaneControl;
use voc_nlp::{Annotation, Annotator, FastStage};
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

#[tokio::test(start_paused = true)]
async fn resends_dropped_by_an_earlier_attempt_are_accounted_for_as_duplicates() {
    let store = store_of_an_earlier_owner().await;
    // The first attempt knows the events, so it drops the resends. It dies before the batch is in the ledger.
    let mut first = LaneUnderTest::taking_over(store.clone(), by_size(4, 4), 5, COMMIT_METADATA);
    store.fail_next_records(1_000_000);
    send(&first, 5, &[1, 6, 4, 8]).await;
    store.wait_until(|store| store.rows() == 7).await;
    first.control.send_replace(LaneControl::Abandon);
    first.ended().await;
    store.fail_next_records(0);

    // The second attempt does not know the events: the store was away when it asked for them.
    let (offset, metadata) = first.commits().pop().expect("the batch was declared");
    store.stop("down for a test");
    let attempts = store.attempts();
    let mut second = LaneUnderTest::taking_over(store.clone(), by_size(4, 4), offset, metadata.as_deref());
    send(&second, 5, &[1, 6, 4, 8]).await;
    store.wait_until(|store| store.attempts() > attempts).await;
    store.start();
    second.end_records();
    second.ended().await;
    assert_eq!(second.stored_offsets(), [0, 1, 2, 3, 4, 6, 8]);
    let entry = store.recorded().into_iter().find(|entry| entry.range.first == 5).expect("the batch is recorded");
    assert_eq!((entry.total().stored, entry.total().duplicates, entry.is_balanced()), (2, 2, true));
    assert_eq!((second.tally.stored(), second.tally.duplicates()), (2, 2));
}

#[tokio::test]
async fn a_redriven_record_is_no_duplicate_of_its_refused_row() {
    let store = MemoryStore::new();
    store.reject_rows([1]);
    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(3, 3), Vec::new());
    // The record at offset 2 is a resend of the refused one in the same batch.
    send(&lane, 0, &[0, 1, 1]).await;
    lane.committed(3).await;
    assert_eq!((store.rows(), store.dead_letters().len(), lane.tally.duplicates()), (1, 1, 1));

    send(&lane, 3, &[1, 0, 1]).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(store.offsets("voc.events", 0), [0, 3], "the redriven event is stored, and again only once");
    assert_eq!((store.dead_letters().len(), lane.tally.duplicates()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_record_redriven_before_its_batch_is_complete_is_no_duplicate() {
    let store = MemoryStore::new();
    store.reject_rows([1]);
    store.fail_next_records(1_000_000);
    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(3, 3), Vec::new());
    lane.send_events(0..3).await;
    store.wait_until(|store| store.dead_letters().len() == 1).await;
    send(&lane, 3, &[1, 4, 5]).await;
    while lane.tally.consumed() < 6 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    store.fail_next_records(0);
    lane.end_records();
    lane.ended().await;
    assert_eq!((store.offsets("voc.events", 0), lane.tally.duplicates()), (vec![0, 2, 3, 4, 5], 0));
}

/// Panics until it is repaired.
struct Repairable {
    sound: Annotator,
    is_repaired: Arc<AtomicBool>,
}

impl FastStage for Repairable {
    fn version(&self) -> &'static str {
        "repairable"
    }

    fn annotate(&self, text: &str) -> Annotation {
        assert!(self.is_repaired.load(Ordering::SeqCst), "not able to read");
        self.sound.annotate(text)
    }
}

#[tokio::test]
async fn a_redriven_record_is_no_duplicate_of_the_one_that_could_not_be_annotated() {
    let is_repaired = Arc::new(AtomicBool::new(false));
    let stage = Repairable { sound: Annotator::default(), is_repaired: Arc::clone(&is_repaired) };
    let annotator = Annotator::builder().fast_stage(Arc::new(stage)).build();
    let mut lane = LaneUnderTest::with_annotator(annotator, by_size(2, 2));
    lane.send_events(0..2).await;
    lane.committed(2).await;
    assert_eq!((lane.store.rows(), lane.store.dead_letters().len()), (0, 2));

    is_repaired.store(true, Ordering::SeqCst);
    send(&lane, 2, &[0, 1]).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.stored_offsets(), lane.tally.duplicates()), (vec![2, 3], 0));
}

#[tokio::test]
async fn a_reinserted_batch_stores_the_same_redriven_records_as_its_first_attempt() {
    let store = MemoryStore::new();
    store.reject_rows([1]);
    let mut first = LaneUnderTest::with_store(store.clone(), by_size(3, 3), Vec::new());
    send(&first, 0, &[0, 1, 2]).await;
    first.committed(3).await;
    // The batch with the redriven record is stored, but its owner dies before it is in the ledger.
    store.fail_next_records(1_000_000);
    send(&first, 3, &[1, 0, 5]).await;
    store.wait_until(|store| store.rows() == 4).await;
    first.control.send_replace(LaneControl::Abandon);
    first.ended().await;
    store.fail_next_records(0);

    let (offset, metadata) = first.commits().pop().expect("the batch was declared");
    let mut second = LaneUnderTest::taking_over(store.clone(), by_size(3, 3), offset, metadata.as_deref());
    send(&second, 3, &[1, 0, 5]).await;
    second.end_records();
    second.ended().await;
    assert_eq!(store.offsets("voc.events", 0), [0, 2, 3, 5]);
    let entry = store.recorded().into_iter().find(|entry| entry.range.first == 3).expect("the batch is recorded");
    assert_eq!((entry.total().stored, entry.total().duplicates), (2, 1));
}

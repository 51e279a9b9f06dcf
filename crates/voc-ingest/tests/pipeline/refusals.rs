//! Refusals of the store: refused rows become dead letters, and failures that are not due to rows stop the lane.

use voc_ingest::{Headers, LaneControl, RecordChunk};
use voc_store::MemoryStore;

use crate::support::{LaneUnderTest, MAX_ATTEMPTS, by_size, event};

fn headers() -> Headers {
    vec![("trace".to_owned(), Some(b"1".to_vec())), ("trace".to_owned(), None)]
}

/// Events, some with a key and some with headers.
async fn send_envelopes(lane: &LaneUnderTest, offsets: std::ops::Range<i64>) {
    let mut chunk = RecordChunk::default();
    for offset in offsets {
        let key = format!("key {offset}");
        let headers = if offset % 3 == 0 { headers() } else { Headers::new() };
        chunk.push(offset, (offset % 2 == 0).then_some(key.as_bytes()), Some(event(offset).as_bytes()), headers);
    }
    lane.send(chunk).await;
}

#[tokio::test]
async fn refused_rows_become_dead_letters_as_received() {
    let store = MemoryStore::new();
    store.reject_rows([4, 6, 9, 15]);
    let mut lane = LaneUnderTest::with_store(store, by_size(20, 20), Vec::new());
    send_envelopes(&lane, 0..10).await;
    send_envelopes(&lane, 10..20).await;
    lane.end_records();
    lane.ended().await;
    assert_eq!(
        lane.store.offsets("voc.events", 0),
        (0..20).filter(|offset| ![4, 6, 9, 15].contains(offset)).collect::<Vec<_>>()
    );
    let dead_letters = lane.store.dead_letters();
    assert_eq!(dead_letters.iter().map(|dead_letter| dead_letter.offset).collect::<Vec<_>>(), [4, 6, 9, 15]);
    for dead_letter in &dead_letters {
        let (offset, key) = (dead_letter.offset, format!("key {}", dead_letter.offset));
        assert_eq!((dead_letter.error_type.as_str(), dead_letter.tenant_id.as_str()), ("store_rejected", "acme"));
        assert!(dead_letter.error.contains("set to refuse"), "{}", dead_letter.error);
        assert_eq!(dead_letter.payload.as_deref(), Some(event(offset).as_bytes()));
        assert_eq!(dead_letter.key.as_deref(), (offset % 2 == 0).then_some(key.as_bytes()));
        assert_eq!(dead_letter.headers, if offset % 3 == 0 { headers() } else { Headers::new() });
    }
    let tally = &lane.tally;
    assert_eq!((tally.consumed(), tally.stored(), tally.dead_lettered()), (20, 16, 4));
    assert_eq!(lane.offsets().last(), Some(&20));
}

#[tokio::test]
async fn an_owner_that_dies_while_isolating_rows_causes_no_duplicates() {
    for dies_after in 2..12 {
        let store = MemoryStore::new();
        store.reject_rows([3, 12]);
        let mut first = LaneUnderTest::with_store(store.clone(), by_size(20, 20), Vec::new());
        first.send_events(0..20).await;
        store.wait_until(|store| store.attempts() >= dies_after).await;
        first.control.send_replace(LaneControl::Abandon);
        first.ended().await;

        let (offset, metadata) = first.commits().pop().expect("the batch was declared");
        let mut second = LaneUnderTest::taking_over(store, by_size(20, 20), offset, metadata.as_deref());
        second.send_events(offset..20).await;
        second.end_records();
        second.ended().await;
        assert_eq!(
            second.store.offsets("voc.events", 0),
            (0..20).filter(|offset| ![3, 12].contains(offset)).collect::<Vec<_>>()
        );
        let dead_letters: Vec<i64> = second.store.dead_letters().iter().map(|dead_letter| dead_letter.offset).collect();
        assert_eq!(dead_letters, [3, 12]);
    }
}

#[tokio::test]
async fn a_failure_that_needs_a_repair_eventually_stops_the_pipeline() {
    for code in [60, 469] {
        let store = MemoryStore::new();
        store.reject_all(Some(code));
        let mut lane = LaneUnderTest::with_store(store, by_size(200, 200), Vec::new());
        lane.send_events(0..200).await;
        let error = lane.failed().await.to_string();
        assert!(
            error.contains("voc.events/0") && error.contains("0-199") && error.contains("migrate status"),
            "{error}"
        );
        assert!(lane.store.attempts() >= MAX_ATTEMPTS as usize, "{} attempts", lane.store.attempts());
        assert_eq!((lane.store.rows(), lane.store.dead_letters().len()), (0, 0));
        assert_eq!(lane.commits().last().map(|(offset, _)| *offset), Some(0), "only the declaration is committed");
    }
}

#[tokio::test]
async fn a_timely_repair_loses_nothing() {
    let store = MemoryStore::new();
    store.reject_all(Some(497));
    let mut lane = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
    lane.send_events(0..10).await;
    store.wait_until(|store| store.attempts() >= 3).await;
    store.reject_all(None);
    lane.committed(10).await;
    assert_eq!((store.offsets("voc.events", 0), store.dead_letters().len()), ((0..10).collect(), 0));
    lane.end_records();
    lane.ended().await;
}

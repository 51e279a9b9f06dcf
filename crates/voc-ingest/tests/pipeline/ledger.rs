//! What lanes record in the ledger: every offset of a batch, and the fate of its record, by tenant.

use voc_ingest::{Headers, RecordChunk};
use voc_store::{Account, LedgerEntry, MemoryStore, OffsetRange};

use crate::support::{LaneUnderTest, by_size, event};

fn account(consumed: u64, stored: u64, dead_lettered: u64, duplicates: u64) -> Account {
    Account { consumed, stored, dead_lettered, duplicates }
}

fn accounts(entry: &LedgerEntry) -> Vec<(&str, Account)> {
    entry.tenants.iter().map(|(tenant, account)| (tenant.as_str(), *account)).collect()
}

#[tokio::test]
async fn records_are_accounted_for_by_tenant() {
    let mut lane = LaneUnderTest::start(by_size(10, 10));
    let (one, two) = (event(1), event(2));
    let other_tenant = event(1).replace("acme", "globex");
    let values = [one.as_str(), &two, &one, &other_tenant, "{\"tenant_id\":\"acme\"}", "no JSON"];
    lane.send(lane.chunk(0, values.map(|value| Some(value.as_bytes())))).await;
    lane.end_records();
    lane.ended().await;
    let ledger = lane.store.recorded();
    assert_eq!(ledger.len(), 1);
    let expected = [("", account(1, 0, 1, 0)), ("acme", account(4, 2, 1, 1)), ("globex", account(1, 1, 0, 0))];
    assert_eq!(accounts(&ledger[0]), expected);
    assert_eq!((ledger[0].range.first, ledger[0].range.last, ledger[0].records), (0, 5, 6));
    assert!(ledger[0].is_balanced() && ledger[0].gaps.is_empty(), "{:?}", ledger[0]);
}

#[tokio::test]
async fn offsets_without_records_are_recorded_as_gaps() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/1 intent 100-119"));
    let mut chunk = RecordChunk::default();
    for offset in [103, 104, 108, 115, 130] {
        chunk.push(offset, None, Some(event(offset).as_bytes()), Headers::new());
    }
    lane.send(chunk).await;
    lane.end_records();
    lane.ended().await;
    let ledger = lane.store.recorded();
    let gaps = [(100, 102), (105, 107), (109, 114), (116, 119)].map(|(first, last)| OffsetRange { first, last });
    assert_eq!((ledger[0].records, ledger[0].gaps.as_slice()), (4, gaps.as_slice()));
    // Offsets between two batches belong to neither.
    assert_eq!((ledger[1].range.first, ledger[1].range.last, ledger[1].gaps.len()), (130, 130, 0));
    assert!(ledger.iter().all(LedgerEntry::is_balanced), "{ledger:?}");
}

#[tokio::test]
async fn an_inherited_batch_without_records_is_a_gap() {
    let mut lane = LaneUnderTest::taking_over(MemoryStore::new(), by_size(4, 4), 100, Some("voc/1 intent 100-109"));
    lane.send_events(200..204).await;
    lane.end_records();
    lane.ended().await;
    let ledger = lane.store.recorded();
    assert_eq!((ledger[0].records, ledger[0].gaps.clone()), (0, vec![OffsetRange { first: 100, last: 109 }]));
    assert_eq!((ledger.len(), ledger[0].total()), (2, Account::default()));
}

#[tokio::test]
async fn a_batch_is_recorded_before_it_is_completed() {
    let store = MemoryStore::new();
    store.fail_next_records(2);
    let mut lane = LaneUnderTest::with_store(store, by_size(10, 10), Vec::new());
    lane.send_events(0..10).await;
    lane.store.wait_until(|store| store.rows() == 10).await;
    assert_eq!((lane.store.recorded(), lane.offsets()), (Vec::new(), Vec::new()));
    lane.end_records();
    lane.ended().await;
    assert_eq!((lane.store.recorded().len(), lane.store.rows(), lane.offsets()), (1, 10, vec![10]));
}

#[tokio::test]
async fn a_reinserted_batch_is_in_the_ledger_once() {
    let store = MemoryStore::new();
    let mut first = LaneUnderTest::with_store(store.clone(), by_size(10, 10), Vec::new());
    store.lose_next_answers(1);
    first.send_events(0..10).await;
    // Stored, but neither recorded nor completed.
    store.wait_until(|store| store.rows() == 10).await;
    first.control.send_replace(voc_ingest::LaneControl::Abandon);
    first.ended().await;
    assert_eq!(store.recorded(), []);

    let (_, metadata) = first.commits().pop().expect("the batch was declared");
    for _ in 0..2 {
        let mut next = LaneUnderTest::taking_over(store.clone(), by_size(10, 10), 0, metadata.as_deref());
        next.send_events(0..10).await;
        next.end_records();
        next.ended().await;
    }
    let ledger = store.recorded();
    assert_eq!((ledger.len(), accounts(&ledger[0])), (1, vec![("acme", account(10, 10, 0, 0))]));
}

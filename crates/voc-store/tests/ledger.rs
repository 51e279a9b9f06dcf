//! The ledger: entries count once however often they are written, and every store sums them up in the same way.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use voc_events::{TenantId, Timestamp};
use voc_store::{
    Account, EventQueries, EventStore, Gaps, LedgerEntry, LedgerFilter, MemoryStore, Migrator, OffsetRange,
    PartitionBy, PartitionLedger, SourceRange,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

fn account(consumed: u64, stored: u64, dead_lettered: u64, duplicates: u64) -> Account {
    Account { consumed, stored, dead_lettered, duplicates }
}

fn range((first, last): (i64, i64)) -> OffsetRange {
    OffsetRange { first, last }
}

fn entry(partition: i32, (first, last): (i64, i64), gaps: &[(i64, i64)], tenants: &[(&str, Account)]) -> LedgerEntry {
    let tenants = tenants.iter().map(|(tenant, account)| ((*tenant).to_owned(), *account));
    let gaps: Vec<OffsetRange> = gaps.iter().copied().map(range).collect();
    let missing: u64 = gaps.iter().map(OffsetRange::offsets).sum();
    LedgerEntry {
        range: SourceRange { family: "voc", topic: "voc.events".into(), partition, epoch: 7, first, last },
        records: range((first, last)).offsets() - missing,
        has_tenants: true,
        tenants: tenants.collect(),
        gaps,
        processed_at: Timestamp::from_millis(1_770_100_000_000),
    }
}

/// Checks what any store must do; each starts empty.
async fn check_store<S: EventStore + EventQueries>(store: &S) {
    let entries = [
        entry(0, (10, 19), &[(12, 13)], &[("", account(1, 0, 1, 0)), ("acme", account(7, 6, 0, 1))]),
        entry(0, (25, 29), &[], &[("acme", account(2, 2, 0, 0)), ("globex", account(3, 2, 1, 0))]),
        entry(0, (30, 39), &[(30, 39)], &[]),
        entry(3, (0, 4), &[], &[("globex", account(5, 4, 0, 0))]),
    ];
    // Neither order nor repetition matters, nor does a late entry of an attempt that stored fewer rows.
    let mut fewer = entries[1].clone();
    fewer.tenants.insert("acme".to_owned(), account(2, 1, 0, 1));
    for entry in entries.iter().rev().chain(&entries).chain([&fewer]) {
        store.record(entry).await.unwrap();
    }

    let all = store.ledger(&LedgerFilter::default()).await.unwrap();
    let [zero, three] = all.as_slice() else { unreachable!("{all:?}") };
    assert_eq!((zero.topic.as_str(), zero.partition, zero.epoch, zero.balanced), ("voc.events", 0, 7, true));
    assert_eq!((zero.account, zero.tenant_count), (account(13, 10, 2, 1), 3));
    let extent = zero.extent.as_ref().unwrap();
    assert_eq!((extent.first_offset, extent.last_offset, extent.batches, extent.records), (10, 39, 3, 13));
    let first = [(12, 13), (20, 24), (30, 39)].map(range).to_vec();
    assert_eq!(extent.gaps, Gaps { offsets: 17, ranges: 3, first });
    assert_eq!(names(zero), ["acme", "globex", ""]);
    assert_eq!(zero.tenants[0].account, account(9, 8, 0, 1));

    assert_eq!((three.partition, three.balanced, three.tenants[0].balanced), (3, false, false));
    assert_eq!(three.extent.as_ref().unwrap().gaps, Gaps::default());

    let topic = Some("voc.events".to_owned());
    let filter = LedgerFilter { topic, partition: Some(3), ..LedgerFilter::default() };
    assert_eq!(store.ledger(&filter).await.unwrap(), std::slice::from_ref(three));
    let elsewhere = LedgerFilter { topic: Some("voc.calls".to_owned()), ..LedgerFilter::default() };
    assert_eq!(store.ledger(&elsewhere).await.unwrap(), []);

    // A tenant learns nothing about the others: neither their numbers nor what their records' offsets would reveal.
    let acme = LedgerFilter { tenant: Some(TenantId::new("acme").unwrap()), ..LedgerFilter::default() };
    let answer = store.ledger(&acme).await.unwrap();
    assert_eq!(answer.len(), 1, "{answer:?}");
    assert_eq!((answer[0].account, answer[0].tenant_count, answer[0].extent.clone()), (account(9, 8, 0, 1), 1, None));
    assert_eq!(names(&answer[0]), ["acme"]);
}

fn names(ledger: &PartitionLedger) -> Vec<&str> {
    ledger.tenants.iter().map(|tenant| tenant.tenant_id.as_str()).collect()
}

#[tokio::test]
async fn the_memory_store_keeps_the_ledger() {
    check_store(&MemoryStore::new()).await;
}

#[tokio::test]
async fn the_engine_keeps_the_ledger() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    check_store(&store).await;
}

#[test]
fn an_entry_balances_only_if_every_offset_is_accounted_for() {
    let good = entry(0, (10, 19), &[(12, 13)], &[("acme", account(7, 6, 0, 1)), ("", account(1, 0, 1, 0))]);
    assert!(good.is_balanced());
    let mut lost = good.clone();
    lost.tenants.insert("acme".to_owned(), account(7, 5, 0, 1));
    let mut shifted = good.clone();
    shifted.tenants.insert("acme".to_owned(), account(7, 5, 0, 1));
    shifted.tenants.insert("globex".to_owned(), account(0, 1, 0, 0));
    let mut unseen = good.clone();
    unseen.gaps.clear();
    let mut uncounted = good;
    uncounted.tenants.clear();
    for entry in [lost, shifted, unseen, uncounted] {
        assert!(!entry.is_balanced(), "{entry:?}");
    }
}

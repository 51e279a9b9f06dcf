//! Recreated and deleted topics: what is stored of an earlier log has nothing to do with the records at the same
//! offsets.

use std::{collections::BTreeMap, sync::Arc};

use voc_events::{DecodeOptions, Envelope, Family, Timestamp, product::Product, voc::Voc};
use voc_ingest::{
    Replayer,
    kafka::AddressedReader,
    verify::{DifferenceKind, Verifier},
};
use voc_nlp::Annotator;
use voc_store::{
    Account, BatchBuilder, DeadLetter, EventStore, InsertBatch, LedgerEntry, MemoryStore, Migrator, OffsetRange,
    OffsetSpan, PartitionBy, RowAnnotation, SourceRange, SqlBackend,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    conformance::samples,
    requirements::{TestEngine, engine_or_skip},
};

use crate::support::Cluster;

/// Rows of partition 0 at these offsets of these events, as of a batch of three records at least.
fn batch<F: Family>(topic: &str, epoch: i64, records: &[(i64, String)]) -> Arc<InsertBatch> {
    batch_of::<F>(topic, 0, epoch, records)
}

fn batch_of<F: Family>(topic: &str, partition: i32, epoch: i64, records: &[(i64, String)]) -> Arc<InsertBatch> {
    let family = F::for_topic(topic, &DecodeOptions::default());
    let mut rows = BatchBuilder::new(F::TABLE, PartitionBy::Month);
    for (offset, text) in records {
        let event = family.decode(text, &Envelope::default()).expect("an event").event;
        rows.push(&event, text, &RowAnnotation::default(), *offset).expect("a row");
    }
    let offsets = || records.iter().map(|(offset, _)| *offset);
    let (first, last) = (offsets().min().unwrap_or(0), offsets().max().unwrap_or(0).max(2));
    let range = SourceRange { family: F::NAME, topic: topic.into(), partition, epoch, first, last };
    Arc::new(rows.seal(range, Timestamp::from_millis(epoch)))
}

/// Stores rows, and in the ledger that the batch has three.
async fn record_three(store: &EmbeddedStore, batch: Arc<InsertBatch>) {
    store.insert(Arc::clone(&batch)).await.expect("an insert");
    let account = Account { consumed: 3, stored: 3, ..Account::default() };
    let entry = LedgerEntry {
        range: batch.range.clone(),
        records: 3,
        has_tenants: true,
        tenants: BTreeMap::from([("tenant-0".to_owned(), account)]),
        gaps: Vec::new(),
        processed_at: batch.processed_at,
    };
    store.record(&entry).await.expect("an entry");
}

async fn empty_store(engine: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(engine.engine(), options).expect("a database"));
    Migrator::new(&store, PartitionBy::Month).up().await.expect("tables");
    // Events that several logs have are rows that a merge would drop.
    store.backend().execute("SYSTEM STOP MERGES voc_events", &[]).await.expect("no merges");
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_missing_from_an_earlier_log_is_not_explained_by_the_new_one() {
    let Some(cluster) = Cluster::get() else { return };
    let Some(engine) = engine_or_skip() else { return };
    let store = empty_store(&engine).await;
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    // All of one tenant.
    let records: Vec<String> = [0, 3, 6].map(samples::voc).into();
    cluster.fill(&topic, 0, records.iter().map(|record| record.clone().into_bytes())).await;
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 3, "voc/1 epoch 9");
    record_three(&store, batch::<Voc>(&topic, 9, &(0..).zip(records).collect::<Vec<_>>())).await;
    let earlier = [(0, samples::voc(30)), (1, samples::voc(33))];
    record_three(&store, batch::<Voc>(&topic, 5, &earlier)).await;

    let verifier = Verifier::new(&store, &settings, DecodeOptions::default()).expect("a verifier");
    let report = verifier.run::<Voc>().await.expect("a report");
    let logs = report.partitions.iter().flat_map(|partition| &partition.logs);
    let found: Vec<_> = logs
        .flat_map(|log| log.differences.iter().map(|found| (log.epoch, found.kind, found.offsets.clone())))
        .collect();
    let missing = vec![OffsetRange { first: 2, last: 2 }];
    assert_eq!(found, [(5, DifferenceKind::MissingOrMerged, missing)], "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kafka_does_not_have_is_named_and_compared_with_the_ledger_alone() {
    let Some(cluster) = Cluster::get() else { return };
    let Some(engine) = engine_or_skip() else { return };
    let store = empty_store(&engine).await;
    let topic = cluster.fresh_topic(1).await;
    let (never, deleted) = (format!("{topic}-never"), format!("{topic}-deleted"));
    let records: Vec<_> = (0..3).map(|offset| (offset, samples::voc(offset * 3))).collect();
    record_three(&store, batch::<Voc>(&topic, 1, &records)).await;
    record_three(&store, batch_of::<Voc>(&topic, 2, 1, &records)).await;
    record_three(&store, batch_of::<Voc>(&deleted, 4, 1, &records[..2])).await;

    let settings = cluster.settings(&[&never, &topic, &deleted]);
    let verifier = Verifier::new(&store, &settings, DecodeOptions::default()).expect("a verifier");
    let report = verifier.run::<Voc>().await.expect("a report");
    assert_eq!(report.missing_topics, [never, deleted.clone()], "{report}");
    let found: Vec<_> =
        report.partitions.iter().map(|found| (&*found.topic, found.partition, found.end_offset)).collect();
    assert_eq!(found, [(&*topic, 0, Some(0)), (&*topic, 2, None), (&*deleted, 4, None)], "{report}");
    let text = report.to_string();
    assert!(text.contains(&format!("{topic}/2\n  note: kafka has no such partition")), "{text}");
    assert!(text.contains(&format!("\nnote: kafka has no topic {deleted}")), "{text}");
    // Only a row that the ledger has and the store does not is a difference.
    let differences: Vec<_> =
        report.partitions.iter().flat_map(|found| &found.logs).map(|log| log.differences.len()).collect();
    assert_eq!(differences, [0, 0, 1], "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_leaves_events_without_identifiers_of_an_earlier_log_alone() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    cluster.fill(&topic, 0, (0..10).map(|number| samples::product(number).into_bytes())).await;
    let store = Arc::new(MemoryStore::new());
    // Of the earlier log the rows 7 to 9, and two dead letters; the new log was processed up to offset 6.
    let earlier: Vec<_> = (7..10).map(|offset| (offset, samples::product(offset + 100))).collect();
    let new: Vec<_> = [0, 1, 2, 4, 6].map(|offset| (offset, samples::product(offset))).into();
    for rows in [batch::<Product>(&topic, 1, &earlier), batch::<Product>(&topic, 2, &new)] {
        store.insert(rows).await.expect("an insert");
    }
    let dead_letters = [(3, 1), (5, 2)].map(|(offset, epoch)| dead_letter(&topic, offset, epoch));
    store.insert_dead_letters(dead_letters.into()).await.expect("an insert");

    let annotator = Arc::new(Annotator::default());
    let replayer = Replayer::<Product>::new(store, annotator, &topic, &DecodeOptions::default(), PartitionBy::Month);
    let reader = AddressedReader::new(&cluster.settings(&[&topic])).expect("a reader");
    let offsets = OffsetSpan { topic: topic.as_str().into(), partition: 0, first: 0, end: 10 };
    let plan = replayer.plan(&reader, &offsets).await.expect("a plan");
    assert_eq!((plan.read, plan.unchanged, plan.new, plan.another), (10, 5, 1, 4), "{plan:?}");
}

fn dead_letter(topic: &str, offset: i64, epoch: i64) -> DeadLetter {
    DeadLetter {
        family: Product::NAME,
        error_type: "invalid_json".to_owned(),
        error: String::new(),
        path: "$".to_owned(),
        tenant_id: String::new(),
        topic: topic.to_owned(),
        partition: 0,
        epoch,
        offset,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at: Timestamp::from_millis(0),
    }
}

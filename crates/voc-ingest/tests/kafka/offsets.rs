//! Unexpected offsets. The source continues in every case.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    producer::{FutureProducer, FutureRecord, Producer as _},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{
    BatchSettings, MemoryBudget, Pipeline, PipelineError, StoreDeadLetters,
    kafka::{KafkaSettings, KafkaSource, OffsetReset},
    telemetry,
};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

use crate::{
    lag::{lag, until_lag_is},
    member::{Journal, Member, State},
    support::{Cluster, PATIENCE, metric, values},
};

/// Offsets of the records of a partition, in order of arrival.
fn offsets(state: &State, partition: i32) -> Vec<i64> {
    state.records.get(&partition).map_or_else(Vec::new, |records| records.iter().map(|record| record.offset).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recreated_topic_is_read_from_its_start_whether_shorter_or_longer() {
    let Some(cluster) = Cluster::get() else { return };
    // That a topic was recreated is a line in the log of librdkafka. Many partitions, of another topic, are many lines
    // before it.
    let many_partitions = cluster.fresh_topic(100).await;
    for records in [50, 400] {
        let topic = cluster.fresh_topic(1).await;
        cluster.fill(&topic, 0, values(100, 100)).await;
        let journal = Journal::default();
        let member = Member::join("only", &cluster.settings(&[&topic, &many_partitions]), &journal);
        journal.until("all records", |state| state.committed.get(&0) == Some(&100)).await;
        cluster.remove_topic(&topic).await;
        cluster.make_topic(&topic, 1, &[]).await;
        cluster.fill(&topic, 0, values(records, 100)).await;
        let end = i64::try_from(records).expect("few records");
        journal.until("all records of the new topic", |state| offsets(state, 0).ends_with(&[end - 1])).await;
        journal.until("and committed", |state| state.committed.get(&0) == Some(&end)).await;
        member.stop().await;
        journal.read(|state| {
            let (old, new) = (0..100, 0..end);
            assert_eq!(offsets(state, 0), old.chain(new).collect::<Vec<_>>(), "{state:?}");
            assert!(state.assigned.iter().skip(1).all(|(.., metadata)| metadata.is_none()), "{state:?}");
            let (last, earlier) = state.new_epochs.split_last().expect("lanes began");
            assert!(earlier.iter().all(|epoch| epoch < last), "{state:?}");
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_recreated_with_fewer_partitions_is_read() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(3).await;
    for partition in 0..3 {
        cluster.fill(&topic, partition, values(20, 100)).await;
    }
    let settings = cluster.settings(&[&topic]);
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("all records", |state| (0..3).all(|partition| state.committed.get(&partition) == Some(&20))).await;
    cluster.remove_topic(&topic).await;
    cluster.make_topic(&topic, 1, &[]).await;
    cluster.fill(&topic, 0, values(30, 100)).await;
    let recreated: Vec<i64> = (0..30).collect();
    journal.until("the new topic is read", |state| offsets(state, 0).ends_with(&recreated)).await;
    journal.until("and committed", |state| state.committed.get(&0) == Some(&30)).await;
    member.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_not_recreated_does_not_block_the_others() {
    let Some(cluster) = Cluster::get() else { return };
    let (lost, kept) = (cluster.fresh_topic(1).await, cluster.fresh_topic(2).await);
    cluster.fill(&lost, 0, values(20, 100)).await;
    cluster.fill(&kept, 1, values(20, 100)).await;
    let settings = cluster.settings(&[&lost, &kept]);
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("all records", |state| state.count() == 40).await;
    cluster.remove_topic(&lost).await;
    journal.until("the lane of the lost topic ends", |state| !state.ended.is_empty()).await;
    cluster.fill(&kept, 1, values(20, 100)).await;
    journal.until("the other resumes", |state| state.committed.get(&1) == Some(&40)).await;
    member.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn added_partitions_are_found() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let journal = Journal::default();
    let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
    journal.until("the first partition", |state| state.lanes_of("only") == 1).await;
    cluster.add_partitions(&topic, 3).await;
    for partition in 0..3 {
        cluster.fill(&topic, partition, values(20, 100)).await;
    }
    journal.until("all records", |state| (0..3).all(|partition| state.committed.get(&partition) == Some(&20))).await;
    member.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        assert!(state.drains.iter().all(|(_, partition)| *partition == 0) || state.drains.len() == 3, "{state:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn records_deleted_by_retention_before_they_were_read_are_counted_and_skipped() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let mut settings = cluster.settings(&[&topic]);
    // The setting for partitions without a commit does not apply here.
    settings.auto_offset_reset = OffsetReset::Latest;
    cluster.fill(&topic, 0, values(100, 100)).await;
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 40, "");
    cluster.delete_records_before(&topic, 0, 60).await;
    let missing = format!("{}{{family=\"voc\"}}", telemetry::OFFSETS_MISSING);
    let missing_before = metric(&missing).unwrap_or_default();
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("the rest", |state| state.committed.get(&0) == Some(&100)).await;
    // Another test may count in between.
    let counted = async {
        while metric(&missing).unwrap_or_default() < missing_before + 20.0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("the missing records are counted");
    member.stop().await;
    journal.read(|state| assert_eq!(offsets(state, 0), (60..100).collect::<Vec<_>>()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committed_offset_past_the_end_is_not_waited_for() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    cluster.fill(&topic, 0, values(50, 100)).await;
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 1000, "");
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    journal.until("all records", |state| state.committed.get(&0) == Some(&50)).await;
    member.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        assert_eq!(state.assigned.len(), 2, "the lane that was to begin at 1000 has ended: {state:?}");
    });
}

/// Sends each value in a transaction of its own, which is committed or aborted.
async fn transact(cluster: &Cluster, topic: &str, outcomes: &[bool]) {
    let mut config = cluster.client();
    config.set("transactional.id", topic);
    let producer: FutureProducer = config.create().expect("a producer");
    tokio::task::block_in_place(|| producer.init_transactions(PATIENCE)).expect("transactions");
    for kept in outcomes {
        producer.begin_transaction().expect("a transaction");
        producer.send(FutureRecord::<(), str>::to(topic).payload("{}"), PATIENCE).await.expect("delivery");
        let ended = tokio::task::block_in_place(|| {
            if *kept { producer.commit_transaction(PATIENCE) } else { producer.abort_transaction(PATIENCE) }
        });
        ended.expect("the transaction ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_markers_and_aborted_records_is_reported_to_lanes() {
    let Some(cluster) = Cluster::get() else { return };
    for (outcomes, offsets_of_records) in
        [(&[true, false, true, false][..], vec![0, 4]), (&[true], vec![0]), (&[false, false], vec![])]
    {
        let topic = cluster.fresh_topic(1).await;
        transact(&cluster, &topic, outcomes).await;
        let end = cluster.end(&topic, 0);
        assert_eq!(end, i64::try_from(2 * outcomes.len()).expect("few records"));
        let journal = Journal::default();
        let member = Member::join("only", &cluster.settings(&[&topic]), &journal);
        journal.until("the end", |state| state.reached.get(&0) == Some(&end)).await;
        member.stop().await;
        journal.read(|state| assert_eq!(offsets(state, 0), offsets_of_records));
    }
}

/// A pipeline from a single-partition topic to an in-memory store.
struct RunningPipeline {
    store: Arc<MemoryStore>,
    stop: CancellationToken,
    pipeline: JoinHandle<Result<(), PipelineError>>,
}

impl RunningPipeline {
    fn start(settings: &KafkaSettings) -> Self {
        let stop = CancellationToken::new();
        let source = KafkaSource::connect(settings, MemoryBudget::new(1 << 20), 100, stop.clone()).expect("a source");
        let store = Arc::new(MemoryStore::new());
        let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&store) as Arc<_>));
        let batch = BatchSettings { flush_after: Duration::from_millis(50), ..BatchSettings::default() };
        let annotator = Arc::new(Annotator::default());
        let pipeline = Pipeline::<Voc>::new(Arc::clone(&store) as Arc<_>, annotator, dead_letters).batch(batch);
        Self { store, stop, pipeline: tokio::spawn(pipeline.run(source)) }
    }

    /// Waits until everything below an offset is committed.
    async fn until_committed(&self, cluster: &Cluster, settings: &KafkaSettings, next_offset: i64) {
        let committed = || cluster.committed(&settings.group_id, &settings.topics[0], 0);
        let wait = async {
            while committed().is_none_or(|(offset, metadata)| offset != next_offset || metadata.contains("intent")) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("not committed: {:?}", committed()));
    }

    /// Ends it; returns the offsets of the records that it took, none of which is an event.
    async fn stop(self) -> Vec<i64> {
        self.stop.cancel();
        self.pipeline.await.expect("no panic").expect("a clean end");
        self.store.dead_letters().iter().map(|dead_letter| dead_letter.offset).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_of_a_transactional_topic_goes_to_zero() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    transact(&cluster, &topic, &[true, false, true, false, false]).await;
    // The recorder must be installed before the gauge is set.
    assert_eq!(lag(&topic, 0), None);
    let running = RunningPipeline::start(&settings);
    running.until_committed(&cluster, &settings, cluster.end(&topic, 0)).await;
    until_lag_is(0.0, &topic, 0).await;
    assert_eq!(running.stop().await, [0, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_batch_is_completed_with_the_records_that_retention_left() {
    let Some(cluster) = Cluster::get() else { return };
    // All of it, a part, and nothing; in the last case the log is empty.
    for (deleted_before, end) in [(10, 100), (50, 100), (60, 60)] {
        let topic = cluster.fresh_topic(1).await;
        let settings = cluster.settings(&[&topic]);
        cluster.fill(&topic, 0, values(end, 100)).await;
        let end = cluster.end(&topic, 0);
        cluster.commit_by_hand(&settings.group_id, &topic, 0, 40, "voc/1 epoch 7 intent 40-59");
        cluster.delete_records_before(&topic, 0, deleted_before).await;
        let running = RunningPipeline::start(&settings);
        running.until_committed(&cluster, &settings, end).await;
        assert_eq!(running.stop().await, (deleted_before.max(40)..end).collect::<Vec<_>>());
        let committed = cluster.committed(&settings.group_id, &topic, 0);
        assert_eq!(committed, Some((end, "voc/1 epoch 7".to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_batch_whose_last_offsets_have_no_records_is_completed() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    transact(&cluster, &topic, &[true, false]).await;
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 0, "voc/1 epoch 7 intent 0-2");
    let running = RunningPipeline::start(&settings);
    running.until_committed(&cluster, &settings, 4).await;
    assert_eq!(running.stop().await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_ends_within_a_declared_batch_is_read_in_a_new_epoch() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    cluster.fill(&topic, 0, values(50, 100)).await;
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 40, "voc/1 epoch 7 intent 40-59");
    let running = RunningPipeline::start(&settings);
    running.until_committed(&cluster, &settings, 50).await;
    assert_eq!(running.stop().await, (40..50).collect::<Vec<_>>());
    let (_, metadata) = cluster.committed(&settings.group_id, &topic, 0).expect("a commit");
    assert!(metadata.starts_with("voc/1 epoch ") && metadata != "voc/1 epoch 7", "{metadata}");
}

/// Offsets that can still be read of a partition.
fn readable(cluster: &Cluster, topic: &str) -> Vec<i64> {
    let mut config = cluster.client();
    config.set("group.id", "none").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().expect("a client");
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(topic, 0, Offset::Beginning).expect("an offset");
    consumer.assign(&all).expect("an assignment");
    let mut offsets = Vec::new();
    loop {
        match consumer.poll(PATIENCE).expect("an answer") {
            Ok(record) => offsets.push(record.offset()),
            Err(KafkaError::PartitionEOF(_)) => return offsets,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compacted_topic_is_read_to_its_end() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = crate::support::unique("compacted");
    let config = [
        ("cleanup.policy", "compact"),
        ("segment.ms", "50"),
        ("min.cleanable.dirty.ratio", "0.001"),
        ("max.compaction.lag.ms", "1"),
    ];
    cluster.make_topic(&topic, 1, &config).await;
    // The same ten keys repeatedly. A segment ends with the first record after its time.
    for _ in 0..4 {
        cluster.fill(&topic, 0, values(10, 100)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let producer = cluster.producer();
    let tombstone = FutureRecord::<str, str>::to(&topic).partition(0).key("3");
    producer.send(tombstone, PATIENCE).await.expect("delivery");
    let end = cluster.end(&topic, 0);
    let wait = async {
        loop {
            let left = tokio::task::block_in_place(|| readable(&cluster, &topic));
            if left.first() > Some(&20) {
                return left;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let left = tokio::time::timeout(PATIENCE, wait).await.expect("the topic is compacted");

    // The last records of the declared batch are gone.
    let settings = cluster.settings(&[&topic]);
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 0, "voc/1 epoch 7 intent 0-12");
    let running = RunningPipeline::start(&settings);
    running.until_committed(&cluster, &settings, end).await;
    until_lag_is(0.0, &topic, 0).await;
    assert_eq!(running.stop().await, left);
}

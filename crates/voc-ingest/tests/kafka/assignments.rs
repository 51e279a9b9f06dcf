//! Assignment and revocation of partitions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rdkafka::producer::FutureRecord;
use tokio_util::sync::CancellationToken;
use voc_ingest::{Assignment, LaneControl, MemoryBudget, Source as _, SourceError, kafka::KafkaSource};

use crate::{
    member::{Ending, Journal, LaneBehaviour, Member},
    support::{Cluster, PATIENCE, unique, values},
};

/// Sends records to all partitions in turn until stopped; returns their number.
async fn produce_until(cluster: Cluster, topic: String, partitions: i32, done: Arc<AtomicBool>) -> usize {
    let producer = cluster.producer();
    let sent = AtomicUsize::new(0);
    while !done.load(Ordering::Relaxed) {
        for partition in 0..partitions {
            let record = FutureRecord::<str, str>::to(&topic).partition(partition).payload("{}").key("key");
            producer.send(record, PATIENCE).await.expect("delivery");
            sent.fetch_add(1, Ordering::Relaxed);
        }
    }
    sent.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_without_losses_or_duplicates() {
    const PARTITIONS: i32 = 6;
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(PARTITIONS).await;
    let settings = cluster.settings(&[&topic]);
    let done = Arc::new(AtomicBool::new(false));
    let producing = tokio::spawn(produce_until(cluster, topic, PARTITIONS, Arc::clone(&done)));

    let journal = Journal::default();
    let first = Member::join("first", &settings, &journal);
    journal.until("the first has all", |state| state.lanes_of("first") == 6 && state.count() > 100).await;
    let second = Member::join("second", &settings, &journal);
    journal.until("both have three", |state| state.lanes_of("first") == 3 && state.lanes_of("second") == 3).await;
    let so_far = journal.read(crate::member::State::count);
    journal.until("more records", |state| state.count() > so_far + 200).await;
    journal.read(|state| {
        assert_eq!(state.drains.len(), 3, "only what moves is taken from its owner: {state:?}");
    });
    first.stop().await;
    journal.until("the second has all", |state| state.lanes_of("second") == 6).await;
    let so_far = journal.read(crate::member::State::count);
    journal.until("more records", |state| state.count() > so_far + 200).await;
    done.store(true, Ordering::Relaxed);
    let sent = producing.await.expect("the producer ends");
    journal.until("all records", |state| state.count() >= sent).await;
    second.stop().await;
    journal.read(|state| {
        assert_eq!(state.count(), sent);
        state.assert_each_once();
        for (partition, records) in &state.records {
            let committed = usize::try_from(state.committed[partition]).expect("an offset");
            assert_eq!(committed, records.len(), "partition {partition}");
        }
        assert!(state.ended.iter().all(|(.., ending)| *ending == Ending::Drained), "{state:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_resumes_at_the_committed_offset_and_reads_its_metadata() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let settings = cluster.settings(&[&topic]);
    cluster.fill(&topic, 0, values(500, 100)).await;
    let journal = Journal::default();
    let member = Member::join("before", &settings, &journal);
    journal.until("all records", |state| state.committed.get(&0) == Some(&500)).await;
    member.stop().await;
    cluster.fill(&topic, 0, values(200, 100)).await;
    cluster.fill(&topic, 1, values(10, 100)).await;
    let member = Member::join("after", &settings, &journal);
    journal.until("all records", |state| state.count() >= 710).await;
    member.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        let metadata = |who: &str, which: i32| {
            let found = state.assigned.iter().find(|(member, partition, _)| *member == who && *partition == which);
            found.expect("an assignment").2.clone()
        };
        assert_eq!(metadata("before", 0), None);
        assert_eq!(metadata("after", 0).as_deref(), Some("up to 500"));
        assert_eq!(metadata("after", 1), None);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_lane_may_take_its_time_and_its_commit_counts() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let settings = cluster.settings(&[&topic]);
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(300, 100)).await;
    }
    let journal = Journal::default();
    let behaviour = LaneBehaviour { slow_to_drain: true, ..LaneBehaviour::default() };
    let gate = behaviour.gate.clone();
    let first = Member::join_with("first", &settings, &journal, MemoryBudget::new(1 << 20), behaviour);
    journal.until("all records", |state| state.count() == 600).await;
    let second = Member::join("second", &settings, &journal);
    journal.until("one lane is asked to drain", |state| !state.drains.is_empty()).await;
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(300, 100)).await;
    }
    let moving = journal.read(|state| {
        assert_eq!(state.lanes_of("second"), 0, "the lane has not finished, so its partition is not reassigned");
        state.drains[0].1
    });
    gate.send_replace(true);
    journal.until("the new owner resumes", |state| state.committed.get(&moving) == Some(&600)).await;
    journal.until("so does the other partition", |state| state.count() == 1200).await;
    second.stop().await;
    first.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        assert!(state.ended.iter().all(|(.., ending)| *ending == Ending::Drained), "{state:?}");
        let expected = Some("up to 300".to_owned());
        assert!(state.assigned.contains(&("second", moving, expected)), "{state:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaving_member_reads_nothing_again() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let mut settings = cluster.settings(&[&topic]);
    settings.drain_timeout = Duration::from_secs(2);
    cluster.fill(&topic, 0, values(50, 100)).await;
    // Its offsets go back, so it must be read again.
    cluster.commit_by_hand(&settings.group_id, &topic, 0, 1000, "");
    let stop = CancellationToken::new();
    let mut source = KafkaSource::connect(&settings, MemoryBudget::new(1 << 20), 100, stop.clone()).expect("a source");
    let leaving = async {
        let mut lanes = Vec::new();
        for _ in 0..2 {
            lanes.push(source.next_assignment().await.expect("a source").expect("a partition"));
        }
        lanes.sort_by_key(|lane| lane.partition.partition);
        let [anew, slow] = lanes.try_into().unwrap_or_else(|_| panic!("two lanes"));
        let requested = async |lane: &Assignment, wish| {
            lane.control.clone().wait_for(|control| *control == wish).await.expect("a sender");
        };
        requested(&anew, LaneControl::Abandon).await;
        stop.cancel();
        requested(&slow, LaneControl::Drain).await;
        drop(anew);
        // The member waits for this lane up to the timeout.
        requested(&slow, LaneControl::Abandon).await;
        drop(slow);
        source.next_assignment().await.expect("a clean end").map(|lane| lane.partition)
    };
    let handed_out = tokio::time::timeout(PATIENCE, leaving).await.expect("the member leaves");
    assert_eq!(handed_out, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaving_member_ignores_newly_assigned_partitions() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let settings = cluster.settings(&[&topic]);
    let journal = Journal::default();
    let other = Member::join("other", &settings, &journal);
    journal.until("the other has all", |state| state.lanes_of("other") == 2).await;
    let behaviour = LaneBehaviour { slow_to_drain: true, ..LaneBehaviour::default() };
    let gate = behaviour.gate.clone();
    let leaving = Member::join_with("leaving", &settings, &journal, MemoryBudget::new(1 << 20), behaviour);
    journal.until("one each", |state| state.lanes_of("leaving") == 1 && state.lanes_of("other") == 1).await;
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(100, 100)).await;
    }
    journal.until("all records", |state| state.count() == 200).await;

    leaving.begin_to_stop();
    journal.until("its lane drains", |state| state.drains.iter().any(|(member, _)| *member == "leaving")).await;
    other.stop().await;
    cluster.until_group_is_stable(&settings.group_id, 1).await;
    // Records of the newly assigned partition, continuously, so that some are fetched while its own lane is busy.
    for _ in 0..20 {
        for partition in 0..2 {
            cluster.fill(&topic, partition, values(10, 100)).await;
        }
    }
    gate.send_replace(true);
    leaving.end().await.expect("a clean end");

    let next = Member::join("next", &settings, &journal);
    journal.until("the rest", |state| state.count() == 600).await;
    next.stop().await;
    journal.read(|state| {
        state.assert_each_once();
        assert!(state.ended.iter().all(|(.., ending)| *ending == Ending::Drained), "{state:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_exceeds_its_time_is_abandoned_and_cannot_commit() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let mut settings = cluster.settings(&[&topic]);
    settings.drain_timeout = Duration::from_millis(500);
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(100, 100)).await;
    }
    let journal = Journal::default();
    let behaviour = LaneBehaviour { deaf_to_drain: true, ..LaneBehaviour::default() };
    let first = Member::join_with("first", &settings, &journal, MemoryBudget::new(1 << 20), behaviour);
    journal.until("all records", |state| state.count() == 200).await;
    let second = Member::join("second", &settings, &journal);
    journal.until("the new owner reads again what was not committed", |state| state.count() == 300).await;
    journal.read(|state| {
        let (_, _, ending) = state.ended.iter().find(|(member, ..)| *member == "first").expect("an end");
        assert_eq!(*ending, Ending::Fenced("the partition was released".to_owned()));
    });
    second.stop().await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_whose_id_is_taken_over_is_fenced() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let mut settings = cluster.settings(&[&topic]);
    settings.group_instance_id = Some("the one".to_owned());
    cluster.fill(&topic, 0, values(100, 100)).await;
    let journal = Journal::default();
    let behaviour = LaneBehaviour { hoard: true, ..LaneBehaviour::default() };
    let gate = behaviour.gate.clone();
    let first = Member::join_with("first", &settings, &journal, MemoryBudget::new(1 << 20), behaviour);
    journal.until("the first has it", |state| state.lanes_of("first") == 1).await;
    let second = Member::join("second", &settings, &journal);
    journal.until("the second reads", |state| state.committed.get(&0) == Some(&100)).await;
    gate.send_replace(true);
    cluster.fill(&topic, 0, values(1, 100)).await;
    let error = first.end().await.expect_err("the first member is fenced");
    assert!(matches!(&error, SourceError::Kafka(reason) if reason.contains("instance")), "{error}");
    journal.until("the second resumes", |state| state.committed.get(&0) == Some(&101)).await;
    second.stop().await;
    journal.read(|state| {
        let (_, _, ending) = state.ended.iter().find(|(member, ..)| *member == "first").expect("an end");
        assert!(matches!(ending, Ending::Fenced(_) | Ending::Abandoned), "{ending:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_takes_its_partitions_back() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let settings = cluster.settings(&[&topic]);
    let named = |name: &str| {
        let mut settings = settings.clone();
        settings.group_instance_id = Some(name.to_owned());
        settings
    };
    let journal = Journal::default();
    let first = Member::join("first", &named("one"), &journal);
    let second = Member::join("second", &named("two"), &journal);
    journal.until("one each", |state| state.lanes_of("first") == 1 && state.lanes_of("second") == 1).await;
    let of = |member: &'static str| {
        journal.read(|state| state.assigned.iter().rev().find(|(who, ..)| *who == member).expect("one").1)
    };
    let kept = 1 - of("second");
    let drains = journal.read(|state| state.drains.len());
    first.stop().await;
    let again = Member::join("again", &named("one"), &journal);
    journal.until("it is back", |state| state.lanes_of("again") == 1).await;
    assert_eq!(of("again"), kept);
    journal.read(|state| assert_eq!(state.drains.len(), drains + 1, "the other was left alone: {state:?}"));
    again.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_topic_is_waited_for() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = unique("late-topic");
    let mut settings = cluster.settings(&[&topic]);
    let quick = voc_ingest::kafka::Secret::new("500");
    settings.properties.insert("topic.metadata.refresh.interval.ms".to_owned(), quick);
    let journal = Journal::default();
    let member = Member::join("only", &settings, &journal);
    cluster.make_topic(&topic, 1, &[]).await;
    cluster.fill(&topic, 0, values(10, 100)).await;
    journal.until("all records", |state| state.count() >= 10).await;
    member.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_source_leaves_the_group() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(1).await;
    let settings = cluster.settings(&[&topic]);
    let stop = tokio_util::sync::CancellationToken::new();
    let source = voc_ingest::kafka::KafkaSource::connect(&settings, MemoryBudget::new(1 << 20), 100, stop);
    let mut source = source.expect("a source");
    let assignment = voc_ingest::Source::next_assignment(&mut source).await.expect("no error").expect("a partition");
    drop(source);
    drop(assignment);
    let journal = Journal::default();
    let member = Member::join("next", &settings, &journal);
    // The partition is not released by the session timeout of 30 s, or this would take as long.
    journal.until("the next has it", |state| state.lanes_of("next") == 1).await;
    member.stop().await;
}

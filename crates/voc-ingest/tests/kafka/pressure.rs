//! Slow lanes.

use std::sync::Arc;

use voc_ingest::MemoryBudget;

use crate::{
    member::{Journal, LaneBehaviour, Member},
    support::{Cluster, values},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_lane_stops_only_its_partition() {
    const RECORDS: usize = 1500;
    const VALUE_BYTES: usize = 20_000;
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(RECORDS, VALUE_BYTES)).await;
    }
    let journal = Journal::default();
    let budget = MemoryBudget::new(16 << 20);
    let behaviour = LaneBehaviour { closed_partitions: Arc::new(vec![0]), ..LaneBehaviour::default() };
    let gate = behaviour.gate.clone();
    let member = Member::join_with("only", &cluster.settings(&[&topic]), &journal, budget.clone(), behaviour);
    journal.until("the other partition flows", |state| state.committed.get(&1) == Some(&1500)).await;
    journal.read(|state| assert_eq!(state.count_of(0), 0));
    let held = budget.held_bytes();
    assert!((1..2 << 20).contains(&held), "a few chunks wait for the lane: {held} bytes");
    gate.send_replace(true);
    journal.until("the first partition flows", |state| state.committed.get(&0) == Some(&1500)).await;
    member.stop().await;
    journal.read(crate::member::State::assert_each_once);
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_budget_bounds_the_memory_of_lanes() {
    const RECORDS: usize = 1000;
    const BUDGET: usize = 2 << 20;
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(RECORDS, 10_000)).await;
    }
    let journal = Journal::default();
    let budget = MemoryBudget::new(BUDGET);
    let behaviour = LaneBehaviour { hoard: true, ..LaneBehaviour::default() };
    let gate = behaviour.gate.clone();
    let member = Member::join_with("only", &cluster.settings(&[&topic]), &journal, budget.clone(), behaviour);
    // Lanes keep all chunks, so each takes its half of the budget, as far as whole chunks fit in. A chunk has 256 KiB
    // and a record. Every chunk that arrives triggers this.
    let nearly_all = BUDGET - 2 * 300 * 1024;
    journal.until("the budget is exhausted", |_| budget.held_bytes() >= nearly_all).await;
    assert!(budget.held_bytes() <= BUDGET);
    gate.send_replace(true);
    journal.until("all records", |state| state.count() == 2 * RECORDS).await;
    member.stop().await;
    journal.read(crate::member::State::assert_each_once);
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_larger_than_the_budget_is_delivered() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(20, 1000).chain(values(3, 3 << 20)).chain(values(20, 1000))).await;
    }
    let journal = Journal::default();
    let budget = MemoryBudget::new(1 << 20);
    let member = Member::join_with("only", &cluster.settings(&[&topic]), &journal, budget, LaneBehaviour::default());
    journal.until("all records", |state| state.count() == 86).await;
    member.stop().await;
    journal.read(crate::member::State::assert_each_once);
}

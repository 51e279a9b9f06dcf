//! The lag gauge.

use std::{sync::Arc, time::Duration};

use voc_ingest::{MemoryBudget, telemetry};

use crate::{
    member::{Journal, LaneBehaviour, Member},
    support::{Cluster, PATIENCE, metric, values},
};

/// The lag of a partition on the metrics page.
pub(crate) fn lag(topic: &str, partition: i32) -> Option<f64> {
    metric(&format!("{}{{family=\"voc\",topic=\"{topic}\",partition=\"{partition}\"}}", telemetry::CONSUMER_LAG))
}

pub(crate) async fn until_lag_is(expected: f64, topic: &str, partition: i32) {
    let wait = async {
        while lag(topic, partition) != Some(expected) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, wait).await.is_err() {
        panic!("the lag never was {expected}: {:?}", lag(topic, partition));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_grows_while_a_lane_is_stalled_and_ends_with_the_assignment() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let settings = cluster.settings(&[&topic]);
    assert_eq!(lag(&topic, 0), None);
    for partition in 0..2 {
        cluster.fill(&topic, partition, values(300, 10_000)).await;
    }
    let journal = Journal::default();
    let behaviour = LaneBehaviour { closed_partitions: Arc::new(vec![0]), ..LaneBehaviour::default() };
    let member = Member::join_with("only", &settings, &journal, MemoryBudget::new(32 << 20), behaviour);
    until_lag_is(300.0, &topic, 0).await;
    until_lag_is(0.0, &topic, 1).await;
    // More than is prefetched, so that no fetch reveals them.
    cluster.fill(&topic, 0, values(1000, 10_000)).await;
    until_lag_is(1300.0, &topic, 0).await;
    member.stop().await;
    assert_eq!(lag(&topic, 0), Some(0.0));
}

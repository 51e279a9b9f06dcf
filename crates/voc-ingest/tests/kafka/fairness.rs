//! A flood in one partition does not block another.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use voc_events::voc::Voc;
use voc_ingest::{BatchSettings, MemoryBudget, Pipeline, StoreDeadLetters, kafka::KafkaSource, telemetry};
use voc_nlp::Annotator;
use voc_store::MemoryStore;

use crate::support::{Cluster, PATIENCE, metric, unique};

const FLOOD: usize = 200_000;
const TRICKLE: usize = 30;
const BUDGET: usize = 4 << 20;

/// No record of the flood, which is many times the memory budget, can be stored before the trickle: so the flood
/// occupies everything in the process that it could occupy.
#[tokio::test(flavor = "multi_thread")]
async fn a_trickle_is_stored_while_a_flood_waits() {
    let Some(cluster) = Cluster::get() else { return };
    let topic = cluster.fresh_topic(2).await;
    let (flood, trickle) = (unique("flood"), unique("trickle"));
    assert_eq!(lag(&flood), None);
    cluster.fill(&topic, 0, (0..FLOOD).map(|number| event(number, &flood))).await;
    let store = MemoryStore::new();
    let hold = store.hold_partition(0);
    let budget = MemoryBudget::new(BUDGET);
    let stop = CancellationToken::new();
    let source = KafkaSource::connect(&cluster.settings(&[&topic]), budget.clone(), 500, stop.clone());
    let shared = Arc::new(store.clone());
    let dead_letters = Arc::new(StoreDeadLetters::new(Arc::clone(&shared) as Arc<_>));
    let prompt = BatchSettings { flush_after: Duration::from_millis(20), ..BatchSettings::default() };
    let pipeline = Pipeline::<Voc>::new(shared, Arc::new(Annotator::default()), dead_letters).batch(prompt);
    let running = tokio::spawn(pipeline.run(source.expect("a source")));

    let flooded = async {
        // The lane's share, except for a chunk that does not fit. There is no event to wait for.
        while budget.held_bytes() < BUDGET / 2 - (300 << 10) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("the flood has come", flooded).await;
    for number in 0..TRICKLE {
        // Larger than what the chunks of the flood leave of the exhausted memory.
        let mut large = event(FLOOD + number, &trickle);
        large.resize(200 << 10, b' ');
        cluster.fill(&topic, 1, [large]).await;
        let is_stored = |store: &MemoryStore| store.offsets(&topic, 1).len() > number;
        within("an event of the trickle is stored", store.wait_until(is_stored)).await;
    }
    assert_eq!(store.offsets(&topic, 0), [] as [i64; 0], "the flood is still waiting");
    let waits = async {
        while lag(&flood).is_none_or(|seconds| seconds <= 0.0) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within("the lag of the flooding tenant is reported", waits).await;
    drop(hold);
    within("the flood is stored", store.wait_until(|store| store.rows() == FLOOD + TRICKLE)).await;
    stop.cancel();
    running.await.expect("no panic").expect("no error");
    assert_eq!(budget.held_bytes(), 0);
    assert_eq!((lag(&flood), lag(&trickle)), (Some(0.0), Some(0.0)));
}

/// The lag of a tenant on the metrics page.
fn lag(tenant: &str) -> Option<f64> {
    metric(&format!("{}{{family=\"voc\",tenant=\"{tenant}\"}}", telemetry::TENANT_LAG_SECONDS))
}

async fn within(what: &str, done: impl Future<Output = ()>) {
    if tokio::time::timeout(PATIENCE, done).await.is_err() {
        panic!("never happened: {what}");
    }
}

fn event(number: usize, tenant: &str) -> Vec<u8> {
    let id = uuid::Uuid::from_u128(number as u128);
    format!(r#"{{"event_id":"{id}","tenant_id":"{tenant}","timestamp":"2026-02-02T12:00:00Z","event_type":"ping"}}"#)
        .into_bytes()
}

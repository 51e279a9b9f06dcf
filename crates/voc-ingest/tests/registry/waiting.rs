//! A registry that does not answer blocks lanes, and loses nothing.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use voc_events::quality::Quality;
use voc_ingest::{
    CommittedOffset, LaneControl, RecordChunk,
    registry::{RegistrySettings, SchemaRegistry},
};
use voc_testkit::registry::{Gate, TestRegistry};

use crate::{
    fake::{Server, problem, schema},
    support::{CountingRegistry, TIME_MS, avro, lane, lanes, own_avro, registry_at, subject, within},
};

const TOPIC: &str = "chip-quality.manufacturing.events";

fn event(number: i64) -> Value {
    json!({"event_type": "BATCH_CREATED", "timestamp": TIME_MS, "batch_id": format!("b-{number}")})
}

/// Records of a schema with offsets.
fn events(id: u32, offsets: std::ops::Range<i64>) -> Vec<Vec<u8>> {
    let schema = own_avro::<Quality>(TOPIC);
    offsets.map(|number| avro(id, &schema, event(number))).collect()
}

/// Registers our schema under a unique name, and so with its own ID.
fn register(registry: &TestRegistry) -> u32 {
    let name = format!("Event_{}", uuid::Uuid::new_v4().simple());
    let schema = own_avro::<Quality>(TOPIC).replacen("\"Event\"", &format!("\"{name}\""), 1);
    registry.register(&subject("batches"), "AVRO", &schema, &[])
}

/// Waits until the registry has the expected readiness.
async fn checked(watched: &CountingRegistry, is_ready: bool) -> String {
    within(async {
        loop {
            match watched.registry.check().await {
                Ok(()) if is_ready => return String::new(),
                Err(reason) if !is_ready => return reason,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    })
    .await
}

#[tokio::test]
async fn responses_that_are_not_from_a_registry_are_waited_out() {
    let own = own_avro::<Quality>(TOPIC);
    let html = "<html>please log in</html>".to_owned();
    let answers = [
        (problem(404, 404), "404"),
        (problem(404, 0), "is its API under another path?"),
        ((404, "Not Found".to_owned()), "404"),
        (problem(401, 401), "is the login right?"),
        (problem(403, 40301), "is the login right?"),
        // The error code of an unknown schema with another status is not a valid response either.
        (problem(500, 40403), "simulated"),
        (problem(500, 50001), "500"),
        ((503, "x".repeat(9 << 20)), "503"),
        ((302, "/elsewhere".to_owned()), "302"),
        ((200, html), "not that of a schema registry"),
        ((200, json!({"id": 7}).to_string()), "not that of a schema registry"),
    ];
    let server = Server::start(|_| unreachable!("its responses are scripted first"));
    for (answer, said) in answers {
        server.answer(move |_| answer.clone());
        let watched = CountingRegistry::new(registry_at(&server.url));
        let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
        running.lanes[0].send(0, events(7, 0..3)).await;
        watched.unavailable(2).await;
        let reason = watched.registry.check().await.expect_err("records wait for it");
        assert!(reason.contains(said) && reason.contains(&server.url), "{said}: {reason}");
        assert!(running.has_done_nothing(), "{said}");
        let own = own.clone();
        server.answer(move |_| schema(&own));
        let taken = running.end().await;
        assert_eq!((taken.errors(), taken.offsets()), (vec![], vec![0, 1, 2]), "{said}");
        assert_eq!(watched.registry.check().await, Ok(()));
    }
}

#[tokio::test]
async fn an_unknown_path_is_waited_out() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = register(&registry);
    let root = registry.url().strip_suffix("/apis/ccompat/v7").unwrap();
    for wrong in [format!("{}/nowhere", registry.url()), format!("{root}/nowhere"), root.to_owned()] {
        let watched = CountingRegistry::new(registry_at(&wrong));
        let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
        running.lanes[0].send(0, events(id, 0..3)).await;
        watched.unavailable(2).await;
        assert!(running.has_done_nothing());
        let reason = watched.registry.check().await.unwrap_err();
        assert!(reason.contains("is its API under another path?"), "{reason}");
        running.lanes[0].control.send_replace(LaneControl::Drain);
        running.ended().await;
    }
}

#[tokio::test]
async fn an_unavailable_registry_costs_only_time() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let (known, later) = (register(&registry), register(&registry));
    for shut in [Gate::close, Gate::hang] {
        let gate = Gate::new(&registry);
        let watched = CountingRegistry::new(registry_at(gate.url()));
        let mut running = lanes::<Quality>(TOPIC, 2, Some(Arc::new(watched.clone())), None);
        let [waiting, other] = &running.lanes[..] else { panic!("there are two lanes") };
        other.send(0, events(known, 0..2)).await;
        other.committed(2).await;

        shut(&gate);
        assert_eq!(watched.registry.check().await, Ok(()), "nothing waits for it yet");
        waiting.send(0, events(known, 0..2)).await;
        waiting.committed(2).await;
        waiting.send(2, events(later, 2..5)).await;
        watched.unavailable(1).await;
        // No record after the waiting ones is taken.
        waiting.send(5, events(known, 5..6)).await;
        other.send(2, events(known, 2..40)).await;
        other.committed(40).await;
        let reason = checked(&watched, false).await;
        assert!(reason.contains(gate.url()), "{reason}");
        watched.unavailable(1).await;
        assert_eq!(running.store.offsets(TOPIC, 0), [0, 1]);
        assert_eq!(running.store.dead_letters(), []);
        assert!(waiting.held_bytes() > 0);

        gate.open();
        waiting.committed(6).await;
        checked(&watched, true).await;
        let taken = running.end().await;
        assert_eq!(taken.errors(), []);
        assert_eq!(taken.store.offsets(TOPIC, 0), (0..6).collect::<Vec<_>>());
        assert_eq!(taken.store.offsets(TOPIC, 1), (0..40).collect::<Vec<_>>());
        assert_eq!((running.tally.consumed(), running.tally.stored(), running.tally.dead_lettered()), (46, 46, 0));
    }
}

#[tokio::test]
async fn records_before_a_waiting_chunk_are_stored_meanwhile() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = register(&registry);
    let gate = Gate::new(&registry);
    gate.close();
    let watched = CountingRegistry::new(registry_at(gate.url()));
    let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
    let lane = &running.lanes[0];
    lane.send(0, [event(0).to_string()]).await;
    lane.send(1, events(id, 1..3)).await;
    lane.committed(1).await;
    watched.unavailable(1).await;
    assert_eq!(running.store.offsets(TOPIC, 0), [0]);
    gate.open();
    assert_eq!(running.end().await.offsets(), [0, 1, 2]);
}

#[tokio::test]
async fn a_draining_lane_leaves_waiting_records_uncommitted() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = register(&registry);
    for control in [LaneControl::Drain, LaneControl::Abandon] {
        let gate = Gate::new(&registry);
        // Much longer than the lane may take to end.
        let mut settings = RegistrySettings::new([gate.url()]);
        settings.timeout = Duration::from_secs(30);
        let watched = CountingRegistry::new(SchemaRegistry::new(&settings).unwrap());
        let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
        let lane = &running.lanes[0];
        lane.send(0, [event(0).to_string()]).await;
        lane.committed(1).await;
        gate.hang();
        lane.send(1, events(id, 1..3)).await;
        watched.begun(1).await;
        let told_at = std::time::Instant::now();
        lane.control.send_replace(control);
        running.ended().await;
        assert!(told_at.elapsed() < Duration::from_secs(5), "{control:?}: {:?}", told_at.elapsed());
        assert_eq!((running.store.offsets(TOPIC, 0), running.lanes[0].held_bytes()), (vec![0], 0));
        assert_eq!(running.lanes[0].commits().last().map(|commit| commit.0), Some(1));
        gate.open();

        // The next owner takes it.
        let committed = running.lanes[0].commits().last().cloned();
        let committed = committed.map(|(next_offset, metadata)| CommittedOffset { next_offset, metadata });
        let mut next = lanes::<Quality>(TOPIC, 1, Some(Arc::new(watched)), committed.as_ref());
        next.lanes[0].send(1, events(id, 1..3)).await;
        assert_eq!(next.end().await.offsets(), [1, 2]);
    }
}

/// The commit of an owner that had declared the records 0 to 4.
fn declared() -> CommittedOffset {
    CommittedOffset { next_offset: 0, metadata: Some("voc/1 epoch 7 intent 0-4".to_owned()) }
}

#[tokio::test]
async fn a_declared_batch_is_cut_at_its_place_however_long_its_schemas_take() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let ids = [register(&registry), register(&registry)];
    let gate = Gate::new(&registry);
    gate.close();
    let watched = CountingRegistry::new(registry_at(gate.url()));
    let mut running = lanes::<Quality>(TOPIC, 1, Some(Arc::new(watched.clone())), Some(&declared()));
    let lane = &running.lanes[0];
    // In two chunks, the second of which extends beyond the batch.
    lane.send(0, events(ids[0], 0..3)).await;
    watched.unavailable(1).await;
    gate.open();
    lane.send(3, events(ids[1], 3..8)).await;
    let taken = running.end().await;
    assert_eq!((taken.errors(), taken.offsets()), (vec![], (0..8).collect::<Vec<_>>()));
    let ranges: Vec<String> = taken.store.batches().iter().map(|batch| batch.range.to_string()).collect();
    assert_eq!(ranges, [format!("quality/{TOPIC}/0@7/0-4"), format!("quality/{TOPIC}/0@7/5-7")]);
}

#[tokio::test]
async fn a_declared_batch_whose_records_wait_does_not_count_as_lost() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = register(&registry);
    let gate = Gate::new(&registry);
    gate.close();
    let watched = CountingRegistry::new(registry_at(gate.url()));
    let mut running = lanes::<Quality>(TOPIC, 1, Some(Arc::new(watched.clone())), Some(&declared()));
    let lane = &running.lanes[0];
    // A new leader that does not know the end of its log for a moment, and then does.
    lane.send_chunk(RecordChunk::reaching(2)).await;
    lane.send(0, events(id, 0..5)).await;
    watched.unavailable(1).await;
    // Longer than the grace period for the end of a log.
    tokio::time::sleep(Duration::from_secs(6)).await;
    gate.open();
    let taken = running.end().await;
    let ranges: Vec<String> = taken.store.batches().iter().map(|batch| batch.range.to_string()).collect();
    assert_eq!((taken.errors(), ranges), (vec![], vec![format!("quality/{TOPIC}/0@7/0-4")]));
}

#[tokio::test]
async fn readiness_depends_on_the_awaited_schemas() {
    let own = own_avro::<Quality>(TOPIC);
    let only = move |good: &'static [&'static str]| {
        let own = own.clone();
        move |path: &str| if good.contains(&path) { schema(&own) } else { problem(500, 50001) }
    };
    let server = Server::start(only(&["/schemas/ids/1", "/subjects"]));
    let watched = CountingRegistry::new(registry_at(&server.url));
    let mut running = lanes::<Quality>(TOPIC, 2, Some(Arc::new(watched.clone())), None);
    running.lanes[0].send(0, events(2, 0..1)).await;
    watched.unavailable(1).await;
    // It answers, but for another schema, which does not help the waiting lane.
    running.lanes[1].send(0, events(1, 0..1)).await;
    running.lanes[1].committed(1).await;
    assert!(watched.registry.check().await.unwrap_err().contains("500"));
    server.answer(only(&["/schemas/ids/2"]));
    assert_eq!(watched.registry.check().await, Ok(()));
    assert_eq!(running.end().await.store.rows(), 2);
}

#[tokio::test]
async fn readiness_is_reported_promptly() {
    let Some(registry) = TestRegistry::from_env_or_skip() else { return };
    let id = register(&registry);
    let gate = Gate::new(&registry);
    let watched = CountingRegistry::new(registry_at(gate.url()));
    let mut running = lane::<Quality>(TOPIC, Some(Arc::new(watched.clone())));
    gate.hang();
    running.lanes[0].send(0, events(id, 0..1)).await;
    watched.unavailable(1).await;
    // Each of many concurrent checks is answered within the 2 s of a readiness probe.
    let checks = (0..20).map(|_| watched.registry.check());
    let answers = tokio::time::timeout(Duration::from_secs(2), futures_util::future::join_all(checks)).await.unwrap();
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    gate.open();
    assert_eq!(running.end().await.offsets(), [0]);
}

//! Replays over the native protocol: after a connection that broke in the middle of an insert or of a replay, on a new one.

mod clickhouse_support;

use std::sync::Arc;

use clickhouse_support::{Server, batch, ends, stored};
use futures_util::{StreamExt, stream};
use voc_store::{EventStore, InsertBatch, Replayed, SourceRange, SqlBackend, StoreError, clickhouse::ClickHouseStore};
use voc_testkit::proxy::{
    Direction::{ToClient, ToServer},
    Fault, Place, Stage,
};

const ROWS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn lost_rows_are_healed_and_rows_without_token_are_not_doubled() {
    let Some(server) = Server::start("replay").await else { return };
    server.create_samples().await;
    let store = server.store();

    let lost = batch(0, 60);
    store.insert(lost.clone()).await.unwrap();
    let delete = "ALTER TABLE samples DELETE WHERE source_offset >= 20 SETTINGS mutations_sync = 2";
    store.backend().execute(delete, &[]).await.unwrap();
    store.insert(lost.clone()).await.unwrap();
    assert_eq!(stored(&store, &lost).await, (20, 20), "the token proves nothing, or a replay is of no use");
    assert_eq!(store.replay(lost.clone()).await.unwrap(), Replayed { found: 20, inserted: 0, healed: 40 });
    assert_eq!(stored(&store, &lost).await, (60, 60));

    let forgotten = batch(100, 60);
    let range = SourceRange { family: "other", ..forgotten.range.clone() };
    store.insert(Arc::new(InsertBatch { range, ..(*forgotten).clone() })).await.unwrap();
    assert_eq!(store.replay(forgotten.clone()).await.unwrap(), Replayed { found: 60, inserted: 0, healed: 0 });
    assert_eq!(stored(&store, &forgotten).await, (60, 60));
    store.insert(forgotten.clone()).await.unwrap();
    assert_eq!(stored(&store, &forgotten).await, (120, 60), "the token is not forgotten, or a replay is of no use");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_cut_off_is_replayed_exactly_once() {
    let Some(server) = Server::start("replay_cut_insert").await else { return };
    server.create_samples().await;
    let healthy = server.store();
    let stages = [
        Stage::Hello,
        Stage::AfterQuery("INSERT"),
        Stage::MidData("INSERT"),
        Stage::BeforeEndOfStream("INSERT"),
        Stage::AfterQuery("SELECT"),
    ];
    let places = stages.map(Place::Stage).into_iter();
    let places = places.chain((600..6000).step_by(300).map(|bytes| Place::Bytes(ToServer, bytes)));
    let cases = places.zip(0..).map(|(place, number)| {
        let (server, healthy) = (&server, &healthy);
        async move {
            let proxy = server.proxy().await;
            let store = server.store_behind(&proxy);
            let batch = batch(number * 60, 60);
            proxy.inject(Fault::Cut(place.clone()));
            let is_cut = ends(store.insert(batch.clone())).await.is_err();
            let replayed = replay(&store, &batch, &place).await;
            assert_eq!((replayed.found + replayed.inserted, replayed.healed), (ROWS, 0), "{place:?}");
            assert_eq!(stored(healthy, &batch).await, (ROWS, ROWS), "{place:?}");
            (is_cut, replayed.found)
        }
    });
    let outcomes: Vec<(bool, usize)> = stream::iter(cases).buffer_unordered(4).collect().await;
    assert!(outcomes.contains(&(true, 0)), "no cut came before the rows were stored");
    assert!(outcomes.contains(&(true, ROWS)), "no cut came after the rows were stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_that_hangs_is_cut_off_in_time_and_replayed_exactly_once() {
    let Some(server) = Server::start("replay_hung_insert").await else { return };
    server.create_samples().await;
    let stages = [(Stage::MidData("INSERT"), 0), (Stage::BeforeEndOfStream("INSERT"), ROWS)];
    for ((stage, found), number) in stages.into_iter().zip(0..) {
        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        let batch = batch(number * 60, 60);
        proxy.inject(Fault::Stall(Place::Stage(stage.clone())));
        let error = ends(store.insert(batch.clone())).await.unwrap_err();
        assert!(matches!(error, StoreError::TimedOut { .. }), "{stage:?}: {error:?}");
        let replayed = replay(&store, &batch, &Place::Stage(stage.clone())).await;
        assert_eq!(replayed, Replayed { found, inserted: ROWS - found, healed: 0 }, "{stage:?}");
        // The token is the same: what hung may land now, and adds nothing.
        server.store().insert(batch.clone()).await.unwrap();
        assert_eq!(stored(&server.store(), &batch).await, (ROWS, ROWS), "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_cut_off_is_replayed_exactly_once() {
    let Some(server) = Server::start("replay_cut_replay").await else { return };
    server.create_samples().await;
    let healthy = server.store();
    // Every connection of the first replay is cut, if it comes as far as the place.
    let every = |direction, bytes: u64| (300..bytes).step_by(400).map(move |at| Place::Bytes(direction, at));
    let cases = every(ToServer, 8000).chain(every(ToClient, 2500)).zip(0..).map(|(place, number)| {
        let (server, healthy) = (&server, &healthy);
        async move {
            let proxy = server.proxy().await;
            let store = server.store_behind(&proxy);
            let batch = batch(number * 60, 60);
            proxy.set(Some(Fault::Cut(place.clone())));
            let first = ends(store.replay(batch.clone())).await;
            if let Err(error) = &first {
                assert!(error.is_retryable(), "{place:?}: {error:?}");
            }
            proxy.set(None);
            proxy.cut();
            let replayed = replay(&store, &batch, &place).await;
            assert_eq!(replayed.found + replayed.inserted, ROWS, "{place:?}");
            assert_eq!(stored(healthy, &batch).await, (ROWS, ROWS), "{place:?}");
            (first.is_err(), replayed.found)
        }
    });
    let outcomes: Vec<(bool, usize)> = stream::iter(cases).buffer_unordered(4).collect().await;
    assert!(outcomes.contains(&(true, 0)), "no cut came before the rows were stored: {outcomes:?}");
    assert!(outcomes.contains(&(true, ROWS)), "no cut came after the rows were stored: {outcomes:?}");
}

/// Replays until it is done: an idle connection may turn out to be cut with its next use.
async fn replay(store: &ClickHouseStore, batch: &Arc<InsertBatch>, place: &Place) -> Replayed {
    loop {
        match ends(store.replay(batch.clone())).await {
            Ok(replayed) => return replayed,
            Err(error) => assert!(error.is_retryable(), "{place:?}: {error}"),
        }
    }
}

//! Re-inserts over the native protocol: after a connection that broke in the middle of an insert or re-insert, on a
//! new one.

mod clickhouse_support;

use std::sync::Arc;

use clickhouse_support::{Server, batch, ends, stored};
use futures_util::{StreamExt, stream};
use voc_store::{
    EventStore, InsertBatch, ReinsertOutcome, SourceRange, SqlBackend, StoreError, clickhouse::ClickHouseStore,
};
use voc_testkit::proxy::{
    Direction::{ToClient, ToServer},
    Fault, Place, Stage,
};

const ROWS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn lost_rows_are_healed_and_rows_without_token_are_not_duplicated() {
    let Some(server) = Server::start("reinsert").await else { return };
    server.create_samples().await;
    let store = server.store();

    let lost = batch(0, 60);
    store.insert(lost.clone()).await.unwrap();
    let delete = "ALTER TABLE samples DELETE WHERE source_offset >= 20 SETTINGS mutations_sync = 2";
    store.backend().execute(delete, &[]).await.unwrap();
    store.insert(lost.clone()).await.unwrap();
    assert_eq!(stored(&store, &lost).await, (20, 20), "the token proves nothing, or a re-insert is pointless");
    assert_eq!(
        store.reinsert(lost.clone()).await.unwrap(),
        ReinsertOutcome { found: 20, inserted: 0, healed: 40, ..ReinsertOutcome::default() }
    );
    assert_eq!(stored(&store, &lost).await, (60, 60));

    let forgotten = batch(100, 60);
    let range = SourceRange { family: "other", ..forgotten.range.clone() };
    store.insert(Arc::new(InsertBatch { range, ..(*forgotten).clone() })).await.unwrap();
    assert_eq!(
        store.reinsert(forgotten.clone()).await.unwrap(),
        ReinsertOutcome { found: 60, inserted: 0, healed: 0, ..ReinsertOutcome::default() }
    );
    assert_eq!(stored(&store, &forgotten).await, (60, 60));
    store.insert(forgotten.clone()).await.unwrap();
    assert_eq!(stored(&store, &forgotten).await, (120, 60), "the token is not forgotten, or a re-insert is pointless");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_insert_is_reinserted_exactly_once() {
    let Some(server) = Server::start("reinsert_cut_insert").await else { return };
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
            let outcome = reinsert(&store, &batch, &place).await;
            assert_eq!((outcome.found + outcome.inserted, outcome.healed), (ROWS, 0), "{place:?}");
            assert_eq!(stored(healthy, &batch).await, (ROWS, ROWS), "{place:?}");
            (is_cut, outcome.found)
        }
    });
    let outcomes: Vec<(bool, usize)> = stream::iter(cases).buffer_unordered(4).collect().await;
    assert!(outcomes.contains(&(true, 0)), "no cut came before the rows were stored");
    assert!(outcomes.contains(&(true, ROWS)), "no cut came after the rows were stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_insert_times_out_and_is_reinserted_exactly_once() {
    let Some(server) = Server::start("reinsert_hung_insert").await else { return };
    server.create_samples().await;
    let stages = [(Stage::MidData("INSERT"), 0), (Stage::BeforeEndOfStream("INSERT"), ROWS)];
    for ((stage, found), number) in stages.into_iter().zip(0..) {
        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        let batch = batch(number * 60, 60);
        proxy.inject(Fault::Stall(Place::Stage(stage.clone())));
        let error = ends(store.insert(batch.clone())).await.unwrap_err();
        assert!(matches!(error, StoreError::TimedOut { .. }), "{stage:?}: {error:?}");
        let outcome = reinsert(&store, &batch, &Place::Stage(stage.clone())).await;
        assert_eq!(
            outcome,
            ReinsertOutcome { found, inserted: ROWS - found, healed: 0, ..ReinsertOutcome::default() },
            "{stage:?}"
        );
        // The token is the same: the hanging insert may land now, and adds nothing.
        server.store().insert(batch.clone()).await.unwrap();
        assert_eq!(stored(&server.store(), &batch).await, (ROWS, ROWS), "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_reinsert_is_repeated_exactly_once() {
    let Some(server) = Server::start("reinsert_cut_reinsert").await else { return };
    server.create_samples().await;
    let healthy = server.store();
    // Every connection of the first re-insert is cut, if it gets as far as the fault.
    let every = |direction, bytes: u64| (300..bytes).step_by(400).map(move |at| Place::Bytes(direction, at));
    let cases = every(ToServer, 8000).chain(every(ToClient, 2500)).zip(0..).map(|(place, number)| {
        let (server, healthy) = (&server, &healthy);
        async move {
            let proxy = server.proxy().await;
            let store = server.store_behind(&proxy);
            let batch = batch(number * 60, 60);
            proxy.set(Some(Fault::Cut(place.clone())));
            let first = ends(store.reinsert(batch.clone())).await;
            if let Err(error) = &first {
                assert!(error.is_retryable(), "{place:?}: {error:?}");
            }
            proxy.set(None);
            proxy.cut();
            let outcome = reinsert(&store, &batch, &place).await;
            assert_eq!(outcome.found + outcome.inserted, ROWS, "{place:?}");
            assert_eq!(stored(healthy, &batch).await, (ROWS, ROWS), "{place:?}");
            (first.is_err(), outcome.found)
        }
    });
    let outcomes: Vec<(bool, usize)> = stream::iter(cases).buffer_unordered(4).collect().await;
    assert!(outcomes.contains(&(true, 0)), "no cut came before the rows were stored: {outcomes:?}");
    assert!(outcomes.contains(&(true, ROWS)), "no cut came after the rows were stored: {outcomes:?}");
}

/// Re-inserts until it succeeds: an idle connection may turn out to be cut with its next use.
async fn reinsert(store: &ClickHouseStore, batch: &Arc<InsertBatch>, place: &Place) -> ReinsertOutcome {
    loop {
        match ends(store.reinsert(batch.clone())).await {
            Ok(outcome) => return outcome,
            Err(error) => assert!(error.is_retryable(), "{place:?}: {error}"),
        }
    }
}

//! The connection breaks, stalls or crawls at every point of an insert and of a select: an incomplete operation is
//! never reported as complete, nothing hangs, and the next operation works.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

mod clickhouse_support;

use std::num::NonZeroU32;

use clickhouse_support::{NEVER, Server, batch, ends, stored};
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use voc_store::{EventStore, SqlBackend, StoreError, clickhouse::ClickHouseStore};
use voc_testkit::proxy::{
    Direction::{self, ToClient, ToServer},
    Fault, Place, Stage, Traffic,
};

/// Rows of a batch: enough that data makes up most of the exchange.
const ROWS: i64 = 60;

/// Concurrent operations with faults that wait for a timeout, and with those that do not, which keep the machine
/// busy.
const WAITING: usize = 100;
const BUSY: usize = 8;

/// A select of several blocks, each of several kilobytes.
const SELECT: &str = "SELECT hex(sipHash128(number)) FROM numbers(400) SETTINGS max_block_size = 100";
const SELECTED: usize = 400;

/// How the texts of a select are returned.
#[derive(Debug, Clone, Copy)]
enum Way {
    AtOnce,
    /// While they arrive.
    InPieces,
}

const WAYS: [Way; 2] = [Way::AtOnce, Way::InPieces];

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_cut_at_any_byte_is_an_error_or_complete() {
    let Some(server) = Server::start("cut_insert").await else { return };
    server.create_samples().await;
    let places = places(insert_traffic(&server).await, 61, 13);
    inserts_meet(&server, places.map(Fault::Cut), BUSY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_stalled_at_any_byte_ends_in_time() {
    let Some(server) = Server::start("stall_insert").await else { return };
    server.create_samples().await;
    let places = places(insert_traffic(&server).await, 211, 59);
    inserts_meet(&server, places.map(Fault::Stall), WAITING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_broken_at_any_stage_is_an_error_or_complete() {
    let Some(server) = Server::start("stage_insert").await else { return };
    server.create_samples().await;
    inserts_meet(&server, stages("INSERT").into_iter(), WAITING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_over_a_slow_connection_is_an_error_or_complete() {
    let Some(server) = Server::start("slow_insert").await else { return };
    server.create_samples().await;
    // An insert of a few kilobytes cannot end in time at the first two speeds, however its writes are grouped on the
    // way.
    let rates = [200, 400, 5_000, 20_000, 100_000].map(|rate| Fault::Throttle(NonZeroU32::new(rate).unwrap()));
    inserts_meet(&server, rates.into_iter(), WAITING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_cut_at_any_byte_is_an_error_or_complete() {
    let Some(server) = Server::start("cut_select").await else { return };
    let places = places(select_traffic(&server).await, 17, 101);
    selects_meet(&server, places.map(Fault::Cut), BUSY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_stalled_at_any_byte_ends_in_time() {
    let Some(server) = Server::start("stall_select").await else { return };
    let places = places(select_traffic(&server).await, 59, 307);
    selects_meet(&server, places.map(Fault::Stall), WAITING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_broken_at_any_stage_is_an_error_or_complete() {
    let Some(server) = Server::start("stage_select").await else { return };
    selects_meet(&server, stages("SELECT hex").into_iter(), WAITING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_over_a_slow_connection_is_an_error_or_complete() {
    let Some(server) = Server::start("slow_select").await else { return };
    // The time limit of a select in pieces is that of each piece.
    let rates =
        [200, 1_000, 5_000, 20_000, 100_000].map(|rate| (Fault::Throttle(NonZeroU32::new(rate).unwrap()), Way::AtOnce));
    selects_in_ways_meet(&server, rates.into_iter(), WAITING).await;
}

/// The first connection of each insert meets its fault; the batch is then inserted again.
async fn inserts_meet(server: &Server, faults: impl Iterator<Item = Fault>, at_once: usize) {
    let healthy = server.store();
    let cases = faults.zip(0..).map(|(fault, number)| {
        let healthy = &healthy;
        async move {
            let proxy = server.proxy().await;
            let store = server.store_behind(&proxy);
            let batch = batch(number * ROWS, ROWS);
            let whole = (batch.rows(), batch.rows());
            proxy.inject(fault.clone());
            let first = ends(store.insert(batch.clone())).await;
            match &first {
                Ok(()) => {
                    assert_eq!(stored(healthy, &batch).await, whole, "{fault:?}: incomplete, and reported stored");
                }
                Err(error) => assert!(error.is_retryable(), "{fault:?}: {error:?}"),
            }
            check_next(&store, &fault).await;
            ends(store.insert(batch.clone())).await.unwrap_or_else(|error| panic!("{fault:?}: again: {error}"));
            assert_eq!(stored(healthy, &batch).await, whole, "{fault:?}: after the batch was inserted again");
            first.is_err()
        }
    });
    count_broken(&stream::iter(cases).buffer_unordered(at_once).collect::<Vec<_>>().await);
}

/// The first connection of each select meets its fault.
async fn selects_meet(server: &Server, faults: impl Iterator<Item = Fault>, at_once: usize) {
    let in_all_ways = faults.flat_map(|fault| WAYS.map(|way| (fault.clone(), way)));
    selects_in_ways_meet(server, in_all_ways, at_once).await;
}

async fn selects_in_ways_meet(server: &Server, faults: impl Iterator<Item = (Fault, Way)>, at_once: usize) {
    let expected = server.store().backend().select_texts(SELECT, &[]).await.unwrap();
    assert_eq!(expected.len(), SELECTED);
    let cases = faults.map(|(fault, way)| {
        let expected = &expected;
        async move {
            let proxy = server.proxy().await;
            let store = server.store_behind(&proxy);
            proxy.inject(fault.clone());
            let first = match way {
                Way::AtOnce => ends(store.backend().select_texts(SELECT, &[])).await,
                Way::InPieces => ends(select_in_pieces(&store)).await,
            };
            match &first {
                Ok(texts) => assert_eq!(texts, expected, "{fault:?} {way:?}: incomplete, and reported complete"),
                Err(error) => assert!(error.is_retryable(), "{fault:?} {way:?}: {error:?}"),
            }
            check_next(&store, &fault).await;
            first.is_err()
        }
    });
    count_broken(&stream::iter(cases).buffer_unordered(at_once).collect::<Vec<_>>().await);
}

/// The texts of the select, once it says that they are all.
async fn select_in_pieces(store: &ClickHouseStore) -> Result<Vec<String>, StoreError> {
    let (sender, mut receiver) = mpsc::channel(1);
    let select = async {
        let mut session = store.backend().session().await?;
        let selected = session.select_in_pieces(SELECT, &[], &sender).await;
        drop(sender);
        selected
    };
    let receive = async {
        let mut texts = Vec::new();
        while let Some(piece) = receiver.recv().await {
            texts.extend(piece);
        }
        texts
    };
    let (selected, texts) = tokio::join!(select, receive);
    selected.map(|()| texts)
}

async fn check_next(store: &ClickHouseStore, fault: &Fault) {
    let next = ends(store.backend().select_texts("SELECT 'next'", &[])).await;
    assert_eq!(next.unwrap_or_else(|error| panic!("{fault:?}: the next operation: {error}")), ["next"], "{fault:?}");
}

/// A sweep whose faults break nothing has tested nothing.
fn count_broken(broken: &[bool]) {
    let count = broken.iter().filter(|broken| **broken).count();
    println!("{count} of {} operations broken", broken.len());
    assert!(count > 0 && count * 10 >= broken.len() * 4, "only {count} of {} operations met their fault", broken.len());
}

/// Points at regular intervals in either direction.
fn places(traffic: Traffic, to_server: usize, to_client: usize) -> impl Iterator<Item = Place> {
    let every =
        |direction: Direction, bytes: u64, step| (0..=bytes).step_by(step).map(move |at| Place::Bytes(direction, at));
    every(ToServer, traffic.to_server, to_server).chain(every(ToClient, traffic.to_client, to_client))
}

fn stages(statement: &'static str) -> Vec<Fault> {
    let stages = [
        Stage::Connect,
        Stage::Hello,
        Stage::AfterQuery(statement),
        Stage::MidData(statement),
        Stage::BeforeEndOfStream(statement),
    ];
    let places = stages.into_iter().map(Place::Stage);
    places.flat_map(|place| [Fault::Cut(place.clone()), Fault::Stall(place)]).collect()
}

/// Bytes of an insert on its own connection.
async fn insert_traffic(server: &Server) -> Traffic {
    let proxy = server.proxy().await;
    let batch = batch(1_000_000, ROWS);
    server.store_behind_within(&proxy, NEVER).insert(batch).await.unwrap();
    proxy.traffic()[0]
}

/// Bytes of a select on its own connection.
async fn select_traffic(server: &Server) -> Traffic {
    let proxy = server.proxy().await;
    server.store_behind_within(&proxy, NEVER).backend().select_texts(SELECT, &[]).await.unwrap();
    proxy.traffic()[0]
}

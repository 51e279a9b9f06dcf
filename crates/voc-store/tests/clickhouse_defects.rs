//! Defects of klickhouse that must not reach the store's callers: one test for each.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;

use std::{sync::Arc, time::Duration};

use clickhouse_support::{NEVER, Server, batch, ends, stored, text};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use voc_store::{
    EventStore, SqlBackend, StoreError,
    clickhouse::{ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts},
};
use voc_testkit::{
    endpoint::{Account, Accounts, Endpoint},
    proxy::{Fault, Place, Stage},
    requirements::engine_or_skip,
};

fn stages(statement: &'static str) -> [Stage; 3] {
    [Stage::AfterQuery(statement), Stage::MidData(statement), Stage::BeforeEndOfStream(statement)]
}

/// klickhouse: `Ok`, but the rows are lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_an_insert_is_an_error() {
    let Some(server) = Server::start("defect_insert").await else { return };
    server.create_samples().await;
    for (first, stage) in (0..).step_by(100).zip(stages("INSERT")) {
        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        proxy.inject(Fault::Cut(Place::Stage(stage.clone())));
        let batch = batch(first, 100);
        let error = ends(store.insert(batch.clone())).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{stage:?}: {error:?}");
        ends(store.insert(batch.clone())).await.unwrap();
        assert_eq!(stored(&store, &batch).await, (100, 100), "{stage:?}");
    }
}

/// klickhouse: `Ok`, with only the rows that came before the cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_a_select_is_an_error() {
    let Some(server) = Server::start("defect_select").await else { return };
    let sql = "SELECT toString(number) FROM numbers(200000)";
    let select_of_many_blocks = stages("SELECT toString");
    for stage in select_of_many_blocks {
        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        proxy.inject(Fault::Cut(Place::Stage(stage.clone())));
        let error = ends(store.backend().select_texts(sql, &[])).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{stage:?}: {error:?}");
        assert_eq!(ends(store.backend().select_texts(sql, &[])).await.unwrap().len(), 200_000, "{stage:?}");
    }
}

/// klickhouse: clones of a client that work concurrently receive each other's bytes, or hang.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_operations_do_not_mix() {
    let Some(server) = Server::start("defect_mix").await else { return };
    server.create_samples().await;
    let proxy = server.proxy().await;
    let config = server.config_behind(&proxy).with_connections(4);
    let timeouts = ClickHouseTimeouts { wait: NEVER, insert: NEVER, query: NEVER, connect: NEVER };
    let store = ClickHouseStore::connect(config.with_timeouts(timeouts));
    let operations = (0..120_i64).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            if number % 3 == 0 {
                store.insert(batch(number * 10, 10)).await.unwrap();
            } else {
                let sql = format!("SELECT concat(toString(number), '/{number}') FROM numbers(5000)");
                let texts = store.backend().select_texts(&sql, &[]).await.unwrap();
                assert_eq!(texts.len(), 5000);
                assert!(texts.iter().enumerate().all(|(row, text)| *text == format!("{row}/{number}")));
            }
        })
    });
    for operation in ends(join_all(operations)).await {
        operation.unwrap();
    }
    assert_eq!(text(&store, "SELECT toString(uniqExact(id)) FROM samples").await, "400");
    assert!(proxy.traffic().len() <= 4, "{} connections for a pool of 4", proxy.traffic().len());
}

/// klickhouse: the next call on the client hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_operation_does_not_harm_the_next() {
    let Some(server) = Server::start("defect_dropped").await else { return };
    server.create_samples().await;
    for (first, stage) in (0..).step_by(100).zip(stages("INSERT")) {
        let proxy = server.proxy().await;
        let config = server.config_behind(&proxy).with_connections(1);
        let store = ClickHouseStore::connect(config);
        proxy.inject(Fault::Stall(Place::Stage(stage.clone())));
        let batch = batch(first, 100);
        let dropped = store.insert(batch.clone());
        tokio::select! {
            result = dropped => panic!("{stage:?}: a stalled insert ended: {result:?}"),
            () = proxy.broken(1) => {}
        }
        assert_eq!(text(&store, "SELECT 'next'").await, "next", "{stage:?}");
        store.insert(batch.clone()).await.unwrap();
        assert_eq!(stored(&store, &batch).await, (100, 100), "{stage:?}");
    }
    for stage in stages("SELECT toString") {
        let proxy = server.proxy().await;
        let store = ClickHouseStore::connect(server.config_behind(&proxy).with_connections(1));
        proxy.inject(Fault::Stall(Place::Stage(stage.clone())));
        let dropped = store.backend().select_texts("SELECT toString(number) FROM numbers(200000)", &[]);
        tokio::select! {
            result = dropped => panic!("{stage:?}: a stalled select ended: {result:?}"),
            () = proxy.broken(1) => {}
        }
        assert_eq!(text(&store, "SELECT 'next'").await, "next", "{stage:?}");
    }
}

/// klickhouse: no timeouts at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_a_time_out_and_the_next_operation_works() {
    let Some(server) = Server::start("defect_silent").await else { return };
    server.create_samples().await;
    let proxy = server.proxy().await;
    let store = server.store_behind(&proxy);
    let batch = batch(0, 100);

    proxy.inject(Fault::Stall(Place::Stage(Stage::Connect)));
    let error = ends(store.insert(batch.clone())).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { operation: "connecting to ClickHouse", .. }), "{error:?}");
    proxy.inject(Fault::Stall(Place::Stage(Stage::BeforeEndOfStream("INSERT"))));
    let error = ends(store.insert(batch.clone())).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { operation: "an insert", .. }), "{error:?}");
    store.insert(batch.clone()).await.unwrap();
    assert_eq!(stored(&store, &batch).await, (100, 100));
}

/// klickhouse: the task behind a client waits for the server forever, and keeps the connection open.
#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_connection_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let given_up = tokio::spawn(first_error(port));
    let (mut silent, _) = listener.accept().await.unwrap();
    // Ends when the client closes.
    ends(tokio::io::copy(&mut silent, &mut tokio::io::sink())).await.unwrap();
    let error = given_up.await.unwrap();
    assert!(matches!(error, StoreError::TimedOut { .. }), "{error:?}");
}

/// klickhouse's pool: an error or a dropped future returns a bad client to the pool.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_connection_whose_operation_succeeded_is_reused() {
    let Some(server) = Server::start("defect_pool").await else { return };
    let proxy = server.proxy().await;
    let store = ClickHouseStore::connect(server.config_behind(&proxy).with_connections(1));
    for _ in 0..5 {
        assert_eq!(text(&store, "SELECT 'good'").await, "good");
    }
    assert_eq!(proxy.traffic().len(), 1);
    store.backend().select_texts("SELECT (", &[]).await.unwrap_err();
    assert_eq!(text(&store, "SELECT 'good'").await, "good");
    assert_eq!(proxy.traffic().len(), 2);

    // All connections in use: the wait for one is limited, too.
    let limit = Duration::from_millis(300);
    let timeouts = ClickHouseTimeouts { wait: limit, ..ClickHouseTimeouts::default() };
    let busy = ClickHouseStore::connect(server.config_behind(&proxy).with_connections(1).with_timeouts(timeouts));
    proxy.inject(Fault::Stall(Place::Stage(Stage::AfterQuery("SELECT 'stalled'"))));
    let stalled = tokio::spawn({
        let busy = busy.clone();
        async move { busy.backend().select_texts("SELECT 'stalled'", &[]).await }
    });
    proxy.broken(1).await;
    let error = ends(busy.backend().select_texts("SELECT 'waits'", &[])).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(reason) if reason.contains("300ms")), "{error:?}");
    stalled.abort();
    drop(stalled.await);
    assert_eq!(text(&busy, "SELECT 'free'").await, "free");
}

/// klickhouse: "channel closed".
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_names_user_and_host_and_not_the_password() {
    let Some(engine) = engine_or_skip() else { return };
    let accounts = Accounts::new([Account::new("ana", "open sesame"), Account::new("reader", "r").read_only()]);
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), accounts).unwrap();
    let config = ClickHouseConfig::at("127.0.0.1", endpoint.address().port());
    let store = |user: &str, password: &str| ClickHouseStore::connect(config.clone().with_user(user, password));

    assert_eq!(text(&store("ana", "open sesame"), "SELECT 'in'").await, "in");
    for (user, password) in [("ana", "wrong horse"), ("nobody", "wrong horse"), ("ana", "")] {
        let error = ends(store(user, password).backend().select_texts("SELECT 'in'", &[])).await.unwrap_err();
        let StoreError::Misconfigured(message) = error else { panic!("{error:?}") };
        assert!(message.contains(user) && message.contains("127.0.0.1:"), "{message}");
        assert!(!message.contains("horse"), "{message}");
    }

    // A read-only user can read, with parameters; anything it may not do is denied.
    let reader = store("reader", "r");
    let params = [voc_store::Param::new("x", "it's")];
    assert_eq!(reader.backend().select_texts("SELECT {x:String}", &params).await.unwrap(), ["it's"]);
    let error = reader.backend().execute("CREATE TABLE t (a UInt8) ENGINE = Memory", &[]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Denied(message) if message.contains("reader")), "{error:?}");
    let nowhere = ClickHouseStore::connect(config.clone().with_user("ana", "open sesame").with_database("nowhere"));
    let error = nowhere.backend().select_texts("SELECT 'in'", &[]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Misconfigured(message) if message.contains("\"nowhere\"")), "{error:?}");
}

/// klickhouse: "channel closed", or it waits forever.
#[tokio::test(flavor = "multi_thread")]
async fn an_http_port_is_recognised() {
    // One server answers any bytes at once, the other only a complete request.
    for waits_for_request in [false, true] {
        let port = serve(move |mut stream| async move {
            let mut request = Vec::new();
            let mut byte = [0];
            while waits_for_request && !request.ends_with(b"\r\n\r\n") {
                if stream.read(&mut byte).await? == 0 {
                    return Ok(());
                }
                request.push(byte[0]);
            }
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await?;
            drain(stream).await
        })
        .await;
        let error = first_error(port).await;
        let StoreError::Misconfigured(message) = error else { panic!("{error:?}") };
        assert!(
            message.contains("HTTP") && message.contains("9000") && message.contains(&port.to_string()),
            "{message}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_too_old_is_reported() {
    for (minor, is_refused) in [(7, true), (8, false)] {
        let port = serve(move |mut stream| async move {
            let hello =
                [&[0, 2][..], b"CH", &[24, minor], &[0xb0, 0xa9, 0x03], &[3], b"UTC", &[1], b"x", &[1]].concat();
            stream.read_u8().await?;
            stream.write_all(&hello).await?;
            drain(stream).await
        })
        .await;
        let error = first_error(port).await;
        let refused = matches!(&error, StoreError::Misconfigured(message) if message.contains("24.7") && message.contains("24.8"));
        assert_eq!(refused, is_refused, "{error:?}");
    }
}

/// A restarted server: connections that died with it are not reused.
#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_reached_again() {
    let Some(server) = Server::start("defect_away").await else { return };
    let proxy = server.proxy().await;
    let store = server.store_behind(&proxy);
    assert_eq!(text(&store, "SELECT 'before'").await, "before");
    proxy.refuse().await;
    proxy.cut();
    for _ in 0..3 {
        let error = ends(store.backend().select_texts("SELECT 'away'", &[])).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    proxy.resume().await.unwrap();
    assert_eq!(text(&store, "SELECT 'after'").await, "after");
}

/// A server that serves one connection at a time.
async fn serve<F: Future<Output = std::io::Result<()>> + Send>(
    talk: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = Arc::new(talk);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client may disconnect at any time.
            drop(talk(stream).await);
        }
    });
    port
}

/// Reads until the client closes: closing with unread bytes would discard what was written.
async fn drain(mut stream: TcpStream) -> std::io::Result<()> {
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop)
}

async fn first_error(port: u16) -> StoreError {
    let soon = Duration::from_secs(1);
    let timeouts = ClickHouseTimeouts { connect: soon, wait: soon, insert: soon, query: soon };
    let store = ClickHouseStore::connect(ClickHouseConfig::at("127.0.0.1", port).with_timeouts(timeouts));
    ends(store.backend().select_texts("SELECT 'x'", &[])).await.unwrap_err()
}

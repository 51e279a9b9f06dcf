//! Inserts use sessions that are as old as what they rely on, because the server may have died since, and forgotten
//! what it knew.

mod clickhouse_support;

use std::time::Instant;

use async_trait::async_trait;
use clickhouse_support::{Server, batch, ends, stored};
use voc_store::{
    Block, DeadLetter, EventStore, Param, ReinsertOutcome, SqlBackend, SqlSession, SqlStore, StoreError,
    clickhouse::{ClickHouse, ClickHouseStore},
};
use voc_testkit::proxy::FaultProxy;

#[tokio::test(flavor = "multi_thread")]
async fn a_reinsert_inserts_only_on_the_connection_that_read_back() {
    let Some(server) = Server::start("session_reinsert").await else { return };
    server.create_samples().await;
    let store = SqlStore::new(CutAfterReading::new(&server).await);
    let batch = batch(0, 60);
    let error = ends(store.reinsert(batch.clone())).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(stored(&server.store(), &batch).await, (0, 0), "inserted on a connection that has not read back");

    let reinserted = ends(server.store().reinsert(batch.clone())).await.unwrap();
    assert_eq!(reinserted, ReinsertOutcome { found: 0, inserted: 60, healed: 0, ..ReinsertOutcome::default() });
    assert_eq!(stored(&server.store(), &batch).await, (60, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_inserted_only_on_the_connection_that_read_back() {
    let Some(server) = Server::start("session_letters").await else { return };
    voc_store::Migrator::new(&server.store(), voc_store::PartitionBy::Month).up().await.unwrap();
    let dead_letter = DeadLetter {
        family: "voc",
        error_type: "empty".to_owned(),
        error: String::new(),
        path: "$".to_owned(),
        tenant_id: String::new(),
        topic: "voc.events".to_owned(),
        partition: 0,
        epoch: 0,
        offset: 7,
        key: None,
        payload: None,
        headers: Vec::new(),
        failed_at: voc_events::Timestamp::from_millis(0),
    };
    let store = SqlStore::new(CutAfterReading::new(&server).await);
    let error = ends(store.insert_dead_letters([dead_letter.clone()].into())).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let count = "SELECT toString(count()) FROM dead_letters";
    assert_eq!(clickhouse_support::text(&server.store(), count).await, "0");
    ends(server.store().insert_dead_letters([dead_letter].into())).await.unwrap();
    assert_eq!(clickhouse_support::text(&server.store(), count).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_batch_uses_only_a_connection_older_than_its_declaration() {
    let Some(server) = Server::start("session_declared").await else { return };
    server.create_samples().await;
    let proxy = server.proxy().await;
    let store = server.store_behind(&proxy);
    let is_refused = |outcome: Result<(), StoreError>| matches!(outcome, Err(StoreError::NoSession));

    let cold = batch(0, 60);
    assert!(is_refused(ends(store.insert_declared(cold.clone(), Instant::now())).await));
    assert_eq!(proxy.traffic().len(), 0, "there is no connection, and none to be opened");

    let before = Instant::now();
    store.ping().await.unwrap();
    assert!(is_refused(ends(store.insert_declared(cold.clone(), before)).await), "the connection is too young");
    ends(store.insert_declared(cold.clone(), Instant::now())).await.unwrap();
    assert_eq!(stored(&store, &cold).await, (60, 60));

    // As when the server dies and restarts: the connections are gone, new ones are young.
    let declared_at = Instant::now();
    let late = batch(100, 60);
    proxy.cut();
    let error = ends(store.insert_declared(late.clone(), declared_at)).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSession | StoreError::Unavailable(_)), "{error}");
    while store.ping().await.is_err() {}
    assert!(is_refused(ends(store.insert_declared(late.clone(), declared_at)).await));
    assert_eq!(stored(&server.store(), &late).await, (0, 0));
    assert_eq!(ends(store.reinsert(late.clone())).await.unwrap().inserted, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_after_batch_uses_the_oldest_connection() {
    let Some(server) = Server::start("session_warm").await else { return };
    server.create_samples().await;
    let proxy = server.proxy().await;
    let store: ClickHouseStore = server.store_behind(&proxy);
    store.ping().await.unwrap();
    let declared_at = Instant::now();
    // While that connection is in use another one is opened; it is returned later, and used for queries first.
    let old = store.backend().session().await.unwrap();
    let mut young = store.backend().session().await.unwrap();
    young.select_texts("SELECT 'young'", &[]).await.unwrap();
    drop(old);
    drop(young);
    for number in 0..20 {
        ends(store.insert_declared(batch(number * 60, 60), declared_at)).await.unwrap();
        store.ping().await.unwrap();
    }
    assert_eq!(proxy.traffic().len(), 2, "connections are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_is_found_although_every_refusal_ends_its_session() {
    let Some(server) = Server::start("session_isolate").await else { return };
    server.create_samples().await;
    let store = server.store();
    let constraint = "ALTER TABLE samples ADD CONSTRAINT not_42 CHECK source_offset != 42";
    store.backend().execute(constraint, &[]).await.unwrap();
    let batch = batch(0, 60);
    let isolated = ends(store.isolate(batch.clone())).await.unwrap();
    let refused: Vec<i64> = isolated.refused.iter().map(|row| row.offset).collect();
    assert_eq!((refused, isolated.stored.inserted), (vec![42], 59));
    assert!(isolated.refused[0].error.contains("not_42"), "{}", isolated.refused[0].error);
    assert_eq!(stored(&store, &batch).await, (59, 59));
}

/// A server behind a proxy that cuts all connections after the first read.
struct CutAfterReading {
    server: ClickHouse,
    proxy: FaultProxy,
}

impl CutAfterReading {
    async fn new(server: &Server) -> Self {
        let proxy = server.proxy().await;
        Self { server: ClickHouse::new(server.config_behind(&proxy)), proxy }
    }
}

struct CutSession<'b> {
    session: Box<dyn SqlSession + 'b>,
    proxy: &'b FaultProxy,
}

#[async_trait]
impl SqlBackend for CutAfterReading {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        Ok(Box::new(CutSession { session: self.server.session().await?, proxy: &self.proxy }))
    }

    async fn session_open_at(&self, _: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl SqlSession for CutSession<'_> {
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        self.session.execute(sql, params).await
    }

    async fn select_texts(&mut self, sql: &str, params: &[Param]) -> Result<Vec<String>, StoreError> {
        let texts = self.session.select_texts(sql, params).await;
        // Connections opened from now on are not cut.
        self.proxy.cut();
        texts
    }

    async fn insert(&mut self, block: &Block) -> Result<(), StoreError> {
        self.session.insert(block).await
    }
}

//! Reads: what they carry beside their text, and what happens when their connection breaks.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;

use std::time::Duration;

use clickhouse_support::{Server, ends};
use voc_events::{Family as _, TenantId, Timestamp, voc::Voc};
use voc_store::{
    Buckets, Cell, Dimension, Direction, EventQueries, Granularity, LedgerFilter, Metric, Migrator, PartitionBy,
    Period, Query, ReadMeter, SqlBackend, StoreError, TenantScope, WeekStart,
    clickhouse::{ClickHouseConfig, ClickHouseStore},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    proxy::{Fault, Place, Stage},
    requirements::engine_or_skip,
};

/// How every statement of a question begins.
const READ: &str = "SELECT formatRowNoNewline";

async fn filled(name: &str) -> Option<Server> {
    let server = Server::start(name).await?;
    let store = server.store();
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let rows = "INSERT INTO voc_events (event_id, tenant_id, event_type, ts) \
        SELECT generateUUIDv4(number), 'acme', 'call', '2026-03-02 00:00:00' FROM numbers(7)";
    store.backend().execute(rows, &[]).await.unwrap();
    Some(server)
}

fn question() -> Query {
    let since = Timestamp::from_millis(1_772_323_200_000);
    let march = Period { since, until: Timestamp::from_millis(since.as_millis() + 31 * 86_400_000) };
    Query::new(Voc::TABLE, TenantScope::All, march).metric(Metric::parse(&Voc::TABLE, "event_count").unwrap())
}

async fn count(store: &ClickHouseStore) -> Result<Option<i64>, StoreError> {
    Ok(ends(store.query(&question())).await?.rows[0][0].integer())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_whose_connection_breaks_is_asked_once_more_over_another() {
    let Some(server) = filled("reads_cut").await else { return };
    for stage in [Stage::AfterQuery(READ), Stage::MidData(READ), Stage::BeforeEndOfStream(READ)] {
        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        let cut = Fault::Cut(Place::Stage(stage));
        proxy.inject(cut.clone());
        assert_eq!(count(&store).await.unwrap(), Some(7), "{cut:?}");
        assert_eq!(proxy.traffic().len(), 2, "{cut:?}");

        let proxy = server.proxy().await;
        let store = server.store_behind(&proxy);
        proxy.set(Some(cut.clone()));
        let error = count(&store).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{cut:?}: {error}");
        assert_eq!(proxy.traffic().len(), 2, "{cut:?}: not for ever");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_a_read_of_the_ledger() {
    let Some(server) = filled("reads_ledger").await else { return };
    let proxy = server.proxy().await;
    let store = server.store_behind(&proxy);
    proxy.inject(Fault::Cut(Place::Stage(Stage::AfterQuery(READ))));
    assert_eq!(ends(store.ledger(&LedgerFilter::default())).await.unwrap(), []);
    assert_eq!(proxy.traffic().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_or_is_refused_is_not_asked_again() {
    let Some(server) = filled("reads_once").await else { return };
    let proxy = server.proxy().await;
    let store = server.store_behind_within(&proxy, Duration::from_secs(2));
    proxy.inject(Fault::Stall(Place::Stage(Stage::AfterQuery(READ))));
    let error = count(&store).await.unwrap_err();
    assert!(matches!(error, StoreError::TimedOut { .. }), "{error}");
    assert_eq!(proxy.traffic().len(), 1);

    let proxy = server.proxy().await;
    let store = server.store_behind(&proxy);
    server.store().backend().execute("DROP TABLE voc_events SYNC", &[]).await.unwrap();
    let error = count(&store).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { .. }), "{error}");
    assert_eq!(proxy.traffic().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_carries_its_tenants_and_its_time_limit_and_nothing_of_them_stays() {
    let Some(server) = Server::start("reads_settings").await else { return };
    let proxy = server.proxy().await;
    let store = server.store_behind_within(&proxy, Duration::from_millis(9_500));
    let sql = "SELECT concat(getSetting('log_comment'), ' ', toString(getSetting('max_execution_time')))";
    let silent = store.backend().select_texts(sql, &[]).await.unwrap();
    let tenants = ["acme", "a \"b\" \\ 'c'"].map(|tenant| TenantId::new(tenant).unwrap());
    for (tenants, carried) in [
        (TenantScope::All, r#"{"tenants":"*"} 10"#),
        (TenantScope::Only(Vec::new()), r#"{"tenants":[]} 10"#),
        (TenantScope::Only(tenants.into()), r#"{"tenants":["acme","a \"b\" \\ 'c'"]} 10"#),
    ] {
        let mut session = store.backend().reading(&tenants, &ReadMeter::default()).await.unwrap();
        assert_eq!(session.select_texts(sql, &[]).await.unwrap(), [carried]);
        drop(session);
        assert_eq!(store.backend().select_texts(sql, &[]).await.unwrap(), silent);
    }
    assert_eq!(proxy.traffic().len(), 1, "all of them used the same connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_statements_may_carry_nothing_is_explained() {
    let Some(server) = filled("reads_nothing").await else { return };
    let store = server.store();
    // Of the connection, which stands for the user's profile.
    store.backend().execute("SET readonly = 1", &[]).await.unwrap();
    match count(&store).await.unwrap_err() {
        StoreError::Misconfigured(message) => assert!(message.contains("set readonly = 2"), "{message}"),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_gives_up_a_read_at_its_time_limit() {
    let Some(engine) = engine_or_skip() else { return };
    let endpoint = Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
    let mut config = ClickHouseConfig::at("127.0.0.1", endpoint.address().port());
    config.timeouts.query = Duration::from_secs(1);
    let store = ClickHouseStore::connect(config);
    let mut session = store.backend().reading(&TenantScope::All, &ReadMeter::default()).await.unwrap();
    let endless = "SELECT toString(count()) FROM system.numbers";
    let error = ends(session.select_texts(endless, &[])).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    drop(session);
    // The endpoint serves a connection until its statement ends, and does not notice that nobody waits for it.
    ends(async {
        while endpoint.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// A look for versions is refused if it is too much work, and the question goes on with the same server.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_can_be_used_after_a_refusal_to_read_too_much() {
    let Some(server) = Server::start("reads_refusals").await else { return };
    let store = server.store();
    let mut session = store.backend().reading(&TenantScope::All, &ReadMeter::default()).await.unwrap();
    let sql = "SELECT toString(number) FROM numbers(100)";
    let error = session.select_texts_of_all(&format!("{sql} SETTINGS max_rows_to_read = 10"), &[]).await.unwrap_err();
    assert!(matches!(error, StoreError::Rejected { code: 158, .. }), "{error}");
    assert_eq!(ends(session.select_texts(sql, &[])).await.unwrap().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_be_of_as_many_groups_as_there_are() {
    let Some(server) = filled("reads_pages").await else { return };
    let store = server.store();
    let rows = "INSERT INTO voc_events (event_id, tenant_id, event_type, ts, call_id) SELECT generateUUIDv4(number), \
        'acme', 'call', '2026-03-03 00:00:00', concat('it''s call ', leftPad(toString(number), 30, '0')) \
        FROM numbers(50000)";
    store.backend().execute(rows, &[]).await.unwrap();
    let calls = question().of_many_groups().dimension(Dimension::parse(&Voc::TABLE, "call_id").unwrap());
    let calls = calls.metric(Metric::parse(&Voc::TABLE, "first_event").unwrap());
    let calls = calls.order_by("first_event", Direction::Descending).unwrap();
    for limit in [10, 1000, 10_000] {
        let page = ends(store.query(&calls.clone().limit(limit))).await.unwrap();
        assert_eq!((page.rows.len(), page.truncated), (limit, true));
    }
}

/// The starts of buckets are part of a statement, whose length the server limits.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_has_as_many_buckets_as_there_may_be() {
    let Some(server) = filled("reads_buckets").await else { return };
    // Its hours begin at half past, and no arithmetic of multiples finds them.
    let hours = Buckets::new(Granularity::Hour, "Asia/Kolkata", WeekStart::Monday).unwrap();
    let until = Timestamp::from_millis(1_772_323_200_000 + 86_400_000 * 30);
    let since = Timestamp::from_millis(until.as_millis() - 3_600_000 * 19_990);
    let query = question().during(Period { since, until }).dimension(Dimension::Time(hours));
    let answer = ends(server.store().query(&query)).await.unwrap();
    // 2026-03-02T00:00:00Z is half past five there.
    let start = Timestamp::from_millis(1_772_409_600_000 - 1_800_000);
    assert_eq!(answer.rows, [vec![Cell::Time(start), Cell::Integer(7)]]);
}

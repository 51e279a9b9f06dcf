//! Several servers with the same rows: connections go to one that can be reached.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use voc_events::families;
use voc_store::{
    Migrator, Param, PartitionBy, SqlBackend as _, StoreError, TableLayout,
    clickhouse::{ClickHouse, ClickHouseConfig, ClickHouseStore},
};
use voc_testkit::{
    endpoint::{Account, Accounts, Endpoint},
    requirements::{TestEngine, engine_or_skip},
};

fn endpoint(test: &TestEngine, listen: &str, accounts: Accounts) -> Endpoint {
    Endpoint::on_engine(listen, test.engine().clone(), accounts).unwrap()
}

async fn answer(server: &ClickHouse) -> Result<Vec<String>, StoreError> {
    server.select_texts("SELECT 'ok'", &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_replaced_and_taken_back_when_the_other_is_gone() {
    let Some(test) = engine_or_skip() else { return };
    let first = endpoint(&test, "127.0.0.1:0", Accounts::default());
    let second = endpoint(&test, "127.0.0.1:0", Accounts::default());
    let (at_first, at_second) = (first.address(), second.address());
    let others = vec![("no-such-host.invalid".to_owned(), 9000), ("127.0.0.1".to_owned(), at_second.port())];
    let config = ClickHouseConfig::at("127.0.0.1", at_first.port()).with_others(others);
    let server = ClickHouse::new(config);
    assert_eq!(answer(&server).await.unwrap(), ["ok"]);
    first.stop();
    assert_eq!(answer(&server).await.unwrap(), ["ok"]);
    // What could be reached last is asked first, so the dead one costs no time.
    assert_eq!(answer(&server).await.unwrap(), ["ok"]);
    let first = endpoint(&test, &at_first.to_string(), Accounts::default());
    second.stop();
    assert_eq!(answer(&server).await.unwrap(), ["ok"]);

    first.stop();
    let error = answer(&server).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    for address in [&at_first.to_string(), "no-such-host.invalid:9000", &at_second.to_string()] {
        assert!(error.to_string().contains(address), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_is_not_passed_over() {
    let Some(test) = engine_or_skip() else { return };
    let strict = endpoint(&test, "127.0.0.1:0", Accounts::new([Account::new("ana", "open sesame")]));
    let open = endpoint(&test, "127.0.0.1:0", Accounts::default());
    let others = vec![("127.0.0.1".to_owned(), open.address().port())];
    let config = ClickHouseConfig::at("127.0.0.1", strict.address().port()).with_user("ana", "wrong");
    let error = answer(&ClickHouse::new(config.with_others(others))).await.unwrap_err();
    assert!(!error.is_retryable(), "a wrong password would go unnoticed: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_with_tables_of_their_own_are_refused() {
    let Some(test) = engine_or_skip() else { return };
    let server = endpoint(&test, "127.0.0.1:0", Accounts::default());
    let port = server.address().port();
    let config = ClickHouseConfig::at("127.0.0.1", port).with_database(test.fresh_database());
    let alone = ClickHouseStore::connect(config.clone());
    alone.backend().create_database().await.unwrap();
    Migrator::new(&alone, PartitionBy::Month).tables(&families::tables()).up().await.unwrap();
    alone.check_replication(&families::tables()).await.unwrap();

    let several = ClickHouseStore::connect(config.with_others(vec![("127.0.0.1".to_owned(), port)]));
    let error = several.check_replication(&families::tables()).await.unwrap_err().to_string();
    assert!(error.contains("voc_events is not replicated") && error.contains("CLICKHOUSE_CLUSTER"), "{error}");
}

/// A cluster cannot run here; its statements are those of the files, changed, and the engine understands them.
#[tokio::test(flavor = "multi_thread")]
async fn the_engine_understands_the_statements_for_a_cluster() {
    let Some(test) = engine_or_skip() else { return };
    let server = endpoint(&test, "127.0.0.1:0", Accounts::default());
    let layout = TableLayout::default().on_cluster("production").with_storage_policy("tiered");
    let config = ClickHouseConfig::at("127.0.0.1", server.address().port()).with_layout(layout);
    let store = ClickHouseStore::connect(config);
    let plan = Migrator::new(&store, PartitionBy::TenantMonth).tables(&families::tables()).plan_from_nothing();
    let (mut tables, mut replicated, mut renamed_or_dropped) = (0, 0, 0);
    for statement in plan.iter().flat_map(|migration| &migration.statements) {
        let sql = &statement.sql;
        tables += sql.matches("CREATE TABLE").count();
        replicated += sql
            .matches("ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}'")
            .count();
        assert!(!sql.contains("ENGINE = ReplacingMergeTree") && !sql.contains("non_replicated"), "{sql}");
        assert_eq!(
            sql.contains("CREATE TABLE"),
            sql.contains("TABLE IF NOT EXISTS") && sql.contains("ON CLUSTER"),
            "{sql}"
        );
        let is_about_tables = |line: &&str| line.starts_with("RENAME TABLE ") || line.starts_with("DROP TABLE ");
        for line in sql.lines().filter(is_about_tables) {
            assert!(line.ends_with(" ON CLUSTER 'production'"), "{sql}");
            renamed_or_dropped += 1;
        }
        let with_policy = "storage_policy = 'tiered', replicated_deduplication_window = 10000";
        assert_eq!(
            sql.matches("replicated_deduplication_window = ").count(),
            sql.matches(with_policy).count(),
            "{sql}"
        );
        // Its text as the engine would write it, or an error.
        let params = [Param::new("sql", sql)];
        let formatted = store.backend().select_texts("SELECT formatQuery({sql:String})", &params).await.unwrap();
        assert!(!formatted[0].is_empty(), "{sql}");
    }
    assert!(tables >= 9, "{tables}");
    assert_eq!(tables, replicated);
    assert!(renamed_or_dropped >= 5, "{renamed_or_dropped}");
}

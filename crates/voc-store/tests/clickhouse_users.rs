//! The users that `setup_sql` creates, as the engine enforces their rights: each claim beside what shows that it is
//! the user's rights that matter.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail this way")]

use std::{
    path::Path,
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use voc_events::{Family as _, TenantId, Timestamp, families, product::Product, quality::Quality, voc::Voc};
use voc_store::{
    Dimension, EventQueries, EventStore, LedgerFilter, Metric, Migrator, Param, PartitionBy, Period, Query, ReadMeter,
    SqlBackend, StatementQueries, StoreError, TenantScope,
    clickhouse::{ClickHouseConfig, ClickHouseStore, setup_sql},
    embedded::{Engine, EngineError},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::not_run,
    users::configuration_of,
};

const DATABASE: &str = "voc";
const READER: &str = "voc_query";
const WRITER: &str = "voc_processor";

/// Rows of each tenant in each table, as [`fill`] makes them.
const ROWS: [(&str, u64); 3] = [("acme", 100), ("globex", 20), ("it's \"*\"", 3)];

/// A server on a data directory. A process has one at a time.
struct Server {
    store: ClickHouseStore,
    folder: TempDir,
    endpoint: Endpoint,
    turn: MutexGuard<'static, ()>,
}

impl Server {
    /// With a user who may do everything. `None` if there is no engine.
    async fn start() -> Option<Self> {
        static TURN: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);
        let (turn, folder) = (TURN.lock().await, TempDir::new().unwrap());
        loop {
            match Engine::open(folder.path()) {
                Ok(engine) => return Some(Self::of(engine, folder, turn)),
                // The last test's directory is free once the threads of its connections have ended.
                Err(EngineError::OtherDirectoryOpen { .. }) => std::thread::yield_now(),
                Err(error @ EngineError::LibraryMissing(_)) => {
                    not_run(error);
                    return None;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn of(engine: Engine, folder: TempDir, turn: MutexGuard<'static, ()>) -> Self {
        let endpoint = Endpoint::on_engine("127.0.0.1:0", engine, Accounts::default()).unwrap();
        let config = ClickHouseConfig::at("127.0.0.1", endpoint.address().port()).with_database(DATABASE);
        Self { store: ClickHouseStore::connect(config), folder, endpoint, turn }
    }

    /// The same data, with another user.
    fn restart_as(self, user: &str) -> Self {
        self.restart_set_up(&setup_sql(DATABASE, &families::tables()), user)
    }

    /// The same data, with a user of other statements.
    fn restart_set_up(self, statements: &[String], user: &str) -> Self {
        let Self { store, folder, endpoint, turn } = self;
        drop(store);
        endpoint.stop();
        let configuration = configuration_of(statements, user, folder.path());
        Self::of(reopen(folder.path(), &configuration), folder, turn)
    }

    /// A count that a statement about tenants sees.
    async fn count(&self, tenants: &TenantScope, sql: &str) -> u64 {
        self.count_with(tenants, sql, "").await
    }

    /// The same with settings in the text.
    async fn count_with(&self, tenants: &TenantScope, sql: &str, settings: &str) -> u64 {
        let mut session = self.store.backend().reading(tenants, &ReadMeter::default()).await.unwrap();
        let found = session.select_texts(&format!("SELECT toString({sql}){settings}"), &[]).await;
        found.unwrap_or_else(|error| panic!("{sql}: {error}")).concat().parse().unwrap()
    }

    /// Why a statement about acme is refused.
    async fn refusal(&self, sql: &str) -> String {
        let mut session = self.store.backend().reading(&only(&["acme"]), &ReadMeter::default()).await.unwrap();
        let outcome = if sql.starts_with("SELECT") {
            session.select_texts(sql, &[]).await.map(|texts| format!("{texts:?}"))
        } else {
            session.execute(sql, &[]).await.map(|()| "done".to_owned())
        };
        match outcome {
            Err(
                StoreError::Denied(message) | StoreError::Misconfigured(message) | StoreError::Rejected { message, .. },
            ) => message,
            other => panic!("{sql}: not refused: {other:?}"),
        }
    }
}

/// The directory is free once the connections' threads have ended.
fn reopen(directory: &Path, configuration: &Path) -> Engine {
    loop {
        match Engine::open_configured(directory, configuration) {
            Ok(engine) => return engine,
            Err(EngineError::OtherDirectoryOpen { .. }) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn only(tenants: &[&str]) -> TenantScope {
    TenantScope::Only(tenants.iter().map(|tenant| TenantId::new(tenant).unwrap()).collect())
}

/// The time of all rows. Tables may drop old ones, so it depends on the day.
fn period() -> Period {
    let now = Timestamp::from(SystemTime::now()).as_millis();
    let month = 30 * 86_400_000;
    Period { since: Timestamp::from_millis(now - month), until: Timestamp::from_millis(now + month) }
}

/// Creates all tables, with rows of [`ROWS`] in each.
async fn fill(server: &Server) {
    let store = &server.store;
    store.backend().create_database().await.unwrap();
    Migrator::new(store, PartitionBy::Month).tables(&families::tables()).up().await.unwrap();
    for (tenant, rows) in ROWS {
        let rows = [Param::new("tenant", tenant), Param::new("rows", rows)];
        for sql in [
            "INSERT INTO voc_events (event_id, tenant_id, event_type, ts, sentiment, topic) \
             SELECT generateUUIDv4(number), {tenant:String}, 'call', now() - number * 60, 0.5, 'billing' \
             FROM numbers({rows:UInt64})",
            "INSERT INTO ai_analytics_events (app_id, timestamp, source_offset) SELECT {tenant:String}, \
             now() - number * 60, number FROM numbers({rows:UInt64})",
            "INSERT INTO user_activity_events (event_id, timestamp) \
             SELECT generateUUIDv4(number), now() - number FROM numbers({rows:UInt64})",
            "INSERT INTO quality_events (timestamp, source_topic, source_offset) \
             SELECT now() - number, {tenant:String}, number FROM numbers({rows:UInt64})",
            "INSERT INTO dead_letters (source_topic, source_offset, tenant_id, failed_at) \
             SELECT 't', number + cityHash64({tenant:String}) % 1000000, {tenant:String}, now64(3) FROM numbers({rows:UInt64})",
            "INSERT INTO ledger (family, source_topic, first_offset, last_offset, records, rows, tenant_ids, consumed, stored, \
             dead_lettered, duplicates) SELECT 'voc', {tenant:String}, number * 10, number * 10 + 9, 10, 10, \
             [{tenant:String}], [10], [10], [0], [0] FROM numbers({rows:UInt64})",
        ] {
            store.backend().execute(sql, &rows).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
}

async fn reader() -> Option<Server> {
    let server = Server::start().await?;
    fill(&server).await;
    Some(server.restart_as(READER))
}

const TABLES_WITH_TENANTS: [&str; 4] = ["voc_events", "ai_analytics_events", "dead_letters", "ledger"];
const TABLES_WITHOUT: [&str; 2] = ["user_activity_events", "quality_events"];

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_sees_the_rows_of_its_tenants_only_whatever_it_asks_for() {
    let Some(server) = Server::start().await else { return };
    fill(&server).await;
    let all: u64 = ROWS.iter().map(|(_, rows)| rows).sum();
    for table in TABLES_WITH_TENANTS {
        let seen = server.count(&only(&["acme"]), &format!("(SELECT count() FROM {table})")).await;
        assert_eq!(seen, all, "{table}: the administrator has no policy");
    }
    let server = server.restart_as(READER);
    for table in TABLES_WITH_TENANTS {
        let count = format!("(SELECT count() FROM {table})");
        for (tenant, rows) in ROWS {
            assert_eq!(server.count(&only(&[tenant]), &count).await, rows, "{tenant}, {table}");
        }
        assert_eq!(server.count(&only(&["acme", "globex"]), &count).await, 120, "{table}");
        assert_eq!(server.count(&TenantScope::All, &count).await, all, "{table}");
        for nobody in [only(&[]), only(&["*"]), only(&["nobody"]), only(&["acme\",\"globex"])] {
            assert_eq!(server.count(&nobody, &count).await, 0, "{nobody:?}, {table}");
        }
        // A session that says nothing about tenants sees none.
        let silent = server.store.backend().select_texts(&format!("SELECT toString({count})"), &[]).await.unwrap();
        assert_eq!(silent, ["0"], "{table}");
    }
    for table in TABLES_WITHOUT {
        let count = format!("(SELECT count() FROM {table})");
        assert_eq!(server.count(&TenantScope::All, &count).await, all, "{table}");
        assert_eq!(server.count(&only(&["acme", "*"]), &count).await, 0, "{table}");
    }
    // Another tenant cannot be asked for, nor be felt.
    for (sql, others) in [
        ("(SELECT count() FROM voc_events WHERE tenant_id = 'globex')", 20),
        ("(SELECT count() FROM voc_events FINAL PREWHERE tenant_id = 'globex')", 20),
        ("(SELECT uniqExact(tenant_id) - 1 FROM voc_events)", 0),
        ("(SELECT max(tenant_id) != 'acme' FROM voc_events)", 0),
        (
            "(SELECT sum(c) FROM (SELECT tenant_id, count() AS c FROM voc_events GROUP BY tenant_id) WHERE tenant_id != 'acme')",
            23,
        ),
        (
            "(SELECT count() FROM voc_events AS a ANY LEFT JOIN voc_events AS b USING (tenant_id) WHERE b.tenant_id != 'acme')",
            23,
        ),
        (
            "(SELECT count() FROM (SELECT * FROM voc_events UNION ALL SELECT * FROM voc_events) WHERE tenant_id = 'globex')",
            40,
        ),
        ("(SELECT count() FROM merge('voc', '^voc_events$') WHERE tenant_id = 'globex')", 20),
        (
            "(SELECT countIf(throwIf(tenant_id = 'globex', 'felt') = 0) FROM voc_events WHERE tenant_id != 'globex')",
            103,
        ),
    ] {
        let seen = server.count(&only(&["acme"]), sql).await;
        assert_eq!(seen, if others == 103 { 100 } else { 0 }, "{sql}");
        if others > 0 {
            assert_eq!(server.count(&TenantScope::All, sql).await, others, "{sql}");
        }
    }
    // The same text about another tenant is not answered from a cache.
    for _ in 0..3 {
        for (tenant, rows) in ROWS {
            let sql = "(SELECT count() FROM voc_events WHERE sentiment > 0.25)";
            assert_eq!(server.count(&only(&[tenant]), sql).await, rows, "{tenant}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_questions_are_answered_as_before() {
    let Some(server) = Server::start().await else { return };
    fill(&server).await;
    let period = period();
    let expected = answers(&server.store, period).await;
    let server = server.restart_as(READER);
    assert_eq!(answers(&server.store, period).await, expected);
    Migrator::new(&server.store, PartitionBy::Month).tables(&families::tables()).check().await.unwrap();
    assert!(server.store.version(&Voc::TABLE).await.unwrap().is_some(), "parts are not visible");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_right_to_see_parts_each_event_counts_once() {
    let Some(server) = Server::start().await else { return };
    fill(&server).await;
    let expected = answers(&server.store, period()).await;
    // Each event has a second version, which cannot be known.
    let again = "INSERT INTO voc_events SELECT * REPLACE (processed_at + 1 AS processed_at) FROM voc_events";
    server.store.backend().execute(again, &[]).await.unwrap();
    // The engine lets everybody see parts, so a policy refuses that, as a server does.
    let (first, refusing) = ("SETTINGS readonly", "SETTINGS allow_custom_error_code_in_throwif = 1, readonly");
    let setup = setup_sql(DATABASE, &families::tables()).into_iter();
    let mut setup: Vec<String> = setup.map(|statement| statement.replace(first, refusing)).collect();
    setup.push(format!(
        "CREATE ROW POLICY OR REPLACE no_parts ON system.parts FOR SELECT \
         USING throwIf(notEmpty(table), 'Not enough privileges', toInt16(497)) TO {READER}"
    ));
    let server = server.restart_set_up(&setup, READER);
    let refusal = server.refusal("SELECT partition_id FROM system.parts").await;
    assert!(refusal.contains("does not allow this to user") && refusal.contains("Not enough privileges"), "{refusal}");
    assert_eq!(answers(&server.store, period()).await, expected);
    assert_eq!(server.store.version(&Voc::TABLE).await.unwrap(), None);
}

/// Answers to questions of each kind.
async fn answers(store: &ClickHouseStore, period: Period) -> Vec<String> {
    let mut answers = Vec::new();
    for tenants in [TenantScope::All, only(&["acme"]), only(&["globex", "nobody"]), only(&["it's \"*\""])] {
        for table in [Voc::TABLE, Product::TABLE, Quality::TABLE] {
            let query =
                Query::new(table, tenants.clone(), period).metric(Metric::parse(&table, "event_count").unwrap());
            answers.push(format!("{:?}", store.query(&query).await.unwrap()));
        }
        let by_topic = Query::new(Voc::TABLE, tenants, period)
            .metric(Metric::parse(&Voc::TABLE, "avg_sentiment").unwrap())
            .dimension(Dimension::parse(&Voc::TABLE, "topic").unwrap());
        answers.push(format!("{:?}", store.query(&by_topic).await.unwrap()));
    }
    for tenant in [None, Some("acme"), Some("globex")] {
        let filter =
            LedgerFilter { tenant: tenant.map(|tenant| TenantId::new(tenant).unwrap()), ..LedgerFilter::default() };
        answers.push(format!("{:?}", store.ledger(&filter).await.unwrap()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_written() {
    let Some(server) = reader().await else { return };
    for sql in [
        "INSERT INTO voc_events (tenant_id) VALUES ('acme')",
        "INSERT INTO voc_events SELECT * FROM voc_events",
        "ALTER TABLE voc_events DELETE WHERE 1",
        "ALTER TABLE voc_events UPDATE topic = 'x' WHERE 1",
        "ALTER TABLE voc_events ADD COLUMN x UInt8",
        "ALTER TABLE voc_events DROP PARTITION 202603",
        "DELETE FROM voc_events WHERE 1",
        "TRUNCATE TABLE voc_events",
        "DROP TABLE voc_events",
        "RENAME TABLE voc_events TO x",
        "OPTIMIZE TABLE voc_events FINAL",
        "CREATE TABLE x (a UInt8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE x (a UInt8)",
        "CREATE VIEW x AS SELECT 1",
        "CREATE DATABASE x",
        "CREATE FUNCTION x AS a -> a",
        "CREATE USER x",
        "CREATE ROW POLICY x ON voc_events USING 1 TO default",
        "GRANT SELECT ON system.parts TO default",
        "SYSTEM STOP MERGES voc_events",
        "SYSTEM FLUSH LOGS",
        "DETACH TABLE voc_events",
    ] {
        let refusal = server.refusal(sql).await;
        assert!(!refusal.is_empty(), "{sql}");
    }
    assert_eq!(server.count(&TenantScope::All, "(SELECT count() FROM voc_events)").await, 123);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_can_be_lowered_and_neither_raised_nor_lifted() {
    let Some(server) = reader().await else { return };
    for (name, higher) in [
        ("max_execution_time", "3601"),
        ("max_rows_to_read", "5000000001"),
        ("max_bytes_to_read", "1000000000001"),
        ("max_result_rows", "1000000001"),
        ("max_memory_usage", "4000000001"),
    ] {
        for value in [higher, "0"] {
            let refusal = server.refusal(&format!("SELECT 'x' SETTINGS {name} = {value}")).await;
            assert!(refusal.contains(name), "{refusal}");
            let refusal = server.refusal(&format!("SET {name} = {value}")).await;
            assert!(refusal.contains(name), "{refusal}");
        }
        assert_eq!(server.count_with(&TenantScope::All, "1", &format!(" SETTINGS {name} = 1000")).await, 1);
    }
    for (name, value) in [
        ("readonly", "0"),
        ("readonly", "1"),
        ("allow_ddl", "1"),
        ("allow_introspection_functions", "1"),
        ("use_query_cache", "1"),
        ("log_queries", "0"),
        ("timeout_overflow_mode", "'break'"),
        ("read_overflow_mode", "'break'"),
        ("result_overflow_mode", "'break'"),
        ("max_concurrent_queries_for_user", "0"),
    ] {
        let refusal = server.refusal(&format!("SELECT 'x' SETTINGS {name} = {value}")).await;
        assert!(refusal.contains(name), "{refusal}");
    }
    let mut config = server.store.backend().config().clone();
    config.timeouts.query = Duration::from_secs(3601);
    let error = EventQueries::version(&ClickHouseStore::connect(config), &Voc::TABLE).await.unwrap_err();
    assert!(error.to_string().contains("CLICKHOUSE_QUERY_TIMEOUT_SECONDS"), "{error}");
    // They are enforced, not only kept.
    let refusal =
        server.refusal("SELECT toString(uniqExact(event_id)) FROM voc_events SETTINGS max_rows_to_read = 10").await;
    assert!(refusal.contains("TOO_MANY_ROWS"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_can_be_read() {
    let Some(server) = Server::start().await else { return };
    fill(&server).await;
    let others = ["CREATE DATABASE other", "CREATE TABLE other.t (a String) ENGINE = MergeTree ORDER BY a"];
    for sql in others.into_iter().chain(["CREATE VIEW voc.everything AS SELECT * FROM voc.voc_events"]) {
        server.store.backend().execute(sql, &[]).await.unwrap();
    }
    let outside = [
        "SELECT a FROM other.t",
        "SELECT toString(count()) FROM voc.everything",
        "SELECT id FROM voc.revisions",
        "SELECT line FROM file('/etc/passwd', 'LineAsString', 'line String')",
        "SELECT a FROM url('http://127.0.0.1:1/', 'LineAsString', 'a String')",
        "SELECT tenant_id FROM remote('127.0.0.1:1', 'voc', 'voc_events')",
        "SELECT a FROM s3('http://127.0.0.1:1/bucket/a', 'LineAsString', 'a String')",
        "SELECT a FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
        "SELECT a FROM executable('x.sh', 'LineAsString', 'a String')",
        "SELECT name FROM system.users",
        "SELECT name FROM system.row_policies",
    ];
    // The administrator may: what stops these is not that they cannot work here.
    for sql in &outside[..4] {
        server.store.backend().select_texts(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let server = server.restart_as(READER);
    for sql in outside {
        let refusal = server.refusal(sql).await;
        assert!(refusal.contains("Not enough privileges") || refusal.contains("(UNKNOWN_"), "{sql}: {refusal}");
    }
    let databases = "(SELECT count() FROM system.databases WHERE name = 'other')";
    assert_eq!(server.count(&TenantScope::All, databases).await, 0);
}

/// What docs/access.md says that the server does not prevent, so that restricted SQL must. If one of these fails, the
/// engine has learnt something.
#[tokio::test(flavor = "multi_thread")]
async fn settings_in_a_text_and_readers_of_indexes_pass_by_the_policies() {
    let Some(server) = reader().await else { return };
    let everyone = r#"'{"tenants":"*"}'"#;
    let settings = format!(" SETTINGS log_comment = {everyone}");
    let count = "(SELECT count() FROM voc_events)";
    assert_eq!(server.count_with(&only(&["acme"]), count, &settings).await, 123);
    let inside = format!("(SELECT count() FROM voc_events{settings})");
    assert_eq!(server.count(&only(&["acme"]), &inside).await, 123);
    let tenants_of = async |parts: &str| {
        let tenants = format!("(SELECT uniqExact(tenant_id) FROM {parts})");
        server.count(&only(&["acme"]), &tenants).await
    };
    assert_eq!(tenants_of("mergeTreeProjection('voc', 'voc_events', 'hourly')").await, 3);
    // The index has the first and the last row of a part.
    assert!(tenants_of("mergeTreeIndex('voc', 'voc_events')").await > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_knows_whether_its_user_is_bound_by_policies() {
    let Some(server) = Server::start().await else { return };
    server.store.backend().create_database().await.unwrap();
    Migrator::new(&server.store, PartitionBy::Month).tables(&families::tables()).up().await.unwrap();
    let (voc, all) = ([Voc::TABLE], families::tables());
    assert!(!server.store.enforces_tenants(&voc).await.unwrap(), "an empty table proves nothing");
    fill(&server).await;
    assert!(!server.store.enforces_tenants(&voc).await.unwrap(), "the administrator sees everything");
    let server = server.restart_as(READER);
    assert!(server.store.enforces_tenants(&all).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processors_user_can_do_its_work_in_its_database_only() {
    let Some(server) = Server::start().await else { return };
    server.store.backend().create_database().await.unwrap();
    let other = "CREATE TABLE default.t (a String) ENGINE = MergeTree ORDER BY a";
    server.store.backend().execute(other, &[]).await.unwrap();
    let server = server.restart_as(WRITER);
    fill(&server).await;
    server.store.check_deduplication(&families::tables()).await.unwrap();
    EventStore::ping(&server.store).await.unwrap();
    assert_eq!(server.count(&only(&["acme"]), "(SELECT count() FROM voc_events)").await, 123, "it has no policy");
    for sql in ["SELECT a FROM default.t", "DROP TABLE default.t", "CREATE USER x", "SELECT name FROM system.users"] {
        let refusal = server.refusal(sql).await;
        assert!(refusal.contains("Not enough privileges"), "{sql}: {refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_are_missing_are_found_out() {
    let tables = families::tables();
    let whole = setup_sql(DATABASE, &tables);
    let mut partial = whole.clone();
    let all = partial.iter_mut().find(|statement| statement.contains("GRANT SELECT, INSERT, ")).unwrap();
    *all = format!("GRANT SELECT ON {DATABASE}.* TO {WRITER}");
    partial.push(format!("GRANT INSERT ON {DATABASE}.voc_events TO {WRITER}"));
    let written = tables.iter().map(|table| table.name).chain(["dead_letters", "ledger"]);
    let others: Vec<_> = written.filter(|table| *table != "voc_events").map(|table| ("INSERT", table)).collect();
    for (statements, expected) in [(whole, Vec::new()), (partial, others)] {
        let Some(server) = Server::start().await else { return };
        server.store.backend().create_database().await.unwrap();
        fill(&server).await;
        assert!(!server.store.disks().await.unwrap().is_empty());
        let server = server.restart_set_up(&statements, WRITER);
        let missing = server.store.missing_rights(&tables).await.unwrap();
        let missing: Vec<(&str, &str)> = missing.iter().map(|right| (right.privilege, right.table.as_str())).collect();
        assert_eq!(missing, expected);
        // Finding out has stored nothing.
        assert_eq!(server.count(&TenantScope::All, "(SELECT count() FROM voc_events)").await, 123);
        let before = Timestamp::from(SystemTime::now());
        let clock = server.store.engine_clock().await.unwrap();
        assert!((before..=Timestamp::from(SystemTime::now())).contains(&clock), "{clock:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_reads_every_statement() {
    let Some(server) = Server::start().await else { return };
    server.store.backend().create_database().await.unwrap();
    for statement in setup_sql("it`s", &families::tables()) {
        let format = "SELECT formatQuery({statement:String})";
        let read = server.store.backend().select_texts(format, &[Param::new("statement", &statement)]).await;
        assert!(read.is_ok(), "{statement}: {read:?}");
    }
}

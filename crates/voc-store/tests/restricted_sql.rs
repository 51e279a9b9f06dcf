//! Restricted SQL: what can be asked is answered, from the latest version of each event, about the tenants and the
//! period of the statement; and no listed attempt to see more succeeds.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod clickhouse_support;
mod support;

use std::time::Duration;

use clickhouse_support::Server;
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};
use support::{Row, batch, second};
use voc_events::{TenantId, Timestamp, families};
use voc_store::{
    Cell, CellKind, EventStore as _, FieldKind, Migrator, PartitionBy, Period, Placeholder, RestrictedSql, Rows,
    SqlBackend, SqlMistake, SqlStore, Statement, StatementLimits, StatementQueries as _, StoreError, TenantScope,
    Value,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

/// What no statement about acme may show.
const SECRET: &str = "globex";

fn parse(sql: &str) -> Result<RestrictedSql, SqlMistake> {
    RestrictedSql::parse(sql, &families::tables(), &[])
}

fn acme() -> TenantScope {
    TenantScope::of(TenantId::new("acme").unwrap())
}

async fn run<B: SqlBackend>(store: &SqlStore<B>, sql: &str, tenants: &TenantScope) -> Result<Rows, StoreError> {
    let sql = parse(sql).unwrap_or_else(|mistake| panic!("{sql}: {mistake}"));
    store.run(&Statement::new(&sql, tenants, None, &[]).unwrap()).await
}

/// Three events of acme, the first of which has two versions, and two of globex.
async fn fill<B: SqlBackend>(store: &SqlStore<B>) {
    Migrator::new(store, PartitionBy::Month).up().await.unwrap();
    let row = |tenant: &str, number: i64, call: &str| Row {
        tenant: tenant.to_owned(),
        number: Some(number),
        time: second(number * 3600),
        call_id: call.to_owned(),
        sentiment: Some(if tenant == "acme" { 0.25 } else { -0.75 }),
        topic: Some(if tenant == "acme" { "billing" } else { "globex topic" }),
        ..Row::default()
    };
    let rows = [row("acme", 0, "a0"), row("acme", 1, "a1"), row("globex", 2, "globex-2"), row("globex", 3, "globex-3")];
    store.insert(batch(PartitionBy::Month, &rows, 0)).await.unwrap();
    store.insert(batch(PartitionBy::Month, &[row("acme", 0, "a0"), row("acme", 4, "a'4\\")], 100)).await.unwrap();
    for sql in [
        "CREATE TABLE secrets (name String, tenant_id String) ENGINE = MergeTree ORDER BY name",
        "INSERT INTO secrets SELECT 'globex secret', 'acme'",
        "CREATE TABLE one_column (name String) ENGINE = MergeTree ORDER BY name",
        "INSERT INTO one_column SELECT 'globex'",
    ] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
}

fn embedded(test: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap())
}

fn text(cell: &str) -> Cell {
    Cell::Text(cell.to_owned())
}

/// Statements that can be asked, and the rows of their answers about acme.
fn allowed() -> Vec<(&'static str, Vec<Vec<Cell>>)> {
    let one = |cell: Cell| vec![vec![cell]];
    let texts = |texts: &[&str]| texts.iter().map(|cell| vec![text(cell)]).collect::<Vec<_>>();
    vec![
        ("SELECT count() FROM voc_events", one(Cell::Integer(3))),
        ("select COUNT(*) as n from voc_events FINAL where tenant_id = 'acme';", one(Cell::Integer(3))),
        ("SELECT call_id FROM voc_events ORDER BY ts LIMIT 2", texts(&["a0", "a1"])),
        ("SELECT call_id FROM voc_events ORDER BY call_id DESC LIMIT 1 OFFSET 1", texts(&["a0"])),
        ("SELECT call_id FROM voc_events WHERE call_id = 'a\\'4\\\\'", texts(&["a'4\\"])),
        ("SELECT call_id FROM voc_events WHERE call_id = 'a''4\\\\'", texts(&["a'4\\"])),
        ("SELECT \"call_id\" FROM `voc_events` AS e WHERE e.call_id LIKE '%1'", texts(&["a1"])),
        ("SELECT call_id FROM voc_events WHERE call_id IN ('a0', 'b', lower('A1')) ORDER BY 1", texts(&["a0", "a1"])),
        (
            "SELECT call_id FROM voc_events WHERE call_id NOT IN (SELECT call_id FROM voc_events WHERE ts < '2026-02-02 13:30:00')",
            texts(&["a'4\\"]),
        ),
        (
            "WITH calls AS (SELECT call_id FROM voc_events), more AS (SELECT * FROM calls) SELECT max(more.call_id) FROM more",
            texts(&["a1"]),
        ),
        (
            "SELECT a.call_id FROM voc_events a JOIN voc_events AS b ON a.event_id = b.event_id WHERE b.call_id = 'a0'",
            texts(&["a0"]),
        ),
        (
            "SELECT max(call_id) FROM (SELECT call_id FROM voc_events UNION ALL SELECT 'z' FROM voc_events) AS u",
            texts(&["z"]),
        ),
        (
            "SELECT topic, count() AS n FROM voc_events GROUP BY topic HAVING n > 1",
            vec![vec![text("billing"), Cell::Integer(3)]],
        ),
        (
            "SELECT avg(sentiment), quantile(0.5)(duration_ms) FROM voc_events",
            vec![vec![Cell::Float(0.25), Cell::Float(100.0)]],
        ),
        (
            "SELECT countIf(call_id != 'a0'), sumIf(duration_ms, call_id = 'a0') FROM voc_events",
            vec![vec![Cell::Integer(2), Cell::Integer(100)]],
        ),
        ("SELECT min(ts) FROM voc_events", one(Cell::Time(second(0)))),
        (
            "SELECT toStartOfDay(min(ts), 'America/Sao_Paulo') FROM voc_events",
            one(Cell::Time(Timestamp::from_millis(1_770_001_200_000))),
        ),
        ("SELECT toDate(min(ts)) AS day FROM voc_events", texts(&["2026-02-02"])),
        ("SELECT min(ts) + INTERVAL 1 DAY FROM voc_events", one(Cell::Time(second(86_400)))),
        ("SELECT JSONExtractString(payload, 'call_id') FROM voc_events ORDER BY ts LIMIT 1", texts(&["a0"])),
        ("SELECT CASE WHEN count() > 2 THEN 'many' ELSE 'few' END FROM voc_events", texts(&["many"])),
        (
            "SELECT CAST(count() AS Nullable(String)), count()::Float64 FROM voc_events",
            vec![vec![text("3"), Cell::Float(3.0)]],
        ),
        (
            "SELECT true, NULL, -1, 1.5e1",
            vec![vec![Cell::Boolean(true), Cell::Absent, Cell::Integer(-1), Cell::Float(15.0)]],
        ),
        (
            "SELECT ['a', 'b'] AS list, map('k', 1) AS m, (1, 'x').2",
            vec![vec![
                Cell::Texts(vec!["a".to_owned(), "b".to_owned()]),
                Cell::Json("{\"k\":1}".to_owned()),
                text("x"),
            ]],
        ),
        (
            "SELECT CAST('-170141183460469231731687303715884105728' AS Int128) AS large, 5::Int128 AS small, \
             NULL::Nullable(Int128) AS none, [9007199254740993::Int128] AS list, map('a/b', '/') AS m",
            vec![vec![
                text("-170141183460469231731687303715884105728"),
                text("5"),
                Cell::Absent,
                Cell::Json("[9007199254740993]".to_owned()),
                Cell::Json("{\"a/b\":\"/\"}".to_owned()),
            ]],
        ),
        ("SELECT arraySum(x -> x * 2, [1, 2])", one(Cell::Integer(6))),
        ("SELECT sum(t) FROM voc_events ARRAY JOIN topic_scores AS t", one(Cell::Float(0.0))),
        (
            "SELECT call_id FROM voc_events ORDER BY row_number() OVER (PARTITION BY tenant_id ORDER BY ts DESC) LIMIT 1",
            texts(&["a'4\\"]),
        ),
        ("SELECT DISTINCT tenant_id FROM voc_events", texts(&["acme"])),
        ("SELECT (SELECT max(call_id) FROM voc_events) AS newest", texts(&["a1"])),
        (
            "SELECT countDistinct(call_id) FROM (SELECT * EXCEPT (payload) FROM voc_events) -- why not",
            one(Cell::Integer(3)),
        ),
        ("SELECT count() FROM user_activity_events", one(Cell::Integer(0))),
        (
            "SELECT EXTRACT(HOUR FROM min(ts)), round(avg(sentiment), 1), ceil(0.2), floor(1.7) FROM voc_events",
            vec![vec![Cell::Integer(12), Cell::Float(0.3), Cell::Float(1.0), Cell::Float(1.0)]],
        ),
    ]
}

async fn check_allowed<B: SqlBackend>(store: &SqlStore<B>) {
    fill(store).await;
    for (sql, expected) in allowed() {
        let sql = sql.replace("countDistinct", "uniqExact");
        // A round number of a shorter float is not the one of a longer one.
        let sql = sql.replace("round(avg(sentiment), 1)", "round(avg(sentiment) + 0.01, 1)");
        let rows = run(store, &sql, &acme()).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(rows.rows, expected, "{sql}");
        assert!(!rows.truncated);
    }
    // The others are there, for those who may see them.
    let all = run(store, "SELECT groupUniqArray(tenant_id) AS t, count() FROM voc_events", &TenantScope::All).await;
    assert!(matches!(all.unwrap().rows[0].as_slice(), [Cell::Texts(tenants), Cell::Integer(5)] if tenants.len() == 2));
}

#[tokio::test]
async fn the_engine_answers_what_is_allowed() {
    let Some(test) = engine_or_skip() else { return };
    check_allowed(&embedded(&test)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_what_is_allowed() {
    let Some(server) = Server::start("restricted_allowed").await else { return };
    check_allowed(&server.store()).await;
}

#[tokio::test]
async fn columns_have_names_and_kinds() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    fill(&store).await;
    let sql = "SELECT ts, topic, count(), 1 + 1, count() * 1.5, sentiment > 0 AS good FROM voc_events GROUP BY ts, topic, good";
    let columns = store.describe(&Statement::new(&parse(sql).unwrap(), &acme(), None, &[]).unwrap()).await.unwrap();
    let columns: Vec<_> = columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    let expected = [
        ("ts", CellKind::Time),
        ("topic", CellKind::Text),
        ("count", CellKind::Integer),
        ("column_4", CellKind::Integer),
        ("column_5", CellKind::Float),
        ("good", CellKind::Integer),
    ];
    assert_eq!(columns, expected);
    let twice = run(&store, "SELECT * FROM voc_events a JOIN voc_events b ON a.event_id = b.event_id", &acme()).await;
    assert!(matches!(twice, Err(StoreError::Rejected { message, .. }) if message.contains("names of their own")));
    let unknown = run(&store, "SELECT tpic FROM voc_events", &acme()).await;
    assert!(matches!(unknown, Err(StoreError::Rejected { code: 47, .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_statement_has_a_period_and_values() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    fill(&store).await;
    let placeholder = |name: &str, kind| Placeholder { name: name.to_owned(), kind };
    let placeholders = [
        placeholder("call", FieldKind::Text),
        placeholder("limit", FieldKind::Integer),
        placeholder("after", FieldKind::Time),
        placeholder("least", FieldKind::Float),
        placeholder("yes", FieldKind::Boolean),
    ];
    let sql = "SELECT call_id FROM voc_events WHERE call_id != :call AND ts > :after AND sentiment > :least AND :yes \
               ORDER BY ts LIMIT :limit";
    let sql = RestrictedSql::parse(sql, &families::tables(), &placeholders).unwrap();
    let values = |call: &str, limit: i64| {
        vec![
            ("call".to_owned(), Value::Text(call.to_owned())),
            ("limit".to_owned(), Value::Integer(limit)),
            ("after".to_owned(), Value::Time(second(-1))),
            ("least".to_owned(), Value::Float(-0.5)),
            ("yes".to_owned(), Value::Boolean(true)),
        ]
    };
    let asked = async |period: Option<Period>, values: &[(String, Value)]| {
        let statement = Statement::new(&sql, &acme(), period, values).unwrap();
        store.run(&statement).await.unwrap().rows
    };
    assert_eq!(asked(None, &values("a0", 5)).await, [[text("a1")], [text("a'4\\")]]);
    assert_eq!(asked(None, &values("x' OR '1'='1", 1)).await, [[text("a0")]]);
    let first_hour = Period { since: second(0), until: second(3600) };
    assert_eq!(asked(Some(first_hour), &values("x", 5)).await, [[text("a0")]]);
    let missing = Statement::new(&sql, &acme(), None, &values("a0", 5)[1..]);
    assert_eq!(missing.unwrap_err().to_string(), "there is no value for ':call'");
}

#[tokio::test]
async fn limits_hold() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    fill(&store).await;
    let limited = async |sql: &str, limits: StatementLimits| {
        store.run(&Statement::new(&parse(sql).unwrap(), &acme(), None, &[]).unwrap().limited(limits)).await
    };
    let limits = StatementLimits::default();
    let two =
        limited("SELECT call_id FROM voc_events ORDER BY ts", StatementLimits { rows: 2, ..limits }).await.unwrap();
    assert_eq!((two.rows.len(), two.truncated), (2, true));
    let endless = "SELECT sum(length(toString(x))) FROM (SELECT arrayJoin(range(100000000)) AS x)";
    let late = limited(endless, StatementLimits { time: Duration::from_secs(1), ..limits }).await;
    assert!(matches!(late, Err(StoreError::TimedOut { .. })), "{late:?}");
    let large = "SELECT length(groupArray(toString(x))) FROM (SELECT arrayJoin(range(10000000)) AS x)";
    let large = limited(large, StatementLimits { memory_bytes: 20_000_000, ..limits }).await;
    assert!(matches!(large, Err(StoreError::Rejected { code: 241, .. })), "{large:?}");
    let long = "SELECT repeat('x', 1000) AS x FROM (SELECT arrayJoin(range(10000)) AS y)";
    assert!(parse(long).is_err());
    let long = "SELECT leftPad('x', 1000) AS x FROM (SELECT arrayJoin(range(10000)) AS y)";
    let long = limited(long, StatementLimits { answer_bytes: 100_000, ..limits }).await;
    assert!(matches!(long, Err(StoreError::Rejected { code: 396, .. })), "{:?}", long.map(|rows| rows.rows.len()));
    // The engine runs a subquery of one value while it only describes the statement.
    let scalar = "SELECT (SELECT length(groupArray(toString(x))) FROM (SELECT arrayJoin(range(10000000)) AS x)) AS n";
    let scalar = Statement::new(&parse(scalar).unwrap(), &acme(), None, &[]).unwrap();
    let described = store.describe(&scalar.limited(StatementLimits { memory_bytes: 20_000_000, ..limits })).await;
    assert!(matches!(described, Err(StoreError::Rejected { code: 241, .. })), "{described:?}");
    let read = limited("SELECT count(payload) FROM voc_events", StatementLimits { read_rows: 1, ..limits }).await;
    assert!(matches!(read, Err(StoreError::Rejected { code: 158, .. })), "{read:?}");
}

/// Attempts that do not get as far as the store.
const REFUSED: &[&str] = &[
    // Not one SELECT.
    "",
    ";",
    "INSERT INTO voc_events (tenant_id) SELECT 'acme'",
    "DROP TABLE voc_events",
    "TRUNCATE TABLE voc_events",
    "ALTER TABLE voc_events DELETE WHERE 1",
    "DELETE FROM voc_events WHERE 1",
    "UPDATE voc_events SET tenant_id = 'acme'",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE VIEW mine AS SELECT * FROM voc_events",
    "SET readonly = 0",
    "USE system",
    "SHOW TABLES",
    "DESCRIBE TABLE voc_events",
    "EXPLAIN SELECT 1",
    "KILL QUERY WHERE 1",
    "OPTIMIZE TABLE voc_events FINAL",
    "GRANT SELECT ON *.* TO acme",
    "SYSTEM SHUTDOWN",
    "SELECT 1; DROP TABLE voc_events",
    "SELECT 1; SELECT 2",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "VALUES (1)",
    // Other tables and databases.
    "SELECT * FROM secrets",
    "SELECT * FROM `secrets`",
    "SELECT * FROM dead_letters",
    "SELECT * FROM ledger",
    "SELECT * FROM revisions",
    "SELECT * FROM system.tables",
    "SELECT * FROM system.query_log",
    "SELECT * FROM \"system\".\"users\"",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM default.voc_events",
    "SELECT * FROM `default.voc_events`",
    "SELECT * FROM VOC_EVENTS",
    "SELECT * FROM voc_events, system.one",
    "SELECT * FROM voc_events JOIN secrets ON 1 = 1",
    "SELECT * FROM voc_events WHERE call_id IN (SELECT name FROM secrets)",
    "SELECT (SELECT max(name) FROM secrets)",
    "WITH x AS (SELECT * FROM secrets) SELECT * FROM x",
    "SELECT 1 UNION ALL SELECT name FROM secrets",
    "SELECT * FROM (SELECT 1) AS x, (WITH secrets AS (SELECT 1) SELECT 1) AS y, secrets",
    "WITH secrets AS (SELECT * FROM secrets) SELECT * FROM secrets",
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT * FROM x",
    "WITH voc_events AS (SELECT 1) SELECT * FROM voc_events",
    "SELECT 'globex' IN (one_column)",
    "SELECT 'globex' IN one_column",
    "SELECT ('a', 'b') IN (secrets)",
    "SELECT 'globex' IN (toString(one_column))",
    "SELECT in('globex', one_column)",
    "SELECT count() FROM voc_events WHERE tenant_id GLOBAL IN (SELECT 'globex')",
    "TABLE secrets",
    "FROM secrets SELECT *",
    "SELECT * FROM merge('', '.*')",
    // Table functions.
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1', 'system', 'one')",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM s3('http://127.0.0.1/x')",
    "SELECT * FROM mysql('127.0.0.1:3306', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('127.0.0.1:5432', 'd', 't', 'u', 'p')",
    "SELECT * FROM executable('id', 'TSV', 'x String')",
    "SELECT * FROM numbers(10)",
    "SELECT * FROM numbers(10) AS voc_events",
    "SELECT * FROM view(SELECT * FROM secrets)",
    "SELECT * FROM generateRandom('a Int8')",
    "SELECT * FROM values('a Int8', 1)",
    "SELECT * FROM input('a Int8')",
    "SELECT * FROM dictionary('secrets')",
    "SELECT * FROM loop(secrets)",
    "SELECT * FROM TABLE(numbers(10))",
    "SELECT * FROM LATERAL (SELECT 1)",
    // Functions that tell, wait, fail or reach out.
    "SELECT file('/etc/passwd')",
    "SELECT dictGet('secrets', 'name', 1)",
    "SELECT joinGet('secrets', 'name', 1)",
    "SELECT hasColumnInTable('', 'secrets', 'name')",
    "SELECT getSetting('readonly')",
    "SELECT getMacro('replica')",
    "SELECT currentUser()",
    "SELECT currentDatabase()",
    "SELECT hostName()",
    "SELECT version()",
    "SELECT sleep(3)",
    "SELECT sleepEachRow(1) FROM voc_events",
    "SELECT throwIf(tenant_id = 'globex') FROM voc_events",
    "SELECT rand()",
    "SELECT arrayReduce('sum', [1])",
    "SELECT initializeAggregation('sum', 1)",
    "SELECT countState() FROM voc_events",
    "SELECT catboostEvaluate('x', 1)",
    "SELECT runningAccumulate(1)",
    "SELECT addressToLine(1)",
    "SELECT filesystemAvailable()",
    "SELECT `file`('/etc/passwd')",
    "SELECT system.file('/etc/passwd')",
    "SELECT {fn file('/etc/passwd')}",
    "SELECT showCertificate()",
    "SELECT repeat('x', 100000000)",
    "SELECT format('{}', 1)",
    // Settings, formats and clauses.
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT * FROM (SELECT 1 SETTINGS final = 0)",
    "SELECT * FROM voc_events SETTINGS additional_table_filters = {'voc_events': '1'}",
    "SELECT 1 FORMAT JSON",
    "SELECT call_id FROM voc_events settings",
    "SELECT 1 INTO OUTFILE '/tmp/stolen'",
    "SELECT 1 INTO mine",
    "SELECT count() FROM voc_events PREWHERE 1",
    "SELECT * FROM voc_events SAMPLE 1",
    "SELECT * FROM voc_events FOR UPDATE",
    "SELECT TOP 1 * FROM voc_events",
    "SELECT number FROM voc_events ORDER BY number WITH FILL",
    "SELECT 1 LIMIT (SELECT count() FROM secrets)",
    "SELECT count() FROM voc_events GROUP BY 1 WITH TOTALS",
    "SELECT * REPLACE ('globex' AS tenant_id) FROM voc_events",
    "SELECT COLUMNS('.*') FROM voc_events",
    "SELECT * APPLY(max) FROM voc_events",
    // Values and names with more in them.
    "SELECT {x:Identifier}",
    "SELECT * FROM {t:Identifier}",
    "SELECT :tenant",
    "SELECT $1, ?",
    "SELECT @@version",
    "SELECT 1 AS `a\\` FROM secrets -- `",
    "SELECT 1 AS \"x`y\"",
    "SELECT CAST('x' AS Enum8('a' = 1))",
    "SELECT CAST('x' AS Dynamic)",
    "SELECT CAST(1 AS AggregateFunction(sum, Int8))",
    "SELECT $$x$$",
    "SELECT x'41'",
    "SELECT 'unfinished",
    "SELECT /* unfinished",
    "SELECT a.b.c FROM voc_events",
    "SELECT system.one.dummy",
    "SELECT 1 AS a, (SELECT 1 FROM a.b) AS c",
];

/// Attempts that are answered, or refused by the store, and show nothing of others either way.
const HARMLESS: &[&str] = &[
    "SELECT tenant_id, call_id, topic FROM voc_events WHERE tenant_id = 'globex'",
    "SELECT tenant_id, call_id, topic FROM voc_events WHERE 1 = 1 OR tenant_id = 'globex'",
    "SELECT tenant_id, call_id, topic FROM voc_events WHERE tenant_id IN ('acme', concat('glo', 'bex'))",
    "SELECT tenant_id, call_id FROM voc_events WHERE tenant_id != 'acme' OR NOT (tenant_id = 'acme')",
    "SELECT max(tenant_id), min(sentiment), max(topic) FROM voc_events",
    "SELECT 'acme' AS tenant_id, call_id, topic FROM voc_events",
    "SELECT tenant_id, call_id FROM (SELECT 'acme' AS tenant_id, call_id FROM voc_events) AS voc_events",
    "WITH x AS (SELECT 'acme' AS tenant_id) SELECT voc_events.call_id FROM x, voc_events",
    "WITH x AS (SELECT * FROM voc_events) SELECT call_id FROM x AS voc_events WHERE voc_events.tenant_id != 'acme'",
    "SELECT b.call_id FROM voc_events AS a RIGHT JOIN voc_events AS b ON a.tenant_id != b.tenant_id",
    "SELECT b.call_id FROM voc_events AS a FULL JOIN voc_events AS b ON a.event_id = b.event_id",
    "SELECT b.call_id FROM voc_events AS a CROSS JOIN voc_events AS b",
    "SELECT * FROM voc_events UNION ALL SELECT * FROM voc_events",
    "SELECT call_id FROM voc_events FINAL",
    "SELECT call_id FROM voc_events LIMIT 100 OFFSET 0",
    "SELECT groupArray(call_id), groupArray(payload) FROM voc_events",
    "SELECT call_id, count() OVER () FROM voc_events",
    "SELECT lagInFrame(call_id) OVER (ORDER BY ts), leadInFrame(call_id) OVER (ORDER BY ts) FROM voc_events",
    "SELECT * FROM (SELECT * FROM (SELECT * FROM voc_events))",
    "SELECT arrayJoin(groupUniqArray(tenant_id)) FROM voc_events",
    "SELECT call_id FROM voc_events ORDER BY tenant_id DESC LIMIT 1 BY tenant_id",
    "SELECT source_topic, source_offset FROM voc_events",
    "SELECT _part, _partition_id, _table, _database FROM voc_events",
    "SELECT anyLast(topic), argMax(call_id, ts) FROM voc_events",
    "SELECT call_id FROM voc_events WHERE call_id = '\\' OR tenant_id = \\'globex'",
    "SELECT call_id FROM voc_events WHERE call_id = '''' OR call_id = ''' OR 1 = 1 --'",
    "SELECT call_id FROM voc_events WHERE call_id = '\\\\' OR call_id LIKE '%'",
    "SELECT call_id /* ' */ FROM voc_events -- ' OR tenant_id = 'globex'",
    "SELECT call_id FROM voc_events # comment\n WHERE tenant_id = 'globex'",
    "SELECT call_id FROM voc_events WHERE call_id = '{p0:String}' OR tenant_id = '{p1:Identifier}'",
    "SELECT call_id AS FROM_, tenant_id AS SETTINGS_ FROM voc_events AS settings_",
    "SELECT call_id FROM voc_events AS final",
    "SELECT count(), count(DISTINCT tenant_id) FROM voc_events AS `secrets`",
    "SELECT secrets.call_id FROM voc_events AS secrets",
    "SELECT * FROM ai_analytics_events",
    "SELECT voc_events.tenant_id FROM voc_events AS e",
    "SELECT tenant_id FROM (SELECT tenant_id FROM voc_events GROUP BY tenant_id) GROUP BY ALL",
    "SELECT toTypeName(topic), length(topic), topic < 'h', startsWith(topic, 'glob') FROM voc_events",
    "SELECT toInt64(call_id) FROM voc_events",
    "SELECT intDiv(1, length(topic) - 12) FROM voc_events",
];

async fn shows_nothing<B: SqlBackend>(store: &SqlStore<B>, sql: &str) {
    let Ok(checked) = parse(sql) else { return };
    if let Ok(rows) = store.run(&Statement::new(&checked, &acme(), None, &[]).unwrap()).await {
        let shown = format!("{rows:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("-0.75"), "{sql}: {shown}");
    }
}

#[test]
fn attempts_are_refused() {
    for sql in REFUSED {
        assert!(parse(sql).is_err(), "{sql}");
    }
    let repeated = |part: &str, times: usize| part.repeat(times);
    for sql in [
        format!("SELECT {}1{}", repeated("(", 900), repeated(")", 900)),
        format!("SELECT {}1", repeated("1, ", 5000)),
        format!("SELECT {} 1", repeated("NOT ", 900)),
        format!("SELECT 1{}", repeated(" IS NULL", 900)),
        format!("SELECT 1{}", repeated("::Int8", 900)),
        format!("SELECT x{}", repeated(" BETWEEN 1 AND 2", 300)),
        format!("SELECT 1 IN (1{})", repeated("::Int8", 900)),
        format!("SELECT 1 {}", repeated("UNION ALL SELECT 1 ", 400)),
        format!("SELECT 1 {}", repeated("UNION BY NAME SELECT 1 ", 300)),
        format!("SELECT 1 + {} # 1", repeated("1 + ", 900)),
        format!("SELECT f({} 1) OVERLAPS 1", repeated("1 + ", 900)),
        format!("SELECT 1 FROM f({} 1)", repeated("1 + ", 900)),
        format!("SELECT 1; SELECT {} 1", repeated("1 + ", 900)),
        format!("SELECT '{}'", repeated("x", 70_000)),
        format!("SELECT count{}(1)", repeated("If", 32_000)),
    ] {
        assert!(parse(&sql).is_err(), "{}", &sql[..40]);
    }
    // A long chain is no deep nesting.
    assert!(parse(&format!("SELECT {} 1", repeated("1 + ", 900))).is_ok());
    assert!(REFUSED.len() + HARMLESS.len() >= 80, "the list is shorter than it was");
}

async fn check_harmless<B: SqlBackend>(store: &SqlStore<B>) {
    fill(store).await;
    let mut answered = 0;
    for sql in HARMLESS {
        assert!(parse(sql).is_ok(), "{sql}: {:?}", parse(sql).err());
        shows_nothing(store, sql).await;
        answered += usize::from(run(store, sql, &acme()).await.is_ok());
    }
    assert!(answered > HARMLESS.len() / 2, "only {answered} were answered");
    // The same statements show others to those who may see them.
    let mut shown = 0;
    for sql in HARMLESS {
        let rows = run(store, sql, &TenantScope::All).await;
        shown += usize::from(rows.is_ok_and(|rows| format!("{rows:?}").contains(SECRET)));
    }
    assert!(shown > HARMLESS.len() / 2, "only {shown} show others");
    let nobody = run(store, "SELECT count() FROM voc_events", &TenantScope::Only(Vec::new())).await.unwrap();
    assert_eq!(nobody.rows, [[Cell::Integer(0)]]);
    // A table without tenants has nothing of one tenant.
    let activity = run(store, "SELECT count() FROM quality_events", &acme()).await.unwrap();
    assert_eq!(activity.rows, [[Cell::Integer(0)]]);
}

#[tokio::test]
async fn the_engine_shows_nothing_of_others() {
    let Some(test) = engine_or_skip() else { return };
    check_harmless(&embedded(&test)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_shows_nothing_of_others() {
    let Some(server) = Server::start("restricted_attempts").await else { return };
    check_harmless(&server.store()).await;
}

/// Pieces of attempts put into statements that are allowed, and parts of these exchanged.
#[test]
fn mixtures_show_nothing_of_others() {
    let Some(test) = engine_or_skip() else { return };
    let store = embedded(&test);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(fill(&store));
    let words: Vec<String> = allowed()
        .iter()
        .map(|(sql, _)| *sql)
        .chain(REFUSED.iter().copied())
        .chain(HARMLESS.iter().copied())
        .flat_map(|sql| sql.split_inclusive(' ').map(str::to_owned).collect::<Vec<_>>())
        // A statement may show the words that it has.
        .filter(|word| !word.contains(SECRET))
        .collect();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() });
    let change = (any::<Index>(), any::<Index>(), 0..3_u8);
    let mut ran = std::cell::Cell::new(0);
    runner
        .run(&(any::<Index>(), proptest::collection::vec(change, 1..4)), |(which, changes)| {
            let sql = allowed()[which.index(allowed().len())].0;
            let mut parts: Vec<String> = sql.split_inclusive(' ').map(str::to_owned).collect();
            for (place, word, how) in changes {
                let (place, word) = (place.index(parts.len()), word.get(&words).clone());
                match how {
                    0 => parts[place] = word,
                    1 => parts.insert(place, word),
                    _ => drop(parts.remove(place)),
                }
                if parts.is_empty() {
                    break;
                }
            }
            let sql = parts.concat();
            if parse(&sql).is_ok() {
                ran.set(ran.get() + 1);
                runtime.block_on(shows_nothing(&store, &sql));
            }
            Ok(())
        })
        .unwrap();
    assert!(*ran.get_mut() > 100, "only {} mixtures could be asked", ran.get());
}

#[test]
fn mistakes_say_what_and_where() {
    let message = |sql: &str| parse(sql).unwrap_err().to_string();
    for (sql, expected) in [
        ("SELECT 1\nFROM sessions", "line 2, column 6: unknown table 'sessions'; known: voc_events, "),
        ("SELECT *\nFROM  system.users", "line 2, column 7: 'system.users' is of another database; known tables: voc"),
        (
            "SELECT toStartOfFortnight(ts) FROM voc_events",
            "line 1, column 8: the function 'toStartOfFortnight' is not one",
        ),
        ("SELECT FROM WHERE", "line 1"),
        ("SELECT 1 FROM voc_events SETTINGS a = 1", "SETTINGS cannot be used"),
        ("DROP TABLE voc_events", "the statement is not a SELECT"),
        ("SELECT 1; SELECT 2", "there is a second statement; write one SELECT"),
        ("SELECT 1 FROM voc_events WHERE topic IN (call_id)", "line 1, column 42: a list of IN has values only"),
        ("SELECT :x", "line 1, column 8: unknown placeholder ':x'; known: there are none here"),
        ("", "there is no statement; write a SELECT"),
    ] {
        assert!(message(sql).contains(expected), "{sql}: {}", message(sql));
    }
}

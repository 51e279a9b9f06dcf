//! Migrations on the embedded engine.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use async_trait::async_trait;
use clickhouse_support::Server;
use voc_events::{Column, ColumnKind, DecodeOptions, Envelope, Family, Table, TenantId, Timestamp, families, voc::Voc};
use voc_store::{
    BatchBuilder, DeadLetter, EventQueries, EventStore, InsertBatch, Migration, MigrationStatus, Migrator, Outlook,
    Param, PartitionBy, Period, PlannedMigration, RowAnnotation, RowCall, RowCallTimes, RowTopic, SourceRange,
    SqlBackend, SqlSession, SqlStore, StoreError,
    clickhouse::ClickHouse,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

/// A store on an empty database.
fn empty(test: &TestEngine) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap())
}

async fn texts(store: &EmbeddedStore, sql: &str) -> Vec<String> {
    store.backend().select_texts(sql, &[]).await.unwrap()
}

const TABLES: &str = "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name";

#[tokio::test]
async fn an_empty_database_gets_every_table_once() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);

    let pending = migrator.status().await.unwrap();
    assert!(pending.iter().all(|migration| migration.applied_at.is_none()), "{pending:?}");
    assert_eq!(texts(&store, TABLES).await, Vec::<String>::new(), "looking changes nothing");
    let error = migrator.check().await.unwrap_err().to_string();
    assert!(error.contains("voc_events, dead_letters") && error.contains("migrate up"), "{error}");

    let applied = migrator.up().await.unwrap();
    let versions: Vec<u32> = applied.iter().map(|migration| migration.version).collect();
    assert_eq!(versions, pending.iter().map(|migration| migration.version).collect::<Vec<_>>());
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    assert!(applied.iter().all(|migration| migration.applied_at.is_some()), "{applied:?}");
    let tables = texts(&store, TABLES).await;
    for table in ["dead_letters", "ledger", "voc_events", "voc_schema_migrations"] {
        assert!(tables.iter().any(|found| found == table), "{tables:?}");
    }
    migrator.check().await.unwrap();

    assert_eq!(migrator.up().await.unwrap(), []);
    assert_eq!(migrator.status().await.unwrap(), applied);
}

#[tokio::test]
async fn concurrent_migrators_do_not_disturb_each_other() {
    let Some(test) = engine_or_skip() else { return };
    for _ in 0..5 {
        let store = empty(&test);
        let migrators = [0; 4].map(|_| {
            let store = store.clone();
            tokio::spawn(async move { Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]).up().await })
        });
        for migrator in migrators {
            migrator.await.unwrap().unwrap();
        }
        let migrator = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);
        migrator.check().await.unwrap();
        assert_eq!(migrator.up().await.unwrap(), []);
    }
}

/// An outside family.
const FURTHER: &[Migration] = &[
    Migration {
        version: 10_001,
        name: "visits",
        sql: "CREATE TABLE IF NOT EXISTS visits (at DateTime('UTC'), page String, shop String, \
              processed_at DateTime64(3, 'UTC'), source_topic String, source_partition Int32, source_epoch Int64, \
              source_offset Int64) ENGINE = ReplacingMergeTree PARTITION BY {{partition_by(at, shop)}} \
              ORDER BY (page, at, source_topic, source_partition, source_epoch, source_offset);\n",
    },
    // It fails the second time, when its condition no longer holds.
    Migration {
        version: 10_007,
        name: "once",
        sql: "-- only if: SELECT toString(count() = 0) FROM system.tables\n--   WHERE database = currentDatabase() AND name = 'once'\n\
              CREATE TABLE once (a Int8) ENGINE = MergeTree ORDER BY a;\n",
    },
];

const VISITS: Table = Table::new("visits", "at").in_seconds().tenant("shop").event_type("page").sorting_key(&[
    "page",
    "at",
    "source_topic",
    "source_partition",
    "source_epoch",
    "source_offset",
]);

/// The content of a database: tables with their keys, columns with their types, and dead letters.
async fn state_of(store: &EmbeddedStore) -> Vec<String> {
    let mut state = Vec::new();
    for sql in [
        "SELECT concat(name, ' ', engine_full) FROM system.tables WHERE database = currentDatabase() ORDER BY name",
        "SELECT concat(table, ' ', name, ' ', type, ' ', default_expression) FROM system.columns \
         WHERE database = currentDatabase() ORDER BY table, name",
        "SELECT concat(toString(version), name) FROM voc_schema_migrations FINAL ORDER BY version",
        "SELECT toString(tuple(*)) FROM (SELECT family, source_topic, source_partition, source_epoch, source_offset, payload, \
         header_values, failed_at FROM dead_letters FINAL ORDER BY ALL)",
        "SELECT toString(tuple(family, table_name, id)) FROM revisions FINAL ORDER BY id",
        "SELECT toString(tuple(family, has_tenants, tenant_ids)) FROM ledger FINAL ORDER BY first_offset",
    ] {
        state.extend(texts(store, sql).await);
    }
    state
}

/// Brings an empty database to the state before families were distinguished, with dead letters, a replay and an entry.
async fn before_families(store: &EmbeddedStore) {
    let mortal = Mortal::on(store, "dead_letters_by_family", 0);
    assert!(Migrator::new(&mortal, PartitionBy::Month).up().await.is_err());
    for sql in [
        "INSERT INTO dead_letters (source_topic, source_partition, source_epoch, source_offset, family, error, key, payload, \
         header_names, header_values, failed_at) SELECT 'it''s', number % 3, number % 2, number, 'voc', 'bad', NULL, \
         if(number % 5 = 0, NULL, unhex('ff00')), ['h'], [NULL], toDateTime64(number, 3, 'UTC') FROM numbers(1000)",
        // Written twice and not merged, as may happen.
        "SYSTEM STOP MERGES dead_letters",
        "INSERT INTO dead_letters (source_topic, source_partition, source_epoch, source_offset, family, failed_at) \
         SELECT 'twice', 0, 0, 7, 'voc', 1",
        "INSERT INTO dead_letters (source_topic, source_partition, source_epoch, source_offset, family, failed_at) \
         SELECT 'twice', 0, 0, 7, 'voc', 2",
        "INSERT INTO revisions (id, source_topic, is_open, change) SELECT 'a replay', 'voc.events', 1, 1",
        "INSERT INTO ledger (family, source_topic, first_offset, tenant_ids) SELECT 'voc', 'voc.events', 5, ['', 'acme']",
    ] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
    let columns =
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND name IN ('has_tenants', 'table_name')";
    assert_eq!(texts(store, columns).await, [] as [String; 0], "this is the state after the migration");
}

async fn migrate<B: SqlBackend>(store: &SqlStore<B>) -> Result<Vec<MigrationStatus>, StoreError> {
    let migrator = Migrator::new(store, PartitionBy::Month).with_migrations(FURTHER);
    migrator.tables(&[Voc::TABLE, VISITS]).up().await
}

/// Every statement can be run again, on tables that are as they should be.
#[tokio::test]
async fn migrations_whose_records_are_deleted_are_planned_and_applied_again() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    migrate(&store).await.unwrap();
    let state = state_of(&store).await;
    let forget = "DELETE FROM voc_schema_migrations WHERE version > 6 AND version < 10000";
    store.backend().execute(forget, &[]).await.unwrap();
    let migrator = Migrator::new(&store, PartitionBy::Month).with_migrations(FURTHER).tables(&[Voc::TABLE, VISITS]);
    let planned: Vec<u32> = migrator.plan().await.unwrap().iter().map(|migration| migration.version).collect();
    assert_eq!(planned[..4], [7, 8, 9, 10]);
    let applied = migrator.up().await.unwrap();
    assert!(applied.iter().map(|migration| migration.version).eq(planned));
    assert_eq!(state_of(&store).await, state);
}

#[tokio::test]
async fn a_plan_is_what_up_would_run_and_changes_nothing() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::TenantMonth).with_migrations(FURTHER);
    let migrator = migrator.tables(&[Voc::TABLE, VISITS]);
    let plan = migrator.plan().await.unwrap();
    assert_eq!(texts(&store, TABLES).await, [] as [&str; 0], "a plan changes nothing");
    let nothing = migrator.plan_from_nothing();
    assert_eq!(nothing.len(), plan.len());
    for (asked, unasked) in plan.iter().zip(&nothing) {
        assert_eq!((asked.version, asked.name), (unasked.version, unasked.name));
        for (asked, unasked) in asked.statements.iter().zip(&unasked.statements) {
            assert_eq!(asked.sql, unasked.sql);
            let is_conditional = unasked.sql.contains("-- only if:");
            assert_eq!(unasked.outlook, if is_conditional { Outlook::Unknown } else { Outlook::Certain });
            assert_eq!(asked.outlook == Outlook::Certain, !is_conditional, "{asked:?}");
            assert!(!asked.sql.contains("{{"), "{}", asked.sql);
        }
    }
    let visits = &plan.iter().find(|migration| migration.name == "visits").unwrap().statements[0].sql;
    assert!(visits.contains("PARTITION BY (shop, toYYYYMM(at))"), "{visits}");

    let applied = migrator.up().await.unwrap();
    let versions = |plan: &[PlannedMigration]| plan.iter().map(|one| one.version).collect::<Vec<_>>();
    assert!(applied.iter().map(|migration| migration.version).eq(versions(&plan)));
    assert_eq!(migrator.plan().await.unwrap(), []);
}

#[tokio::test]
async fn a_plan_asks_the_conditions_of_what_is_missing() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    before_families(&store).await;
    let state = texts(&store, TABLES).await;
    const UNANSWERED: &[Migration] = &[
        FURTHER[0],
        FURTHER[1],
        Migration {
            version: 10_008,
            name: "late",
            sql: "-- only if: SELECT toString(count()) FROM visits\nDROP TABLE visits;\n",
        },
    ];
    let migrator = Migrator::new(&store, PartitionBy::Month).with_migrations(UNANSWERED);
    let outlooks = async |name: &str| {
        let plan = migrator.plan().await.unwrap();
        let found = plan.into_iter().find(|migration| migration.name == name).unwrap();
        found.statements.into_iter().map(|statement| statement.outlook).collect::<Vec<_>>()
    };
    // The table is to be recreated; no earlier attempt has left anything behind.
    let families = outlooks("families").await;
    assert_eq!(families[..4], [Outlook::Holds, Outlook::Holds, Outlook::Holds, Outlook::DoesNotHold], "{families:?}");
    assert_eq!(outlooks("once").await, [Outlook::Holds]);
    assert_eq!(outlooks("late").await, [Outlook::Unknown]);
    store.backend().execute("CREATE TABLE once (a Int8) ENGINE = MergeTree ORDER BY a", &[]).await.unwrap();
    assert_eq!(outlooks("once").await, [Outlook::DoesNotHold]);
    store.backend().execute("DROP TABLE once", &[]).await.unwrap();
    assert_eq!(texts(&store, TABLES).await, state, "a plan changes nothing");
    let plan = migrator.plan().await.unwrap();
    assert!(plan.iter().all(|migration| migration.name != "voc_events"), "it is applied: {plan:?}");
}

#[tokio::test]
async fn a_plan_foresees_what_up_would_refuse() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    before_families(&store).await;
    let plan = async |partition_by| Migrator::new(&store, partition_by).tables(&families::tables()).plan().await;
    plan(PartitionBy::Month).await.unwrap();
    let partitioned = plan(PartitionBy::TenantMonth).await.unwrap_err().to_string();
    assert!(partitioned.contains("VOC_PARTITION_BY is tenant-month"), "{partitioned}");
    store.backend().execute("CREATE TABLE quality_events (a Int8) ENGINE = MergeTree ORDER BY a", &[]).await.unwrap();
    let foreign = plan(PartitionBy::Month).await.unwrap_err().to_string();
    assert!(foreign.contains("there is a table quality_events that another program has created"), "{foreign}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_says_whether_it_has_the_database() {
    let Some(server) = Server::start("has_database").await else { return };
    let backend = ClickHouse::new(server.config());
    assert!(backend.has_database().await.unwrap());
    backend.execute(&format!("DROP DATABASE {}", server.database), &[]).await.unwrap();
    assert!(!backend.has_database().await.unwrap());
    backend.create_database().await.unwrap();
    assert!(backend.has_database().await.unwrap());
}

#[tokio::test]
async fn a_database_with_data_from_before_families_is_migrated() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    before_families(&store).await;
    migrate(&store).await.unwrap();
    let state = state_of(&store).await;
    let dead_letters: Vec<&String> =
        state.iter().filter(|row| row.starts_with("('voc','it") && row.contains("1970")).collect();
    assert_eq!(dead_letters.len(), 1000, "{state:?}");
    assert!(
        dead_letters[1].contains("it\\'s") && dead_letters[1].ends_with("[NULL],'1970-01-01 00:00:06.000')"),
        "{}",
        dead_letters[1]
    );
    for row in ["('voc','voc_events','a replay')", "('voc',true,['','acme'])"] {
        assert!(state.iter().any(|found| found == row), "{state:?}");
    }
    assert_eq!(state.iter().filter(|row| row.starts_with("('voc','twice'")).count(), 1, "{state:?}");
    let key = "(family, source_topic, source_partition, source_offset, source_epoch)";
    let tables: Vec<&String> =
        state.iter().filter(|row| row.starts_with("dead_letters") && row.contains("ENGINE")).collect();
    assert!(state.iter().any(|row| row.starts_with("dead_letters Rep") && row.contains(key)), "{tables:?}");
    assert!(!state.iter().any(|row| row.starts_with("dead_letters_")), "a table is left behind: {state:?}");
    // The columns are those of a new database.
    let new = empty(&test);
    migrate(&new).await.unwrap();
    let of_new = state_of(&new).await;
    let missing: Vec<&String> = of_new.iter().filter(|row| !state.contains(row)).collect();
    assert_eq!(missing, [] as [&String; 0]);
}

#[tokio::test]
async fn a_migration_killed_at_any_statement_is_resumed() {
    let Some(test) = engine_or_skip() else { return };
    let whole = empty(&test);
    before_families(&whole).await;
    migrate(&whole).await.unwrap();
    let expected = state_of(&whole).await;
    for statements in 0.. {
        let store = empty(&test);
        before_families(&store).await;
        let mortal = Mortal::on(&store, "", statements);
        let first = migrate(&mortal).await;
        migrate(&store).await.unwrap();
        assert_eq!(state_of(&store).await, expected, "killed after {statements} statements");
        if first.is_ok() {
            assert!(statements > 10, "{statements}");
            break;
        }
    }
    // Between the two renames of one statement, and with a very late process.
    for killed_at in ["RENAME", "INSERT INTO voc_schema_migrations (version"] {
        let store = empty(&test);
        before_families(&store).await;
        let mortal = Mortal::on(&store, killed_at, 0);
        assert!(migrate(&mortal).await.is_err());
        let half = "RENAME TABLE dead_letters TO dead_letters_without_family";
        store.backend().execute(half, &[]).await.unwrap();
        migrate(&store).await.unwrap();
        assert_eq!(state_of(&store).await, expected, "{killed_at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_written_while_several_processes_migrate_are_kept() {
    let Some(test) = engine_or_skip() else { return };
    for round in 0..4 {
        let store = empty(&test);
        before_families(&store).await;
        let migrators = [0; 3].map(|_| {
            let store = store.clone();
            tokio::spawn(async move { migrate(&store).await })
        });
        let dead_letters: Vec<DeadLetter> = (5000..5040).map(dead_letter).collect();
        for dead_letters in dead_letters.chunks(4) {
            // Between the two renames, there is no table for a moment.
            while store.insert_dead_letters(dead_letters.into()).await.is_err() {}
        }
        for migrator in migrators {
            migrator.await.unwrap().unwrap();
        }
        assert!(store.new_dead_letters(dead_letters.into()).await.unwrap().is_empty(), "in round {round}");
        let dead_letters = state_of(&store).await.into_iter().filter(|row| row.starts_with("('voc','it"));
        assert_eq!(dead_letters.count(), 1040, "in round {round}");
        assert!(!texts(&store, TABLES).await.iter().any(|table| table.starts_with("dead_letters_")));
    }
}

fn dead_letter(offset: i64) -> DeadLetter {
    DeadLetter {
        family: "voc",
        error_type: String::new(),
        error: String::new(),
        path: String::new(),
        tenant_id: String::new(),
        topic: "it's".into(),
        partition: 0,
        epoch: 0,
        offset,
        key: None,
        payload: None,
        headers: vec![],
        failed_at: Timestamp::from_millis(offset),
    }
}

/// A process that is killed before a statement: after so many changes that contain a word.
struct Mortal<B> {
    store: SqlStore<B>,
    word: &'static str,
    left: AtomicUsize,
}

impl<B: SqlBackend> Mortal<B> {
    fn on(store: &SqlStore<B>, word: &'static str, left: usize) -> SqlStore<Self> {
        SqlStore::new(Self { store: store.clone(), word, left: AtomicUsize::new(left) })
    }
}

#[async_trait]
impl<B: SqlBackend> SqlBackend for Mortal<B> {
    async fn session(&self) -> Result<Box<dyn SqlSession + '_>, StoreError> {
        self.store.backend().session().await
    }

    async fn session_open_at(&self, instant: Instant) -> Result<Option<Box<dyn SqlSession + '_>>, StoreError> {
        self.store.backend().session_open_at(instant).await
    }

    async fn execute(&self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        if sql.contains(self.word) && self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_err() {
            return Err(StoreError::Unavailable("the process was killed".to_owned()));
        }
        self.store.backend().execute(sql, params).await
    }
}

#[tokio::test]
async fn calls_stored_before_their_facts_were_columns_have_none() {
    let Some(test) = engine_or_skip() else { return };
    check_call_facts(&empty(&test)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_stored_before_their_facts_were_columns_have_none_on_a_server() {
    let Some(server) = Server::start("call_facts").await else { return };
    check_call_facts(&server.store()).await;
}

/// The columns of what is known of a call, in the order of the table.
const FACTS: &str = "toString(tuple(call_id, agent_id, call_quality, tags, turns, customer_words, agent_words, \
    other_words, longest_monologue_words, agent_talk_ms, customer_talk_ms, other_talk_ms, non_talk_ms, \
    agent_interruptions, customer_interruptions, response_ms, customer_sentiment, agent_sentiment, first_quarter_sentiment, \
    last_quarter_sentiment, sentiment_change, worst_turn_sentiment, topics, topic_scores, topic_sentiments, \
    escalation_phrases, churn_phrases))";

async fn check_call_facts<B: SqlBackend>(store: &SqlStore<B>) {
    let ask = async |sql: String| store.backend().select_texts(&sql, &[]).await.unwrap();
    let mortal = Mortal::on(store, "call_quality", 0);
    assert!(Migrator::new(&mortal, PartitionBy::Month).up().await.is_err());
    let old = "INSERT INTO voc_events (event_id, tenant_id, event_type, ts, payload, call_id, sentiment, topic, \
        processed_at, source_topic, source_partition, source_epoch, source_offset) \
        SELECT generateUUIDv4(), 'acme', 'call', toDateTime64(1770033600 + number * 2000000, 3, 'UTC'), '{}', \
        concat('old-', toString(number)), 0.5, 'billing', toDateTime64(1770033600, 3, 'UTC'), 'voc.events', 0, 0, number \
        FROM numbers(4)";
    store.backend().execute(old, &[]).await.unwrap();
    let migrator = Migrator::new(store, PartitionBy::Month).tables(&[Voc::TABLE]);
    let error = migrator.check().await.unwrap_err().to_string();
    assert!(error.contains("not applied: call_facts"), "{error}");

    let applied = migrator.up().await.unwrap();
    assert_eq!(applied.iter().map(|migration| migration.version).collect::<Vec<_>>(), [10, 11, 12, 13]);
    migrator.check().await.unwrap();
    let facts = |table: &str, call: &str| format!("SELECT {FACTS} FROM {table} WHERE call_id = '{call}'");
    let none = "('old-1','',{},{},NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,[],[],[],[],[])";
    assert_eq!(ask(facts("voc_events", "old-1")).await, [none]);

    let batch = call_with_facts();
    store.insert(batch.clone()).await.unwrap();
    store.reinsert(batch).await.unwrap();
    let new = "('new','a-1',{'mos':4.25},{},3,5,7,0,6,4000,2500,0,1500,1,2,NULL,-0.5,0.25,-0.5,0.5,1,-0.75,['billing','sales'],[0.75,0.25],[-0.5,NULL],[],['cancel my account'])";
    // A part of both versions of the table, too.
    for table in ["voc_events", "voc_events FINAL"] {
        assert_eq!(ask(facts(table, "new")).await, [new], "{table}");
        assert_eq!(ask(facts(table, "old-1")).await, [none], "{table}");
    }
    store.backend().execute("OPTIMIZE TABLE voc_events FINAL", &[]).await.unwrap();
    for (call, expected) in [("new", new), ("old-1", none)] {
        assert_eq!(ask(facts("voc_events", call)).await, [expected]);
    }
    let plan = ask("EXPLAIN indexes = 1 SELECT payload FROM voc_events WHERE call_id = 'new'".to_owned()).await;
    assert!(plan.iter().any(|line| line.contains("idx_call_id")), "{plan:?}");
    let all = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    let tenant = TenantId::new("acme").unwrap();
    assert_eq!(store.summary(&Voc::TABLE, Some(&tenant), all).await.unwrap()[0].event_count, 5);
}

fn call_with_facts() -> Arc<InsertBatch> {
    let text = r#"{"event_id":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","tenant_id":"acme","timestamp":1770033700,
        "event_type":"call","call_id":"new","call_quality":{"mos":4.25,"codec":"opus"},"metadata":{"agent_id":"a-1"}}"#;
    let voc = Voc::for_topic("voc.events", &DecodeOptions::default());
    let event = voc.decode(text, &Envelope::default()).unwrap().event;
    let call = RowCall {
        turns: 3,
        customer_words: 5,
        agent_words: 7,
        other_words: 0,
        longest_monologue_words: 6,
        times: Some(RowCallTimes {
            agent_talk_ms: 4000,
            customer_talk_ms: 2500,
            other_talk_ms: 0,
            non_talk_ms: 1500,
            agent_interruptions: 1,
            customer_interruptions: 2,
            response_ms: None,
        }),
        customer_sentiment: Some(-0.5),
        agent_sentiment: Some(0.25),
        first_quarter_sentiment: Some(-0.5),
        last_quarter_sentiment: Some(0.5),
        sentiment_change: Some(1.0),
        worst_turn_sentiment: Some(-0.75),
        topics: vec![
            RowTopic { topic: "billing", score: 0.75, sentiment: Some(-0.5) },
            RowTopic { topic: "sales", score: 0.25, sentiment: None },
        ],
        escalation_phrases: vec![],
        churn_phrases: vec!["cancel my account"],
    };
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    builder.push(&event, text, &RowAnnotation { call: Some(&call), ..RowAnnotation::default() }, 9).unwrap();
    let range =
        SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 9, last: 9 };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_770_100_000_000)))
}

#[tokio::test]
async fn the_version_before_times_goes_on_working() {
    let Some(test) = engine_or_skip() else { return };
    check_times(&empty(&test)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_times_goes_on_working_on_a_server() {
    let Some(server) = Server::start("call_times").await else { return };
    check_times(&server.store()).await;
}

async fn check_times<B: SqlBackend>(store: &SqlStore<B>) {
    let mortal = Mortal::on(store, "agent_talk_ms", 0);
    assert!(Migrator::new(&mortal, PartitionBy::Month).up().await.is_err());
    // What an earlier program writes before the migration, and after it.
    let insert = async |call: &str| {
        let sql = format!(
            "INSERT INTO voc_events (event_id, tenant_id, event_type, ts, payload, call_id, turns, processed_at, source_topic, \
             source_partition, source_epoch, source_offset) SELECT generateUUIDv4(), 'acme', 'call', \
             toDateTime64(1770033600, 3, 'UTC'), '{{}}', '{call}', 2, toDateTime64(1770033600, 3, 'UTC'), 'voc.events', 0, 0, 1"
        );
        store.backend().execute(&sql, &[]).await.unwrap();
    };
    insert("before").await;
    let applied = Migrator::new(store, PartitionBy::Month).up().await.unwrap();
    assert_eq!(applied.iter().map(|migration| migration.version).collect::<Vec<_>>(), [13]);
    insert("after").await;
    store.insert(call_with_facts()).await.unwrap();
    let times = "SELECT concat(call_id, ' ', toString(tuple(turns, agent_talk_ms, customer_interruptions, response_ms))) \
        FROM voc_events FINAL ORDER BY call_id";
    let times = store.backend().select_texts(times, &[]).await.unwrap();
    assert_eq!(times, ["after (2,NULL,NULL,NULL)", "before (2,NULL,NULL,NULL)", "new (3,4000,2,NULL)"]);
}

#[tokio::test]
async fn further_migrations_belong_to_outside_families() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let applied = migrate(&store).await.unwrap();
    assert!(applied.iter().rev().map(|migration| migration.version).take(2).eq([10_007, 10_001]));
    assert_eq!(migrate(&store).await.unwrap(), []);
    // A program without the family leaves its table alone.
    let without = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);
    assert_eq!(without.up().await.unwrap(), []);
    without.check().await.unwrap();

    const TAKEN: &[Migration] = &[Migration { version: 9999, name: "visits", sql: "" }];
    const TWICE: &[Migration] = &[FURTHER[0], FURTHER[0]];
    for further in [TAKEN, TWICE] {
        let error = Migrator::new(&store, PartitionBy::Month).with_migrations(further).up().await.unwrap_err();
        assert!(matches!(error, StoreError::Migration(_)) && error.to_string().contains("_visits"), "{error:?}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_match_its_family_is_refused() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    migrate(&store).await.unwrap();
    const MORE: Table = VISITS.promoted(&[Column::new("seconds", ColumnKind::OptI64)]).annotated();
    const NO_TIME: Table =
        VISITS.sorting_key(&["page", "source_topic", "source_partition", "source_epoch", "source_offset"]);
    const OTHER_KEY: Table =
        VISITS.sorting_key(&["at", "source_topic", "source_partition", "source_epoch", "source_offset"]);
    const NOWHERE: Table = {
        let mut table = VISITS;
        table.name = "nowhere";
        table
    };
    const OTHER_TYPE: Table = {
        let mut table = VISITS.promoted(&[Column::new("page", ColumnKind::OptI64)]);
        table.event_type = None;
        table.sorting_key(&["shop", "at", "source_topic", "source_partition", "source_epoch", "source_offset"])
    };
    const WRONG: Table = VISITS.sorting_key(&["page"]);
    const TYPE_AS_TENANT: Table = VISITS.tenant("page").event_type("shop");
    for (table, words) in [
        (MORE, &["visits has no column seconds, sentiment, topic", "ALTER TABLE"] as &[&str]),
        (OTHER_KEY, &["visits is sorted by (page, at", "sorted by (at, source_topic", "another database"]),
        (NOWHERE, &["no table nowhere", "restore it from a backup"]),
        (OTHER_TYPE, &["the column page of the table visits is of type String", "MODIFY COLUMN page Nullable(Int64)"]),
        (WRONG, &["the table visits cannot be used"]),
        (NO_TIME, &["the table visits cannot be used", "the column at"]),
        (TYPE_AS_TENANT, &[]),
    ] {
        let migrator = Migrator::new(&store, PartitionBy::Month).with_migrations(FURTHER).tables(&[Voc::TABLE, table]);
        for outcome in [migrator.up().await.map(drop), migrator.check().await] {
            // Partitioned by month, there is no column of tenants to compare.
            let Err(error) = outcome else {
                assert_eq!(table, TYPE_AS_TENANT);
                continue;
            };
            let text = error.to_string();
            assert!(matches!(error, StoreError::Migration(_) | StoreError::Table(_)), "{error:?}");
            assert!(!words.is_empty() && words.iter().all(|word| text.contains(word)), "{text}");
        }
    }
}

/// The tables of the systems that this one replaces have the same names.
#[tokio::test]
async fn a_table_of_another_program_is_refused_before_anything_changes() {
    let Some(test) = engine_or_skip() else { return };
    for (name, columns) in [
        ("voc_events", "tenant_id String, ts DateTime64(3), event_id UUID"),
        ("ai_analytics_events", "app_id String, event_name String, timestamp DateTime"),
    ] {
        let store = empty(&test);
        let execute = async |sql: String| store.backend().execute(&sql, &[]).await.unwrap();
        execute(format!("CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY tuple()")).await;
        let migrator = Migrator::new(&store, PartitionBy::Month).tables(&families::tables());
        let error = migrator.up().await.unwrap_err();
        assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
        let advice = format!("RENAME TABLE {name} TO {name}_old");
        assert!(error.to_string().contains(&advice), "{error}");
        assert_eq!(texts(&store, TABLES).await, [name, "voc_schema_migrations"]);
        // The advice works.
        execute(advice).await;
        migrator.up().await.unwrap();
        migrator.check().await.unwrap();
        // A table that is lost later is not created again as if nothing had been in it.
        execute(format!("DROP TABLE {name}")).await;
        let error = migrator.up().await.unwrap_err().to_string();
        assert!(error.contains(&format!("no table {name}, although all migrations are applied")), "{error}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);
    migrator.up().await.unwrap();
    // One that goes on working with this program is none of its business.
    let newer = "INSERT INTO voc_schema_migrations SELECT 9998, 'more_of_the_future', 'x', now64(3), 11";
    store.backend().execute(newer, &[]).await.unwrap();
    assert_eq!(migrator.up().await.unwrap(), []);
    migrator.check().await.unwrap();
    let newer = "INSERT INTO voc_schema_migrations (version, name, checksum, applied_at) \
        SELECT 9999, 'of_the_future', 'x', now64(3)";
    store.backend().execute(newer, &[]).await.unwrap();
    for error in [migrator.up().await.map(drop), migrator.status().await.map(drop), migrator.check().await] {
        let error = error.unwrap_err();
        assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
        let error = error.to_string();
        assert!(error.contains("9999_of_the_future") && error.contains("use a newer program"), "{error}");
    }
}

#[tokio::test]
async fn a_migration_applied_from_another_file_is_refused() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);
    migrator.up().await.unwrap();
    for statement in [
        "DELETE FROM voc_schema_migrations WHERE version = 1",
        "INSERT INTO voc_schema_migrations SELECT 1, 'voc_events', 'another checksum', now64(3), 1",
    ] {
        store.backend().execute(statement, &[]).await.unwrap();
    }
    let error = migrator.up().await.unwrap_err().to_string();
    assert!(error.contains("0001_voc_events was applied from another file"), "{error}");
}

#[tokio::test]
async fn the_partitioning_is_fixed_when_the_table_is_created() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    assert_eq!(store.partition_by(&Voc::TABLE).await.unwrap(), None);
    Migrator::new(&store, PartitionBy::TenantMonth).tables(&[Voc::TABLE]).up().await.unwrap();
    assert_eq!(store.partition_by(&Voc::TABLE).await.unwrap(), Some(PartitionBy::TenantMonth));
    let other = Migrator::new(&store, PartitionBy::Month).tables(&[Voc::TABLE]);
    for error in [other.up().await.map(drop), other.check().await] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("VOC_PARTITION_BY is month") && error.contains("with tenant-month"), "{error}");
    }
}

#[test]
fn the_partitioning_setting_parses_what_it_prints() {
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        assert_eq!(partition_by.to_string().parse::<PartitionBy>().unwrap(), partition_by);
    }
    assert!("daily".parse::<PartitionBy>().unwrap_err().to_string().contains("daily"));
}

//! Backups with the engine's own statements, as docs/clickhouse.md describes them: what is restored under another name
//! is what was backed up, for every question that the programs ask, and what an older backup brings back is erased.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use support::{Row, batch, second};
use voc_events::{Family, TenantId, families, voc::Voc};
use voc_store::{
    Account, AuditWindow, AuditedLog, Erased, Erasure, EventQueries, EventStore, InsertBatch, LedgerEntry,
    LedgerFilter, Migrator, PartitionBy, Period, ReinsertOutcome, SqlBackend, SqlSession, StoreError,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::{TestEngine, engine_or_skip};

/// The limit on what is awaited; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

const ROWS: i64 = 40;
const OF_ACME: u64 = 30;
const OF_GLOBEX: u64 = 10;

fn open(test: &TestEngine, database: &str) -> EmbeddedStore {
    let options = EmbeddedOptions::default().with_database(database);
    EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap())
}

fn migrator(store: &EmbeddedStore) -> Migrator<'_, EmbeddedBackend> {
    Migrator::new(store, PartitionBy::Month).tables(&families::tables())
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

/// A day apart, so of two months; every fourth is another tenant's.
fn rows() -> Arc<InsertBatch> {
    let row = |number: i64| Row {
        tenant: if number % 4 == 0 { "globex" } else { "acme" }.to_owned(),
        time: second(number * 86_400),
        ..Row::default()
    };
    batch(PartitionBy::Month, &Vec::from_iter((0..ROWS).map(row)), 0)
}

/// A database with tables, rows and their account; and the rows.
async fn filled(test: &TestEngine, database: &str) -> (EmbeddedStore, Arc<InsertBatch>) {
    let store = open(test, database);
    migrator(&store).up().await.unwrap();
    let rows = rows();
    store.insert(Arc::clone(&rows)).await.unwrap();
    let account = |rows: u64| Account { consumed: rows, stored: rows, dead_lettered: 0, duplicates: 0 };
    let tenants = [("acme", OF_ACME), ("globex", OF_GLOBEX)];
    let entry = LedgerEntry {
        range: rows.range.clone(),
        records: OF_ACME + OF_GLOBEX,
        has_tenants: true,
        tenants: tenants.into_iter().map(|(tenant, rows)| (tenant.to_owned(), account(rows))).collect(),
        gaps: Vec::new(),
        processed_at: second(0),
    };
    store.record(&entry).await.unwrap();
    (store, rows)
}

/// ClickHouse's code for a statement whose name another one still has.
const STILL_RUNNING: i32 = 216;

/// Runs a statement of a session with a backup in its memory. The engine answers a moment before it has done with a
/// backup, and refuses the session's next statement until then.
async fn run(session: &mut (dyn SqlSession + '_), sql: &str) -> Result<(), StoreError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match session.execute(sql, &[]).await {
            Err(StoreError::Rejected { code: STILL_RUNNING, .. }) if Instant::now() < deadline => {}
            outcome => return outcome,
        }
    }
}

async fn back_up(session: &mut (dyn SqlSession + '_), database: &str) {
    run(session, &format!("BACKUP DATABASE {database} TO Memory('backup')")).await.unwrap();
}

async fn restore(session: &mut (dyn SqlSession + '_), database: &str, copy: &str) {
    run(session, &format!("RESTORE DATABASE {database} AS {copy} FROM Memory('backup')")).await.unwrap();
}

async fn texts(store: &EmbeddedStore, sql: &str) -> Vec<String> {
    store.backend().select_texts(sql, &[]).await.unwrap()
}

/// Rows, sums by tenant and type, and accounts.
async fn answers(store: &EmbeddedStore) -> String {
    let rows = texts(store, "SELECT formatRowNoNewline('JSONEachRow', *) FROM voc_events ORDER BY source_offset").await;
    let acme = store.summary(&Voc::TABLE, Some(&tenant("acme")), Period::EVER).await.unwrap();
    let all = store.summary(&Voc::TABLE, None, Period::EVER).await.unwrap();
    let ledger = store.ledger(&LedgerFilter::default()).await.unwrap();
    assert_eq!((rows.len(), all.len(), ledger.len()), (usize::try_from(ROWS).unwrap(), 1, 1));
    format!("{rows:?}\n{acme:?}\n{all:?}\n{ledger:?}")
}

/// Whether the ledger and the rows agree at every offset.
async fn agree(store: &EmbeddedStore) -> bool {
    let log = AuditedLog {
        family: Voc::NAME,
        table: Voc::TABLE.name,
        topic: "voc.events".to_owned(),
        partition: 3,
        epoch: 0,
    };
    let windows = store.audit(&log, i64::MAX, 8).await.unwrap();
    assert!(!windows.is_empty());
    windows.iter().all(AuditWindow::agrees)
}

#[tokio::test]
async fn what_is_restored_under_another_name_gives_the_same_answers() {
    let Some(test) = engine_or_skip() else { return };
    let (database, copy) = (test.fresh_database(), test.fresh_database());
    let (store, rows) = filled(&test, &database).await;
    let mut session = store.backend().session().await.unwrap();
    back_up(&mut *session, &database).await;
    restore(&mut *session, &database, &copy).await;
    drop(session);

    let copy = open(&test, &copy);
    assert_eq!(answers(&copy).await, answers(&store).await);
    assert!(agree(&copy).await);
    assert_eq!(migrator(&copy).status().await.unwrap(), migrator(&store).status().await.unwrap());
    migrator(&copy).check().await.unwrap();
    assert!(migrator(&copy).up().await.unwrap().is_empty());
    // The hourly rollups came along; the engine refuses if it would have to read the rows.
    let rollups = "SELECT toString(sum(events)) FROM (SELECT tenant_id, toStartOfHour(ts), count() AS events \
        FROM voc_events GROUP BY tenant_id, toStartOfHour(ts)) SETTINGS force_optimize_projection = 1";
    assert_eq!(texts(&copy, rollups).await, [ROWS.to_string()]);
    // Tokens do not come along; a re-insert relies on what is there.
    let outcome = copy.reinsert(rows).await.unwrap();
    assert_eq!(outcome, ReinsertOutcome { found: 40, ..ReinsertOutcome::default() });
    copy.check_deduplication(&families::tables()).await.unwrap();
}

#[tokio::test]
async fn rows_are_restored_into_tables_that_were_made_by_migrations() {
    let Some(test) = engine_or_skip() else { return };
    let (database, copy) = (test.fresh_database(), test.fresh_database());
    let (store, _) = filled(&test, &database).await;
    let other = open(&test, &copy);
    migrator(&other).up().await.unwrap();
    let mut session = store.backend().session().await.unwrap();
    back_up(&mut *session, &database).await;
    let restore = format!(
        "RESTORE DATABASE {database} AS {copy} EXCEPT TABLES voc_schema_migrations FROM Memory('backup') \
         SETTINGS allow_different_table_def = 1"
    );
    run(&mut *session, &restore).await.unwrap();
    assert_eq!(answers(&other).await, answers(&store).await);
    assert!(agree(&other).await);
    migrator(&other).check().await.unwrap();

    // What has rows is left alone, rather than filled a second time.
    let error = run(&mut *session, &restore).await.unwrap_err().to_string();
    assert!(error.contains("already contains some data"), "{error}");
    assert_eq!(answers(&other).await, answers(&store).await);
}

#[tokio::test]
async fn what_was_erased_since_the_backup_is_erased_again_by_what_was_noted() {
    let Some(test) = engine_or_skip() else { return };
    let (database, copy) = (test.fresh_database(), test.fresh_database());
    let (store, _) = filled(&test, &database).await;
    let mut session = store.backend().session().await.unwrap();
    back_up(&mut *session, &database).await;
    let families = [*families::find(Voc::NAME).unwrap()];
    let erasure = Erasure::new(families.to_vec(), Some(tenant("acme")), None).unwrap();
    let erased = Erased { rows: OF_ACME, dead_letters: 0 };
    assert_eq!(store.erase(&erasure, &()).await.unwrap().erased, erased);
    restore(&mut *session, &database, &copy).await;

    let restored = open(&test, &copy);
    let acme = Some(tenant("acme"));
    let of_acme = async || restored.summary(&Voc::TABLE, acme.as_ref(), Period::EVER).await.unwrap().len();
    assert_eq!(of_acme().await, 1, "the backup knows nothing of the erasure");
    assert_eq!(restored.erase_again(&families, &()).await.unwrap(), Erased::default());
    for table in ["erased_records", "erasures"] {
        let notes = format!("INSERT INTO {copy}.{table} SELECT * FROM {database}.{table}");
        run(&mut *session, &notes).await.unwrap();
    }
    assert!(!agree(&restored).await);
    assert_eq!(restored.erase_again(&families, &()).await.unwrap(), erased);
    assert_eq!(of_acme().await, 0);
    assert!(agree(&restored).await);
    assert_eq!(restored.erasures().await.unwrap(), store.erasures().await.unwrap());
}

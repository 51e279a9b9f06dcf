//! Migrations on the embedded engine.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use voc_store::{
    MigrationStatus, Migrator, PartitionBy, SqlBackend, StoreError,
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
    let migrator = Migrator::new(&store, PartitionBy::Month);

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
async fn migrators_at_the_same_time_do_not_disturb_each_other() {
    let Some(test) = engine_or_skip() else { return };
    for _ in 0..5 {
        let store = empty(&test);
        let migrators = [0; 4].map(|_| {
            let store = store.clone();
            tokio::spawn(async move { Migrator::new(&store, PartitionBy::Month).up().await })
        });
        for migrator in migrators {
            migrator.await.unwrap().unwrap();
        }
        let migrator = Migrator::new(&store, PartitionBy::Month);
        migrator.check().await.unwrap();
        assert_eq!(migrator.up().await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_interrupted_migration_is_taken_up_again() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::Month);
    migrator.up().await.unwrap();
    // As if the process had ended after the statements and before the record.
    let migrations = migrator.status().await.unwrap();
    for MigrationStatus { version, .. } in &migrations {
        let forget = format!("DELETE FROM voc_schema_migrations WHERE version = {version}");
        store.backend().execute(&forget, &[]).await.unwrap();
        assert_eq!(migrator.up().await.unwrap().len(), 1);
    }
    migrator.check().await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let Some(test) = engine_or_skip() else { return };
    let store = empty(&test);
    let migrator = Migrator::new(&store, PartitionBy::Month);
    migrator.up().await.unwrap();
    let newer = "INSERT INTO voc_schema_migrations SELECT 9999, 'of_the_future', 'x', now64(3)";
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
    let migrator = Migrator::new(&store, PartitionBy::Month);
    migrator.up().await.unwrap();
    for statement in [
        "DELETE FROM voc_schema_migrations WHERE version = 1",
        "INSERT INTO voc_schema_migrations SELECT 1, 'voc_events', 'another checksum', now64(3)",
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
    assert_eq!(store.partition_by().await.unwrap(), None);
    Migrator::new(&store, PartitionBy::TenantMonth).up().await.unwrap();
    assert_eq!(store.partition_by().await.unwrap(), Some(PartitionBy::TenantMonth));
    let other = Migrator::new(&store, PartitionBy::Month);
    for error in [other.up().await.map(drop), other.check().await] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("VOC_PARTITION_BY is month") && error.contains("with tenant-month"), "{error}");
    }
}

#[test]
fn the_partitionings_setting_reads_as_it_is_written() {
    for partition_by in [PartitionBy::Month, PartitionBy::TenantMonth] {
        assert_eq!(partition_by.to_string().parse::<PartitionBy>().unwrap(), partition_by);
    }
    assert!("daily".parse::<PartitionBy>().unwrap_err().to_string().contains("daily"));
}

//! The check at start-up that a repeated insert adds nothing, on the embedded engine and through klickhouse.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod clickhouse_support;

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use clickhouse_support::Server;
use voc_events::{Family, voc::Voc};
use voc_store::{
    Migrator, PartitionBy, SqlBackend, SqlStore, StoreError,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

const WITHOUT_WINDOW: &str = "MODIFY SETTING non_replicated_deduplication_window = 0";

#[tokio::test]
async fn the_engine_deduplicates_until_a_table_is_altered() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    check_altered_tables(&EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_deduplicates_until_a_table_is_altered() {
    let Some(server) = Server::start("deduplication").await else { return };
    check_altered_tables(&server.store()).await;
}

async fn check_altered_tables<B: SqlBackend>(store: &SqlStore<B>) {
    store.check_deduplication(&[Voc::TABLE]).await.unwrap();
    Migrator::new(store, PartitionBy::TenantMonth).up().await.unwrap();
    store.check_deduplication(&[Voc::TABLE]).await.unwrap();
    for table in ["dead_letters", "voc_events"] {
        store.backend().execute(&format!("ALTER TABLE {table} {WITHOUT_WINDOW}"), &[]).await.unwrap();
        let error = store.check_deduplication(&[Voc::TABLE]).await.unwrap_err();
        assert!(matches!(error, StoreError::Misconfigured(_)), "{error:?}");
        let error = error.to_string();
        for word in [table, "twice", "non_replicated_deduplication_window", "--allow-no-deduplication"] {
            assert!(error.contains(word), "{word} is not in: {error}");
        }
    }
    assert_eq!(probes(store).await, [] as [String; 0], "a probe is left behind");
}

#[tokio::test]
async fn a_table_that_forwards_rows_is_refused_and_receives_none() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    for sql in [
        "RENAME TABLE voc_events TO voc_events_local",
        "CREATE TABLE voc_events AS voc_events_local ENGINE = Buffer(currentDatabase(), voc_events_local, 1, 1, 1, 1, 1, 1, 1)",
    ] {
        store.backend().execute(sql, &[]).await.unwrap();
    }
    let error = store.check_deduplication(&[Voc::TABLE]).await.unwrap_err().to_string();
    assert!(error.contains("Buffer") && error.contains("--allow-no-deduplication"), "{error}");
    let stored = store.backend().select_texts("SELECT toString(count()) FROM voc_events", &[]).await.unwrap();
    assert_eq!(stored, ["0"]);
}

#[tokio::test]
async fn a_probe_left_behind_by_a_killed_process_is_dropped() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    for name in ["voc_deduplication_probe_old", "voc_deduplication_probe_young"] {
        store.backend().execute(&format!("CREATE TABLE {name} (n Int8) ENGINE = Memory"), &[]).await.unwrap();
    }
    let path = "SELECT metadata_path FROM system.tables WHERE name = 'voc_deduplication_probe_old'";
    let path = test.directory().join(&store.backend().select_texts(path, &[]).await.unwrap()[0]);
    let file = File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(2 * 3600)).unwrap();

    store.check_deduplication(&[Voc::TABLE]).await.unwrap();
    assert_eq!(probes(&store).await, ["voc_deduplication_probe_young"], "another process may be using it");
}

async fn probes<B: SqlBackend>(store: &SqlStore<B>) -> Vec<String> {
    let sql =
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'voc_dedup%' ORDER BY name";
    store.backend().select_texts(sql, &[]).await.unwrap()
}

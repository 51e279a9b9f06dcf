//! Numbered SQL files, applied in order, recorded in the table `voc_schema_migrations`.
//!
//! ClickHouse has no locks, so two processes may apply the same file at the same time: every statement of a file can be run
//! again (`IF NOT EXISTS`), and a file is recorded by a row of its version, of which a second one is no other.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{Param, PartitionBy, SqlBackend, SqlStore, StoreError};

/// Oldest server whose tables can hold the schema: projections on ReplacingMergeTree.
const OLDEST_SERVER: (u32, u32) = (24, 8);

/// A file: a migration never changes once it is released.
struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "voc_events", sql: include_str!("../migrations/0001_voc_events.sql") },
    Migration { version: 2, name: "dead_letters", sql: include_str!("../migrations/0002_dead_letters.sql") },
    Migration { version: 3, name: "source_epoch", sql: include_str!("../migrations/0003_source_epoch.sql") },
    Migration { version: 4, name: "ledger", sql: include_str!("../migrations/0004_ledger.sql") },
    Migration { version: 5, name: "revisions", sql: include_str!("../migrations/0005_revisions.sql") },
];

const CREATE_RECORDS: &str = "\
    CREATE TABLE IF NOT EXISTS voc_schema_migrations \
    (version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC')) \
    ENGINE = ReplacingMergeTree ORDER BY version";

impl Migration {
    /// Of the file as it is, so that it does not depend on how this database is partitioned.
    fn checksum(&self) -> String {
        Sha256::digest(self.sql).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The file's statements; a statement ends with a semicolon at the end of a line.
    fn statements(&self, partition_by: PartitionBy) -> Vec<String> {
        let sql = self.sql.replace("{{partition_by}}", partition_key(partition_by));
        sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
    }
}

/// A migration and whether it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// When it was applied, in UTC; `None` if it was not.
    pub applied_at: Option<String>,
}

/// A row of `voc_schema_migrations`; it comes as an array, so the fields are in the order of the query.
#[derive(Deserialize)]
struct Record {
    version: u32,
    name: String,
    checksum: String,
    applied_at: String,
}

/// Brings a database's tables up to this program's version.
#[derive(Debug)]
pub struct Migrator<'s, B> {
    store: &'s SqlStore<B>,
    partition_by: PartitionBy,
}

impl<'s, B: SqlBackend> Migrator<'s, B> {
    /// Migrations for a store. `partition_by` takes effect when the tables are created and is fixed from then on.
    #[must_use]
    pub fn new(store: &'s SqlStore<B>, partition_by: PartitionBy) -> Self {
        Self { store, partition_by }
    }

    /// Applies what is missing; returns the migrations it applied. Safe to run from several processes at once.
    ///
    /// # Errors
    /// [`StoreError::Migration`] if the server is too old, the database is newer than this program, an applied file was another
    /// one, or the tables are partitioned another way; [`StoreError`] if a statement fails.
    pub async fn up(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.check_server().await?;
        self.store.backend().execute(CREATE_RECORDS, &[]).await?;
        let records = self.checked_records().await?;
        let mut applied = Vec::new();
        for migration in MIGRATIONS.iter().filter(|migration| !records.contains_key(&migration.version)) {
            self.apply(migration).await?;
            tracing::info!(version = migration.version, name = migration.name, "migration applied");
            applied.push(migration.version);
        }
        self.check_partitioning().await?;
        let status = self.status().await?;
        Ok(status.into_iter().filter(|migration| applied.contains(&migration.version)).collect())
    }

    /// Every migration of this program, and when it was applied.
    ///
    /// # Errors
    /// As [`up`](Self::up).
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut records = self.checked_records().await?;
        let status = |migration: &Migration| MigrationStatus {
            version: migration.version,
            name: migration.name,
            applied_at: records.remove(&migration.version).map(|record| record.applied_at),
        };
        Ok(MIGRATIONS.iter().map(status).collect())
    }

    /// Checks that every migration is applied, and that the tables are partitioned as configured.
    ///
    /// # Errors
    /// [`StoreError::Migration`] naming what is missing and what to do; else as [`up`](Self::up).
    pub async fn check(&self) -> Result<(), StoreError> {
        let status = self.status().await?;
        let pending: Vec<&str> =
            status.iter().filter(|migration| migration.applied_at.is_none()).map(|migration| migration.name).collect();
        if !pending.is_empty() {
            return Err(StoreError::Migration(format!(
                "migrations not applied: {}; run `cargo xtask migrate up`, or start with --migrate",
                pending.join(", ")
            )));
        }
        self.check_partitioning().await
    }

    async fn apply(&self, migration: &Migration) -> Result<(), StoreError> {
        let failed = |error: StoreError| match error {
            StoreError::Rejected { code, message } => StoreError::Migration(format!(
                "migration {:04}_{} failed (code {code}): {message}",
                migration.version, migration.name
            )),
            other => other,
        };
        for statement in migration.statements(self.partition_by) {
            self.store.backend().execute(&statement, &[]).await.map_err(failed)?;
        }
        let record = "INSERT INTO voc_schema_migrations \
            SELECT {version:UInt32}, {name:String}, {checksum:String}, now64(3, 'UTC')";
        let params = [
            Param::new("version", migration.version),
            Param::new("name", migration.name),
            Param::new("checksum", migration.checksum()),
        ];
        self.store.backend().execute(record, &params).await
    }

    async fn checked_records(&self) -> Result<BTreeMap<u32, Record>, StoreError> {
        let exists = "SELECT toString(count()) FROM system.tables \
            WHERE database = currentDatabase() AND name = 'voc_schema_migrations'";
        if self.store.backend().select_texts(exists, &[]).await? == ["0"] {
            return Ok(BTreeMap::new());
        }
        // Where two processes applied a file at the same time, the earlier row counts.
        let records: Vec<Record> = self
            .store
            .select(
                "SELECT formatRowNoNewline('JSONCompactEachRow', version, name, checksum, applied_at) FROM \
                 (SELECT version, name, checksum, applied_at FROM voc_schema_migrations \
                 ORDER BY version, applied_at LIMIT 1 BY version)",
                &[],
            )
            .await?;
        let records: BTreeMap<u32, Record> = records.into_iter().map(|record| (record.version, record)).collect();
        check_records(&records)?;
        Ok(records)
    }

    async fn check_server(&self) -> Result<(), StoreError> {
        let versions = self.store.backend().select_texts("SELECT version()", &[]).await?;
        let version = versions.first().map_or("", String::as_str);
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        match (numbers.next(), numbers.next()) {
            (Some(major), Some(minor)) if (major, minor) < OLDEST_SERVER => Err(StoreError::Migration(format!(
                "ClickHouse {version} is too old: version {}.{} or newer is needed",
                OLDEST_SERVER.0, OLDEST_SERVER.1
            ))),
            _ => Ok(()),
        }
    }

    async fn check_partitioning(&self) -> Result<(), StoreError> {
        let found = self.store.partition_by().await?;
        if found.is_none_or(|found| found == self.partition_by) {
            return Ok(());
        }
        Err(StoreError::Migration(format!(
            "VOC_PARTITION_BY is {}, but the table voc_events was created with {}; the partitioning of a table cannot change: \
             set it back, or use another database",
            self.partition_by,
            found.unwrap_or_default()
        )))
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// How the event tables are partitioned; `None` if there are none yet.
    ///
    /// # Errors
    /// [`StoreError::Migration`] if it is none of the ways this program knows.
    pub async fn partition_by(&self) -> Result<Option<PartitionBy>, StoreError> {
        let keys = self
            .backend()
            .select_texts(
                "SELECT partition_key FROM system.tables WHERE database = currentDatabase() AND name = 'voc_events'",
                &[],
            )
            .await?;
        let Some(key) = keys.first() else { return Ok(None) };
        let without_parentheses = |key: &str| key.trim_matches(['(', ')']).to_owned();
        [PartitionBy::Month, PartitionBy::TenantMonth]
            .into_iter()
            .find(|known| without_parentheses(partition_key(*known)) == without_parentheses(key))
            .map(Some)
            .ok_or_else(|| {
                StoreError::Migration(format!(
                    "the table voc_events is partitioned by {key}, which this program cannot use"
                ))
            })
    }
}

fn partition_key(partition_by: PartitionBy) -> &'static str {
    match partition_by {
        PartitionBy::Month => "toYYYYMM(ts)",
        PartitionBy::TenantMonth => "(tenant_id, toYYYYMM(ts))",
    }
}

/// The applied files must be those of this program.
fn check_records(records: &BTreeMap<u32, Record>) -> Result<(), StoreError> {
    for record in records.values() {
        let Some(migration) = MIGRATIONS.iter().find(|migration| migration.version == record.version) else {
            return Err(StoreError::Migration(format!(
                "the database is newer than this program: it has migration {:04}_{}, the newest known here is {:04}; \
                 use a newer program",
                record.version,
                record.name,
                MIGRATIONS.last().map_or(0, |newest| newest.version)
            )));
        };
        if migration.checksum() != record.checksum {
            return Err(StoreError::Migration(format!(
                "migration {:04}_{} was applied from another file (checksum {}, here {}); \
                 use the program that applied it, or another database",
                record.version,
                record.name,
                record.checksum,
                migration.checksum()
            )));
        }
    }
    Ok(())
}

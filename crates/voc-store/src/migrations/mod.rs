//! Numbered SQL files, applied in order, recorded in the table `voc_schema_migrations`.
//!
//! ClickHouse has no locks, so two processes may apply the same file at the same time. Therefore every statement of a
//! file can be run again, because it says `IF NOT EXISTS` or has a [condition](Migration::sql), and a file is recorded
//! as a row with its version, of which a second one changes nothing.

mod file;
mod layout;
mod plan;
mod schema;

use std::collections::BTreeMap;

use serde::Deserialize;
use voc_events::Table;

pub use self::file::{FIRST_OUTSIDE_VERSION, Migration};
use self::file::{MIGRATIONS, Statement};
pub use self::layout::TableLayout;
pub use self::plan::{Outlook, PlannedMigration, PlannedStatement};
pub(crate) use self::schema::OWN_COLUMN;
use crate::{Param, PartitionBy, SqlBackend, SqlStore, StoreError};

/// Oldest server whose tables support the schema: projections on ReplacingMergeTree.
const OLDEST_SERVER: (u32, u32) = (24, 8);

/// What to do about tables that this program cannot use.
const HOW_TO_MIGRATE: &str = "run `voc-processor migrate up`, or start with --migrate";

/// What creates the records. The last column came later: programs before it need to know every migration.
const CREATE_RECORDS: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS voc_schema_migrations \
     (version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC')) \
     ENGINE = ReplacingMergeTree ORDER BY version",
    "ALTER TABLE voc_schema_migrations ADD COLUMN IF NOT EXISTS oldest_program UInt32 DEFAULT version",
];

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

/// A row of `voc_schema_migrations`; it arrives as an array, so the fields are in the order of the query.
#[derive(Deserialize)]
struct Record {
    version: u32,
    name: String,
    checksum: String,
    applied_at: String,
    /// The newest migration that a program must know to use the tables.
    oldest_program: u32,
}

/// Brings a database's tables up to this program's version.
#[derive(Debug)]
pub struct Migrator<'s, B> {
    store: &'s SqlStore<B>,
    partition_by: PartitionBy,
    further: &'static [Migration],
    tables: Vec<Table>,
}

impl<'s, B: SqlBackend> Migrator<'s, B> {
    /// Migrations for a store. `partition_by` takes effect when the tables are created and is fixed from then on.
    #[must_use]
    pub fn new(store: &'s SqlStore<B>, partition_by: PartitionBy) -> Self {
        Self { store, partition_by, further: &[], tables: Vec::new() }
    }

    /// Adds migrations of families outside of this workspace, after the built-in ones. Their versions are
    /// [`FIRST_OUTSIDE_VERSION`] and up, in ascending order.
    #[must_use]
    pub fn with_migrations(self, further: &'static [Migration]) -> Self {
        Self { further, ..self }
    }

    /// Tables to check for the columns, the sorting key and the partitioning that this program expects.
    #[must_use]
    pub fn tables(self, tables: &[Table]) -> Self {
        Self { tables: tables.to_vec(), ..self }
    }

    /// Applies the missing migrations and returns them. Several processes may run it at once.
    ///
    /// # Errors
    /// [`StoreError::Migration`] if the server is too old, the database is newer than this program, an applied file
    /// differs, a table is not as the program needs it, or one of its name exists that another program has created;
    /// [`StoreError::Table`] if a table cannot hold its family's events; [`StoreError`] if a statement fails.
    pub async fn up(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.check_server().await?;
        let layout = self.store.backend().layout();
        for statement in CREATE_RECORDS {
            self.store.backend().execute(&layout.applied_to(statement), &[]).await?;
        }
        let records = self.checked_records().await?;
        let is_applied = |migration: &&Migration| records.contains_key(&migration.version);
        for migration in self.migrations().filter(|migration| !is_applied(migration)) {
            self.check_is_not_foreign(migration).await?;
        }
        let mut applied = Vec::new();
        for migration in self.migrations().filter(|migration| !is_applied(migration)) {
            self.apply(migration).await?;
            tracing::info!(version = migration.version, name = migration.name, "migration applied");
            applied.push(migration.version);
        }
        self.check_tables().await?;
        let status = self.status().await?;
        Ok(status.into_iter().filter(|migration| applied.contains(&migration.version)).collect())
    }

    /// Every migration of this program, and when it was applied.
    ///
    /// # Errors
    /// Like [`up`](Self::up).
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut records = self.checked_records().await?;
        let status = |migration: &Migration| MigrationStatus {
            version: migration.version,
            name: migration.name,
            applied_at: records.remove(&migration.version).map(|record| record.applied_at),
        };
        Ok(self.migrations().map(status).collect())
    }

    /// Checks that every migration is applied, and that the tables are as the program needs them.
    ///
    /// # Errors
    /// [`StoreError::Migration`] that names what is missing and what to do; else like [`up`](Self::up).
    pub async fn check(&self) -> Result<(), StoreError> {
        let status = self.status().await?;
        let pending: Vec<&str> =
            status.iter().filter(|migration| migration.applied_at.is_none()).map(|migration| migration.name).collect();
        if !pending.is_empty() {
            return Err(StoreError::Migration(format!(
                "migrations not applied: {}; {HOW_TO_MIGRATE}",
                pending.join(", ")
            )));
        }
        self.check_tables().await
    }

    fn migrations(&self) -> impl Iterator<Item = &'static Migration> + use<B> {
        MIGRATIONS.iter().chain(self.further)
    }

    async fn apply(&self, migration: &Migration) -> Result<(), StoreError> {
        for statement in migration.statements(self.partition_by, &self.store.backend().layout()) {
            let Err(error) = self.run(&statement).await else { continue };
            // A statement may no longer be possible if another process has run it and continued from there.
            if matches!(error, StoreError::Rejected { .. }) && self.records().await?.contains_key(&migration.version) {
                return Ok(());
            }
            return Err(match error {
                StoreError::Rejected { code, message } => StoreError::Migration(format!(
                    "migration {:04}_{} failed (code {code}): {message}",
                    migration.version, migration.name
                )),
                other => other,
            });
        }
        let record = "INSERT INTO voc_schema_migrations (version, name, checksum, applied_at, oldest_program) \
            SELECT {version:UInt32}, {name:String}, {checksum:String}, now64(3, 'UTC'), {oldest_program:UInt32}";
        let params = [
            Param::new("version", migration.version),
            Param::new("name", migration.name),
            Param::new("checksum", migration.checksum()),
            Param::new("oldest_program", migration.oldest_program()),
        ];
        self.store.backend().execute(record, &params).await
    }

    /// Runs a statement if its condition holds. If it fails and the condition no longer holds, another process has run
    /// it.
    async fn run(&self, statement: &Statement) -> Result<(), StoreError> {
        if !self.is_wanted(statement).await? {
            return Ok(());
        }
        match self.store.backend().execute(&statement.sql, &[]).await {
            Err(StoreError::Rejected { .. }) if !self.is_wanted(statement).await? => Ok(()),
            outcome => outcome,
        }
    }

    async fn is_wanted(&self, statement: &Statement) -> Result<bool, StoreError> {
        let Some(condition) = &statement.condition else { return Ok(true) };
        let answer = self.store.backend().select_texts(condition, &[]).await?;
        Ok(answer.first().is_some_and(|answer| answer != "0"))
    }

    async fn checked_records(&self) -> Result<BTreeMap<u32, Record>, StoreError> {
        self.check_further()?;
        let records = self.records().await?;
        self.check_records(&records)?;
        Ok(records)
    }

    async fn records(&self) -> Result<BTreeMap<u32, Record>, StoreError> {
        let columns = "SELECT name FROM system.columns \
            WHERE database = currentDatabase() AND table = 'voc_schema_migrations'";
        let columns = self.store.backend().select_texts(columns, &[]).await?;
        if columns.is_empty() {
            return Ok(BTreeMap::new());
        }
        let oldest_program =
            if columns.iter().any(|name| name == "oldest_program") { "oldest_program" } else { "version" };
        // If two processes applied a file at the same time, the earlier row counts.
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', version, name, checksum, applied_at, oldest) FROM \
             (SELECT version, name, checksum, applied_at, {oldest_program} AS oldest FROM voc_schema_migrations \
             ORDER BY version, applied_at LIMIT 1 BY version)"
        );
        let records: Vec<Record> = self.store.select(&sql, &[]).await?;
        Ok(records.into_iter().map(|record| (record.version, record)).collect())
    }

    /// Outside migrations must not be mistaken for others.
    fn check_further(&self) -> Result<(), StoreError> {
        let mut before = FIRST_OUTSIDE_VERSION - 1;
        for Migration { version, name, .. } in self.further {
            if *version <= before {
                return Err(StoreError::Migration(format!(
                    "migration {version:04}_{name} does not belong to a family outside of this workspace: those have versions from \
                     {FIRST_OUTSIDE_VERSION} on, in ascending order"
                )));
            }
            before = *version;
        }
        Ok(())
    }

    /// The applied files must be those of this program.
    fn check_records(&self, records: &BTreeMap<u32, Record>) -> Result<(), StoreError> {
        let newest = MIGRATIONS.last().map_or(0, |newest| newest.version);
        for record in records.values() {
            let Some(migration) = self.migrations().find(|migration| migration.version == record.version) else {
                // Belongs to a family that this program does not have.
                if record.version >= FIRST_OUTSIDE_VERSION {
                    continue;
                }
                // So that programs can be replaced one by one, and replaced by older ones again.
                if record.oldest_program <= newest {
                    continue;
                }
                return Err(StoreError::Migration(format!(
                    "the database is newer than this program: it has migration {:04}_{}, the newest known here is {newest:04}; \
                     use a newer program",
                    record.version, record.name,
                )));
            };
            if !migration.has_checksum(&record.checksum) {
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
}

//! Questions about an engine and the rights of its user, whose answers say why a store cannot be used.

use voc_events::{Table, Timestamp};

use super::{SHARED_TABLES, SqlBackend, SqlStore};
use crate::StoreError;

/// Tables that are only read while batches are stored.
const READ_TABLES: [&str; 4] = ["erased_records", "retention", "revisions", "voc_schema_migrations"];

/// A disk on which an engine keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its name in the engine's configuration.
    pub name: String,
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that it has.
    pub total: u64,
    /// Whether nothing can be written to it.
    pub is_read_only: bool,
}

/// A right that a user lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRight {
    /// The right, as in `GRANT`.
    pub privilege: &'static str,
    /// The table.
    pub table: String,
    /// The engine's refusal.
    pub refusal: String,
}

impl<B: SqlBackend> SqlStore<B> {
    /// The version of the engine.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn engine_version(&self) -> Result<String, StoreError> {
        let versions = self.backend().select_texts("SELECT version()", &[]).await?;
        Ok(versions.into_iter().next().unwrap_or_default())
    }

    /// The time on the engine's clock.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn engine_clock(&self) -> Result<Timestamp, StoreError> {
        let times: Vec<i64> = self.select("SELECT toString(toUnixTimestamp64Milli(now64(3)))", &[]).await?;
        Ok(Timestamp::from_millis(times.into_iter().next().unwrap_or_default()))
    }

    /// The engine's own disks, without storage elsewhere, whose room it does not know.
    ///
    /// # Errors
    /// [`StoreError::Denied`] if the user may not know; else [`StoreError`].
    pub async fn disks(&self) -> Result<Vec<Disk>, StoreError> {
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', name, free_space, total_space, is_read_only) \
            FROM system.disks WHERE NOT is_remote \
            SETTINGS output_format_json_quote_64bit_integers = 0";
        let rows: Vec<(String, u64, u64, u8)> = self.select(sql, &[]).await?;
        let disk = |(name, free, total, is_read_only)| Disk { name, free, total, is_read_only: is_read_only != 0 };
        Ok(rows.into_iter().map(disk).collect())
    }

    /// The rights to store batches in these tables that the user lacks; none if it lacks none. Each is tried with a
    /// statement about no rows. The tables must exist.
    ///
    /// # Errors
    /// [`StoreError`] if a statement fails for another reason.
    pub async fn missing_rights(&self, tables: &[Table]) -> Result<Vec<MissingRight>, StoreError> {
        let written = || tables.iter().map(|table| table.name).chain(SHARED_TABLES);
        let mut missing = Vec::new();
        for table in written().chain(READ_TABLES) {
            let select = format!("SELECT toString(ignore(*)) FROM {table} LIMIT 0");
            if let Some(refusal) = refusal(self.backend().select_texts(&select, &[]).await.map(drop))? {
                missing.push(MissingRight { privilege: "SELECT", table: table.to_owned(), refusal });
            }
        }
        for table in written() {
            let insert = format!("INSERT INTO {table} SELECT * FROM {table} LIMIT 0");
            // A table that cannot be read would be refused for that.
            let is_readable = missing.iter().all(|right| right.table != table);
            if is_readable && let Some(refusal) = refusal(self.backend().execute(&insert, &[]).await)? {
                missing.push(MissingRight { privilege: "INSERT", table: table.to_owned(), refusal });
            }
        }
        Ok(missing)
    }
}

/// Why a statement is not allowed; `None` if it is.
fn refusal(outcome: Result<(), StoreError>) -> Result<Option<String>, StoreError> {
    match outcome {
        Ok(()) => Ok(None),
        Err(StoreError::Denied(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(error),
    }
}

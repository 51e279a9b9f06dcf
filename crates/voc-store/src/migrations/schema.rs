//! Checks that the tables of a database are as this program expects.

use std::collections::HashMap;

use voc_events::Table;

use super::{Migration, Migrator, file::partition_key};
use crate::{Param, PartitionBy, RowBatch, SqlBackend, SqlStore, StoreError};

/// Columns with the same value in every row of a batch; the others are those of [`RowBatch`].
const COLUMNS_OF_BATCHES: [&str; 4] = ["processed_at", "source_topic", "source_partition", "source_epoch"];

/// A column that every table of events has from its first migration on, and that tables of other programs lack.
pub(crate) const OWN_COLUMN: &str = "source_offset";

impl<B: SqlBackend> Migrator<'_, B> {
    pub(super) async fn check_tables(&self) -> Result<(), StoreError> {
        for table in &self.tables {
            table.check()?;
            self.check_columns(table).await?;
            self.check_sorting_key(table).await?;
            self.check_partitioning(table).await?;
        }
        Ok(())
    }

    /// Tables that exist must be partitioned as the tables to come would be.
    pub(super) async fn check_partitionings(&self) -> Result<(), StoreError> {
        for table in &self.tables {
            self.check_partitioning(table).await?;
        }
        Ok(())
    }

    /// Before a migration creates a table: a table of that name must not be one that another program has created. The
    /// migration would leave it alone, because another process may be applying it at the same time.
    pub(super) async fn check_is_not_foreign(&self, migration: &Migration) -> Result<(), StoreError> {
        let name = migration.name;
        if !self.tables.iter().any(|table| table.name == name) {
            return Ok(());
        }
        let found = self.column_types(name).await?;
        if found.is_empty() || found.contains_key(OWN_COLUMN) {
            return Ok(());
        }
        Err(StoreError::Migration(format!(
            "there is a table {name} that another program has created: it has no column {OWN_COLUMN}; if it is that of the Python \
             service, `voc-processor adopt` takes its events over, else rename it (RENAME TABLE {name} TO {name}_old), or use \
             another database (CLICKHOUSE_DB), then migrate again"
        )))
    }

    /// The columns of a table with their types; empty if there is no such table.
    async fn column_types(&self, table: &str) -> Result<HashMap<String, String>, StoreError> {
        let sql = "SELECT concat(name, ' ', type) FROM system.columns \
            WHERE database = currentDatabase() AND table = {table:String}";
        let found = self.store.backend().select_texts(sql, &[Param::new("table", table)]).await?;
        let pair = |line: String| line.split_once(' ').map(|(name, kind)| (name.to_owned(), kind.to_owned()));
        Ok(found.into_iter().filter_map(pair).collect())
    }

    async fn check_columns(&self, table: &Table) -> Result<(), StoreError> {
        let name = table.name;
        let found = self.column_types(name).await?;
        if found.is_empty() {
            return Err(StoreError::Migration(format!(
                "there is no table {name}, although all migrations are applied; restore it from a backup, or use another \
                 database (CLICKHOUSE_DB)"
            )));
        }
        let rows = RowBatch::new(*table);
        let needed = rows.columns().map(|(column, _)| column.name).chain(COLUMNS_OF_BATCHES);
        let missing: Vec<&str> = needed.filter(|column| !found.contains_key(*column)).collect();
        if !missing.is_empty() {
            return Err(StoreError::Migration(format!(
                "the table {name} has no column {}, although all migrations are applied; add it again with ALTER TABLE, \
                 or use another database (CLICKHOUSE_DB)",
                missing.join(", ")
            )));
        }
        for (column, values) in rows.columns() {
            let (found, needed) = (&found[column.name], values.type_name());
            if plain_type(found) != needed {
                return Err(StoreError::Migration(format!(
                    "the column {} of the table {name} is of type {found}, but this program needs {needed}; change it back: ALTER \
                     TABLE {name} MODIFY COLUMN {} {needed}",
                    column.name, column.name
                )));
            }
        }
        Ok(())
    }

    /// Rows that are equal in the sorting key are the same event, so the program and the engine must use the same key.
    async fn check_sorting_key(&self, table: &Table) -> Result<(), StoreError> {
        let Some(found) = self.store.table_text(table, "sorting_key").await? else { return Ok(()) };
        let found = plain(&found);
        let needed = table.sorting_key.join(", ");
        if found == needed {
            return Ok(());
        }
        Err(StoreError::Migration(format!(
            "the table {} is sorted by ({found}), but this program needs it sorted by ({needed}); use the program that \
             created the table, or another database (CLICKHOUSE_DB)",
            table.name
        )))
    }

    async fn check_partitioning(&self, table: &Table) -> Result<(), StoreError> {
        let found = self.store.partition_by(table).await?;
        // Without tenants there is only one way.
        if table.tenant.is_none() || found.is_none_or(|found| found == self.partition_by) {
            return Ok(());
        }
        Err(StoreError::Migration(format!(
            "VOC_PARTITION_BY is {}, but the table {} was created with {}; the partitioning of a table cannot change: \
             set it back, or use another database",
            self.partition_by,
            table.name,
            found.unwrap_or_default()
        )))
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// How a table is partitioned; `None` if it does not exist yet. A table without tenants is partitioned by month.
    ///
    /// # Errors
    /// [`StoreError::Migration`] if it is none of the ways that this program knows.
    pub async fn partition_by(&self, table: &Table) -> Result<Option<PartitionBy>, StoreError> {
        let Some(found) = self.table_text(table, "partition_key").await? else { return Ok(None) };
        let tenant = table.tenant.map(|column| column.name);
        [PartitionBy::Month, PartitionBy::TenantMonth]
            .into_iter()
            .find(|known| plain(&partition_key(*known, table.time.name, tenant)) == plain(&found))
            .map(Some)
            .ok_or_else(|| {
                let name = table.name;
                StoreError::Migration(format!(
                    "the table {name} is partitioned by {found}, which this program cannot use"
                ))
            })
    }

    /// A column of the engine's list of tables, for one table.
    async fn table_text(&self, table: &Table, column: &str) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT {column} FROM system.tables WHERE database = currentDatabase() AND name = {{table:String}}"
        );
        Ok(self.backend().select_texts(&sql, &[Param::new("table", table.name)]).await?.pop())
    }
}

/// A column's type without `LowCardinality`, which changes how values are stored but not how they are sent.
fn plain_type(found: &str) -> &str {
    found.strip_prefix("LowCardinality(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(found)
}

/// A key without enclosing parentheses, and without the quotes that an engine may write around names.
fn plain(key: &str) -> String {
    key.trim_matches(['(', ')']).replace('`', "")
}

//! Whether several servers have the same rows.

use voc_events::Table;

use super::ClickHouseStore;
use crate::{
    StoreError,
    sql::{SHARED_TABLES, is_replicated},
};

impl ClickHouseStore {
    /// Checks that these tables and the store's own are replicated, if there are several servers: else each would
    /// have the rows that happened to reach it.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if one is not; [`StoreError`] if the server cannot answer.
    pub async fn check_replication(&self, tables: &[Table]) -> Result<(), StoreError> {
        if self.backend().config().others.is_empty() {
            return Ok(());
        }
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', name, engine) FROM system.tables \
            WHERE database = currentDatabase()";
        let engines: Vec<(String, String)> = self.select(sql, &[]).await?;
        // Every server reads from its own what was erased, and what is kept.
        let needed = tables.iter().map(|table| table.name).chain(SHARED_TABLES).chain(["erased_records", "retention"]);
        let is_local =
            |table: &str| engines.iter().any(|(name, engine)| name.as_str() == table && !is_replicated(engine));
        match needed.into_iter().find(|table| is_local(table)) {
            None => Ok(()),
            Some(table) => Err(StoreError::Misconfigured(format!(
                "there are other servers (CLICKHOUSE_OTHER_HOSTS), and the table {table} is not replicated: each server would \
                 have the rows that happened to reach it. Create the tables on a cluster (CLICKHOUSE_CLUSTER), or name one server"
            ))),
        }
    }
}

//! Whether several servers have the same rows.

use voc_events::Table;

use super::ClickHouseStore;
use crate::{Param, SqlBackend as _, StoreError, sql::is_replicated};

impl ClickHouseStore {
    /// Checks that these tables and the dead letters are replicated, if there are several servers: else each would
    /// have the rows that happened to reach it.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if one is not; [`StoreError`] if the server cannot answer.
    pub async fn check_replication(&self, tables: &[Table]) -> Result<(), StoreError> {
        if self.backend().config().others.is_empty() {
            return Ok(());
        }
        for table in tables.iter().map(|table| table.name).chain(["dead_letters", "ledger"]) {
            let sql = "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = {table:String}";
            let engines = self.backend().select_texts(sql, &[Param::new("table", table)]).await?;
            if engines.iter().any(|engine| !is_replicated(engine)) {
                return Err(StoreError::Misconfigured(format!(
                    "there are other servers (CLICKHOUSE_OTHER_HOSTS), and the table {table} is not replicated: each server would \
                     have the rows that happened to reach it. Create the tables on a cluster (CLICKHOUSE_CLUSTER), or name one server"
                )));
            }
        }
        Ok(())
    }
}

//! What parts a table has now.

use voc_events::Table;

use super::parts::Parts;
use crate::{
    Param, StoreError, TenantScope,
    sql::{SqlBackend, SqlSession, SqlStore, parse},
};

impl dyn SqlSession + '_ {
    /// The table's parts, as the engine of this session has them now.
    pub(super) async fn parts(&mut self, table: &Table) -> Result<Parts, StoreError> {
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', partition_id, toInt64(toUnixTimestamp(min_time)), \
            toInt64(toUnixTimestamp(max_time)), min_block_number, max_block_number, level) FROM system.parts \
            WHERE database = currentDatabase() AND table = {table:String} AND active AND rows > 0 \
            ORDER BY partition_id, min_time SETTINGS output_format_json_quote_64bit_integers = 0";
        match self.select_texts_of_all(sql, &[Param::new("table", table.name)]).await {
            Ok(parts) => Ok(Parts(Some(parse(&parts)?))),
            Err(StoreError::Denied(_)) => Ok(Parts(None)),
            Err(error) => Err(error),
        }
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// A hash of what changes with every insert and mutation of a table, and not with merges, which leave answers as
    /// they are.
    pub(super) async fn version_of(&self, table: &Table) -> Result<Option<String>, StoreError> {
        // The data version of a part without mutations is its first block, which a merge changes.
        let sql = "SELECT hex(sipHash128(groupArray((partition_id, last_insert, last_mutation)))) FROM \
            (SELECT partition_id, max(max_block_number) AS last_insert, \
            max(if(data_version > min_block_number, data_version, 0)) AS last_mutation FROM system.parts \
            WHERE database = currentDatabase() AND table = {table:String} AND active AND rows > 0 \
            GROUP BY partition_id ORDER BY partition_id)";
        match self.select_texts_about(&TenantScope::All, sql, &[Param::new("table", table.name)]).await {
            Ok(versions) => Ok(versions.into_iter().next()),
            Err(StoreError::Denied(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

//! The engines of tables.

use super::SqlSession;
use crate::{Param, StoreError};

impl dyn SqlSession + '_ {
    /// The engine of a table with its arguments and clauses; `None` if there is no such table.
    pub(crate) async fn engine_of(&mut self, table: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}";
        Ok(self.select_texts(sql, &[Param::new("table", table)]).await?.pop())
    }
}

/// Whether a table with this engine stores its rows itself.
pub(crate) fn is_merge_tree(engine: &str) -> bool {
    let name = engine.split(['(', ' ']).next().unwrap_or_default();
    name.ends_with("MergeTree")
}

/// Whether tables of an engine keep their tokens in Keeper, written with the part in one transaction.
pub(crate) fn is_replicated(engine: &str) -> bool {
    engine.starts_with("Replicated") || engine.starts_with("Shared")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_local_table_can_lose_rows_behind_their_token() {
        for engine in ["ReplicatedReplacingMergeTree", "SharedReplacingMergeTree", "ReplicatedMergeTree('/a', 'b')"] {
            assert!(is_replicated(engine), "{engine}");
        }
        for engine in ["ReplacingMergeTree", "MergeTree"] {
            assert!(!is_replicated(engine), "{engine}");
        }
    }

    #[test]
    fn a_table_of_tables_stores_nothing_itself() {
        for engine in ["MergeTree ORDER BY a", "ReplacingMergeTree(v) ORDER BY a", "SharedMergeTree('/t', 'r')"] {
            assert!(is_merge_tree(engine), "{engine}");
        }
        assert!(!is_merge_tree("Distributed('c', 'd', 'MergeTree')"));
    }
}

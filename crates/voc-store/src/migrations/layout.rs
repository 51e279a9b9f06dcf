//! How tables are laid out on servers: the files describe the tables of one server.

/// How tables are laid out on servers.
///
/// ```
/// use voc_store::TableLayout;
///
/// let layout = TableLayout::default().on_cluster("production").with_storage_policy("tiered");
/// assert_ne!(layout, TableLayout::default());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableLayout {
    /// The cluster, of which every server has every row.
    cluster: Option<String>,
    /// Where the servers put the tables with rows and dead letters.
    storage_policy: Option<String>,
}

/// What a file says, and what a replicated table has instead. Its servers remember tokens in Keeper, and would forget
/// them after a time, which may be an hour.
const WINDOW: &str = "non_replicated_deduplication_window = 10000";
const REPLICATED_WINDOW: &str =
    "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800";

/// The beginnings of statements about the tables themselves, which must reach every server. What a statement changes
/// within a replicated table reaches the others through Keeper.
const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS ";
const AT_THE_END: [&str; 2] = ["RENAME TABLE ", "DROP TABLE "];

impl TableLayout {
    /// On all servers of a cluster, as it is called in their configuration: each table is replicated through Keeper,
    /// and statements about tables run on every server. The cluster has one shard.
    #[must_use]
    pub fn on_cluster(self, cluster: impl Into<String>) -> Self {
        Self { cluster: Some(cluster.into()), ..self }
    }

    /// With a storage policy, as it is called in the servers' configuration.
    #[must_use]
    pub fn with_storage_policy(self, policy: impl Into<String>) -> Self {
        Self { storage_policy: Some(policy.into()), ..self }
    }

    /// What names the cluster in a statement; empty if there is none.
    pub(crate) fn on_all_servers(&self) -> String {
        self.cluster.as_ref().map(|cluster| format!(" ON CLUSTER {}", crate::sql::quoted(cluster))).unwrap_or_default()
    }

    /// A statement of a file, with the comment before it, as this layout needs it.
    pub(super) fn applied_to(&self, sql: &str) -> String {
        let mut statement = sql.to_owned();
        if let Some(policy) = &self.storage_policy {
            let own = format!("storage_policy = {}, {WINDOW}", crate::sql::quoted(policy));
            statement = statement.replace(WINDOW, &own);
        }
        if self.cluster.is_none() {
            return statement;
        }
        let cluster = self.on_all_servers();
        let lines = statement.lines().map(|line| {
            if let Some(name) = line.strip_prefix(CREATE_TABLE) {
                let (name, rest) = name.split_once(' ').unwrap_or((name, ""));
                let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
                return format!("{CREATE_TABLE}{name}{cluster}{rest}");
            }
            if AT_THE_END.iter().any(|beginning| line.starts_with(beginning)) {
                return format!("{line}{cluster}");
            }
            line.to_owned()
        });
        let statement = lines.collect::<Vec<_>>().join("\n");
        // A server puts in the names when it creates the table, so the path stays when the table is renamed.
        let path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";
        statement
            .replace("ENGINE = ReplacingMergeTree(", &format!("ENGINE = ReplicatedReplacingMergeTree({path}, "))
            .replace("ENGINE = ReplacingMergeTree ", &format!("ENGINE = ReplicatedReplacingMergeTree({path}) "))
            .replace(WINDOW, REPLICATED_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_the_tables_of_the_files() {
        let sql = "-- Why.\nCREATE TABLE IF NOT EXISTS a\n(b String)\nENGINE = ReplacingMergeTree(c) ORDER BY b";
        assert_eq!(TableLayout::default().applied_to(sql), sql);
    }

    #[test]
    fn a_cluster_has_replicated_tables_on_every_server() {
        let layout = TableLayout::default().on_cluster("it's").with_storage_policy("tiered");
        let path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";
        for (of_file, of_cluster) in [
            (
                "-- Why.\nCREATE TABLE IF NOT EXISTS a\n(b String)\nENGINE = ReplacingMergeTree(c)\nORDER BY b\nSETTINGS \
                 non_replicated_deduplication_window = 10000"
                    .to_owned(),
                format!(
                    "-- Why.\nCREATE TABLE IF NOT EXISTS a ON CLUSTER 'it\\'s'\n(b String)\nENGINE = \
                     ReplicatedReplacingMergeTree({path}, c)\nORDER BY b\nSETTINGS storage_policy = 'tiered', \
                     replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"
                ),
            ),
            (
                "CREATE TABLE IF NOT EXISTS a (b String) ENGINE = ReplacingMergeTree ORDER BY b".to_owned(),
                format!(
                    "CREATE TABLE IF NOT EXISTS a ON CLUSTER 'it\\'s' (b String) ENGINE = \
                     ReplicatedReplacingMergeTree({path}) ORDER BY b"
                ),
            ),
            ("RENAME TABLE a TO b, c TO a".to_owned(), "RENAME TABLE a TO b, c TO a ON CLUSTER 'it\\'s'".to_owned()),
            ("DROP TABLE IF EXISTS a".to_owned(), "DROP TABLE IF EXISTS a ON CLUSTER 'it\\'s'".to_owned()),
            ("ALTER TABLE a\n    ADD COLUMN b String".to_owned(), "ALTER TABLE a\n    ADD COLUMN b String".to_owned()),
        ] {
            assert_eq!(layout.applied_to(&of_file), of_cluster);
        }
    }
}

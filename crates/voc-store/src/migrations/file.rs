//! The migration files, and how they are read.

use sha2::{Digest, Sha256};

use super::TableLayout;
use crate::{PartitionBy, hex::hex};

/// Versions from here on are for families outside of this workspace. A program that does not know an applied one of
/// them leaves its tables alone.
pub const FIRST_OUTSIDE_VERSION: u32 = 10_000;

/// A file: a migration never changes once it is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its number, by which migrations are ordered and recorded.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// Its statements. Each ends with a semicolon at the end of a line, and can be run again, even while another
    /// process runs it.
    ///
    /// `{{partition_by(time, tenant)}}` stands for the partitioning that the operator chose, by these columns;
    /// `{{partition_by(time)}}` for that of a table without tenants.
    ///
    /// A line `-- works with: 10` says that programs which know the migrations up to this number can go on working
    /// with the tables afterwards, as they must during a rolling update. Without it, only programs that know the
    /// migration itself can.
    ///
    /// In the comment before a statement, the lines from `-- only if:` on are a condition: a `SELECT` of one text. The
    /// statement is run unless that is `0`, and may fail if it is `0` afterwards.
    ///
    /// ```
    /// # use voc_store::Migration;
    /// const VISITS: Migration = Migration {
    ///     version: 10_042,
    ///     name: "visits",
    ///     sql: "-- Who was where.
    /// CREATE TABLE IF NOT EXISTS visits (at DateTime64(3, 'UTC'), shop String)
    /// ENGINE = MergeTree PARTITION BY {{partition_by(at, shop)}} ORDER BY (shop, at);
    ///
    /// -- only if: SELECT toString(count()) FROM system.tables WHERE database = currentDatabase() AND name = 'calls'
    /// DROP TABLE calls;
    /// ",
    /// };
    /// ```
    pub sql: &'static str,
}

/// The migrations of this workspace's families, in order.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "voc_events", sql: include_str!("../../migrations/0001_voc_events.sql") },
    Migration { version: 2, name: "dead_letters", sql: include_str!("../../migrations/0002_dead_letters.sql") },
    Migration { version: 3, name: "source_epoch", sql: include_str!("../../migrations/0003_source_epoch.sql") },
    Migration { version: 4, name: "ledger", sql: include_str!("../../migrations/0004_ledger.sql") },
    Migration { version: 5, name: "revisions", sql: include_str!("../../migrations/0005_revisions.sql") },
    Migration { version: 6, name: "families", sql: include_str!("../../migrations/0006_families.sql") },
    Migration {
        version: 7,
        name: "user_activity_events",
        sql: include_str!("../../migrations/0007_user_activity_events.sql"),
    },
    Migration {
        version: 8,
        name: "ai_analytics_events",
        sql: include_str!("../../migrations/0008_ai_analytics_events.sql"),
    },
    Migration { version: 9, name: "quality_events", sql: include_str!("../../migrations/0009_quality_events.sql") },
    Migration { version: 10, name: "call_facts", sql: include_str!("../../migrations/0010_call_facts.sql") },
    Migration { version: 11, name: "erasures", sql: include_str!("../../migrations/0011_erasures.sql") },
    Migration { version: 12, name: "retention", sql: include_str!("../../migrations/0012_retention.sql") },
    Migration { version: 13, name: "call_times", sql: include_str!("../../migrations/0013_call_times.sql") },
];

/// Checksums of files as they were while the product was developed. They differ in comments, and in settings of tables
/// that make no difference to what is stored: a database that was made with them can be used and migrated.
const EARLIER_CHECKSUMS: &[(u32, &[&str])] = &[
    (
        1,
        &[
            "35654e4545c6cd76a6a6dfe734b6611052e62daabe3905ffb95336c958ef3e05",
            "d01574e4f94bb00d1f74bb927be6e52867691836043bc2cb16ddd553af28aa82",
            "60b9478f30980051f14f229f275a82b6a9a02447c95aad68233889f251f3775a",
        ],
    ),
    (2, &["fdeb8f57ed04c33d0aaeeaec410757bded7c0e22f1dae075113aeded876a7b46"]),
    (3, &["4c9bbcd36da188711b08c4f4e4ed9585a468079909fefd124c4dff983febb24c"]),
    (4, &["131d749a55213c515c386a51e512f4111d67c5aec5fb12aa2770f14f67e44db7"]),
    (5, &["1386aeee56d715132923ffdd3e292ffd4e47f6008ddba28d3cfcd3fa21b66f78"]),
    (6, &["b8cc0aefff1916737575decc9931b1d448a8c05350fec07ea1efcd6dec260309"]),
    (
        7,
        &[
            "a8768462074ddde34e73f6fa42116adf6ca078817924e0dce5908cefe52a522c",
            "cb89c1159da9453f22fc9cce275433b5f6c454f984a5e891f6a9c8ed91cc3541",
        ],
    ),
    (
        8,
        &[
            "18f9594d02b629e3a304cb10df55b8152000737b4215b5a6b3ea2641ab0997b9",
            "bc5b451c753c9e3791b67d2e946679345c768622e5869c735860d007494ddbb6",
        ],
    ),
    (
        9,
        &[
            "4c12b1c0666219c63c7756dc8f066a6c4fdfc611b505ec463b768655163fb7dd",
            "d721b8731ea4fb67f9be224063a7702aa5c3cf73d03abd588ffe3c091b704921",
        ],
    ),
];

/// Says in a file from which program on the tables can be used afterwards.
const WORKS_WITH: &str = "-- works with:";

/// The columns for the first migration's partitioning, which does not name them.
const UNNAMED_PARTITIONING: (&str, &str) = ("{{partition_by}}", "{{partition_by(ts, tenant_id)}}");

const PARTITIONING: (&str, &str) = ("{{partition_by(", ")}}");

/// Starts a condition in the comment before a statement.
const CONDITION: &str = "-- only if:";

/// A statement of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The query that decides whether it is run; `None` to run it always.
    pub(super) condition: Option<String>,
    /// The statement, with the preceding comment.
    pub(super) sql: String,
}

impl Migration {
    /// The checksum of the unexpanded file, so that it does not depend on how this database is partitioned.
    pub(super) fn checksum(&self) -> String {
        hex(&Sha256::digest(self.sql))
    }

    /// Whether this file, or an earlier one that does the same, has this checksum.
    pub(super) fn has_checksum(&self, checksum: &str) -> bool {
        let mut earlier = EARLIER_CHECKSUMS.iter().filter(|(version, _)| *version == self.version);
        checksum == self.checksum() || earlier.any(|(_, earlier)| earlier.contains(&checksum))
    }

    /// The newest migration that a program must know to use the tables when this one is applied.
    pub(super) fn oldest_program(&self) -> u32 {
        let named = self.sql.lines().find_map(|line| line.strip_prefix(WORKS_WITH)?.trim().parse().ok());
        named.unwrap_or(self.version)
    }

    pub(super) fn statements(&self, partition_by: PartitionBy, layout: &TableLayout) -> Vec<Statement> {
        let sql = with_partitioning(self.sql, partition_by);
        let statements = sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty());
        statements.map(|sql| Statement { condition: condition_of(sql), sql: layout.applied_to(sql) }).collect()
    }
}

/// The text with every partitioning filled in.
fn with_partitioning(sql: &str, partition_by: PartitionBy) -> String {
    let named = sql.replace(UNNAMED_PARTITIONING.0, UNNAMED_PARTITIONING.1);
    let (mut filled, mut rest) = (String::with_capacity(named.len()), named.as_str());
    while let Some((before, behind)) = rest.split_once(PARTITIONING.0)
        && let Some((columns, behind)) = behind.split_once(PARTITIONING.1)
    {
        let (time, tenant) = match columns.split_once(',') {
            Some((time, tenant)) => (time.trim(), Some(tenant.trim())),
            None => (columns.trim(), None),
        };
        filled.push_str(before);
        filled.push_str(&partition_key(partition_by, time, tenant));
        rest = behind;
    }
    filled + rest
}

/// The partition key of a table with these columns.
pub(super) fn partition_key(partition_by: PartitionBy, time: &str, tenant: Option<&str>) -> String {
    match (partition_by, tenant) {
        (PartitionBy::TenantMonth, Some(tenant)) => format!("({tenant}, toYYYYMM({time}))"),
        (PartitionBy::TenantMonth, None) | (PartitionBy::Month, _) => format!("toYYYYMM({time})"),
    }
}

fn condition_of(statement: &str) -> Option<String> {
    let is_comment = |line: &&str| line.starts_with("--");
    let before_statement = statement.lines().take_while(|line| is_comment(line) || line.trim().is_empty());
    let mut lines = before_statement.skip_while(|line| !line.starts_with(CONDITION));
    let first = lines.next()?.trim_start_matches(CONDITION);
    let rest = lines.take_while(is_comment).map(|line| line.trim_start_matches('-'));
    let words = std::iter::once(first).chain(rest).flat_map(str::split_whitespace);
    Some(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(sql: &'static str, partition_by: PartitionBy) -> Vec<Statement> {
        Migration { version: 10_000, name: "test", sql }.statements(partition_by, &TableLayout::default())
    }

    #[test]
    fn a_partitioning_names_its_columns() {
        for (sql, by_month, by_tenant) in [
            ("A {{partition_by}} B;\n", "A toYYYYMM(ts) B", "A (tenant_id, toYYYYMM(ts)) B"),
            ("A {{partition_by(at, shop)}} B;\n", "A toYYYYMM(at) B", "A (shop, toYYYYMM(at)) B"),
            ("A {{partition_by(at)}} B;\n", "A toYYYYMM(at) B", "A toYYYYMM(at) B"),
        ] {
            assert_eq!(statements(sql, PartitionBy::Month)[0].sql, by_month);
            assert_eq!(statements(sql, PartitionBy::TenantMonth)[0].sql, by_tenant);
        }
    }

    #[test]
    fn a_statement_may_have_a_condition() {
        let sql = "-- Of the file.\n\n-- Why.\n-- only if:\n--   SELECT '1'\n--   FROM one\nDROP a;\n\n-- only if: SELECT 1\nDROP b;\n\nDROP c;\n";
        let conditions: Vec<Option<String>> =
            statements(sql, PartitionBy::Month).into_iter().map(|statement| statement.condition).collect();
        assert_eq!(conditions, [Some("SELECT '1' FROM one".to_owned()), Some("SELECT 1".to_owned()), None]);
    }

    #[test]
    fn a_file_says_which_programs_can_go_on() {
        let of = |sql| Migration { version: 12, name: "test", sql }.oldest_program();
        assert_eq!(of("-- Why.\n--\n-- works with: 10\nCREATE TABLE a;\n"), 10);
        assert_eq!(of("-- Why.\nCREATE TABLE a;\n"), 12);
        for migration in MIGRATIONS {
            let named = migration.sql.contains("works with");
            assert!(migration.oldest_program() < migration.version || !named, "{}", migration.name);
        }
    }

    #[test]
    fn the_files_are_in_order_and_below_outside_versions() {
        assert!(MIGRATIONS.iter().map(|migration| migration.version).eq(1..=MIGRATIONS.len() as u32));
        assert!(MIGRATIONS.iter().all(|migration| migration.version < FIRST_OUTSIDE_VERSION));
    }

    #[test]
    fn tables_keep_rows_as_long_as_their_descriptions_say() {
        for table in voc_events::families::tables() {
            let of_table = MIGRATIONS.iter().find(|migration| migration.name == table.name).unwrap();
            let written: Vec<&str> = of_table.sql.lines().filter(|line| line.starts_with("TTL")).collect();
            let described = table.retention_days.map(|days| format!("TTL {} + INTERVAL {days} DAY", table.time.name));
            assert_eq!(written, described.as_slice(), "{}", table.name);
        }
    }
}

//! The statements with which an administrator creates the services' users.

use voc_events::Table;

/// User of `voc-query`.
const READER: &str = "voc_query";
/// User of `voc-processor`.
const WRITER: &str = "voc_processor";
const PROFILE: &str = "voc_query";
const POLICY: &str = "voc_tenants";
const POLICY_OF_OTHERS: &str = "voc_all_rows";

/// What the reader's statements may use. A statement can lower a limit, and cannot raise or lift it; it cannot change
/// what is constant.
const PROFILE_SETTINGS: &[&str] = &[
    // Not 1, because under 1 a statement could not carry whose rows it is about (decision 0018).
    "readonly = 2",
    "allow_ddl = 0 CONST",
    "allow_introspection_functions = 0 CONST",
    // An answer in the server's cache does not know whose rows it was about.
    "use_query_cache = 0 CONST",
    "log_queries = 1 CONST",
    "max_execution_time = 3600 MIN 1 MAX 3600",
    "timeout_overflow_mode = 'throw' CONST",
    "max_rows_to_read = 5000000000 MIN 1 MAX 5000000000",
    "max_bytes_to_read = 1000000000000 MIN 1 MAX 1000000000000",
    "read_overflow_mode = 'throw' CONST",
    "max_result_rows = 1000000000 MIN 1 MAX 1000000000",
    "result_overflow_mode = 'throw' CONST",
    "max_memory_usage = 4000000000 MIN 1 MAX 4000000000",
    "max_concurrent_queries_for_user = 64 CONST",
];

/// Columns of system tables that the reader's statements use.
const SYSTEM_COLUMNS: &[(&str, &str)] = &[
    (
        "parts",
        "database, table, active, rows, partition_id, min_time, max_time, min_block_number, max_block_number, level, \
         data_version",
    ),
    ("tables", "database, name, engine, engine_full, partition_key, sorting_key"),
    ("columns", "database, table, name, type"),
];

/// Whose rows a statement is about, as it carries it: a list of tenants, or `*`.
const TENANTS: &str = "JSONExtract(getSetting('log_comment'), 'tenants', 'Array(String)')";
const IS_ABOUT_ALL: &str = "JSONExtractString(getSetting('log_comment'), 'tenants') = '*'";

/// The statements that create the database, a user for `voc-query`, which may read these tables and sees only rows of
/// the tenants that a statement says to be about, and a user for `voc-processor`. They may be run again.
///
/// The hashes of the passwords are left to the administrator: as they are printed, the server refuses them.
///
/// ```
/// use voc_events::families;
/// use voc_store::clickhouse::setup_sql;
///
/// let statements = setup_sql("voc", &families::tables());
/// assert!(statements.iter().any(|statement| statement == "GRANT SELECT ON voc.voc_events TO voc_query"));
/// ```
#[must_use]
pub fn setup_sql(database: &str, tables: &[Table]) -> Vec<String> {
    let database = quoted(database);
    let mut statements = vec![
        // A user whose default database does not exist cannot log in, not even to create it.
        format!("CREATE DATABASE IF NOT EXISTS {database}"),
        format!("CREATE SETTINGS PROFILE OR REPLACE {PROFILE} SETTINGS {}", PROFILE_SETTINGS.join(", ")),
        format!(
            "CREATE USER IF NOT EXISTS {READER} IDENTIFIED WITH sha256_hash BY '<SHA-256 of the password>' \
             DEFAULT DATABASE {database} SETTINGS PROFILE {PROFILE}"
        ),
    ];
    let policies = tables.iter().map(|table| (table.name, condition(table))).chain([
        ("dead_letters", format!("{IS_ABOUT_ALL} OR has({TENANTS}, tenant_id)")),
        ("erased_records", format!("{IS_ABOUT_ALL} OR has({TENANTS}, tenant_id)")),
        // A row has the accounts of all tenants of a batch; a statement takes out those that it is about.
        ("ledger", format!("{IS_ABOUT_ALL} OR hasAny({TENANTS}, tenant_ids)")),
    ]);
    for (table, condition) in policies {
        let table = format!("{database}.{table}");
        statements.extend([
            format!("CREATE ROW POLICY OR REPLACE {POLICY} ON {table} FOR SELECT USING {condition} TO {READER}"),
            // On some servers a table with a policy shows no rows to users who have none.
            format!(
                "CREATE ROW POLICY OR REPLACE {POLICY_OF_OTHERS} ON {table} FOR SELECT USING 1 TO ALL EXCEPT {READER}"
            ),
            format!("GRANT SELECT ON {table} TO {READER}"),
        ]);
    }
    statements.push(format!("GRANT SELECT ON {database}.voc_schema_migrations TO {READER}"));
    statements.extend(
        SYSTEM_COLUMNS.iter().map(|(table, columns)| format!("GRANT SELECT({columns}) ON system.{table} TO {READER}")),
    );
    statements.extend([
        format!(
            "CREATE USER IF NOT EXISTS {WRITER} IDENTIFIED WITH sha256_hash BY '<SHA-256 of the password>' \
             DEFAULT DATABASE {database}"
        ),
        format!(
            "GRANT SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, DROP TABLE, TRUNCATE, OPTIMIZE \
             ON {database}.* TO {WRITER}"
        ),
        // For migrations on all servers of a cluster.
        format!("GRANT CLUSTER ON *.* TO {WRITER}"),
        format!("GRANT SELECT ON system.mutations TO {WRITER}"),
        format!("GRANT SELECT ON system.parts TO {WRITER}"),
        format!("GRANT SELECT ON system.tables TO {WRITER}"),
        format!("GRANT SELECT ON system.columns TO {WRITER}"),
    ]);
    statements
}

/// Which rows of a table a statement may see.
fn condition(table: &Table) -> String {
    match table.tenant {
        Some(tenant) => format!("{IS_ABOUT_ALL} OR has({TENANTS}, {})", tenant.name),
        None => IS_ABOUT_ALL.to_owned(),
    }
}

/// A database's name, in quotes where it needs them.
fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`")) }
}

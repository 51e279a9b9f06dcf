//! `voc-query setup-sql`: prints the statements that create the services' users in ClickHouse.

use voc_events::families;
use voc_store::clickhouse::setup_sql;

/// Prints them and returns the exit status.
pub(crate) fn run(database: &str) -> u8 {
    let statements: String =
        setup_sql(database, &families::tables()).iter().map(|statement| format!("{statement};\n")).collect();
    voc_service::print_or_fail(&statements)
}

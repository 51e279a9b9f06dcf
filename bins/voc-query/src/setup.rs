//! `voc-query setup-sql`: prints the statements that create the services' users in ClickHouse.

use std::io::{self, Write};

use voc_events::families;
use voc_service::{FAILURE, SUCCESS};
use voc_store::clickhouse::setup_sql;

/// Prints them and returns the exit status.
pub(crate) fn run(database: &str) -> u8 {
    let statements: String =
        setup_sql(database, &families::tables()).iter().map(|statement| format!("{statement};\n")).collect();
    match io::stdout().lock().write_all(statements.as_bytes()) {
        Ok(()) => SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit status is the only report left.
            let _ = writeln!(io::stderr(), "cannot write to standard output: {error}");
            FAILURE
        }
    }
}

//! Why a table cannot be adopted.

use crate::StoreError;

/// A failed adoption.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptionError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Neither table exists.
    #[error(
        "there is no table {table}, and no {kept_as}: nothing to adopt in this database; is it the one of the Python \
         service (CLICKHOUSE_DB)?"
    )]
    NoTable {
        /// The table.
        table: &'static str,
        /// The name it would have been set aside under.
        kept_as: String,
    },
    /// A table that neither this program nor the predecessor has created.
    #[error(
        "the table {table} cannot be adopted: {problem}; rename it (RENAME TABLE {table} TO {table}_old), or use another \
         database (CLICKHOUSE_DB)"
    )]
    Unrecognised {
        /// The table.
        table: &'static str,
        /// In which way it differs from what the predecessor creates.
        problem: String,
    },
    /// The predecessor has created its table again after it was set aside.
    #[error(
        "there is a {kept_as}, and the Python service has created its table {table} again: stop that service; if the \
         table is empty, drop it, else append it (INSERT INTO {kept_as} SELECT * FROM {table}) before that; then adopt \
         again"
    )]
    CreatedAgain {
        /// The table.
        table: &'static str,
        /// The name of the table that is set aside.
        kept_as: String,
    },
    /// The table that is set aside is not what it was when its adoption began.
    #[error(
        "{kept_as} had {events_before} events in {rows_before} rows when its adoption began, and has {events} in {rows} \
         now: rows were added or removed, so their places have changed. To adopt it as it is now, begin again: DELETE \
         FROM adoptions WHERE table_name = '{table}'; events that are stored are not counted twice if they have an \
         identifier"
    )]
    Changed {
        /// The table.
        table: &'static str,
        /// The name of the table that is set aside.
        kept_as: String,
        /// Its rows when the adoption began.
        rows_before: u64,
        /// Its events when the adoption began.
        events_before: u64,
        /// Its rows now.
        rows: u64,
        /// Its events now.
        events: u64,
    },
    /// Another process has begun to adopt the table after this one.
    #[error("another process adopts {table} since {since} (UTC), and continues from where this one was")]
    TakenOver {
        /// The table.
        table: &'static str,
        /// When the other process began.
        since: String,
    },
}

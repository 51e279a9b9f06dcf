//! Merges that a test waits for.

#![expect(clippy::panic, reason = "helpers of tests fail this way")]

use std::time::Duration;

use voc_events::Table;
use voc_store::{Revision, Revisions, SqlBackend, StoreError};

/// How often a merge is tried, and the pause in between. A part that has lost all its rows has no projection, so it
/// cannot be merged with any other until the engine has removed it, which it does every half a minute.
const ATTEMPTS: u32 = 450;
const PAUSE: Duration = Duration::from_millis(200);

/// ClickHouse's code for a merge that is not possible now.
const CANNOT_ASSIGN_OPTIMIZE: i32 = 388;

/// Merges all parts of each partition of a table, whatever merges are under way.
///
/// # Panics
/// If the engine refuses it, or cannot do it for a minute and a half.
pub async fn merge_parts(backend: &impl SqlBackend, table: &str) {
    let sql = format!("OPTIMIZE TABLE {table} FINAL SETTINGS optimize_throw_if_noop = 1");
    for _ in 0..ATTEMPTS {
        match backend.execute(&sql, &[]).await {
            Ok(()) => return,
            Err(StoreError::Rejected { code: CANNOT_ASSIGN_OPTIMIZE, .. }) => tokio::time::sleep(PAUSE).await,
            Err(error) => panic!("{sql}: {error}"),
        }
    }
    panic!("{table} cannot be merged");
}

/// Merges the versions of rows that were stored again, as a replay does at its end.
///
/// # Panics
/// If the store refuses it, or versions are left after a minute and a half.
pub async fn merge_versions<S: Revisions + ?Sized>(store: &S, table: &Table, revision: &Revision) {
    for _ in 0..ATTEMPTS {
        match store.merge_revised(table, revision).await {
            Ok(0) => return,
            Ok(_) => tokio::time::sleep(PAUSE).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("versions of rows of {} cannot be merged", table.name);
}

//! Checks with a probe table whether the server drops an insert that is repeated under its token.

use std::time::SystemTime;

use uuid::Uuid;
use voc_events::{Table, Timestamp};

use super::{
    Block, SqlBackend, SqlStore,
    table_engine::{is_merge_tree, is_replicated},
};
use crate::{ColumnData, Param, StoreError, StrColumn};

/// The prefix of the names of probe tables.
const PREFIX: &str = "voc_deduplication_probe_";

/// The probe if there is no table yet to imitate.
const ALONE: &str = "(source_topic String) ENGINE = MergeTree ORDER BY source_topic \
    SETTINGS non_replicated_deduplication_window = 10000";

impl<B: SqlBackend> SqlStore<B> {
    /// Checks that an insert repeated under its token adds nothing, in tables like these and the dead letters', with
    /// their current engines and settings. Before they are created, it checks a table with the setting they will have.
    ///
    /// Call it before the first insert of a process. It creates a table of one row, named `voc_deduplication_probe_`
    /// and a random number, and drops it; a later check drops one that a killed process left behind.
    ///
    /// # Errors
    /// [`StoreError::Misconfigured`] if the row is stored twice, with the consequences and how to accept them, or if
    /// the user may not create tables; else the [`StoreError`] of the statement that failed.
    pub async fn check_deduplication(&self, tables: &[Table]) -> Result<(), StoreError> {
        self.drop_leftovers().await?;
        let times = tables.iter().map(|table| (table.name, Some(table.time.name)));
        for (table, time) in times.chain([("dead_letters", None)]) {
            let engine = self.backend().session().await?.engine_of(table).await?;
            let probe = format!("{PREFIX}{}", Uuid::new_v4().simple());
            let (definition, time) = match &engine {
                None => (ALONE.to_owned(), None),
                Some(engine) if is_merge_tree(engine) => {
                    (format!("AS {table} ENGINE = {}", with_own_path(engine, &probe)), time)
                }
                // A probe of this kind might write into the real tables.
                Some(engine) => return Err(not_known(table, engine)),
            };
            let create = format!("CREATE TABLE {probe} {definition}");
            let stored = match self.backend().execute(&create, &[]).await {
                Ok(()) => self.insert_twice(&probe, time).await,
                Err(error) => Err(error),
            };
            if let Err(error) = self.backend().execute(&format!("DROP TABLE IF EXISTS {probe} SYNC"), &[]).await {
                tracing::warn!(table = probe, %error, "the probe table of the deduplication check could not be dropped");
            }
            if stored.map_err(|error| not_probed(table, error))? != 1 {
                return Err(not_deduplicated(table));
            }
        }
        Ok(())
    }

    /// Inserts two rows under one token, and returns how many are stored. They have different keys, so no merge makes
    /// them one.
    async fn insert_twice(&self, probe: &str, time: Option<&'static str>) -> Result<u64, StoreError> {
        let now = Timestamp::from(SystemTime::now()).as_millis();
        for (topic, millis) in [("probe", now), ("another", now + 1)] {
            let mut text = StrColumn::default();
            text.push(topic);
            let mut columns = vec![("source_topic", ColumnData::Str(text))];
            // A table that does not keep old rows would drop one from 1970 at once.
            columns.extend(time.map(|time| (time, ColumnData::Timestamp(vec![millis]))));
            let block = Block::of_columns(probe.to_owned(), "probe".to_owned(), columns)?;
            self.backend().insert(&block).await?;
        }
        let counts: Vec<u64> = self.select(&format!("SELECT toString(count()) FROM {probe}"), &[]).await?;
        Ok(counts.into_iter().sum())
    }

    /// Drops probes that are older than any running check.
    async fn drop_leftovers(&self) -> Result<(), StoreError> {
        let sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String}) \
            AND metadata_modification_time < now() - INTERVAL 1 HOUR";
        for probe in self.backend().select_texts(sql, &[Param::new("prefix", PREFIX)]).await? {
            let table = [Param::new("table", probe)];
            self.backend().execute("DROP TABLE IF EXISTS {table:Identifier} SYNC", &table).await?;
        }
        Ok(())
    }
}

/// The engine with its own path in Keeper, if it has one: its first argument, if that is a literal.
fn with_own_path(engine: &str, probe: &str) -> String {
    match engine.split_once("('").and_then(|(name, rest)| Some((name, rest.split_once('\'')?))) {
        Some((name, (path, rest))) if is_replicated(engine) => format!("{name}('{path}_{probe}'{rest}"),
        _ => engine.to_owned(),
    }
}

const OVERRIDE: &str = "start with --allow-no-deduplication (VOC_ALLOW_NO_DEDUPLICATION=true) to accept that";

fn not_deduplicated(table: &str) -> StoreError {
    StoreError::Misconfigured(format!(
        "the table {table} does not drop an insert that is repeated under its token: an insert retried after a timeout, or sent late \
         by a process presumed dead, would store and count its rows twice. Set the table's non_replicated_deduplication_window (of a \
         replicated table: replicated_deduplication_window) to 10000, or {OVERRIDE}"
    ))
}

fn not_known(table: &str, engine: &str) -> StoreError {
    StoreError::Misconfigured(format!(
        "the table {table} has the engine {engine}, which may not drop an insert that is repeated under its token; if it does not, \
         rows would be stored and counted twice after a timeout. Insert into a MergeTree table, or {OVERRIDE}"
    ))
}

/// The server's own error is kept; where an operator must act, the purpose and the way around it are added.
fn not_probed(table: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::Misconfigured(_) | StoreError::Denied(_) | StoreError::Rejected { .. } => {
            StoreError::Misconfigured(format!(
                "whether {table} drops an insert that is repeated under its token could not be checked in a table like it: {error}. \
             Without that, rows would be stored and counted twice after a timeout; {OVERRIDE}"
            ))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_replicated_engine_has_a_path() {
        for (engine, own) in [
            ("MergeTree ORDER BY a SETTINGS b = 'c'", "MergeTree ORDER BY a SETTINGS b = 'c'"),
            ("ReplacingMergeTree(v) ORDER BY a", "ReplacingMergeTree(v) ORDER BY a"),
            (
                "ReplicatedReplacingMergeTree('/t/{shard}/e', '{replica}', v) ORDER BY a",
                "ReplicatedReplacingMergeTree('/t/{shard}/e_probe', '{replica}', v) ORDER BY a",
            ),
            ("SharedMergeTree('/t/{uuid}', '{replica}')", "SharedMergeTree('/t/{uuid}_probe', '{replica}')"),
            ("ReplicatedMergeTree ORDER BY a", "ReplicatedMergeTree ORDER BY a"),
        ] {
            assert_eq!(with_own_path(engine, "probe"), own);
        }
    }
}

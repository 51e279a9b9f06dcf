//! Finding a predecessor's table, and setting it aside.

use std::collections::BTreeMap;

use voc_events::Table;

use super::{
    error::AdoptionError,
    predecessor::{Predecessor, serves},
};
use crate::{Param, SqlBackend, SqlStore, StoreError, migrations::OWN_COLUMN, sql::is_merge_tree};

/// A predecessor's table, to be adopted into the table of a family.
#[derive(Debug)]
pub struct PredecessorTable<B> {
    pub(super) store: SqlStore<B>,
    pub(super) predecessor: Predecessor,
    pub(super) retention_days: Option<u16>,
}

impl<B> Clone for PredecessorTable<B> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), predecessor: self.predecessor, retention_days: self.retention_days }
    }
}

/// How far the adoption of a table has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptionState {
    /// The predecessor's table has its name, and nothing is done.
    Pending,
    /// The predecessor's table is set aside.
    SetAside,
    /// There is only a table of ours.
    OnlyOurs,
}

/// Of the two tables, those that exist.
struct Found {
    /// The columns of the table with our name.
    named: BTreeMap<String, String>,
    /// The columns of the table that is set aside.
    kept: BTreeMap<String, String>,
}

impl<B: SqlBackend> PredecessorTable<B> {
    /// The predecessor's table for a family's table; `None` if the family has no predecessor that stored its events.
    pub fn of(store: &SqlStore<B>, table: &Table) -> Option<Self> {
        let predecessor = Predecessor::of(table)?;
        Some(Self { store: store.clone(), predecessor, retention_days: table.retention_days })
    }

    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.predecessor.table
    }

    /// The name under which the table is set aside.
    #[must_use]
    pub fn kept_as(&self) -> String {
        self.predecessor.kept_as()
    }

    /// How far the adoption has come. Nothing is changed.
    ///
    /// # Errors
    /// [`AdoptionError::NoTable`], [`AdoptionError::Unrecognised`], [`AdoptionError::CreatedAgain`], or the store's.
    pub async fn state(&self) -> Result<AdoptionState, AdoptionError> {
        let Found { named, kept } = self.found().await?;
        let (table, kept_as) = (self.name(), self.kept_as());
        let is_foreign = !named.is_empty() && !named.contains_key(OWN_COLUMN);
        if !kept.is_empty() {
            self.check(&kept_as, &kept).await?;
            return if is_foreign {
                Err(AdoptionError::CreatedAgain { table, kept_as })
            } else {
                Ok(AdoptionState::SetAside)
            };
        }
        if named.is_empty() {
            return Err(AdoptionError::NoTable { table, kept_as });
        }
        if !is_foreign {
            return Ok(AdoptionState::OnlyOurs);
        }
        self.check(table, &named).await?;
        Ok(AdoptionState::Pending)
    }

    /// Sets the table aside, unless it is. It may be repeated, and run by two processes at once.
    ///
    /// # Errors
    /// As for [`state`](Self::state).
    pub async fn set_aside(&self) -> Result<(), AdoptionError> {
        let (table, kept_as) = (self.name(), self.kept_as());
        if self.state().await? == AdoptionState::Pending {
            let rename = format!("RENAME TABLE {table} TO {kept_as}");
            let renamed = self.store.backend().execute(&rename, &[]).await;
            // Another process may have been faster.
            if let Err(error) = renamed
                && self.state().await? == AdoptionState::Pending
            {
                return Err(error.into());
            }
        }
        // Rows that expire would change the places of all that follow.
        if self.engine_of(&kept_as).await?.contains(" TTL ") {
            self.store.backend().execute(&format!("ALTER TABLE {kept_as} REMOVE TTL"), &[]).await?;
        }
        Ok(())
    }

    /// The name that the predecessor's table has now.
    pub(super) fn name_in(&self, state: AdoptionState) -> String {
        match state {
            AdoptionState::Pending => self.name().to_owned(),
            AdoptionState::SetAside | AdoptionState::OnlyOurs => self.kept_as(),
        }
    }

    async fn found(&self) -> Result<Found, StoreError> {
        let sql = "SELECT formatRowNoNewline('JSONCompactEachRow', table, name, type) FROM system.columns \
            WHERE database = currentDatabase() AND table IN ({table:String}, {kept_as:String})";
        let kept_as = self.kept_as();
        let params = [Param::new("table", self.name()), Param::new("kept_as", &kept_as)];
        let columns: Vec<(String, String, String)> = self.store.select(sql, &params).await?;
        let of_table = |name: &str| {
            let of_table = columns.iter().filter(|(table, _, _)| table == name);
            of_table.map(|(_, column, kind)| (column.clone(), kind.clone())).collect()
        };
        Ok(Found { named: of_table(self.name()), kept: of_table(&kept_as) })
    }

    /// Checks that a table is the predecessor's.
    async fn check(&self, name: &str, columns: &BTreeMap<String, String>) -> Result<(), AdoptionError> {
        let problem = self.predecessor.needed().find_map(|(column, needed)| match columns.get(column) {
            None => Some(format!("{name} has no column {column}")),
            Some(found) if !serves(found, needed) => {
                Some(format!("the column {column} of {name} is of type {found}, not {needed}"))
            }
            Some(_) => None,
        });
        let problem = match problem {
            Some(problem) => Some(problem),
            None => {
                let engine = self.engine_of(name).await?;
                (!is_merge_tree(&engine)).then(|| format!("{name} has the engine {engine}, which is no MergeTree"))
            }
        };
        problem.map_or(Ok(()), |problem| Err(AdoptionError::Unrecognised { table: self.name(), problem }))
    }

    /// The engine of a table with its clauses.
    async fn engine_of(&self, name: &str) -> Result<String, StoreError> {
        Ok(self.store.backend().session().await?.engine_of(name).await?.unwrap_or_default())
    }
}

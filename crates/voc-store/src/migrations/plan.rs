//! What a migration would do, for those who want to read it first.

use super::{Migration, Migrator, file::Statement};
use crate::{SqlBackend, StoreError};

/// A migration that is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMigration {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// Its statements, in order.
    pub statements: Vec<PlannedStatement>,
}

/// A statement of a migration that is not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStatement {
    /// The statement as it would be sent, with the preceding comment, which contains its condition.
    pub sql: String,
    /// What is known of whether it would be run.
    pub outlook: Outlook,
}

/// Whether a planned statement would be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It has no condition.
    Certain,
    /// Its condition holds now. It is asked again when the statements before it have been run.
    Holds,
    /// Its condition does not hold now. It is asked again when the statements before it have been run.
    DoesNotHold,
    /// Its condition cannot be answered before the statements before it have been run, or was not asked.
    Unknown,
}

impl<B: SqlBackend> Migrator<'_, B> {
    /// The migrations that [`up`](Self::up) would apply now, with the partitioning filled in. Nothing is changed.
    ///
    /// # Errors
    /// Those of [`up`](Self::up) that can be foreseen, such as [`StoreError::Migration`] if the database is newer than
    /// this program or is partitioned differently; [`StoreError`] if the store cannot be read.
    pub async fn plan(&self) -> Result<Vec<PlannedMigration>, StoreError> {
        self.check_server().await?;
        let records = self.checked_records().await?;
        let mut plan = Vec::new();
        for migration in self.migrations().filter(|migration| !records.contains_key(&migration.version)) {
            self.check_is_not_foreign(migration).await?;
            let mut statements = Vec::new();
            for statement in migration.statements(self.partition_by, &self.store.backend().layout()) {
                let outlook = self.outlook(&statement).await?;
                statements.push(PlannedStatement { sql: statement.sql, outlook });
            }
            plan.push(PlannedMigration::of(migration, statements));
        }
        self.check_partitionings().await?;
        Ok(plan)
    }

    /// All migrations, as [`up`](Self::up) would apply them where there is nothing yet. The store is not asked.
    #[must_use]
    pub fn plan_from_nothing(&self) -> Vec<PlannedMigration> {
        let planned = |statement: Statement| PlannedStatement {
            outlook: statement.condition.map_or(Outlook::Certain, |_| Outlook::Unknown),
            sql: statement.sql,
        };
        let plan = |migration: &'static Migration| {
            let statements = migration
                .statements(self.partition_by, &self.store.backend().layout())
                .into_iter()
                .map(planned)
                .collect();
            PlannedMigration::of(migration, statements)
        };
        self.migrations().map(plan).collect()
    }

    async fn outlook(&self, statement: &Statement) -> Result<Outlook, StoreError> {
        if statement.condition.is_none() {
            return Ok(Outlook::Certain);
        }
        match self.is_wanted(statement).await {
            Ok(true) => Ok(Outlook::Holds),
            Ok(false) => Ok(Outlook::DoesNotHold),
            // It may ask a table that does not exist yet.
            Err(StoreError::Rejected { .. }) => Ok(Outlook::Unknown),
            Err(error) => Err(error),
        }
    }
}

impl PlannedMigration {
    fn of(migration: &Migration, statements: Vec<PlannedStatement>) -> Self {
        Self { version: migration.version, name: migration.name, statements }
    }
}

//! What a store runs, and what it answers.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use voc_events::Table;

use super::{RestrictedSql, SafeSql, SqlMistake};
use crate::{Cell, CellKind, Param, Period, ReadMeter, StoreError, TenantScope, Value};

/// A checked text, and whose events it is about.
#[derive(Debug, Clone)]
pub struct Statement {
    sql: SafeSql,
    tenants: TenantScope,
    values: Vec<Param>,
    limits: StatementLimits,
}

/// What a statement may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementLimits {
    /// Rows of the answer; the others are cut off.
    pub rows: usize,
    /// Bytes of the answer as text.
    pub answer_bytes: u64,
    /// The longest time.
    pub time: Duration,
    /// Rows that are read.
    pub read_rows: u64,
    /// Memory, in bytes.
    pub memory_bytes: u64,
}

impl Default for StatementLimits {
    fn default() -> Self {
        Self {
            rows: 10_000,
            answer_bytes: 64 << 20,
            time: Duration::from_secs(20),
            read_rows: 200_000_000,
            memory_bytes: 2 << 30,
        }
    }
}

impl Statement {
    /// A text about events of tenants and of a period. `values` are those of its placeholders, by their names.
    ///
    /// # Errors
    /// [`SqlMistake`] if a placeholder has no value.
    pub fn new(
        sql: &RestrictedSql,
        tenants: &TenantScope,
        period: Option<Period>,
        values: &[(String, Value)],
    ) -> Result<Self, SqlMistake> {
        let value = |placeholder: &super::Placeholder| {
            let found = values.iter().find(|(name, _)| *name == placeholder.name);
            let missing = || SqlMistake::new(format!("there is no value for ':{}'", placeholder.name));
            Ok(placeholder.bind(&found.ok_or_else(missing)?.1))
        };
        Ok(Self {
            sql: sql.about(tenants, period)?,
            tenants: tenants.clone(),
            values: sql.placeholders().iter().map(value).collect::<Result<_, SqlMistake>>()?,
            limits: StatementLimits::default(),
        })
    }

    /// The same with other limits.
    #[must_use]
    pub fn limited(mut self, limits: StatementLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The text that runs.
    pub(crate) fn sql(&self) -> &str {
        &self.sql.sql
    }

    /// Whose events it is about.
    pub(crate) fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    pub(crate) fn params(&self) -> Vec<Param> {
        self.sql.params.iter().chain(&self.values).cloned().collect()
    }

    pub(crate) fn limits(&self) -> &StatementLimits {
        &self.limits
    }
}

/// The answer to a statement. Whole numbers of types of more than 64 bits are texts, in decimal.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The columns: names, each once, and kinds.
    pub columns: Vec<(String, CellKind)>,
    /// The rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Whether there are more rows than the limit.
    pub truncated: bool,
}

/// A store that runs statements.
#[async_trait]
pub trait StatementQueries: Send + Sync {
    /// The same store; a meter is told how many rows are read for what is asked here.
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn StatementQueries>;

    /// Whether the store itself shows a statement only the rows of its tenants in these tables, as far as rows that
    /// are there can tell. Otherwise only [`RestrictedSql`] does.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    async fn enforces_tenants(&self, tables: &[Table]) -> Result<bool, StoreError>;

    /// Whether a statement ends when the future of [`run`](Self::run) is dropped. Otherwise it ends at its limit of
    /// time at the latest.
    fn ends_with_its_caller(&self) -> bool;

    /// The columns of the answer, without running the statement.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] if the store refuses the statement, such as for an unknown column.
    async fn describe(&self, statement: &Statement) -> Result<Vec<(String, CellKind)>, StoreError>;

    /// Runs the statement.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] if the store refuses the statement, or it exceeds a limit;
    /// [`StoreError::TimedOut`] if it takes longer than its limit.
    async fn run(&self, statement: &Statement) -> Result<Rows, StoreError>;
}

//! Answers to questions: what is read is decided here, so that every event counts once.
//!
//! Rows of the same event replace each other only when their parts are merged. Where [parts](parts) overlap in time,
//! as when a producer has sent an event twice or while a replay runs, rows are read as `FINAL`; everything else is
//! read as it is, from the hourly rollups if they have what is asked.

mod expression;
mod parts;
mod spans;
mod statement;

use async_trait::async_trait;
use voc_events::{Table, Timestamp};

use self::{
    spans::{covers, union, within},
    statement::Statement,
};
use super::{SqlBackend, SqlStore};
use crate::{Answer, Cell, CellKind, EventQueries, LedgerFilter, PartitionLedger, Query, StoreError, query::Metric};

/// Maximum number of times a query is repeated because rows got versions meanwhile.
const MAX_ATTEMPTS: usize = 10;

#[async_trait]
impl<B: SqlBackend> EventQueries for SqlStore<B> {
    async fn query(&self, query: &Query) -> Result<Answer, StoreError> {
        if query.is_empty() {
            return Ok(answer_of_none(query));
        }
        // All statements reach the same server, whose parts are meant.
        let mut session = self.backend().session().await?;
        let mut parts = session.parts(query.table()).await?;
        for _ in 0..MAX_ATTEMPTS {
            let versioned = parts.overlaps();
            let Some(statement) = Statement::new(query, &versioned)? else { return Ok(answer_of_none(query)) };
            let rows: Vec<Vec<serde_json::Value>> = session.select(&statement.sql, &statement.params).await?;
            // The answer counts only if no row has got a second version where rows were read as if they had one.
            let parts_now = session.parts(query.table()).await?;
            let changed = union(parts_now.overlaps().into_iter().chain(parts_now.merged_since(&parts)).collect());
            if covers(&versioned, &within(query.period(), changed)) {
                return answer(query, rows);
            }
            parts = parts_now;
        }
        Err(StoreError::Unavailable("rows are stored again faster than the query is answered".to_owned()))
    }

    async fn version(&self, table: &Table) -> Result<Option<String>, StoreError> {
        self.version_of(table).await
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.partition_ledgers(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

/// The answer if there are no events: without dimensions, there is always one group.
fn answer_of_none(query: &Query) -> Answer {
    let of_none = |metric: &Metric| if metric.counts() { Cell::Integer(0) } else { Cell::Absent };
    let row = || query.metrics().iter().map(of_none).collect();
    let rows = if query.dimensions().is_empty() { vec![row()] } else { Vec::new() };
    Answer { rows, truncated: false }
}

fn answer(query: &Query, rows: Vec<Vec<serde_json::Value>>) -> Result<Answer, StoreError> {
    let cells = |row: Vec<serde_json::Value>| -> Option<Vec<Cell>> {
        let kinds = query.columns().map(|(_, kind)| kind);
        if row.len() != query.columns().count() {
            return None;
        }
        let cells = row.into_iter().zip(kinds).map(|(value, kind)| cell(value, kind));
        cells.collect()
    };
    let unexpected = || StoreError::Rejected { code: 0, message: "the store returned an unexpected row".to_owned() };
    let mut rows = rows.into_iter().map(cells).collect::<Option<Vec<_>>>().ok_or_else(unexpected)?;
    query.sort(&mut rows);
    let truncated = rows.len() > query.max_groups();
    rows.truncate(query.max_groups());
    Ok(Answer { rows, truncated })
}

fn cell(value: serde_json::Value, kind: CellKind) -> Option<Cell> {
    use serde_json::Value;
    Some(match (value, kind) {
        (Value::Null, _) => Cell::Absent,
        (Value::String(text), CellKind::Text) => Cell::Text(text),
        (Value::Bool(flag), CellKind::Boolean) => Cell::Boolean(flag),
        (Value::Number(number), CellKind::Integer) => Cell::Integer(number.as_i64()?),
        (Value::Number(number), CellKind::Float) => Cell::Float(number.as_f64()?),
        (Value::Number(number), CellKind::Time) => Cell::Time(Timestamp::from_millis(number.as_i64()?)),
        _ => return None,
    })
}

//! Statements in restricted SQL.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, value::RawValue};
use voc_events::{Table, Timestamp};

use super::{SqlBackend, SqlStore};
use crate::{
    Cell, CellKind, ReadMeter, Rows, Statement, StatementLimits, StatementQueries, StoreError, TenantScope,
    column_types::{named_elements, strip},
};

/// ClickHouse's codes of a query that needs more memory than it may, and of one with too large an answer.
const MEMORY_LIMIT_EXCEEDED: i32 = 241;
const RESULT_TOO_LARGE: i32 = 396;
/// The code of `throwIf`, which no caller can use.
const THROW_IF: i32 = 395;
/// The parts of the messages of a query that takes longer, or needs more memory, than it may. Their codes also stand
/// for passing states of the server.
const TOO_SLOW: &str = "Timeout exceeded";
const TOO_LARGE: [&str; 2] = ["Query memory limit exceeded", "(for query)"];

#[async_trait]
impl<B: SqlBackend> StatementQueries for SqlStore<B> {
    fn metered(self: Arc<Self>, meter: ReadMeter) -> Arc<dyn StatementQueries> {
        Arc::new(self.with_meter(meter))
    }

    async fn enforces_tenants(&self, tables: &[Table]) -> Result<bool, StoreError> {
        for table in tables {
            if !self.enforces_tenants_of(table).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn ends_with_its_caller(&self) -> bool {
        self.backend().ends_with_its_caller()
    }

    async fn describe(&self, statement: &Statement) -> Result<Vec<(String, CellKind)>, StoreError> {
        // An engine describes a query in a column of more than one type only; the type of a tuple of its columns is
        // one text. Subqueries of one value are run for it, so the limits hold here, too.
        let sql = format!(
            "SELECT toTypeName(groupArray(tuple(*))) FROM (SELECT * FROM ({}) LIMIT 0) \
             SETTINGS final = 0, enable_named_columns_in_function_tuple = 1, {}",
            statement.sql(),
            limiting(statement.limits()),
        );
        let described = self.select_texts_about(statement.tenants(), &sql, &statement.params()).await;
        let described = described.map_err(|error| of_limits(error, statement.limits()))?;
        let columns = described.first().and_then(|text| named_elements(text)).ok_or_else(|| StoreError::Rejected {
            code: 0,
            message: "the columns do not all have names of their own; give them names with AS".to_owned(),
        })?;
        Ok(columns.into_iter().map(|(name, of_type)| (name, kind_of(&of_type))).collect())
    }

    async fn run(&self, statement: &Statement) -> Result<Rows, StoreError> {
        let columns = self.describe(statement).await?;
        let limits = statement.limits();
        // The engine's own limit on the bytes of an answer counts a value once that many rows share. Here each row is
        // counted, before it is copied.
        let sql = format!(
            "SELECT row FROM (SELECT row, sum(length(row)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes FROM \
             (SELECT formatRowNoNewline('JSONCompactEachRow', *) AS row FROM ({}) LIMIT {})) \
             WHERE throwIf(bytes > {}, 'the answer is too large') = 0 \
             SETTINGS final = 0, output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 0, \
             output_format_json_escape_forward_slashes = 0, output_format_json_validate_utf8 = 1, \
             date_time_output_format = 'iso', {}",
            statement.sql(),
            limits.rows.saturating_add(1),
            limits.answer_bytes,
            limiting(limits),
        );
        let rows = self.select_about::<Vec<Box<RawValue>>>(statement.tenants(), &sql, &statement.params()).await;
        let rows = rows.map_err(|error| of_limits(error, limits))?;
        let cells = |row: Vec<Box<RawValue>>| {
            let cells = row.iter().zip(&columns).map(|(json, (name, kind))| cell(json, name, *kind));
            cells.collect::<Result<Vec<_>, _>>()
        };
        let truncated = rows.len() > limits.rows;
        let rows = rows.into_iter().take(limits.rows).map(cells).collect::<Result<Vec<_>, _>>()?;
        Ok(Rows { columns, rows, truncated })
    }
}

impl<B: SqlBackend> SqlStore<B> {
    /// Tries it: a read about no tenant must see nothing in a table in which one about all of them sees something. A
    /// table without rows proves nothing.
    async fn enforces_tenants_of(&self, table: &Table) -> Result<bool, StoreError> {
        let sql = format!("SELECT toString(count()) FROM (SELECT 1 FROM {} LIMIT 1)", table.name);
        let sees_rows = async |tenants: TenantScope| {
            let counts = self.select_texts_about(&tenants, &sql, &[]).await?;
            Ok::<_, StoreError>(counts != ["0"])
        };
        Ok(!sees_rows(TenantScope::Only(Vec::new())).await? && sees_rows(TenantScope::All).await?)
    }
}

/// The settings of the limits on what the engine does.
fn limiting(limits: &StatementLimits) -> String {
    format!(
        "max_execution_time = {}, timeout_overflow_mode = 'throw', max_rows_to_read = {}, \
         read_overflow_mode = 'throw', max_memory_usage = {}",
        seconds(limits),
        limits.read_rows,
        limits.memory_bytes,
    )
}

/// The limit in seconds, at least one: zero is no limit.
fn seconds(limits: &StatementLimits) -> u64 {
    limits.time.as_secs().max(1)
}

/// A statement that exceeds its own limits will do so again.
fn of_limits(error: StoreError, limits: &StatementLimits) -> StoreError {
    match error {
        StoreError::Unavailable(message) if message.contains(TOO_SLOW) => {
            StoreError::TimedOut { operation: "the statement", limit: limits.time }
        }
        StoreError::Unavailable(message) if TOO_LARGE.iter().any(|part| message.contains(part)) => {
            StoreError::Rejected { code: MEMORY_LIMIT_EXCEEDED, message }
        }
        StoreError::Rejected { code: THROW_IF, message } => StoreError::Rejected { code: RESULT_TOO_LARGE, message },
        error => error,
    }
}

/// What the values of a type are: texts, unless a cell can have them as something else.
fn kind_of(of_type: &str) -> CellKind {
    let of_type = strip(of_type);
    let name = of_type.split('(').next().unwrap_or_default();
    match name {
        "Bool" => CellKind::Boolean,
        "Int8" | "Int16" | "Int32" | "Int64" | "UInt8" | "UInt16" | "UInt32" | "UInt64" => CellKind::Integer,
        "Float32" | "Float64" | "Decimal" => CellKind::Float,
        "DateTime" | "DateTime64" => CellKind::Time,
        "Array" if of_type == "Array(String)" => CellKind::Texts,
        "Array" | "Map" | "Tuple" => CellKind::Json,
        _ => CellKind::Text,
    }
}

fn cell(json: &RawValue, column: &str, kind: CellKind) -> Result<Cell, StoreError> {
    let unexpected =
        |what: &str| StoreError::Rejected { code: 0, message: format!("the column '{column}' has {what}") };
    // Numbers of more than 64 bits would lose digits when they are read.
    if kind == CellKind::Json {
        return Ok(Cell::Json(json.get().to_owned()));
    }
    let value: Value = serde_json::from_str(json.get()).map_err(|_| unexpected("a value that is not JSON"))?;
    Ok(match (value, kind) {
        (Value::Null, CellKind::Text | CellKind::Integer | CellKind::Float | CellKind::Boolean | CellKind::Time) => {
            Cell::Absent
        }
        (Value::String(text), CellKind::Text) => Cell::Text(text),
        // Whole numbers of more than 64 bits are texts.
        (_, CellKind::Text) => Cell::Text(json.get().to_owned()),
        (Value::Bool(flag), CellKind::Boolean) => Cell::Boolean(flag),
        (Value::Number(number), CellKind::Integer) => Cell::Integer(
            number
                .as_i64()
                .ok_or_else(|| unexpected("a number above 9223372036854775807; convert it with toString"))?,
        ),
        (Value::Number(number), CellKind::Float) => number.as_f64().map_or(Cell::Absent, Cell::Float),
        (Value::String(text), CellKind::Time) => {
            Cell::Time(Timestamp::parse(&text).map_err(|error| unexpected(&format!("an invalid time: {error}")))?)
        }
        (Value::Array(elements), CellKind::Texts) => {
            let text = |element: Value| match element {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Cell::Texts(elements.into_iter().map(text).collect())
        }
        _ => return Err(unexpected("a value of another type than the column's")),
    })
}

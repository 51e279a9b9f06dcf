//! Rows that a merge has dropped in favour of another row of the same event: their offsets are gone, but they are not
//! lost.

use std::collections::HashSet;

use super::{EVERY_ROW, SqlSession};
use crate::{ColumnData, Param, RowBatch, StoreError, StrColumn, batch::SourceLog};

/// Maximum number of rows in one lookup: as many as safely fit into a statement.
const ROWS_AT_ONCE: usize = 200;

impl dyn SqlSession + '_ {
    /// Offsets of those rows for which the table has, or had until it was erased, a row with the same sorting key.
    ///
    /// A producer that sends an event twice creates two rows with one key, of which a merge keeps one. Inserting the
    /// other again would duplicate it until the next merge, and so on.
    pub(super) async fn merged_away(
        &mut self,
        log: &SourceLog<'_>,
        rows: &RowBatch,
    ) -> Result<HashSet<i64>, StoreError> {
        let mut merged = HashSet::new();
        let offsets = rows.offsets();
        if offsets.is_empty() {
            return Ok(merged);
        }
        let table = rows.table().name;
        let Some(key) = self.replacing_key(table).await? else { return Ok(merged) };
        let Some(lookup) = Lookup::new(log, rows, &key) else { return Ok(merged) };
        let sql = lookup.sql(table, &key);
        for start in (0..offsets.len()).step_by(ROWS_AT_ONCE) {
            let end = offsets.len().min(start + ROWS_AT_ONCE);
            let found: Vec<i64> = self.select(&sql, &[Param::new("rows", lookup.json(offsets, start..end))]).await?;
            merged.extend(found);
        }
        Ok(merged)
    }

    /// The table's sorting key, if rows of equal keys replace each other.
    pub(super) async fn replacing_key(&mut self, table: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = {table:String} \
            AND endsWith(engine, 'ReplacingMergeTree')";
        Ok(self.select_texts(sql, &[Param::new("table", table)]).await?.pop())
    }
}

/// The values of a sorting key's columns, as texts, and the expressions that read them.
struct Lookup {
    values: Vec<Vec<String>>,
    expressions: Vec<String>,
}

impl Lookup {
    /// `None` if the key has an expression, a column that batches do not have, or one of a kind that no key uses.
    fn new(log: &SourceLog<'_>, rows: &RowBatch, key: &str) -> Option<Self> {
        let mut lookup = Self { values: Vec::new(), expressions: Vec::new() };
        // The array's first element is the offset.
        for (column, place) in key.split(", ").zip(2..) {
            let element = format!("row[{place}]");
            let in_every_row = |text: String| vec![text; rows.rows()];
            let of_log = match column {
                "source_topic" => Some((in_every_row(log.topic.to_owned()), element.clone())),
                "source_partition" => Some((in_every_row(log.partition.to_string()), format!("toInt32({element})"))),
                "source_epoch" => Some((in_every_row(log.epoch.to_string()), format!("toInt64({element})"))),
                _ => None,
            };
            if let Some((values, expression)) = of_log {
                lookup.values.push(values);
                lookup.expressions.push(expression);
                continue;
            }
            let (values, expression) = match rows.column(column)? {
                ColumnData::Uuid(values) => {
                    (values.iter().map(ToString::to_string).collect(), format!("toUUID({element})"))
                }
                ColumnData::Str(texts) => (StrColumn::iter(texts).map(str::to_owned).collect(), element),
                ColumnData::Timestamp(values) => {
                    (texts(values), format!("fromUnixTimestamp64Milli(toInt64({element}))"))
                }
                ColumnData::Seconds(values) => (texts(values), format!("fromUnixTimestamp(toInt64({element}))")),
                ColumnData::I64(values) => (texts(values), format!("toInt64({element})")),
                _ => return None,
            };
            lookup.values.push(values);
            lookup.expressions.push(expression);
        }
        Some(lookup)
    }

    /// Which of the rows in the parameter `rows` have their key in the table.
    fn sql(&self, table: &str, key: &str) -> String {
        let values = self.expressions.join(", ");
        let rows = "(SELECT arrayJoin(JSONExtract({rows:String}, 'Array(Array(String))')) AS row)";
        format!(
            "SELECT row[1] FROM {rows} WHERE ({values}) IN \
             (SELECT {key} FROM {table} WHERE ({key}) IN (SELECT {values} FROM {rows})) \
             OR sipHash128({values}) IN (SELECT event_hash FROM erased_records WHERE event_hash IN \
             (SELECT sipHash128({values}) FROM {rows})) {EVERY_ROW}"
        )
    }

    fn json(&self, offsets: &[i64], places: std::ops::Range<usize>) -> serde_json::Value {
        let row = |place: usize| {
            let values = self.values.iter().map(|values| values[place].clone());
            std::iter::once(offsets[place].to_string()).chain(values).collect::<Vec<_>>()
        };
        places.map(row).collect()
    }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

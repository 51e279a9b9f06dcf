//! Rows by the roles of their tables.

use std::collections::HashMap;

use uuid::Uuid;
use voc_events::{Column, Table, Timestamp};

use super::State;
use crate::{ColumnData, InsertBatch, RowBatch, StrColumn};

/// The columns of a row that queries read.
pub(super) struct EventRow<'r> {
    pub(super) key: EventKey,
    pub(super) event_id: Option<Uuid>,
    pub(super) tenant_id: Option<&'r str>,
    pub(super) time: Timestamp,
    pub(super) sentiment: Option<f32>,
    pub(super) topic: Option<&'r str>,
}

/// What identifies rows of a table as the same event: the values of its sorting key.
pub(super) type EventKey = Vec<KeyValue>;

/// A value of a sorting key's column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum KeyValue {
    Number(i64),
    Uuid(Uuid),
    Text(String),
}

impl State {
    /// The number of a table's rows, over which a question folds.
    pub(super) fn rows_of_table(&self, table: &Table) -> u64 {
        let parts = self.parts.iter().map(|(batch, part)| &batch.parts[*part].rows);
        parts.filter(|rows| rows.table() == table).map(|rows| rows.rows() as u64).sum()
    }

    /// The latest version of each event of a table within the times of interest: its part, and its position there.
    pub(super) fn latest_versions(
        &self,
        table: &Table,
        is_of_interest: impl Fn(i64) -> bool,
    ) -> HashMap<EventKey, (usize, usize)> {
        let mut latest: HashMap<EventKey, (usize, usize)> = HashMap::new();
        for (place, (batch, part)) in self.parts.iter().enumerate() {
            if batch.parts[*part].rows.table() != table {
                continue;
            }
            for (number, row) in event_rows(batch, *part).into_iter().enumerate() {
                if !is_of_interest(row.time.as_millis()) {
                    continue;
                }
                let newest = latest.entry(row.key).or_insert((place, number));
                if self.parts[newest.0].0.processed_at <= batch.processed_at {
                    *newest = (place, number);
                }
            }
        }
        latest
    }
}

/// The rows of a part of a batch, by the roles of its table.
pub(super) fn event_rows(batch: &InsertBatch, part: usize) -> Vec<EventRow<'_>> {
    let rows = &batch.parts[part].rows;
    let table = rows.table();
    let texts = |role: Option<Column>| -> Option<Vec<&str>> { role.map(|column| rows.texts(column.name).collect()) };
    let tenants = texts(table.tenant);
    let ids = match table.identifier.and_then(|column| rows.column(column.name)) {
        Some(ColumnData::Uuid(ids)) => Some(ids),
        _ => None,
    };
    let sentiments = match rows.column("sentiment") {
        Some(ColumnData::OptF32(nulls, values)) if table.annotated => Some((nulls, values)),
        _ => None,
    };
    let topics: Option<(&Vec<u8>, Vec<&str>)> = match rows.column("topic") {
        Some(ColumnData::OptStr(nulls, texts)) if table.annotated => Some((nulls, StrColumn::iter(texts).collect())),
        _ => None,
    };
    let mut keys = keys(batch, rows).into_iter();
    rows.times()
        .enumerate()
        .map(|(row, time)| EventRow {
            key: keys.next().unwrap_or_default(),
            event_id: ids.map(|ids| ids[row]),
            tenant_id: tenants.as_ref().map(|tenants| tenants[row]),
            time: Timestamp::from_millis(time),
            sentiment: sentiments.and_then(|(nulls, values)| (nulls[row] == 0).then_some(values[row])),
            topic: topics.as_ref().and_then(|(nulls, texts)| (nulls[row] == 0).then_some(texts[row])),
        })
        .collect()
}

/// The rows' values of the sorting key, including the batch's coordinates.
fn keys(batch: &InsertBatch, rows: &RowBatch) -> Vec<EventKey> {
    let mut keys: Vec<EventKey> = vec![Vec::new(); rows.rows()];
    let mut extend = |values: &mut dyn Iterator<Item = KeyValue>| {
        keys.iter_mut().zip(values).for_each(|(key, value)| key.push(value));
    };
    for column in rows.table().sorting_key {
        let of_batch = match *column {
            "source_topic" => Some(KeyValue::Text(batch.range.topic.to_string())),
            "source_partition" => Some(KeyValue::Number(batch.range.partition.into())),
            "source_epoch" => Some(KeyValue::Number(batch.range.epoch)),
            _ => None,
        };
        match (of_batch, rows.column(column)) {
            (Some(value), _) => extend(&mut std::iter::repeat(value)),
            (_, Some(ColumnData::Uuid(ids))) => extend(&mut ids.iter().copied().map(KeyValue::Uuid)),
            (_, Some(ColumnData::Str(texts))) => {
                extend(&mut StrColumn::iter(texts).map(|text| KeyValue::Text(text.to_owned())));
            }
            (_, Some(ColumnData::Timestamp(numbers) | ColumnData::I64(numbers))) => {
                extend(&mut numbers.iter().copied().map(KeyValue::Number));
            }
            (_, Some(ColumnData::Seconds(numbers))) => {
                extend(&mut numbers.iter().map(|number| KeyValue::Number((*number).into())));
            }
            // A key has no other kinds: see `Table::check`.
            _ => {}
        }
    }
    keys
}

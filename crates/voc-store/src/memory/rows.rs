//! Queries that scan all rows.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use uuid::Uuid;
use voc_events::{Column, Table, TenantId, Timestamp};

use super::{MemoryStore, State};
use crate::{
    ColumnData, EventQueries, InsertBatch, LedgerFilter, PartitionLedger, Period, RowBatch, StoreError, StrColumn,
    TopicSummary, TypeSummary, revision::revised,
};

#[async_trait]
impl EventQueries for MemoryStore {
    async fn summary(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TypeSummary>, StoreError> {
        self.check_running()?;
        let groups = self.groups(table, tenant, period, |row| Some(row.event_type.unwrap_or(table.name)));
        let mut summaries: Vec<TypeSummary> = groups
            .into_iter()
            .map(|(event_type, group)| TypeSummary {
                event_type,
                event_count: group.events,
                avg_sentiment: group.avg_sentiment(),
                first_event: group.first,
                last_event: group.last,
            })
            .collect();
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.event_count));
        Ok(summaries)
    }

    async fn topics(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TopicSummary>, StoreError> {
        self.check_running()?;
        let groups = self.groups(table, tenant, period, |row| row.topic);
        let mut summaries: Vec<TopicSummary> = groups
            .into_iter()
            .map(|(topic, group)| TopicSummary {
                topic,
                event_count: group.events,
                avg_sentiment: group.avg_sentiment(),
            })
            .collect();
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.event_count));
        Ok(summaries)
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.check_running()?;
        Ok(super::ledger::partition_ledgers(&self.state().ledger, filter))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_running()
    }
}

impl MemoryStore {
    /// Sums up a table's rows by a name, in the order of the names.
    fn groups(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
        name: impl for<'r> Fn(&EventRow<'r>) -> Option<&'r str>,
    ) -> BTreeMap<String, Group> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let state = self.state();
        let revised = revised(state.revisions.values(), table);
        let latest = state.latest_versions(table, |time| revised.is_some_and(|(from, to)| (from..to).contains(&time)));
        for (place, (batch, part)) in state.parts.iter().enumerate() {
            if batch.parts[*part].rows.table() != table {
                continue;
            }
            for (number, row) in event_rows(batch, *part).into_iter().enumerate() {
                if latest.get(&row.key).is_some_and(|latest| *latest != (place, number)) {
                    continue;
                }
                let inside = (period.since..period.until).contains(&row.time);
                let of_tenant = tenant.is_none_or(|tenant| row.tenant_id == Some(tenant.as_str()));
                let Some(name) = name(&row).filter(|_| inside && of_tenant) else { continue };
                groups.entry(name.to_owned()).or_insert_with(|| Group::new(row.time)).add(&row);
            }
        }
        groups
    }
}

/// The columns of a row that queries read.
pub(super) struct EventRow<'r> {
    pub(super) key: EventKey,
    pub(super) event_id: Option<Uuid>,
    pub(super) tenant_id: Option<&'r str>,
    event_type: Option<&'r str>,
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
    let (tenants, types) = (texts(table.tenant), texts(table.event_type));
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
            event_type: types.as_ref().map(|types| types[row]),
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

struct Group {
    events: u64,
    sentiment_sum: f64,
    sentiments: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Group {
    fn new(time: Timestamp) -> Self {
        Self { events: 0, sentiment_sum: 0.0, sentiments: 0, first: time, last: time }
    }

    fn add(&mut self, row: &EventRow<'_>) {
        self.events += 1;
        self.sentiment_sum += row.sentiment.map_or(0.0, f64::from);
        self.sentiments += u64::from(row.sentiment.is_some());
        self.first = self.first.min(row.time);
        self.last = self.last.max(row.time);
    }

    fn avg_sentiment(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "fewer rows than 2^52")]
        (self.sentiments > 0).then(|| self.sentiment_sum / self.sentiments as f64)
    }
}

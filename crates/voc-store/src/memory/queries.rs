//! Answers by going through all rows.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use uuid::Uuid;
use voc_events::{TenantId, Timestamp};

use super::{MemoryStore, State};
use crate::{
    ColumnData, EventQueries, LedgerFilter, PartitionLedger, Period, Revision, RowBatch, StoreError, StrColumn,
    TopicSummary, TypeSummary, revision::revised,
};

#[async_trait]
impl EventQueries for MemoryStore {
    async fn summary(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TypeSummary>, StoreError> {
        self.check_running()?;
        let groups = self.groups(tenant, period, |row| Some(row.event_type));
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

    async fn topics(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TopicSummary>, StoreError> {
        self.check_running()?;
        let groups = self.groups(tenant, period, |row| row.topic);
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
    /// Sums rows up by a name, in the names' order.
    fn groups(
        &self,
        tenant: Option<&TenantId>,
        period: Period,
        name: impl for<'r> Fn(&EventRow<'r>) -> Option<&'r str>,
    ) -> BTreeMap<String, Group> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let state = self.state();
        let revisions: Vec<Revision> = state.revisions.values().cloned().collect();
        let revised = revised(&revisions);
        let latest = state.latest_versions(|time| revised.is_some_and(|(from, to)| (from..to).contains(&time)));
        for (place, (batch, part)) in state.parts.iter().enumerate() {
            for (number, row) in event_rows(&batch.parts[*part].rows).into_iter().enumerate() {
                if latest.get(&row.key()).is_some_and(|latest| *latest != (place, number)) {
                    continue;
                }
                let inside = (period.since..period.until).contains(&row.time);
                let of_tenant = tenant.is_none_or(|tenant| tenant.as_str() == row.tenant_id);
                let Some(name) = name(&row).filter(|_| inside && of_tenant) else { continue };
                groups.entry(name.to_owned()).or_insert_with(|| Group::new(row.time)).add(&row);
            }
        }
        groups
    }
}

/// What the queries read of a row.
pub(super) struct EventRow<'r> {
    table: &'static str,
    pub(super) event_id: Uuid,
    tenant_id: &'r str,
    event_type: &'r str,
    pub(super) time: Timestamp,
    pub(super) sentiment: Option<f32>,
    pub(super) topic: Option<&'r str>,
}

/// What makes rows the same event.
pub(super) type EventKey = (&'static str, String, Timestamp, Uuid);

impl EventRow<'_> {
    pub(super) fn key(&self) -> EventKey {
        (self.table, self.tenant_id.to_owned(), self.time, self.event_id)
    }
}

impl State {
    /// Where the latest version of each event is, of those that happened at times of interest: its part, and its number there.
    pub(super) fn latest_versions(&self, is_of_interest: impl Fn(i64) -> bool) -> HashMap<EventKey, (usize, usize)> {
        let mut latest: HashMap<EventKey, (usize, usize)> = HashMap::new();
        for (place, (batch, part)) in self.parts.iter().enumerate() {
            for (number, row) in event_rows(&batch.parts[*part].rows).into_iter().enumerate() {
                if !is_of_interest(row.time.as_millis()) {
                    continue;
                }
                let newest = latest.entry(row.key()).or_insert((place, number));
                if self.parts[newest.0].0.processed_at <= batch.processed_at {
                    *newest = (place, number);
                }
            }
        }
        latest
    }
}

/// The rows of a table that has these columns; none of any other table.
pub(super) fn event_rows(rows: &RowBatch) -> Vec<EventRow<'_>> {
    let (Some(ColumnData::Timestamp(times)), Some(ColumnData::OptF32(no_sentiment, sentiments))) =
        (rows.column("ts"), rows.column("sentiment"))
    else {
        return Vec::new();
    };
    let Some(ColumnData::OptStr(no_topic, topics)) = rows.column("topic") else { return Vec::new() };
    let Some(ColumnData::Uuid(ids)) = rows.column("event_id") else { return Vec::new() };
    let (tenants, types): (Vec<&str>, Vec<&str>) =
        (rows.texts("tenant_id").collect(), rows.texts("event_type").collect());
    let topics: Vec<&str> = StrColumn::iter(topics).collect();
    (0..rows.rows())
        .map(|row| EventRow {
            table: rows.table().name,
            event_id: ids[row],
            tenant_id: tenants[row],
            event_type: types[row],
            time: Timestamp::from_millis(times[row]),
            sentiment: (no_sentiment[row] == 0).then_some(sentiments[row]),
            topic: (no_topic[row] == 0).then_some(topics[row]),
        })
        .collect()
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

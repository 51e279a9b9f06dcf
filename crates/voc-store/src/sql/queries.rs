//! Answers over periods of event time: whole hours come from the hourly rollups, the hours cut by the period's ends from rows.

use async_trait::async_trait;
use serde::Deserialize;
use voc_events::{TenantId, Timestamp};

use super::{SqlBackend, SqlStore};
use crate::{EventQueries, LedgerFilter, Param, PartitionLedger, Period, StoreError, TopicSummary, TypeSummary};

const MILLIS_PER_HOUR: i64 = 3_600_000;

/// Where the engine's hours end, 2106-02-07T06:00:00Z; no event is later.
const END_OF_TIME: i64 = 4_294_965_600_000;

/// What both a rollup and rows are reduced to, per group.
const AGGREGATES: &str = "count() AS events, sum(sentiment) AS sentiment_sum, count(sentiment) AS sentiments, \
    min(ts) AS first_ts, max(ts) AS last_ts";

#[async_trait]
impl<B: SqlBackend> EventQueries for SqlStore<B> {
    async fn summary(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TypeSummary>, StoreError> {
        let Some(groups) = Groups::new("event_type", "", tenant, period) else { return Ok(Vec::new()) };
        let rows: Vec<GroupRow> = self.select(&groups.sql, &groups.params).await?;
        let summary = |row: GroupRow| TypeSummary {
            event_type: row.name,
            event_count: row.events,
            avg_sentiment: row.avg_sentiment,
            first_event: Timestamp::from_millis(row.first_millis),
            last_event: Timestamp::from_millis(row.last_millis),
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    async fn topics(&self, tenant: Option<&TenantId>, period: Period) -> Result<Vec<TopicSummary>, StoreError> {
        let Some(groups) = Groups::new("topic", "topic IS NOT NULL", tenant, period) else { return Ok(Vec::new()) };
        let rows: Vec<GroupRow> = self.select(&groups.sql, &groups.params).await?;
        let summary =
            |row: GroupRow| TopicSummary { topic: row.name, event_count: row.events, avg_sentiment: row.avg_sentiment };
        Ok(rows.into_iter().map(summary).collect())
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.partition_ledgers(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

/// A row of the answer; it comes as an array, so the fields are in the order of the query.
#[derive(Deserialize)]
struct GroupRow {
    name: String,
    events: u64,
    avg_sentiment: Option<f64>,
    first_millis: i64,
    last_millis: i64,
}

/// The query that sums a period up by a column.
struct Groups {
    sql: String,
    params: Vec<Param>,
}

impl Groups {
    /// `None` if the period is empty.
    fn new(column: &str, condition: &str, tenant: Option<&TenantId>, period: Period) -> Option<Self> {
        let mut params = Vec::new();
        let mut conditions = Vec::new();
        if let Some(tenant) = tenant {
            params.push(Param::new("tenant", tenant));
            conditions.push("tenant_id = {tenant:String}".to_owned());
        }
        if !condition.is_empty() {
            conditions.push(condition.to_owned());
        }
        let sources: Vec<String> = Spans::of(period)?
            .conditions(&mut params)
            .into_iter()
            .map(|span| {
                let conditions: Vec<String> = conditions.iter().cloned().chain([span]).collect();
                format!(
                    "SELECT {column} AS name, {AGGREGATES} FROM voc_events WHERE {} GROUP BY {column}",
                    conditions.join(" AND ")
                )
            })
            .collect();
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', name, events, avg_sentiment, first_millis, last_millis) FROM ( \
             SELECT assumeNotNull(name) AS name, sum(part.events) AS events, \
             sum(part.sentiment_sum) / nullIf(sum(part.sentiments), 0) AS avg_sentiment, \
             toUnixTimestamp64Milli(min(part.first_ts)) AS first_millis, \
             toUnixTimestamp64Milli(max(part.last_ts)) AS last_millis \
             FROM ({}) AS part GROUP BY name) ORDER BY events DESC, name \
             SETTINGS output_format_json_quote_64bit_integers = 0",
            sources.join(" UNION ALL ")
        );
        Some(Self { sql, params })
    }
}

/// A period cut at full hours. All bounds are UTC milliseconds; an end is outside.
#[derive(Debug, PartialEq, Eq)]
struct Spans {
    /// From the first full hour to the last; without an end, all that follows.
    hours: Option<(i64, Option<i64>)>,
    /// What is left before and behind.
    edges: Vec<(i64, i64)>,
}

impl Spans {
    /// `None` if the period is empty.
    fn of(period: Period) -> Option<Self> {
        let since = period.since.as_millis().clamp(0, END_OF_TIME);
        let until = period.until.map(Timestamp::as_millis).filter(|until| *until < END_OF_TIME);
        let first_hour = since.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        let first_hour = if first_hour < since { first_hour + MILLIS_PER_HOUR } else { first_hour };
        let Some(until) = until else {
            let edges = Vec::from_iter((since < first_hour).then_some((since, first_hour)));
            return Some(Self { hours: Some((first_hour, None)), edges });
        };
        if since >= until {
            return None;
        }
        let last_hour = until.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        if first_hour >= last_hour {
            return Some(Self { hours: None, edges: vec![(since, until)] });
        }
        let edges = [(since, first_hour), (last_hour, until)];
        Some(Self {
            hours: Some((first_hour, Some(last_hour))),
            edges: edges.into_iter().filter(|(from, to)| from < to).collect(),
        })
    }

    /// A condition for the rollups and one for the rows. The former uses the projection's own expression: only then does the
    /// engine see that the projection can answer it.
    fn conditions(&self, params: &mut Vec<Param>) -> Vec<String> {
        const EDGES: [(&str, &str); 2] = [("head_from", "head_to"), ("tail_from", "tail_to")];
        let mut conditions = Vec::new();
        if let Some((from, to)) = self.hours {
            params.push(Param::new("first_hour", from / 1000));
            let mut condition = "toStartOfHour(ts) >= fromUnixTimestamp({first_hour:Int64})".to_owned();
            if let Some(to) = to {
                params.push(Param::new("last_hour", to / 1000));
                condition.push_str(" AND toStartOfHour(ts) < fromUnixTimestamp({last_hour:Int64})");
            }
            conditions.push(condition);
        }
        let mut edges = Vec::new();
        for ((from, to), (from_name, to_name)) in self.edges.iter().zip(EDGES) {
            params.push(Param::new(from_name, from));
            params.push(Param::new(to_name, to));
            edges.push(format!(
                "ts >= fromUnixTimestamp64Milli({{{from_name}:Int64}}) AND ts < fromUnixTimestamp64Milli({{{to_name}:Int64}})"
            ));
        }
        if !edges.is_empty() {
            conditions.push(format!("({})", edges.join(" OR ")));
        }
        conditions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = MILLIS_PER_HOUR;

    fn spans(since: i64, until: Option<i64>) -> Option<Spans> {
        Spans::of(Period { since: Timestamp::from_millis(since), until: until.map(Timestamp::from_millis) })
    }

    #[test]
    fn a_period_is_cut_at_full_hours() {
        for (since, until, hours, edges) in [
            (0, Some(2 * HOUR), Some((0, Some(2 * HOUR))), vec![]),
            (1, Some(2 * HOUR), Some((HOUR, Some(2 * HOUR))), vec![(1, HOUR)]),
            (1, Some(2 * HOUR + 1), Some((HOUR, Some(2 * HOUR))), vec![(1, HOUR), (2 * HOUR, 2 * HOUR + 1)]),
            (1, Some(HOUR), None, vec![(1, HOUR)]),
            (1, Some(HOUR + 5), None, vec![(1, HOUR + 5)]),
            (HOUR, None, Some((HOUR, None)), vec![]),
            (HOUR + 1, None, Some((2 * HOUR, None)), vec![(HOUR + 1, 2 * HOUR)]),
            (i64::MIN, Some(HOUR), Some((0, Some(HOUR))), vec![]),
            (HOUR, Some(i64::MAX), Some((HOUR, None)), vec![]),
        ] {
            assert_eq!(spans(since, until), Some(Spans { hours, edges }), "{since} to {until:?}");
        }
        assert_eq!(spans(5, Some(5)), None);
        assert_eq!(spans(6, Some(5)), None);
    }
}

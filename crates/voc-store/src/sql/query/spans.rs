//! Queries over periods of event time: whole hours come from the hourly rollups, partial hours at the period's ends
//! from rows.

use async_trait::async_trait;
use serde::Deserialize;
use voc_events::{Table, TenantId, Timestamp};

use super::{
    SqlBackend, SqlStore, quoted,
    time::{Clock, millis_of},
};
use crate::{
    EventQueries, LedgerFilter, Param, PartitionLedger, Period, Revision, Revisions as _, StoreError, TopicSummary,
    TypeSummary,
    revision::{Interval, MILLIS_PER_HOUR, revised},
};

/// The end of the engine's hours, 2106-02-07T06:00:00Z; no event is later.
const END_OF_TIME: i64 = 4_294_965_600_000;

#[async_trait]
impl<B: SqlBackend> EventQueries for SqlStore<B> {
    async fn summary(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TypeSummary>, StoreError> {
        let summary = |row: GroupRow| TypeSummary {
            event_type: row.name,
            event_count: row.events,
            avg_sentiment: row.avg_sentiment,
            first_event: Timestamp::from_millis(row.first_millis),
            last_event: Timestamp::from_millis(row.last_millis),
        };
        let grouping = table.event_type.map_or(Grouping::All, |column| Grouping::Column(column.name));
        Ok(self.groups(table, grouping, tenant, period).await?.into_iter().map(summary).collect())
    }

    async fn topics(
        &self,
        table: &Table,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<TopicSummary>, StoreError> {
        if !table.annotated {
            return Ok(Vec::new());
        }
        let summary =
            |row: GroupRow| TopicSummary { topic: row.name, event_count: row.events, avg_sentiment: row.avg_sentiment };
        Ok(self.groups(table, Grouping::Topic, tenant, period).await?.into_iter().map(summary).collect())
    }

    async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<PartitionLedger>, StoreError> {
        self.partition_ledgers(filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check_answer().await
    }
}

/// Maximum number of times a query is repeated because revisions began or ended meanwhile.
const MAX_ATTEMPTS: usize = 10;

impl<B: SqlBackend> SqlStore<B> {
    /// Sums up a period so that no event counts twice while rows are stored again: see [`Revision`].
    async fn groups(
        &self,
        table: &Table,
        grouping: Grouping,
        tenant: Option<&TenantId>,
        period: Period,
    ) -> Result<Vec<GroupRow>, StoreError> {
        if tenant.is_some() && table.tenant.is_none() {
            return Ok(Vec::new());
        }
        let mut revisions = self.revisions().await?;
        for _ in 0..MAX_ATTEMPTS {
            let Some(groups) = Groups::new(table, grouping, tenant, period, revised(&revisions, table)) else {
                return Ok(Vec::new());
            };
            let rows = self.select(&groups.sql, &groups.params).await?;
            let revisions_now = self.revisions().await?;
            if generations(&revisions, table).eq(generations(&revisions_now, table)) {
                return Ok(rows);
            }
            revisions = revisions_now;
        }
        Err(StoreError::Unavailable("replays begin and end faster than the query is answered".to_owned()))
    }
}

fn generations<'r>(revisions: &'r [Revision], table: &Table) -> impl Iterator<Item = (&'r str, u64)> {
    let of_table = revisions.iter().filter(|revision| revision.table == table.name);
    of_table.map(|revision| (revision.id.as_str(), revision.generation))
}

/// How rows are grouped.
#[derive(Debug, Clone, Copy)]
enum Grouping {
    /// By the values of a column.
    Column(&'static str),
    /// By topic, for rows with one.
    Topic,
    /// Not at all: one group with the table's name.
    All,
}

/// A row of the answer; it arrives as an array, so the fields are in the order of the query.
#[derive(Deserialize)]
struct GroupRow {
    name: String,
    events: u64,
    avg_sentiment: Option<f64>,
    first_millis: i64,
    last_millis: i64,
}

/// The query that sums up a period.
struct Groups {
    sql: String,
    params: Vec<Param>,
}

impl Groups {
    /// `None` if the period is empty.
    fn new(
        table: &Table,
        grouping: Grouping,
        tenant: Option<&TenantId>,
        period: Period,
        revised: Option<Interval>,
    ) -> Option<Self> {
        let mut params = Vec::new();
        let mut conditions = Vec::new();
        if let (Some(tenant), Some(column)) = (tenant, table.tenant) {
            params.push(Param::new("tenant", tenant));
            conditions.push(format!("{} = {{tenant:String}}", column.name));
        }
        let (group_name, group_by) = match grouping {
            Grouping::Column(column) => (column.to_owned(), format!(" GROUP BY {column}")),
            Grouping::Topic => {
                conditions.push("topic IS NOT NULL".to_owned());
                ("topic".to_owned(), " GROUP BY topic".to_owned())
            }
            Grouping::All => (quoted(table.name), String::new()),
        };
        let sources: Vec<String> = Spans::of(period, revised)?
            .conditions(table, &mut params)
            .into_iter()
            .map(|(rows, span)| {
                let conditions: Vec<String> = conditions.iter().cloned().chain([span]).collect();
                format!(
                    "SELECT {group_name} AS group_name, {} FROM {}{rows} WHERE {}{group_by}",
                    aggregates(table),
                    table.name,
                    conditions.join(" AND ")
                )
            })
            .collect();
        let avg_sentiment = if table.annotated {
            "sum(part.group_sentiment_sum) / nullIf(sum(part.group_sentiments), 0)"
        } else {
            "NULL"
        };
        // Without a column to group by there is a group even without rows; its times mean nothing.
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', name, events, avg_sentiment, first_millis, last_millis) FROM ( \
             SELECT assumeNotNull(part.group_name) AS name, sum(part.group_events) AS events, \
             {avg_sentiment} AS avg_sentiment, {first} AS first_millis, {last} AS last_millis \
             FROM ({}) AS part WHERE part.group_events > 0 GROUP BY name) ORDER BY events DESC, name \
             SETTINGS output_format_json_quote_64bit_integers = 0",
            sources.join(" UNION ALL "),
            first = millis_of(table, "min(part.group_first)"),
            last = millis_of(table, "max(part.group_last)"),
        );
        Some(Self { sql, params })
    }
}

/// The common form of rollups and rows, per group. The names differ from those of columns, which would otherwise be
/// meant.
fn aggregates(table: &Table) -> String {
    let time = table.time.name;
    let sentiment = if table.annotated {
        ", sum(sentiment) AS group_sentiment_sum, count(sentiment) AS group_sentiments"
    } else {
        ""
    };
    format!("count() AS group_events{sentiment}, min({time}) AS group_first, max({time}) AS group_last")
}

/// A period split at full hours and around the hours with rows that are stored again. All bounds are UTC milliseconds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Spans {
    /// Full hours, for the rollups.
    hours: Vec<Interval>,
    /// The rest, before and after them.
    edges: Vec<Interval>,
    /// Where only the latest version of a row counts.
    revised: Vec<Interval>,
}

impl Spans {
    /// `None` if the period is empty.
    fn of(period: Period, revised: Option<Interval>) -> Option<Self> {
        let since = period.since.as_millis().clamp(0, END_OF_TIME);
        let until = period.until.as_millis().min(END_OF_TIME);
        if since >= until {
            return None;
        }
        let mut spans = Self::default();
        let (from, to) = revised.unwrap_or((until, until));
        let (from, to) = (from.clamp(since, until), to.clamp(since, until));
        if from < to {
            spans.revised.push((from, to));
        }
        for (since, until) in [(since, from), (to, until)] {
            if since < until {
                spans.cut(since, until);
            }
        }
        Some(spans)
    }

    fn cut(&mut self, since: i64, until: i64) {
        let first_hour = since.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        let first_hour = if first_hour < since { first_hour + MILLIS_PER_HOUR } else { first_hour };
        let last_hour = until.div_euclid(MILLIS_PER_HOUR) * MILLIS_PER_HOUR;
        if first_hour >= last_hour {
            self.edges.push((since, until));
            return;
        }
        self.hours.push((first_hour, last_hour));
        self.edges.extend([(since, first_hour), (last_hour, until)].into_iter().filter(|(from, to)| from < to));
    }

    /// Which rows to sum up: the text after the table's name, and the condition. The one for the rollups uses the
    /// projection's own expression, because only then does the engine recognise that the projection can answer it.
    fn conditions(&self, table: &Table, params: &mut Vec<Param>) -> Vec<(&'static str, String)> {
        let time = table.time.name;
        let by_hour = Axis { at: format!("toStartOfHour({time})"), clock: Clock::SECONDS };
        let by_instant = Axis { at: time.to_owned(), clock: Clock::of(table) };
        [("", &by_hour, &self.hours), ("", &by_instant, &self.edges), (" FINAL", &by_instant, &self.revised)]
            .into_iter()
            .filter(|(.., spans)| !spans.is_empty())
            .map(|(rows, axis, spans)| {
                let alternatives: Vec<String> = spans.iter().map(|span| axis.within(*span, params)).collect();
                (rows, format!("({})", alternatives.join(" OR ")))
            })
            .collect()
    }
}

/// The part of a row's time that a span is compared with.
struct Axis {
    /// The expression.
    at: String,
    /// What it is compared with.
    clock: Clock,
}

impl Axis {
    /// The condition that a row is in a span; its bounds become parameters.
    fn within(&self, (from, to): Interval, params: &mut Vec<Param>) -> String {
        let Self { at, clock } = self;
        let mut bound = |millis: i64| {
            let name = format!("bound_{}", params.len());
            let bound = clock.instant(&name);
            params.push(Param::new(name, clock.number(millis)));
            bound
        };
        format!("{at} >= {} AND {at} < {}", bound(from), bound(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = MILLIS_PER_HOUR;

    fn spans(since: i64, until: i64, revised: Option<Interval>) -> Option<Spans> {
        let period = Period { since: Timestamp::from_millis(since), until: Timestamp::from_millis(until) };
        Spans::of(period, revised)
    }

    #[test]
    fn a_period_is_split_at_full_hours() {
        for (since, until, hours, edges) in [
            (0, 2 * HOUR, vec![(0, 2 * HOUR)], vec![]),
            (1, 2 * HOUR, vec![(HOUR, 2 * HOUR)], vec![(1, HOUR)]),
            (1, 2 * HOUR + 1, vec![(HOUR, 2 * HOUR)], vec![(1, HOUR), (2 * HOUR, 2 * HOUR + 1)]),
            (1, HOUR, vec![], vec![(1, HOUR)]),
            (1, HOUR + 5, vec![], vec![(1, HOUR + 5)]),
            (i64::MIN, HOUR, vec![(0, HOUR)], vec![]),
            (HOUR, i64::MAX, vec![(HOUR, END_OF_TIME)], vec![]),
            (HOUR + 1, i64::MAX, vec![(2 * HOUR, END_OF_TIME)], vec![(HOUR + 1, 2 * HOUR)]),
        ] {
            assert_eq!(spans(since, until, None), Some(Spans { hours, edges, revised: vec![] }), "{since} to {until}");
        }
        assert_eq!(spans(5, 5, None), None);
        assert_eq!(spans(6, 5, None), None);
    }

    #[test]
    fn hours_with_revised_rows_are_cut_out() {
        for (since, until, hours, edges, revised) in [
            (0, 9 * HOUR, vec![(0, 3 * HOUR), (5 * HOUR, 9 * HOUR)], vec![], vec![(3 * HOUR, 5 * HOUR)]),
            (
                HOUR + 1,
                i64::MAX,
                vec![(2 * HOUR, 3 * HOUR), (5 * HOUR, END_OF_TIME)],
                vec![(HOUR + 1, 2 * HOUR)],
                vec![(3 * HOUR, 5 * HOUR)],
            ),
            (3 * HOUR + 1, 4 * HOUR, vec![], vec![], vec![(3 * HOUR + 1, 4 * HOUR)]),
            (
                2 * HOUR + 1,
                5 * HOUR + 1,
                vec![],
                vec![(2 * HOUR + 1, 3 * HOUR), (5 * HOUR, 5 * HOUR + 1)],
                vec![(3 * HOUR, 5 * HOUR)],
            ),
            (5 * HOUR, 6 * HOUR, vec![(5 * HOUR, 6 * HOUR)], vec![], vec![]),
            (0, 2 * HOUR, vec![(0, 2 * HOUR)], vec![], vec![]),
        ] {
            let expected = Spans { hours, edges, revised };
            assert_eq!(spans(since, until, Some((3 * HOUR, 5 * HOUR))), Some(expected), "{since} to {until}");
        }
    }
}

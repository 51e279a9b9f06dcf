//! Questions that have names.

use serde::Serialize;
use voc_events::{Table, Timestamp};

use super::{Answer, Cell, Condition, Dimension, Filter, Metric, Query, QueryError, TenantScope};
use crate::Period;

/// Events by type, the most frequent first. Events of a table without types are one group.
///
/// # Errors
/// [`QueryError`] if the table has not what it needs, which is a mistake in the table.
pub(crate) fn summary(table: &Table, tenants: TenantScope, period: Period) -> Result<Query, QueryError> {
    let mut query = Query::new(*table, tenants, period);
    if table.event_type.is_some() {
        query = query.dimension(Dimension::parse(table, "event_type")?);
    }
    for metric in ["event_count", "first_event", "last_event"] {
        query = query.metric(Metric::parse(table, metric)?);
    }
    Ok(if table.annotated { query.metric(Metric::parse(table, "avg_sentiment")?) } else { query })
}

/// Annotated events by topic, the most frequent first; `None` for a table that is not annotated.
///
/// # Errors
/// [`QueryError`] if the table has not what it needs, which is a mistake in the table.
pub(crate) fn topics(table: &Table, tenants: TenantScope, period: Period) -> Result<Option<Query>, QueryError> {
    if !table.annotated {
        return Ok(None);
    }
    let query = Query::new(*table, tenants, period)
        .dimension(Dimension::parse(table, "topic")?)
        .metric(Metric::parse(table, "event_count")?)
        .metric(Metric::parse(table, "avg_sentiment")?)
        .filter(Filter::parse(table, "topic", Condition::Present)?);
    Ok(Some(query))
}

/// Events of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeSummary {
    /// The events' type.
    pub event_type: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of the annotated events, from -1 to 1; `None` if no event has a score.
    pub avg_sentiment: Option<f64>,
    /// Time of the earliest event.
    pub first_event: Timestamp,
    /// Time of the latest event.
    pub last_event: Timestamp,
}

impl TypeSummary {
    /// The rows of the answer to the question of types. Events of a table without types are of one type, named after
    /// the table.
    #[must_use]
    pub fn of(query: &Query, answer: &Answer) -> Vec<Self> {
        let of_row = |row: &Vec<Cell>| {
            let cell =
                |name: &str| query.columns().position(|(known, _)| known == name).and_then(|place| row.get(place));
            Some(Self {
                event_type: cell("event_type").map_or(query.table().name, |cell| cell.text().unwrap_or("")).to_owned(),
                event_count: count(cell("event_count")?)?,
                avg_sentiment: cell("avg_sentiment").and_then(Cell::float),
                first_event: cell("first_event")?.time()?,
                last_event: cell("last_event")?.time()?,
            })
        };
        answer.rows.iter().filter_map(of_row).collect()
    }
}

/// Events of one topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicSummary {
    /// The topic.
    pub topic: String,
    /// Number of events.
    pub event_count: u64,
    /// Mean sentiment of the events with a score, from -1 to 1.
    pub avg_sentiment: Option<f64>,
}

impl TopicSummary {
    /// The rows of the answer to the question of topics.
    #[must_use]
    pub fn of(answer: &Answer) -> Vec<Self> {
        let of_row = |row: &Vec<Cell>| {
            let [topic, events, sentiment] = row.as_slice() else { return None };
            Some(Self {
                topic: topic.text()?.to_owned(),
                event_count: count(events)?,
                avg_sentiment: sentiment.float(),
            })
        };
        answer.rows.iter().filter_map(of_row).collect()
    }
}

fn count(cell: &Cell) -> Option<u64> {
    cell.integer().and_then(|number| number.try_into().ok())
}

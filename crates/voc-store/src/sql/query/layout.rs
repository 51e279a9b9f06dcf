//! The parts of a table, and in which hours rows have several versions.

use std::sync::Arc;

use voc_events::Table;

use super::{
    parts::{Parts, full_hours},
    spans::{Axis, MAX_INTERVALS, union},
};
use crate::{
    StoreError,
    revision::{Interval, MILLIS_PER_HOUR},
    sql::SqlSession,
};

/// ClickHouse's code for too many rows to read, or to group.
const TOO_MANY_ROWS: i32 = 158;

/// The limits of a look for versions. Beyond them, it costs more than it saves.
const LIMITS: &str = "max_rows_to_read = 20000000, max_rows_to_group_by = 500000";

/// The parts that a table had at one time, and the hours in which its rows had several versions.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) parts: Parts,
    /// In order and apart.
    pub(super) versioned: Vec<Interval>,
}

impl dyn SqlSession + '_ {
    /// The table's layout, as the engine of this session has it now. What is known from before is not looked for again.
    pub(super) async fn layout(
        &mut self,
        table: &Table,
        before: Option<Arc<Layout>>,
    ) -> Result<Arc<Layout>, StoreError> {
        let parts = self.parts(table).await?;
        if let Some(before) = before.filter(|before| before.parts == parts) {
            return Ok(before);
        }
        let suspects = parts.overlaps();
        let versioned = match self.versions(table, &suspects).await? {
            Some(versioned) => versioned,
            None => union(suspects.into_iter().map(full_hours).collect()),
        };
        Ok(Arc::new(Layout { parts, versioned }))
    }

    /// The hours of the intervals in which rows of any tenant have several versions; `None` if that is too much work.
    ///
    /// Where parts overlap, rows seldom have versions: parts overlap because events come a little late, and rows have
    /// versions because events are sent again. So a look at the keys makes most questions cheap.
    async fn versions(&mut self, table: &Table, intervals: &[Interval]) -> Result<Option<Vec<Interval>>, StoreError> {
        if intervals.is_empty() {
            return Ok(Some(Vec::new()));
        }
        if intervals.len() > MAX_INTERVALS || table.sorting_key.is_empty() {
            return Ok(None);
        }
        let (mut params, axis) = (Vec::new(), Axis::of_instants(table));
        let within: Vec<String> = intervals.iter().map(|interval| axis.within(*interval, &mut params)).collect();
        let (name, time) = (table.name, table.time.name);
        let sql = format!(
            "SELECT toString(hour) FROM (SELECT toUnixTimestamp(toStartOfHour(any({time}))) AS hour FROM {name} \
             WHERE {} GROUP BY {} HAVING count() > 1) GROUP BY hour SETTINGS final = 0, {LIMITS}",
            within.join(" OR "),
            table.sorting_key.join(", "),
        );
        let hours = match self.select_texts_of_all(&sql, &params).await {
            Err(StoreError::Rejected { code: TOO_MANY_ROWS, .. }) => return Ok(None),
            hours => hours?,
        };
        let hours = hours.iter().map(|hour| {
            let hour: i64 = hour.parse().map_err(|_| StoreError::Rejected {
                code: 0,
                message: format!("the store returned an unexpected hour, {hour}"),
            })?;
            Ok((hour * 1000, hour * 1000 + MILLIS_PER_HOUR))
        });
        Ok(Some(union(hours.collect::<Result<_, StoreError>>()?)))
    }
}

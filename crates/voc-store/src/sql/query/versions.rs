//! The look for rows that have several versions.

use std::sync::Arc;

use voc_events::Table;

use super::{
    layout::Layout,
    parts::{EVER, full_hours},
    spans::{Axis, MAX_INTERVALS, common, union},
};
use crate::{
    StoreError,
    revision::{Interval, MILLIS_PER_HOUR},
    sql::SqlSession,
};

/// ClickHouse's code for too many rows to read, or to group.
const TOO_MANY_ROWS: i32 = 158;

/// The limits of a look for versions. Beyond them, it costs more than it saves.
const LIMITS: &str = "max_rows_to_read = 20000000, read_overflow_mode = 'throw', max_rows_to_group_by = 500000, \
    group_by_overflow_mode = 'throw'";

impl dyn SqlSession + '_ {
    /// The table's layout, as the engine of this session has it now. What is known from before is not looked for
    /// again.
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
            Some(versioned) if suspects.is_empty() => versioned,
            Some(versioned) => {
                // A merge before the look has removed versions, which a statement before the merge has read.
                let gone = parts.gone_in(&self.parts(table).await?).into_iter();
                let hidden = gone.flat_map(|hours| common(hours, &suspects)).map(full_hours);
                union(versioned.into_iter().chain(hidden).collect())
            }
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
        if intervals.contains(&EVER) || intervals.len() > MAX_INTERVALS || table.sorting_key.is_empty() {
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use voc_events::{Family as _, voc::Voc};

    use super::*;
    use crate::{Block, Param};

    const HOUR: i64 = MILLIS_PER_HOUR;
    /// ClickHouse's code for a missing right.
    const ACCESS_DENIED: i32 = 497;

    /// An engine with these parts, that finds these hours with versions, or refuses to.
    struct Session {
        parts: Result<Vec<&'static str>, i32>,
        hours: Result<Vec<&'static str>, i32>,
        looks: usize,
    }

    #[async_trait]
    impl SqlSession for Session {
        async fn execute(&mut self, _: &str, _: &[Param]) -> Result<(), StoreError> {
            Err(StoreError::abandoned())
        }

        async fn select_texts(&mut self, sql: &str, _: &[Param]) -> Result<Vec<String>, StoreError> {
            let answer = if sql.contains("system.parts") {
                &self.parts
            } else {
                self.looks += 1;
                &self.hours
            };
            let texts = |texts: &Vec<&str>| texts.iter().map(|text| (*text).to_owned()).collect();
            answer.as_ref().map(texts).map_err(|code| StoreError::from_code(*code, String::new()))
        }

        async fn insert(&mut self, _: &Block) -> Result<(), StoreError> {
            Err(StoreError::abandoned())
        }
    }

    async fn layout(session: &mut Session, before: Option<Arc<Layout>>) -> Arc<Layout> {
        let session: &mut dyn SqlSession = session;
        session.layout(&Voc::TABLE, before).await.unwrap()
    }

    /// Two parts that overlap in the second hour.
    const OVERLAPPING: [&str; 2] = [r#"["1",0,5000,1,1,1]"#, r#"["1",4000,9000,2,2,1]"#];

    #[tokio::test]
    async fn only_hours_with_versions_are_versioned() {
        let mut session = Session { parts: Ok(OVERLAPPING.to_vec()), hours: Ok(vec![]), looks: 0 };
        let first = layout(&mut session, None).await;
        assert_eq!((&*first.versioned, session.looks), (&[][..], 1));
        // The same parts have the same rows.
        session.hours = Ok(vec!["3600"]);
        assert_eq!((layout(&mut session, Some(first.clone())).await, session.looks), (first.clone(), 1));
        session.parts = Ok(vec![OVERLAPPING[0], r#"["1",4000,9000,2,3,2]"#]);
        let second = layout(&mut session, Some(first)).await;
        assert_eq!((&*second.versioned, session.looks), (&[(HOUR, 2 * HOUR)][..], 2));
        // Nothing to look for.
        session.parts = Ok(vec![r#"["1",0,9000,1,3,3]"#]);
        let merged = layout(&mut session, Some(second)).await;
        assert_eq!((&*merged.versioned, session.looks), (&[][..], 2));
    }

    #[tokio::test]
    async fn where_parts_overlap_is_versioned_if_a_look_is_too_much_work() {
        let mut session = Session { parts: Ok(OVERLAPPING.to_vec()), hours: Err(TOO_MANY_ROWS), looks: 0 };
        assert_eq!(layout(&mut session, None).await.versioned, [(HOUR, 2 * HOUR)]);
        session.hours = Err(ACCESS_DENIED);
        let session: &mut dyn SqlSession = &mut session;
        assert!(session.layout(&Voc::TABLE, None).await.is_err());
    }

    #[tokio::test]
    async fn without_a_right_to_see_parts_everything_is_versioned_for_good() {
        let mut session = Session { parts: Err(ACCESS_DENIED), hours: Ok(vec![]), looks: 0 };
        let first = layout(&mut session, None).await;
        assert!(first.versioned[0].0 <= 0 && first.versioned[0].1 > i64::MAX / 8, "{first:?}");
        let second = layout(&mut session, Some(first.clone())).await;
        assert_eq!((&second.versioned, session.looks), (&first.versioned, 0));
    }
}

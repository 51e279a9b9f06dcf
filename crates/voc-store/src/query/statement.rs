//! The question itself.

use std::{cmp::Ordering, collections::HashSet};

use voc_events::{Table, Timestamp};

use super::{
    Answer, Buckets, Cell, CellKind, Dimension, Direction, Filter, Function, Measure, Metric, QueryError, TenantScope,
};
use crate::Period;

/// Maximum number of groups of an answer, unless the query has another limit.
const DEFAULT_LIMIT: usize = 10_000;
/// Maximum number of rows of an answer with a row for every bucket.
const MAX_FILLED: usize = 100_000;

/// A question: metrics of a table's events, by dimensions.
///
/// The order is that of time, if it is a dimension, else that of the first metric, the largest first; then that of the
/// dimensions. Absent values are last.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    table: Table,
    tenants: TenantScope,
    period: Period,
    metrics: Vec<Metric>,
    dimensions: Vec<Dimension>,
    filters: Vec<Filter>,
    order: Option<(usize, Direction)>,
    after: Option<Vec<Cell>>,
    limit: usize,
    many_groups: bool,
}

impl Query {
    /// A question about the events of a period, without metrics, dimensions and filters.
    #[must_use]
    pub fn new(table: Table, tenants: TenantScope, period: Period) -> Self {
        Self {
            table,
            tenants,
            period,
            metrics: Vec::new(),
            dimensions: Vec::new(),
            filters: Vec::new(),
            order: None,
            after: None,
            limit: DEFAULT_LIMIT,
            many_groups: false,
        }
    }

    /// Adds a metric.
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metrics.push(metric);
        self
    }

    /// Adds a dimension.
    #[must_use]
    pub fn dimension(mut self, dimension: Dimension) -> Self {
        self.dimensions.push(dimension);
        self
    }

    /// Adds a filter; all of them must hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Orders the groups by a column of the answer.
    ///
    /// # Errors
    /// [`QueryError::Unknown`] if the answer has no such column.
    pub fn order_by(mut self, column: &str, direction: Direction) -> Result<Self, QueryError> {
        let Some(place) = self.columns().position(|(name, _)| name == column) else {
            let known = self.columns().map(|(name, _)| name.to_owned()).collect();
            return Err(QueryError::Unknown { what: "column", name: column.to_owned(), known });
        };
        self.order = Some((place, direction));
        Ok(self)
    }

    /// Limits the number of groups.
    #[must_use]
    pub fn limit(mut self, groups: usize) -> Self {
        self.limit = groups;
        self
    }

    /// Says that there are far more groups than the limit: a store had better find out which ones are wanted before it
    /// reads everything about them. The answer is the same.
    #[must_use]
    pub fn of_many_groups(mut self) -> Self {
        self.many_groups = true;
        self
    }

    /// Only the groups after the one with this [place](Self::place_of) in the order.
    ///
    /// # Errors
    /// [`QueryError::Place`] if it is not one of an answer to this question.
    pub fn after(mut self, place: Vec<Cell>) -> Result<Self, QueryError> {
        let kinds: Vec<CellKind> = self.columns().map(|(_, kind)| kind).collect();
        let order = self.order();
        let fits = order.len() == place.len()
            && order
                .iter()
                .zip(&place)
                .all(|((column, _), cell)| cell.kind().is_none_or(|kind| kind == kinds[*column]));
        if !fits {
            return Err(QueryError::Place);
        }
        self.after = Some(place);
        Ok(self)
    }

    /// The same question from the first group on.
    #[must_use]
    pub fn from_beginning(mut self) -> Self {
        self.after = None;
        self
    }

    /// The place of a group in the order: what distinguishes it from all others.
    ///
    /// ```
    /// use voc_events::{Family as _, Timestamp, voc::Voc};
    /// use voc_store::{Cell, Dimension, Metric, Period, Query, TenantScope};
    ///
    /// let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(1) };
    /// let query = Query::new(Voc::TABLE, TenantScope::All, period)
    ///     .dimension(Dimension::parse(&Voc::TABLE, "topic")?)
    ///     .metric(Metric::parse(&Voc::TABLE, "event_count")?);
    /// let last = [Cell::Text("billing".to_owned()), Cell::Integer(7)];
    /// let place = query.place_of(&last);
    /// assert_eq!(place, [Cell::Integer(7), Cell::Text("billing".to_owned())]);
    /// assert!(query.after(place).is_ok());
    /// # Ok::<(), voc_store::QueryError>(())
    /// ```
    #[must_use]
    pub fn place_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.order().iter().map(|(column, _)| row.get(*column).cloned().unwrap_or(Cell::Absent)).collect()
    }

    /// The same question about another period.
    #[must_use]
    pub fn during(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The dimensions.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The column of the tenant, if a metric counts distinct identifiers of several of them.
    pub(crate) fn tenant_of(&self, metric: &Metric) -> Option<&'static str> {
        match metric.measure() {
            Measure::Of(Function::Unique, field) if field.is_identifier() && self.tenants.one().is_none() => {
                Some(self.table.tenant?.name)
            }
            _ => None,
        }
    }

    /// The filters.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The maximum number of groups.
    #[must_use]
    pub fn max_groups(&self) -> usize {
        self.limit
    }

    /// Names and kinds of the answer's columns.
    pub fn columns(&self) -> impl Iterator<Item = (&str, CellKind)> {
        let dimensions = self.dimensions.iter().map(|dimension| (dimension.name(), dimension.kind()));
        dimensions.chain(self.metrics.iter().map(|metric| (metric.name(), metric.kind())))
    }

    /// Whether no event can match: an empty period, no tenants, or a table without tenants and not all of them.
    pub(crate) fn is_empty(&self) -> bool {
        self.tenants.is_none_of(&self.table) || self.period.since >= self.period.until
    }

    /// Whether there are far more groups than the limit.
    pub(crate) fn has_many_groups(&self) -> bool {
        self.many_groups
    }

    /// Where the answer begins.
    pub(crate) fn beginning(&self) -> Option<&[Cell]> {
        self.after.as_deref()
    }

    /// Whether a row comes after where the answer begins.
    pub(crate) fn is_after_beginning(&self, row: &[Cell]) -> bool {
        let Some(place) = &self.after else { return true };
        let by_column =
            self.order().into_iter().zip(place).map(|((column, direction), cell)| row[column].compare(cell, direction));
        by_column.fold(Ordering::Equal, Ordering::then).is_gt()
    }

    /// The columns by which groups are ordered, the most important first.
    pub(crate) fn order(&self) -> Vec<(usize, Direction)> {
        let time = self.dimensions.iter().position(|dimension| matches!(dimension, Dimension::Time(_)));
        let default = match time {
            Some(place) => Some((place, Direction::Ascending)),
            None if self.metrics.is_empty() => None,
            None => Some((self.dimensions.len(), Direction::Descending)),
        };
        let first = self.order.or(default);
        let dimensions = (0..self.dimensions.len()).map(|place| (place, Direction::Ascending));
        let others = dimensions.filter(|(place, _)| first.is_none_or(|(first, _)| first != *place));
        first.into_iter().chain(others).collect()
    }

    /// The buckets, if time is a dimension, and where.
    pub(crate) fn buckets(&self) -> Option<(usize, &Buckets)> {
        self.dimensions.iter().enumerate().find_map(|(place, dimension)| match dimension {
            Dimension::Time(buckets) => Some((place, buckets)),
            Dimension::Field(_) => None,
        })
    }

    /// The answer with a row for every bucket of the period: of each combination of the other dimensions that occurs,
    /// or of none, if there are no other dimensions. An answer that is truncated, or has no dimension of time, is left
    /// as it is.
    ///
    /// # Errors
    /// [`QueryError::Buckets`] if there are too many.
    pub fn fill(&self, answer: Answer) -> Result<Answer, QueryError> {
        let Some((place, buckets)) = self.buckets().filter(|_| !answer.truncated) else { return Ok(answer) };
        let starts = buckets.starts(self.period)?;
        let others = |row: &[Cell]| -> Vec<Cell> {
            let dimensions = row.iter().take(self.dimensions.len()).enumerate();
            dimensions.filter(|(other, _)| *other != place).map(|(_, cell)| cell.clone()).collect()
        };
        let mut found = answer.rows;
        found.sort_by(|one, other| compare(&others(one), &others(other)));
        let mut series: Vec<(Vec<Cell>, HashSet<Timestamp>)> = found
            .chunk_by(|one, other| others(one) == others(other))
            .map(|rows| (others(&rows[0]), rows.iter().filter_map(|row| row[place].time()).collect()))
            .collect();
        if series.is_empty() && self.dimensions.len() == 1 {
            series.push((Vec::new(), HashSet::new()));
        }
        if series.len().saturating_mul(starts.len()) > MAX_FILLED {
            return Err(QueryError::Buckets { max: MAX_FILLED / series.len().max(1) });
        }
        let mut rows = Vec::new();
        for (key, present) in series {
            rows.extend(starts.iter().filter(|start| !present.contains(start)).map(|start| {
                let mut cells = key.clone();
                cells.insert(place, Cell::Time(*start));
                let of_none = |metric: &Metric| if metric.counts() { Cell::Integer(0) } else { Cell::Absent };
                cells.extend(self.metrics.iter().map(of_none));
                cells
            }));
        }
        rows.extend(found);
        self.sort(&mut rows);
        Ok(Answer { rows, truncated: false })
    }

    /// What this query asks for of an answer that has all groups: those from its beginning up to its limit, in its
    /// order.
    #[must_use]
    pub fn page_of(&self, whole: Answer) -> Answer {
        let mut rows = whole.rows;
        rows.retain(|row| self.is_after_beginning(row));
        self.sort(&mut rows);
        let truncated = rows.len() > self.limit;
        rows.truncate(self.limit);
        Answer { rows, truncated }
    }

    /// Sorts rows in the order of the query.
    pub(crate) fn sort(&self, rows: &mut [Vec<Cell>]) {
        let order = self.order();
        rows.sort_by(|one, other| {
            let by_column = order.iter().map(|(place, direction)| one[*place].compare(&other[*place], *direction));
            by_column.fold(Ordering::Equal, Ordering::then)
        });
    }
}

/// The order of cells of the same columns, all ascending.
fn compare(one: &[Cell], other: &[Cell]) -> Ordering {
    let by_column = one.iter().zip(other).map(|(one, other)| one.compare(other, Direction::Ascending));
    by_column.fold(Ordering::Equal, Ordering::then)
}

//! Which groups can be on a page whose order begins with their first events: those of the events that are nearest to
//! where the page begins.
//!
//! The latest calls are found by their latest events, which a tenant's part of the sorting key has at its end, instead
//! of grouping all events of a period. A call may have begun earlier than its events that were found; so it is on the
//! page only if it begins after all that were not looked at.

use super::{
    cells::unexpected,
    clauses::keyword,
    conditions::{of_rows, rest_of},
    expression::Params,
    page::whole_columns,
    reading::{Manner, Scope},
};
use crate::{Direction, Measure, Param, Query, StoreError, TenantScope, sql::quoted, sql::time::millis_of};

/// Events that are looked at for each group of a page.
const EVENTS_OF_GROUP: usize = 4;

/// The most bytes that the names of candidates have: servers read statements of up to 256 KiB.
const MAX_BYTES: usize = 200 * 1024;

/// Groups that may be on a page, and where they are not all.
pub(super) struct Candidates {
    /// The values of the dimensions.
    keys: Vec<Vec<String>>,
    /// The first instant, in UTC milliseconds, of which not all events were looked at; `None` if there is none.
    end: Option<i64>,
    /// The column of the first event, and its order.
    order: (usize, Direction),
}

/// The statement whose rows are the time and the dimensions of the events that are nearest to where the page begins;
/// `None` if the page is of another kind, or the period is empty for the store.
pub(super) fn statement(query: &Query, manner: Manner<'_>) -> Option<(String, Vec<Param>)> {
    let (_, direction) = order_by_first_event(query)?;
    let columns: Vec<&str> = whole_columns(query)?.iter().map(|field| field.column()).collect();
    let mut params = Params::default();
    let table = query.table();
    let period = rest_of(query.period(), direction, query.beginning());
    let conditions = of_rows(Scope { table, tenants: query.tenants(), period }, query.filters(), &mut params)?;
    let (time, keyword) = (table.time.name, keyword(direction));
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {}, {columns}) FROM \
         (SELECT {time}, {columns} FROM {} WHERE {} ORDER BY {time} {keyword} LIMIT {}) {}",
        millis_of(table, time),
        table.name,
        conditions.join(" AND "),
        events(query),
        manner.settings(),
        columns = columns.join(", "),
    );
    Some((sql, params.0))
}

impl Candidates {
    /// The candidates by the statement's rows; `None` if they are too many for a statement.
    pub(super) fn of(query: &Query, rows: Vec<Vec<serde_json::Value>>) -> Result<Option<Self>, StoreError> {
        let Some(order) = order_by_first_event(query) else { return Ok(None) };
        let are_all = rows.len() < events(query);
        let (mut keys, mut end) = (Vec::with_capacity(rows.len()), None);
        for row in rows {
            let mut cells = row.into_iter();
            end = cells.next().and_then(|time| time.as_i64());
            let key = cells.map(|cell| cell.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            let is_whole = |key: &Vec<String>| end.is_some() && key.len() == query.dimensions().len();
            keys.push(key.filter(is_whole).ok_or_else(unexpected)?);
        }
        keys.sort_unstable();
        keys.dedup();
        if keys.iter().map(|key| key.iter().map(|text| size(text)).sum::<usize>()).sum::<usize>() > MAX_BYTES {
            return Ok(None);
        }
        Ok(Some(Self { keys, end: end.filter(|_| !are_all), order }))
    }

    /// Whether there are no groups at all.
    pub(super) fn are_none(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether an answer of these groups is the answer of all. It has another group only if a row has got a new
    /// version meanwhile, which is of that group.
    pub(super) fn suffice(&self, query: &Query, groups: &[Vec<serde_json::Value>]) -> bool {
        let key = |group: &Vec<serde_json::Value>| -> Vec<String> {
            let values = group.iter().take(query.dimensions().len());
            values.map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
        };
        (self.end.is_none() || groups.len() > query.max_groups())
            && groups.iter().all(|group| self.keys.binary_search(&key(group)).is_ok())
    }

    /// The condition that a row is of one of the groups.
    pub(super) fn of_rows(&self, query: &Query, params: &mut Params) -> Option<String> {
        let columns: Vec<&str> = whole_columns(query)?.iter().map(|field| field.column()).collect();
        // All rows that are read are of the one tenant.
        let is_known = |column: &str| {
            let is_tenant = query.table().tenant.is_some_and(|tenant| tenant.name == column);
            is_tenant && matches!(query.tenants(), TenantScope::Only(only) if only.len() == 1) && columns.len() > 1
        };
        let unknown: Vec<usize> = (0..columns.len()).filter(|place| !is_known(columns[*place])).collect();
        let tuple = |values: Vec<String>| match values.as_slice() {
            [one] => one.clone(),
            several => format!("({})", several.join(",")),
        };
        let key = |key: &Vec<String>| tuple(unknown.iter().map(|place| element(&key[*place])).collect());
        let keys = format!("[{}]", self.keys.iter().map(key).collect::<Vec<_>>().join(","));
        let kind = match unknown.len() {
            1 => "Array(String)".to_owned(),
            several => format!("Array(Tuple({}))", vec!["String"; several].join(", ")),
        };
        let columns = tuple(unknown.iter().map(|place| columns[*place].to_owned()).collect());
        Some(format!("{columns} IN {}", params.bind(&kind, keys)))
    }

    /// The condition that a group comes before all of which not every event was looked at.
    pub(super) fn of_groups(&self, params: &mut Params) -> Option<String> {
        let (place, direction) = self.order;
        let operator = if direction == Direction::Ascending { "<" } else { ">" };
        self.end.map(|end| format!("c{place} {operator} {}", params.bind("Int64", end)))
    }
}

/// A text within a list that is a parameter: the escapes of a parameter's value are those of its texts.
fn element(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// How many bytes a text takes in a statement that sets the parameter, with what separates it from others.
fn size(text: &str) -> usize {
    quoted(Param::new("key", element(text)).escaped_value().as_str()).len() + ",()".len()
}

/// How many events are looked at.
fn events(query: &Query) -> usize {
    query.max_groups().saturating_add(1).saturating_mul(EVENTS_OF_GROUP)
}

/// The column of the first event, if it comes first in the order of many groups.
fn order_by_first_event(query: &Query) -> Option<(usize, Direction)> {
    let (place, direction) = query.order().into_iter().next().filter(|_| query.has_many_groups())?;
    let metric = query.metrics().get(place.checked_sub(query.dimensions().len())?)?;
    (*metric.measure() == Measure::FirstEvent && metric.filters().is_empty()).then_some((place, direction))
}

//! What the rollups of full hours answer in one simple `SELECT`: few groups, of one source.
//!
//! Two thirds of the time of a small question are the engine's planning, which grows with every function and level of
//! the statement. So this one leaves out what can be done here: the order, and the form of values.

use voc_events::Table;

use super::{
    conditions::of_tenants,
    expression::{Params, all_of, bucket},
    reading::Manner,
    spans::Spans,
};
use crate::{
    Dimension, Field, Filter, Function, Measure, Metric, Param, Query, StoreError, TenantScope,
    revision::MILLIS_PER_HOUR, sql::time::millis_of,
};

/// The settings with which rollups are read with the least work: all of a condition is on their key.
const OF_ROLLUPS: &str = "optimize_move_to_prewhere = 0";

/// The statement whose rows are the groups of a question's answer, in any order; if there are more than its limit,
/// some of them. `None` if it takes more than one source, or more than the rollups have.
///
/// # Errors
/// [`QueryError`](crate::QueryError) if the period has too many buckets.
pub(super) fn statement(query: &Query, manner: Manner<'_>) -> Result<Option<(String, Vec<Param>)>, StoreError> {
    if query.beginning().is_some() || query.metrics().iter().any(|metric| !metric.filters().is_empty()) {
        return Ok(None);
    }
    let table = query.table();
    let Some(spans) = Spans::of(query.period(), manner.versioned, true).filter(|_| has_rollups(query)) else {
        return Ok(None);
    };
    let mut params = Params::default();
    let mut sources = spans.conditions(table, &mut params.0).into_iter();
    let (Some((rows, span)), None) = (sources.next(), sources.next()) else { return Ok(None) };
    let conditions = [Some(span), of_tenants(table, query.tenants(), &mut params)];
    let conditions = conditions.into_iter().flatten().chain(all_of(table, query.filters(), &mut params));
    let conditions: Vec<String> = conditions.collect();

    let mut columns = Vec::new();
    for dimension in query.dimensions() {
        columns.push(match dimension {
            Dimension::Field(field) => field.column().to_owned(),
            Dimension::Time(buckets) => {
                let hour = format!("toInt64(toUnixTimestamp(toStartOfHour({}))) * 1000", table.time.name);
                bucket(buckets, query.period(), &hour, &mut params)?
            }
        });
    }
    // Without dimensions there is a group also of no events, whose first and last instants would be 1970.
    let grouping = match columns.as_slice() {
        [] => " HAVING count() > 0".to_owned(),
        columns => format!(" GROUP BY {}", columns.join(", ")),
    };
    columns.extend(query.metrics().iter().map(|metric| metric_of_hours(table, metric)));
    let manner = if query.tenants() == &TenantScope::All { manner } else { manner.with_threads(1) };
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {}) FROM {}{rows} WHERE {}{grouping} LIMIT {} \
         {}, {OF_ROLLUPS}",
        columns.join(", "),
        table.name,
        conditions.join(" AND "),
        query.max_groups().saturating_add(1),
        manner.settings(),
    );
    Ok(Some((sql, params.0)))
}

/// Whether the hourly rollups have everything that a question needs.
pub(super) fn has_rollups(query: &Query) -> bool {
    let table = query.table();
    let dimensions = query.dimensions().iter().all(|dimension| match dimension {
        Dimension::Field(field) => is_rollup_dimension(table, field),
        Dimension::Time(buckets) => buckets.are_multiples_of(MILLIS_PER_HOUR, query.period()),
    });
    let filters = |filters: &[Filter]| filters.iter().all(|filter| is_rollup_dimension(table, filter.field()));
    let metrics = query.metrics().iter().all(|metric| {
        let has_measure = match metric.measure() {
            Measure::Events | Measure::FirstEvent | Measure::LastEvent => true,
            Measure::Of(Function::Avg | Function::Sum | Function::Count, field) => {
                table.annotated && field.column() == "sentiment"
            }
            Measure::Of(..) => false,
        };
        has_measure && filters(metric.filters())
    });
    dimensions && metrics && filters(query.filters())
}

/// Whether the rollups are by this field: see the projections of the tables.
fn is_rollup_dimension(table: &Table, field: &Field) -> bool {
    let is = |role: Option<voc_events::Column>| role.is_some_and(|column| column.name == field.column());
    is(table.tenant) || is(table.event_type) || (table.annotated && field.column() == "topic")
}

/// A metric of all events, in terms of the projections.
fn metric_of_hours(table: &Table, metric: &Metric) -> String {
    let time = table.time.name;
    let outermost = |function: &str| millis_of(table, &format!("{function}({time})"));
    match metric.measure() {
        Measure::Events => "count()".to_owned(),
        Measure::FirstEvent => outermost("min"),
        Measure::LastEvent => outermost("max"),
        Measure::Of(Function::Count, _) => "count(sentiment)".to_owned(),
        Measure::Of(Function::Sum, _) => "sum(sentiment)".to_owned(),
        // Of none, it is not a number, which JSON has as null.
        Measure::Of(..) => "sum(sentiment) / count(sentiment)".to_owned(),
    }
}

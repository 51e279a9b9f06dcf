//! A question as a statement.

use std::collections::BTreeSet;

use voc_events::Table;

use super::{
    candidates::Candidates,
    clauses::{columns_of_rows, ordered, union_of},
    expression::{Params, after, all_of, bucket, condition, metric_of_rows, values_of},
    page::is_on_page,
    reading::Versioned,
    spans::Spans,
};
use crate::{
    Dimension, Field, Filter, Function, Measure, Metric, Param, Query, QueryError, StoreError, TenantScope,
    revision::MILLIS_PER_HOUR, sql::time::millis_of,
};

/// The settings with which rollups are read with the least work: all of a condition is on their key.
const OF_ROLLUPS: &str = ", optimize_move_to_prewhere = 0";
/// The same for a question about few of them.
const OF_FEW_ROLLUPS: &str = ", optimize_move_to_prewhere = 0, max_threads = 1, max_threads_for_indexes = 1";

/// The hour of a rollup.
const HOUR: &str = "rollup_hour";
/// The same in UTC milliseconds.
const HOUR_MILLIS: &str = "toInt64(toUnixTimestamp(rollup_hour)) * 1000";

/// The statement whose rows are the groups of a question's answer, each as a JSON array; one more than its limit, if
/// there are more; of the candidates only, if there are some. `None` if the period is empty for the store.
///
/// # Errors
/// [`QueryError`] if the period has too many buckets.
pub(super) fn statement(
    query: &Query,
    candidates: Option<&Candidates>,
    versioned: Versioned<'_>,
) -> Result<Option<(String, Vec<Param>)>, StoreError> {
    let mut params = Params::default();
    let table = query.table();
    let by_rollups = has_rollups(query);
    let Some(spans) = Spans::of(query.period(), versioned.0, by_rollups) else { return Ok(None) };
    let mut conditions: Vec<String> = of_tenants(table, query.tenants(), &mut params).into_iter().collect();
    conditions.extend(all_of(table, query.filters(), &mut params));
    let sources: Vec<(&str, String)> = spans.conditions(table, &mut params.0);
    let sources = sources.into_iter().map(|(rows, span)| {
        let conditions: Vec<String> = std::iter::once(span).chain(conditions.iter().cloned()).collect();
        format!("{}{rows} WHERE {}", table.name, conditions.join(" AND "))
    });
    let sources: Vec<String> = sources.collect();
    let (form, source) = match sources.as_slice() {
        [one] if by_rollups && query.metrics().iter().all(|metric| metric.filters().is_empty()) => {
            (Form::Hours, one.clone())
        }
        several => {
            if by_rollups {
                let (read, group_by) = read_rollups(query);
                (Form::Rollups, union_of(several, &read, &group_by))
            } else {
                let on_page = match candidates {
                    Some(candidates) => candidates.of_rows(query, &mut params),
                    None => is_on_page(query, several, &mut params),
                };
                let on_page = on_page.map(|on_page| format!(" AND {on_page}"));
                let read = columns_of_rows(query, query.metrics());
                (Form::Rows, union_of(several, &read, &on_page.unwrap_or_default()))
            }
        }
    };

    let dimension = |(place, dimension): (usize, &Dimension)| {
        let expression = match dimension {
            Dimension::Field(field) => values_of(table, field, &mut params),
            Dimension::Time(buckets) => bucket(buckets, query.period(), &form.instant(table), &mut params)?,
        };
        Ok(format!("{expression} AS c{place}"))
    };
    let dimensions = query.dimensions().iter().enumerate().map(dimension).collect::<Result<Vec<_>, QueryError>>()?;
    let metric = |(place, metric): (usize, &Metric)| {
        format!("{} AS c{}", form.metric(table, metric, &mut params), dimensions.len() + place)
    };
    let metrics: Vec<String> = query.metrics().iter().enumerate().map(metric).collect();
    let names = |count: usize| (0..count).map(|place| format!("c{place}")).collect::<Vec<_>>().join(", ");
    let grouping = if dimensions.is_empty() { String::new() } else { format!(" GROUP BY {}", names(dimensions.len())) };
    let order = ordered(&query.order());
    let count = dimensions.len() + metrics.len();
    let columns = dimensions.into_iter().chain(metrics).collect::<Vec<_>>().join(", ");
    // Every level of a statement costs the engine a millisecond, which is much of the time of a small question.
    let after = query.beginning().map(|place| format!("({})", after(&query.order(), place, &mut params)));
    let before = candidates.and_then(|candidates| candidates.of_groups(&mut params));
    let conditions: Vec<String> = after.into_iter().chain(before).collect();
    let (columns, groups) = if conditions.is_empty() {
        (columns, format!("{source}{grouping}"))
    } else {
        let conditions = conditions.join(" AND ");
        (names(count), format!("(SELECT {columns} FROM {source}{grouping}) WHERE {conditions}"))
    };
    let settings = match (form, query.tenants()) {
        (Form::Hours, TenantScope::All) => OF_ROLLUPS,
        (Form::Hours, TenantScope::Only(_)) => OF_FEW_ROLLUPS,
        _ => "",
    };
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {columns}) FROM {groups}{order} LIMIT {} \
         SETTINGS final = 0, output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 0\
         {settings}",
        query.max_groups().saturating_add(1),
    );
    Ok(Some((sql, params.0)))
}

/// The form of what a statement groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Rows.
    Rows,
    /// The rows of one source, with the expressions of the rollups: the engine reads the rollups instead.
    Hours,
    /// Rollups of several sources.
    Rollups,
}

impl Form {
    /// The time, in UTC milliseconds, by which buckets are told.
    fn instant(self, table: &Table) -> String {
        let time = table.time.name;
        match self {
            Self::Rows => millis_of(table, time),
            Self::Hours => format!("toInt64(toUnixTimestamp(toStartOfHour({time}))) * 1000"),
            Self::Rollups => HOUR_MILLIS.to_owned(),
        }
    }

    fn metric(self, table: &Table, metric: &Metric, params: &mut Params) -> String {
        match self {
            Self::Rows => metric_of_rows(table, metric, params),
            Self::Hours => metric_of_hours(table, metric),
            Self::Rollups => metric_of_rollups(table, metric, params),
        }
    }
}

/// The condition that a row is one of these tenants'; `None` if rows of all are meant.
pub(super) fn of_tenants(table: &Table, tenants: &TenantScope, params: &mut Params) -> Option<String> {
    in_tenants(table.tenant?.name, tenants, params)
}

/// The condition that a column names one of these tenants; `None` if all are meant.
pub(super) fn in_tenants(column: &str, tenants: &TenantScope, params: &mut Params) -> Option<String> {
    let TenantScope::Only(tenants) = tenants else { return None };
    if tenants.is_empty() {
        return Some("false".to_owned());
    }
    let tenants: Vec<String> = tenants.iter().map(|tenant| params.bind("String", tenant)).collect();
    Some(match tenants.as_slice() {
        [one] => format!("{column} = {one}"),
        several => format!("{column} IN ({})", several.join(", ")),
    })
}

/// Whether the hourly rollups have everything that a question needs.
fn has_rollups(query: &Query) -> bool {
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

/// What is read of the rollups, or summed up of rows in the same form, and how it is grouped. The expressions are
/// those of the projections.
fn read_rollups(query: &Query) -> (String, String) {
    let table = query.table();
    let time = table.time.name;
    let of_dimensions = query.dimensions().iter().filter_map(|dimension| match dimension {
        Dimension::Field(field) => Some(field.column()),
        Dimension::Time(_) => None,
    });
    let of_filters =
        query.metrics().iter().flat_map(|metric| metric.filters().iter().map(|filter| filter.field().column()));
    let columns: BTreeSet<&str> = of_dimensions.chain(of_filters).collect();
    let mut read: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let mut group_by = read.clone();
    if query.dimensions().iter().any(|dimension| matches!(dimension, Dimension::Time(_))) {
        read.push(format!("toStartOfHour({time}) AS {HOUR}"));
        group_by.push(format!("toStartOfHour({time})"));
    }
    read.push("count() AS rollup_events".to_owned());
    if table.annotated {
        read.push("sum(sentiment) AS rollup_sum, count(sentiment) AS rollup_scored".to_owned());
    }
    read.push(format!("min({time}) AS rollup_first, max({time}) AS rollup_last"));
    let group_by = if group_by.is_empty() { String::new() } else { format!(" GROUP BY {}", group_by.join(", ")) };
    (read.join(", "), group_by)
}

/// A metric of all events, in terms of the projections.
fn metric_of_hours(table: &Table, metric: &Metric) -> String {
    let time = table.time.name;
    // Of no events, the engine's first and last instants are 1970.
    let outermost = |function: &str| {
        format!("if(count() > 0, toNullable({}), NULL)", millis_of(table, &format!("{function}({time})")))
    };
    match metric.measure() {
        Measure::Events => "toInt64(count())".to_owned(),
        Measure::FirstEvent => outermost("min"),
        Measure::LastEvent => outermost("max"),
        Measure::Of(Function::Count, _) => "toInt64(count(sentiment))".to_owned(),
        Measure::Of(Function::Sum, _) => "sum(sentiment)".to_owned(),
        Measure::Of(..) => "sum(sentiment) / nullIf(count(sentiment), 0)".to_owned(),
    }
}

fn metric_of_rollups(table: &Table, metric: &Metric, params: &mut Params) -> String {
    let conditions = metric.filters().iter().map(|filter| format!("({})", condition(table, filter, params)));
    // Without dimensions, a source without rows is one group of no events.
    let condition = std::iter::once("rollup_events > 0".to_owned()).chain(conditions).collect::<Vec<_>>().join(" AND ");
    match metric.measure() {
        Measure::Events => format!("toInt64(sumIf(rollup_events, {condition}))"),
        Measure::FirstEvent => {
            format!("min(if({condition}, toNullable({}), NULL))", millis_of(table, "rollup_first"))
        }
        Measure::LastEvent => format!("max(if({condition}, toNullable({}), NULL))", millis_of(table, "rollup_last")),
        Measure::Of(Function::Count, _) => format!("toInt64(sumIf(rollup_scored, {condition}))"),
        Measure::Of(Function::Sum, _) => format!("sum(if({condition}, rollup_sum, NULL))"),
        Measure::Of(..) => {
            format!("sum(if({condition}, rollup_sum, NULL)) / nullIf(sumIf(rollup_scored, {condition}), 0)")
        }
    }
}

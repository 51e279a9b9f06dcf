//! A question as a statement.

use std::collections::BTreeSet;

use voc_events::Table;

use super::{
    candidates::Candidates,
    clauses::{columns_of_rows, ordered, union_of},
    conditions::of_tenants,
    expression::{Params, after, all_of, bucket, condition, metric_of_rows, values_of},
    hours::has_rollups,
    page::is_on_page,
    reading::Manner,
    spans::Spans,
};
use crate::{Dimension, Function, Measure, Metric, Param, Query, QueryError, StoreError, sql::time::millis_of};

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
    manner: Manner<'_>,
) -> Result<Option<(String, Vec<Param>)>, StoreError> {
    let mut params = Params::default();
    let table = query.table();
    let by_rollups = has_rollups(query);
    let Some(spans) = Spans::of(query.period(), manner.versioned, by_rollups) else { return Ok(None) };
    let mut conditions: Vec<String> = of_tenants(table, query.tenants(), &mut params).into_iter().collect();
    conditions.extend(all_of(table, query.filters(), &mut params));
    let sources: Vec<(&str, String)> = spans.conditions(table, &mut params.0);
    let of_candidates = candidates.and_then(|candidates| candidates.of_rows(query, &mut params));
    let sources = sources.into_iter().map(|(rows, span)| {
        let conditions: Vec<String> = std::iter::once(span).chain(conditions.iter().cloned()).collect();
        let conditions = conditions.join(" AND ");
        match (&of_candidates, rows) {
            // The candidates first, because few rows are theirs. But the latest version of a row may be of another
            // group, which must show.
            (Some(of_candidates), "") => format!("{} PREWHERE {of_candidates} WHERE {conditions}", table.name),
            _ => format!("{}{rows} WHERE {conditions}", table.name),
        }
    });
    let sources: Vec<String> = sources.collect();
    let source = if by_rollups {
        let (read, group_by) = read_rollups(query);
        union_of(&sources, &read, &group_by)
    } else {
        let on_page = if candidates.is_some() { None } else { is_on_page(query, &sources, &mut params) };
        let on_page = on_page.map(|on_page| format!(" AND {on_page}"));
        union_of(&sources, &columns_of_rows(query, query.metrics()), &on_page.unwrap_or_default())
    };

    let instant = if by_rollups { HOUR_MILLIS.to_owned() } else { millis_of(table, table.time.name) };
    let dimension = |(place, dimension): (usize, &Dimension)| {
        let expression = match dimension {
            Dimension::Field(field) => values_of(table, field, &mut params),
            Dimension::Time(buckets) => bucket(buckets, query.period(), &instant, &mut params)?,
        };
        Ok(format!("{expression} AS c{place}"))
    };
    let dimensions = query.dimensions().iter().enumerate().map(dimension).collect::<Result<Vec<_>, QueryError>>()?;
    let metric = |(place, metric): (usize, &Metric)| {
        let expression = if by_rollups {
            metric_of_rollups(table, metric, &mut params)
        } else {
            metric_of_rows(query, metric, &mut params)
        };
        format!("{expression} AS c{}", dimensions.len() + place)
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
    let sql = format!(
        "SELECT formatRowNoNewline('JSONCompactEachRow', {columns}) FROM {groups}{order} LIMIT {} {}",
        query.max_groups().saturating_add(1),
        manner.settings(),
    );
    Ok(Some((sql, params.0)))
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

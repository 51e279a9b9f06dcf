//! Clauses that statements have in common.

use std::collections::BTreeSet;

use crate::{Dimension, Direction, Field, Filter, Measure, Metric, Query};

/// What is read of several sources, each a table and a condition, to which `more` is added.
pub(super) fn union_of(sources: &[String], read: &str, more: &str) -> String {
    let selects: Vec<String> = sources.iter().map(|source| format!("SELECT {read} FROM {source}{more}")).collect();
    format!("({})", selects.join(" UNION ALL "))
}

/// The clause for an order of columns of the answer, after a space; empty without any.
pub(super) fn ordered(order: &[(usize, Direction)]) -> String {
    let columns = order.iter().map(|(place, direction)| format!("c{place} {} NULLS LAST", keyword(*direction)));
    let columns: Vec<String> = columns.collect();
    if columns.is_empty() { String::new() } else { format!(" ORDER BY {}", columns.join(", ")) }
}

/// The keyword of a direction.
pub(super) fn keyword(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

/// The columns of rows that the question's dimensions and these metrics need; never none.
pub(super) fn columns_of_rows<'m>(query: &Query, metrics: impl IntoIterator<Item = &'m Metric>) -> String {
    let of_dimensions = query.dimensions().iter().filter_map(|dimension| match dimension {
        Dimension::Field(field) => Some(field),
        Dimension::Time(_) => None,
    });
    let mut columns = BTreeSet::from([query.table().time.name]);
    let of_metrics = metrics.into_iter().flat_map(|metric| {
        columns.extend(query.tenant_of(metric));
        let of_measure = match metric.measure() {
            Measure::Of(_, field) => Some(field),
            _ => None,
        };
        of_measure.into_iter().chain(metric.filters().iter().map(Filter::field))
    });
    let of_metrics: Vec<&Field> = of_metrics.collect();
    columns.extend(of_dimensions.chain(of_metrics).map(Field::column));
    columns.into_iter().collect::<Vec<_>>().join(", ")
}

//! Which groups are on a page, where there are far more of them.

use voc_events::ColumnKind;

use super::{
    clauses::{columns_of_rows, ordered, union_of},
    expression::{Params, after, metric_of_rows, values_of},
};
use crate::{Dimension, Field, Metric, Query};

/// The condition that a row is of a group on the question's page, which reads only what decides that: rows have many
/// columns, and a page has few groups. `None` if it would not help, or groups cannot be told by columns that every row
/// has.
pub(super) fn is_on_page(query: &Query, sources: &[String], params: &mut Params) -> Option<String> {
    let fields = whole_columns(query).filter(|_| query.has_many_groups())?;
    let order = query.order();
    let metrics = order.iter().filter_map(|(place, _)| {
        let metric = query.metrics().get(place.checked_sub(fields.len())?)?;
        Some((*place, metric))
    });
    let metrics: Vec<(usize, &Metric)> = metrics.collect();

    let table = query.table();
    let read = columns_of_rows(query, metrics.iter().map(|(_, metric)| *metric));
    let mut selected: Vec<String> = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        selected.push(format!("any({}) AS k{place}", field.column()));
        selected.push(format!("{} AS c{place}", values_of(table, field, params)));
    }
    selected
        .extend(metrics.iter().map(|(place, metric)| format!("{} AS c{place}", metric_of_rows(query, metric, params))));
    let places =
        |prefix: &str| (0..fields.len()).map(|place| format!("{prefix}{place}")).collect::<Vec<_>>().join(", ");
    let beyond = query.beginning().map(|place| format!(" WHERE {}", after(&order, place, params)));
    let columns: Vec<&str> = fields.iter().map(|field| field.column()).collect();
    Some(format!(
        "({}) IN (SELECT {} FROM (SELECT {} FROM {} GROUP BY {}){}{} LIMIT {})",
        columns.join(", "),
        places("k"),
        selected.join(", "),
        union_of(sources, &read, ""),
        places("c"),
        beyond.unwrap_or_default(),
        ordered(&order),
        query.max_groups().saturating_add(1),
    ))
}

/// The dimensions, if they are columns that every row has, and there are some.
pub(super) fn whole_columns(query: &Query) -> Option<Vec<&Field>> {
    let fields = query.dimensions().iter().map(|dimension| match dimension {
        Dimension::Field(field) if is_whole_column(field) => Some(field),
        _ => None,
    });
    fields.collect::<Option<Vec<_>>>().filter(|fields| !fields.is_empty())
}

/// Whether a field is a column of texts, which is empty if it is absent, and never NULL.
fn is_whole_column(field: &Field) -> bool {
    field.column_kind() == ColumnKind::Str && field.key().is_none() && field.member().is_none()
}

//! The latest version of each row, for questions that look at the events of one session, call or customer together.

use voc_events::Table;

use super::{
    expression::{Params, all_of},
    reading::{Manner, Scope},
    spans::Spans,
    tenants::of_tenants,
};
use crate::Filter;

/// `FROM` and `WHERE` of the latest version of each row of a period that satisfies all filters and other conditions;
/// `None` if the period is empty for the store.
pub(super) fn latest_rows(
    Scope { table, tenants, period }: Scope<'_>,
    manner: Manner<'_>,
    filters: &[Filter],
    others: &[String],
    params: &mut Params,
) -> Option<String> {
    let spans = Spans::of(period, &[], false)?;
    let mut conditions: Vec<String> =
        spans.conditions(table, &mut params.0).into_iter().map(|(_, condition)| condition).collect();
    conditions.extend(of_tenants(table, tenants, params));
    conditions.extend(all_of(table, filters, params));
    conditions.extend(others.iter().map(|condition| format!("({condition})")));
    Some(format!("FROM {}{} WHERE {}", table.name, manner.keyword(), conditions.join(" AND ")))
}

/// The column of the tenant and a comma, if there are tenants: what belongs together is one tenant's.
pub(super) fn tenant_and(table: &Table) -> String {
    table.tenant.map(|tenant| format!("{}, ", tenant.name)).unwrap_or_default()
}

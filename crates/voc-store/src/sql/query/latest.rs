//! The latest version of each row, for questions that look at the events of one session, call or customer together.

use voc_events::Table;

use super::{
    conditions::of_rows,
    expression::Params,
    reading::{Manner, Scope},
};
use crate::Filter;

/// `FROM` and `WHERE` of the latest version of each row of a period that satisfies all filters and other conditions;
/// `None` if the period is empty for the store.
pub(super) fn latest_rows(
    scope: Scope<'_>,
    manner: Manner<'_>,
    filters: &[Filter],
    others: &[String],
    params: &mut Params,
) -> Option<String> {
    let mut conditions = of_rows(scope, filters, params)?;
    conditions.extend(others.iter().map(|condition| format!("({condition})")));
    Some(format!("FROM {}{} WHERE {}", scope.table.name, manner.keyword(), conditions.join(" AND ")))
}

/// The column of the tenant and a comma, if there are tenants: what belongs together is one tenant's.
pub(super) fn tenant_and(table: &Table) -> String {
    table.tenant.map(|tenant| format!("{}, ", tenant.name)).unwrap_or_default()
}

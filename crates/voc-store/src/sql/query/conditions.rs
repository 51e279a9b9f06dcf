//! Which rows a question is about.

use voc_events::{Table, Timestamp};

use super::{
    expression::{Params, all_of},
    reading::Scope,
    spans::Spans,
};
use crate::{Cell, Direction, Filter, Period, TenantScope};

/// The conditions that a row is in the scope and satisfies all filters; `None` if the period is empty for the store.
pub(super) fn of_rows(scope: Scope<'_>, filters: &[Filter], params: &mut Params) -> Option<Vec<String>> {
    let Scope { table, tenants, period } = scope;
    let spans = Spans::of(period, &[], false)?;
    let mut conditions: Vec<String> =
        spans.conditions(table, &mut params.0).into_iter().map(|(_, condition)| condition).collect();
    conditions.extend(of_tenants(table, tenants, params));
    conditions.extend(all_of(table, filters, params));
    Some(conditions)
}

/// The part of a period in which a page can be that begins at a place, which begins with a time.
pub(super) fn rest_of(period: Period, direction: Direction, beginning: Option<&[Cell]>) -> Period {
    let Period { since, until } = period;
    let Some(time) = beginning.and_then(|place| place.first()).and_then(Cell::time) else { return period };
    match direction {
        Direction::Ascending => Period { since: since.max(time), until },
        Direction::Descending => {
            Period { since, until: until.min(Timestamp::from_millis(time.as_millis().saturating_add(1))) }
        }
    }
}

/// The condition that a row is one of these tenants'; `None` if rows of all are meant. Rows of a table without tenants
/// are nobody's.
pub(super) fn of_tenants(table: &Table, tenants: &TenantScope, params: &mut Params) -> Option<String> {
    match table.tenant {
        Some(tenant) => in_tenants(tenant.name, tenants, params),
        None => (*tenants != TenantScope::All).then(|| "false".to_owned()),
    }
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

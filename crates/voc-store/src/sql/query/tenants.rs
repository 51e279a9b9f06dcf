//! The condition that rows are of a question's tenants.

use voc_events::Table;

use super::expression::Params;
use crate::TenantScope;

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

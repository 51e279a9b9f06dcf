//! What events have in common that belong to one session, call or customer.

use voc_events::Table;

use crate::{Cell, EventList, Field, Filter, ListedEvent, Period, TenantScope};

/// The events of a scope that satisfy all filters: the tenant's value, if there are tenants, then those of the fields.
pub(super) fn listed_of(
    (table, tenants, period): (Table, &TenantScope, Period),
    fields: &[&Field],
    filters: &[&[Filter]],
) -> EventList {
    let list = EventList::new(table, tenants.clone(), period);
    let tenant = table.tenant.and_then(|_| Field::find(&table, "tenant_id").ok());
    let list = tenant.into_iter().chain(fields.iter().map(|field| (*field).clone())).fold(list, EventList::field);
    filters.iter().flat_map(|filters| filters.iter().cloned()).fold(list, EventList::filter)
}

/// What tells the subject of such an event, which is the first field, from all others, and the values of the other
/// fields; `None` if the event has no subject.
pub(super) fn subject_of<'e>(table: &Table, event: &'e ListedEvent) -> Option<(String, &'e [Cell])> {
    let (subject, others) = event.cells.split_at_checked(1 + usize::from(table.tenant.is_some()))?;
    (*subject.last()? != Cell::Absent).then(|| (format!("{subject:?}"), others))
}

/// The time of an event in UTC milliseconds.
pub(super) fn time_of(event: &ListedEvent) -> i64 {
    event.place.first().and_then(Cell::time).map_or(0, |time| time.as_millis())
}

/// The median, interpolated.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    Some(f64::midpoint(numbers[last / 2], numbers[last.div_ceil(2)]))
}

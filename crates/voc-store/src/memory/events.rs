//! Lists of events by a fold over all rows.

use voc_events::Timestamp;

use super::{
    MemoryStore,
    columns::Columns,
    rows::{EventKey, KeyValue, event_rows},
};
use crate::{Cell, EventList, ListedEvent, StoreError};

impl MemoryStore {
    /// The latest version of each event of a list, in no particular order.
    pub(super) fn listed(&self, list: &EventList) -> Result<Vec<ListedEvent>, StoreError> {
        self.check_running()?;
        let (since, until) = (list.period().since, list.period().until);
        let state = self.state();
        self.meter.add(state.rows_of_table(list.table()));
        let latest = state.latest_versions(list.table(), |_| true);
        let mut events = Vec::new();
        for (place, (batch, part)) in state.parts.iter().enumerate() {
            let rows = &batch.parts[*part].rows;
            if rows.table() != list.table() || list.is_empty() {
                continue;
            }
            let columns = Columns::new(rows);
            for (number, row) in event_rows(batch, *part).into_iter().enumerate() {
                let is_latest = latest.get(&row.key) == Some(&(place, number));
                let of_tenants = list.table().tenant.is_none() || list.tenants().includes(row.tenant_id.unwrap_or(""));
                let asked = is_latest && of_tenants && (since..until).contains(&row.time);
                if asked && list.filters().iter().all(|filter| columns.satisfy(filter, number)) {
                    let cells = list.fields().iter().map(|field| columns.value(field, number).whole(field)).collect();
                    events.push(ListedEvent { cells, place: place_of(list, row.time, &row.key) });
                }
            }
        }
        Ok(events)
    }
}

/// The time of an event, and the rest of its sorting key.
fn place_of(list: &EventList, time: Timestamp, key: &EventKey) -> Vec<Cell> {
    let table = list.table();
    let cell = |value: &KeyValue| match value {
        KeyValue::Number(number) => Cell::Integer(*number),
        KeyValue::Uuid(id) => Cell::Text(id.to_string()),
        KeyValue::Text(text) => Cell::Text(text.clone()),
    };
    let rest = table.sorting_key.iter().zip(key).filter(|(name, _)| **name != table.time.name);
    std::iter::once(Cell::Time(time)).chain(rest.map(|(_, value)| cell(value))).collect()
}

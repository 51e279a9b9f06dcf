//! The newest events of a source partition, found by scanning all rows.

use std::collections::BTreeMap;

use super::{State, rows::event_rows};
use crate::{InsertBatch, RecentEvent, RecentRange};

impl State {
    pub(super) fn newest_events(&self, range: &RecentRange) -> Vec<RecentEvent> {
        let is_wanted = |batch: &InsertBatch| {
            let source = &batch.range;
            (&source.topic, source.partition) == (&range.topic, range.partition)
                && range.epochs.contains(&source.epoch)
                && batch.processed_at >= range.since
        };
        let mut events = BTreeMap::new();
        for (batch, part) in self.parts.iter().filter(|(batch, _)| range.has_events() && is_wanted(batch)) {
            let rows = &batch.parts[*part].rows;
            if rows.table() != &range.table {
                continue;
            }
            for (row, offset) in event_rows(batch, *part).into_iter().zip(rows.offsets()) {
                if let Some(event_id) = row.event_id
                    && (range.first_offset()..range.before).contains(offset)
                {
                    let tenant_id = row.tenant_id.unwrap_or_default().to_owned();
                    events.insert((batch.range.epoch, *offset), RecentEvent { tenant_id, event_id });
                }
            }
        }
        let left_out = events.len().saturating_sub(range.events);
        events.into_values().skip(left_out).collect()
    }
}

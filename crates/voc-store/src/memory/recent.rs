//! The newest events of a source partition, found by going through all rows.

use std::collections::BTreeMap;

use super::State;
use crate::{ColumnData, InsertBatch, RecentEvent, RecentRange};

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
            let Some(ColumnData::Uuid(event_ids)) = rows.column("event_id") else { continue };
            let rows = rows.offsets().iter().zip(rows.texts("tenant_id").zip(event_ids));
            events.extend(rows.filter(|(offset, _)| (range.first_offset()..range.before).contains(*offset)).map(
                |(offset, (tenant_id, event_id))| {
                    ((batch.range.epoch, *offset), RecentEvent { tenant_id: tenant_id.to_owned(), event_id: *event_id })
                },
            ));
        }
        let left_out = events.len().saturating_sub(range.events);
        events.into_values().skip(left_out).collect()
    }
}

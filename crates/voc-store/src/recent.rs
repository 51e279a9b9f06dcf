//! Selects the events to look up for a partition's new owner.

use std::{ops::RangeInclusive, sync::Arc};

use uuid::Uuid;
use voc_events::{Table, Timestamp};

/// The newest stored events of a source partition.
#[derive(Debug, Clone, PartialEq)]
pub struct RecentRange {
    /// The family's table.
    pub table: Table,
    /// Topic.
    pub topic: Arc<str>,
    /// Partition of the topic.
    pub partition: i32,
    /// Which of the partition's logs; see [`SourceRange::epoch`](crate::SourceRange::epoch). A higher epoch is newer.
    pub epochs: RangeInclusive<i64>,
    /// Only events before this offset count.
    pub before: i64,
    /// Maximum number of events.
    pub events: usize,
    /// Events processed earlier do not count.
    pub since: Timestamp,
}

/// What identifies the resends of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentEvent {
    /// Its tenant; empty if the family has no tenants.
    pub tenant_id: String,
    /// The producer's identifier.
    pub event_id: Uuid,
}

/// Offsets looked at per requested event: some hold no event, such as the markers of transactions.
const OFFSETS_PER_EVENT: i64 = 2;

impl RecentRange {
    /// Whether there can be any such event: without an identifier, resends cannot be recognised.
    pub(crate) fn has_events(&self) -> bool {
        self.events > 0 && self.before > 0 && self.table.identifier.is_some()
    }

    /// Events before this offset are not looked at.
    pub(crate) fn first_offset(&self) -> i64 {
        let events = i64::try_from(self.events).unwrap_or(i64::MAX);
        self.before.saturating_sub(events.saturating_mul(OFFSETS_PER_EVENT)).max(0)
    }
}

//! How fresh stored events are.

use voc_events::Timestamp;

/// The latest of some stored events.
///
/// Everything that a source had sent before it is stored, too, except for what arrives late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Freshness {
    /// The time of the latest event.
    pub latest_event: Timestamp,
    /// When it was stored.
    pub stored_at: Timestamp,
}

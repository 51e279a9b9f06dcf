//! How fresh stored events are.

use voc_events::Timestamp;

/// The latest of some stored events whose time has come.
///
/// Everything that a source had sent before it is stored, too, except for what arrives late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Freshness {
    /// The time of the latest event. An event that is dated ahead does not count until its time has come.
    pub latest_event: Timestamp,
    /// When it was stored; any of the times, if it was stored several times.
    pub stored_at: Timestamp,
}

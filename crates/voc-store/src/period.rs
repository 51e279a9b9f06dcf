//! Spans of event time.

use voc_events::Timestamp;

/// A span of event time. It always has an end, because events may be dated decades ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First instant inside.
    pub since: Timestamp,
    /// First instant outside.
    pub until: Timestamp,
}

impl Period {
    /// Of all events.
    pub const EVER: Self = Self { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX / 4) };
}

//! Settings of the pipeline.

use std::time::Duration;

/// When a lane cuts a batch, and how large it may grow.
///
/// A batch is cut at `size` records or `flush_after` while no insert of the lane is under way. While one is, the lane
/// keeps collecting up to `max`: an idle system is prompt, and a loaded one writes large blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSettings {
    /// Number of records at which a batch is cut. Default 500.
    pub size: usize,
    /// How long the first record of a batch waits for more. Default 2 s.
    pub flush_after: Duration,
    /// Maximum number of records in a batch; at least `size`. Default 50 000.
    pub max: usize,
    /// Bytes of values at which a batch is full, however few records it has. Default 64 MiB.
    pub max_bytes: usize,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { size: 500, flush_after: Duration::from_secs(2), max: 50_000, max_bytes: 64 * 1024 * 1024 }
    }
}

impl BatchSettings {
    /// Maximum number of records that a source should put in one chunk, so that batches can be cut close to `size`.
    #[must_use]
    pub fn chunk_records(&self) -> usize {
        self.size.clamp(1, 500)
    }
}

/// Settings of the recent window of a lane, which recognises resent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentSettings {
    /// Minimum number of event IDs remembered per partition; up to twice as many are kept. 0 disables the window.
    /// Default 50 000.
    pub events: usize,
    /// How long an ID is remembered. Default 10 minutes.
    pub keep: Duration,
}

impl Default for RecentSettings {
    fn default() -> Self {
        Self { events: 50_000, keep: Duration::from_secs(600) }
    }
}

//! What the service does not exceed, whoever asks.

use std::time::Duration;

/// Limits that hold for all requests together or for each one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Questions that the store works on at once.
    pub running: usize,
    /// Exports among them; a further one waits.
    pub exporting: usize,
    /// Questions that wait for their turn; a further one is answered with 503.
    pub waiting: usize,
    /// The longest time from a question to the beginning of its answer, with waiting.
    pub question: Duration,
    /// How old an answer may be of which is known that it is right for the data of then.
    pub staleness: Duration,
    /// The memory for answers that are kept, in bytes.
    pub answer_bytes: u64,
    /// The largest body in bytes.
    pub body_bytes: usize,
    /// The longest time for a body to arrive, and for the head of a request.
    pub arrival: Duration,
    /// How long a connection stays open without a request.
    pub keep_alive: Duration,
    /// How long a client may read nothing of an answer that is sent while it is made.
    pub reading: Duration,
}

impl Limits {
    /// The limits for a store with so many connections: one is left for the checks of readiness.
    #[must_use]
    pub fn for_connections(connections: usize) -> Self {
        let limits = Self::default();
        let running = connections.saturating_sub(1).clamp(1, limits.running);
        Self { running, exporting: running.div_ceil(2).min(limits.exporting), ..limits }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running: 32,
            exporting: 8,
            waiting: 128,
            question: Duration::from_secs(60),
            staleness: Duration::from_secs(1),
            answer_bytes: 64 * 1024 * 1024,
            body_bytes: 256 * 1024,
            arrival: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            reading: Duration::from_secs(60),
        }
    }
}

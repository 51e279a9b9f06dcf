//! Progress of long reads.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::snapshot::Position;

/// How often progress is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Running totals of a file source.
#[derive(Debug, Default)]
pub struct FileTally {
    pub(super) files: AtomicU64,
    pub(super) skipped: AtomicU64,
}

impl FileTally {
    /// Inputs read to the end, including those without anything new.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Lines and events at the start of files that earlier runs have stored and this run skips.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

/// Progress of an input: a bar on a terminal, and periodic log lines.
pub(super) struct Progress {
    input: String,
    position: Position,
    length: Option<u64>,
    bar: ProgressBar,
    logged_at: Instant,
}

impl Progress {
    /// Creates the progress of an input; `length` if known.
    pub(super) fn new(input: String, position: Position, length: Option<u64>) -> Self {
        let style = |template| ProgressStyle::with_template(template);
        let bar = match length {
            Some(length) => ProgressBar::new(length).with_style(
                style("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
            None => ProgressBar::new_spinner().with_style(
                style("{spinner} {bytes} read {bytes_per_sec}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
            ),
        };
        Self { input, position, length, bar, logged_at: Instant::now() }
    }

    /// Reports that the first `events` events were read.
    pub(super) fn advance(&mut self, events: i64) {
        let bytes = self.position.bytes();
        self.bar.set_position(bytes);
        if self.logged_at.elapsed() < LOG_INTERVAL {
            return;
        }
        self.logged_at = Instant::now();
        let input = &self.input;
        match self.length.filter(|length| *length > 0) {
            Some(length) => {
                // With one decimal.
                let percent = format!("{}.{}", bytes * 100 / length, bytes * 1000 / length % 10);
                tracing::info!(input, events, bytes, percent, "reading on");
            }
            None => tracing::info!(input, events, bytes, "reading on"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

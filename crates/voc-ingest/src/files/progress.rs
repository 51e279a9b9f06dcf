//! What is told of reading that takes its time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::snapshot::Position;

/// How often the log tells how far an input is read.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Running totals of a source of files.
#[derive(Debug, Default)]
pub struct FileTally {
    pub(super) files: AtomicU64,
    pub(super) skipped: AtomicU64,
}

impl FileTally {
    /// Inputs that were read to their ends, those of which nothing was new among them.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Lines and events at the start of files that earlier runs have stored, and this one does not store again.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

/// How far an input is read: a bar for whoever sits before a terminal, a line in the log now and then.
pub(super) struct Progress {
    input: String,
    position: Position,
    length: Option<u64>,
    bar: ProgressBar,
    logged_at: Instant,
}

impl Progress {
    /// Of an input of a length, if that is known.
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

    /// Tells that the events before a number were read.
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
                // In steps of a tenth.
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

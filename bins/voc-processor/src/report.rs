//! The report of a run that ends with its input.

use std::{io::Write as _, sync::Arc, time::Duration};

use serde::Serialize;
use voc_ingest::{Tally, files::FileTally};

/// What a run did; `consumed` is the sum of `stored`, `dead_lettered` and `duplicates`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    family: String,
    consumed: u64,
    stored: u64,
    dead_lettered: u64,
    duplicates: u64,
    /// Lines and events of files that an earlier run had stored and this one skipped.
    skipped: u64,
    /// Files and other inputs that were read to their end.
    files: u64,
    seconds: f64,
    events_per_second: f64,
}

impl Report {
    pub(crate) fn new(tallies: &[(&'static str, Arc<Tally>)], files: &FileTally, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs_f64();
        let sum = |count: fn(&Tally) -> u64| tallies.iter().map(|(_, tally)| count(tally)).sum();
        let consumed = sum(Tally::consumed);
        #[expect(clippy::cast_precision_loss, reason = "a rate does not need 53 bits")]
        let events_per_second = if seconds > 0.0 { consumed as f64 / seconds } else { 0.0 };
        Self {
            family: tallies.iter().map(|(family, _)| *family).collect::<Vec<_>>().join(","),
            consumed,
            stored: sum(Tally::stored),
            dead_lettered: sum(Tally::dead_lettered),
            duplicates: sum(Tally::duplicates),
            skipped: files.skipped(),
            files: files.files(),
            seconds: (seconds * 1000.0).round() / 1000.0,
            events_per_second: events_per_second.round(),
        }
    }

    /// Whether there were records, and all of them are dead letters. If a file was resumed, an earlier run used part
    /// of it.
    pub(crate) fn nothing_is_usable(&self) -> bool {
        self.dead_lettered > 0 && self.dead_lettered == self.consumed && self.skipped == 0
    }

    /// Whether an event was stored by this run or an earlier one.
    pub(crate) fn something_is_used(&self) -> bool {
        self.stored + self.duplicates + self.skipped > 0
    }

    /// How many records of how many became dead letters, if any did.
    pub(crate) fn dead_letters(&self) -> Option<String> {
        (self.dead_lettered > 0).then(|| format!("{} of {} records", self.dead_lettered, self.consumed))
    }

    /// Writes the report as a line of JSON on standard output.
    pub(crate) fn print(&self) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        std::io::stdout().lock().write_all(&line)
    }
}

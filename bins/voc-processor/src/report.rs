//! The report of a run that ends with its input.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

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
    /// Values that were accepted although they are written differently than they should be, by field.
    coerced: BTreeMap<&'static str, u64>,
    /// Lines and events of files that an earlier run had stored and this one skipped.
    skipped: u64,
    /// Files and other inputs that were read to their end.
    files: u64,
    /// Files and other inputs that were not.
    unfinished: u64,
    seconds: f64,
    events_per_second: f64,
}

impl Report {
    /// The report of pipelines with these tallies, on this number of `inputs`.
    pub(crate) fn new(
        tallies: &[(&'static str, Arc<Tally>)],
        inputs: usize,
        files: &FileTally,
        elapsed: Duration,
    ) -> Self {
        let seconds = elapsed.as_secs_f64();
        let sum = |count: fn(&Tally) -> u64| tallies.iter().map(|(_, tally)| count(tally)).sum();
        let consumed = sum(Tally::consumed);
        #[expect(clippy::cast_precision_loss, reason = "a rate does not need 53 bits")]
        let events_per_second = if seconds > 0.0 { consumed as f64 / seconds } else { 0.0 };
        let mut coerced = BTreeMap::new();
        for (field, count) in tallies.iter().flat_map(|(_, tally)| tally.coerced()) {
            *coerced.entry(field).or_default() += count;
        }
        Self {
            family: tallies.iter().map(|(family, _)| *family).collect::<Vec<_>>().join(","),
            consumed,
            stored: sum(Tally::stored),
            dead_lettered: sum(Tally::dead_lettered),
            duplicates: sum(Tally::duplicates),
            coerced,
            skipped: files.skipped(),
            files: files.files(),
            unfinished: (inputs as u64).saturating_sub(files.files()),
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

    /// How many values of which fields were coerced, if any were.
    pub(crate) fn coerced(&self) -> Option<String> {
        let fields: Vec<String> = self.coerced.iter().map(|(field, count)| format!("{field} ({count})")).collect();
        (!fields.is_empty()).then(|| fields.join(", "))
    }

    /// How many inputs of how many were not read to their end, if any.
    pub(crate) fn unfinished(&self) -> Option<String> {
        let inputs = self.files + self.unfinished;
        (self.unfinished > 0).then(|| format!("{} of {inputs} inputs", self.unfinished))
    }

    /// The report as JSON.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Writes the report as a line of JSON on standard output.
    pub(crate) fn print(&self) -> io::Result<()> {
        voc_service::print(&format!("{}\n", self.to_json()?))
    }
}

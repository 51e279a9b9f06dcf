//! The report of a run: lines during the run, and a summary at its end.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;

use crate::{oracle::Findings, verdicts::Verdicts};

/// Prints lines with the time since the start, and counts faults.
pub(crate) struct Report {
    start: Instant,
    faults: Mutex<BTreeMap<&'static str, u32>>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), faults: Mutex::default() }
    }

    /// When the run began.
    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// Prints a line.
    pub(crate) fn log(&self, line: impl AsRef<str>) {
        println!("[{:>6.1} s] {}", self.start.elapsed().as_secs_f64(), line.as_ref());
    }

    /// Counts a fault.
    pub(crate) fn count(&self, kind: &'static str) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }

    /// Prints the faults by kind.
    pub(crate) fn print_faults(&self) {
        println!("faults injected:");
        for (kind, count) in self.faults.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            println!("  {count:>5}  {kind}");
        }
    }
}

/// Prints the verdict of each family, by topic, with examples of losses and duplicates.
pub(crate) fn print_verdicts(verdicts: &Verdicts) {
    for (family, verdict) in verdicts.iter() {
        println!("{}: {verdict}", family.name);
        for (topic, sum) in &verdict.topics {
            println!(
                "  {topic}: {} partitions, {} records of events, {} rows, {} bad records",
                sum.partitions, sum.records, sum.rows, sum.poison
            );
        }
        let kinds =
            [("lost", &verdict.lost), ("doubled", &verdict.doubled), ("wrong in the ledger", &verdict.unbalanced)];
        for (what, Findings { count, examples }) in kinds.iter().filter(|(_, findings)| findings.count > 0) {
            println!("{} {what}: {count}, the first {}:", family.name, examples.len());
            examples.iter().for_each(|line| println!("  {line}"));
        }
    }
}

/// Prints the summary, which is the last line.
pub(crate) fn print_summary(verdicts: &Verdicts) {
    println!("lost {}, doubled {}", verdicts.lost(), verdicts.doubled());
}

/// The beginning of a message with a placeholder per number, so that messages that differ only in numbers are counted
/// together.
fn without_numbers(message: &str) -> String {
    let mut text = String::new();
    for character in message.chars() {
        match character {
            '0'..='9' if text.ends_with('#') => {}
            '0'..='9' => text.push('#'),
            _ => text.push(character),
        }
    }
    text.chars().take(100).collect()
}

/// Prints how often processors logged each warning and re-insert.
pub(crate) fn print_log_counts(logs: &Path) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let entries = fs::read_dir(logs).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    for path in
        entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("processor-")))
    {
        let Ok(file) = fs::File::open(&path) else { continue };
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            let message = line["message"].as_str().unwrap_or_default();
            if line["level"] == "WARN" || line["level"] == "ERROR" || message.starts_with("re-inserting") {
                *counts.entry(without_numbers(message)).or_default() += 1;
            }
        }
    }
    println!("messages logged by processors:");
    for (message, count) in counts {
        println!("  {count:>5}  {message}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_differ_only_in_numbers_are_counted_together() {
        assert_eq!(without_numbers("the batch 13430-24677 is waiting"), "the batch #-# is waiting");
        assert_eq!(without_numbers(&"a".repeat(200)).len(), 100);
    }
}

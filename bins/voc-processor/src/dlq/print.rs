//! The output of the commands: tables and text for people, JSON for programs.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use voc_ingest::kafka::PublishedDeadLetter;

/// Maximum length of an error in a table, in characters.
const ERROR_CHARS: usize = 60;

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The outcomes of sending dead letters.
#[derive(Debug, Default)]
pub(super) struct RedriveReport {
    pub(super) sent: usize,
    pub(super) failed: usize,
    pub(super) dry_run: bool,
}

impl RedriveReport {
    /// Prints the counts.
    ///
    /// # Errors
    /// If a dead letter could not be sent.
    pub(super) fn end(&self, format: Format) -> anyhow::Result<()> {
        let Self { sent, failed, dry_run } = self;
        write(&match format {
            Format::Json => format!("{}\n", json!({"sent": sent, "failed": failed, "dry_run": dry_run})),
            Format::Text if *dry_run => format!("{sent} would be sent, {failed} could not be\n"),
            Format::Text => format!("{sent} sent, {failed} could not be\n"),
        })?;
        anyhow::ensure!(*failed == 0 || *dry_run, "{failed} of {} records could not be sent", sent + failed);
        Ok(())
    }
}

/// A line of a report.
pub(super) fn outcome(dead_letter: &PublishedDeadLetter, outcome: &str, format: Format) -> anyhow::Result<()> {
    write(&match format {
        Format::Text => format!("{}  {outcome}\n", dead_letter.id),
        Format::Json => format!("{}\n", json!({"id": dead_letter.id, "outcome": outcome})),
    })
}

/// A line for each dead letter.
pub(super) fn dead_letters(dead_letters: &[PublishedDeadLetter], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return dead_letters.iter().try_for_each(|dead_letter| write(&format!("{}\n", head(dead_letter))));
    }
    let header = ["DEAD LETTER", "FAMILY", "FAILED AT", "ERROR TYPE", "TENANT", "STATUS", "ERROR"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(header).chain(dead_letters.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    rows.iter().try_for_each(|row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        write(&format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end()))
    })
}

fn row(dead_letter: &PublishedDeadLetter) -> [String; 7] {
    // A control character would break the table, or the terminal.
    let error: String = dead_letter.error.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let error = match error.char_indices().nth(ERROR_CHARS) {
        Some((end, _)) => format!("{}…", &error[..end]),
        None => error,
    };
    let tenant: String = dead_letter.tenant_id.chars().filter(|char| !char.is_control()).collect();
    [
        dead_letter.id.clone(),
        dead_letter.family.clone(),
        dead_letter.failed_at.to_string(),
        dead_letter.error_type.clone(),
        tenant,
        status(dead_letter),
        error,
    ]
}

fn status(dead_letter: &PublishedDeadLetter) -> String {
    let redriven = dead_letter.redrives.last().map(|last| last.attempt);
    words(redriven, dead_letter.attempt(), dead_letter.omitted.is_some())
}

/// The words of a status. Programs read them from the JSON, so they never change.
fn words(redriven: Option<u32>, attempt: u32, is_incomplete: bool) -> String {
    match (redriven, is_incomplete, attempt) {
        (Some(attempt), ..) => format!("redriven, attempt {attempt}"),
        (None, true, _) => "incomplete".to_owned(),
        (None, false, 0) => "waiting".to_owned(),
        (None, false, attempt) => format!("refused again, attempt {attempt}"),
    }
}

/// Everything about a dead letter except its content.
fn head(dead_letter: &PublishedDeadLetter) -> Value {
    json!({
        "id": dead_letter.id,
        "family": dead_letter.family,
        "topic": dead_letter.topic,
        "partition": dead_letter.partition,
        "epoch": dead_letter.epoch,
        "offset": dead_letter.offset,
        "failed_at": dead_letter.failed_at,
        "error_type": dead_letter.error_type,
        "error": dead_letter.error,
        "path": dead_letter.path,
        "tenant_id": dead_letter.tenant_id,
        "status": status(dead_letter),
        "redriven_at": dead_letter.redrives.iter().map(|redrive| redrive.at).collect::<Vec<_>>(),
        "value_bytes": dead_letter.value.as_ref().map(Vec::len),
        "omitted": dead_letter.omitted.as_ref().map(|omitted| &omitted.parts),
        "at": format!("{}/{}", dead_letter.own_partition, dead_letter.own_offset),
    })
}

/// Everything about a dead letter, including its content.
pub(super) fn dead_letter(dead_letter: &PublishedDeadLetter, format: Format) -> anyhow::Result<()> {
    let mut all = head(dead_letter);
    let bytes = |bytes: &Option<Vec<u8>>| bytes.as_deref().map_or(Value::Null, readable);
    let headers: Vec<Value> = dead_letter.headers.iter().map(|(name, value)| json!([name, bytes(value)])).collect();
    all["key"] = bytes(&dead_letter.key);
    all["headers"] = headers.into();
    all["omitted_value_bytes"] = dead_letter.omitted.as_ref().and_then(|omitted| omitted.value_bytes).into();
    all["omitted_value_sha256"] = dead_letter.omitted.as_ref().and_then(|omitted| omitted.value_sha256.clone()).into();
    all["value"] = bytes(&dead_letter.value);
    write(&match format {
        Format::Json => format!("{all}\n"),
        Format::Text => format!("{all:#}\n"),
    })
}

/// Text as it is; bytes that are not UTF-8 as an object that says so.
fn readable(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": BASE64_STANDARD.encode(bytes)}),
    }
}

fn write(text: &str) -> anyhow::Result<()> {
    Ok(voc_service::print(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its states are words that programs compare.
    #[test]
    fn the_status_of_a_dead_letter_has_fixed_words() {
        assert_eq!(words(None, 0, false), "waiting");
        assert_eq!(words(None, 2, false), "refused again, attempt 2");
        assert_eq!(words(None, 0, true), "incomplete");
        assert_eq!(words(Some(3), 2, true), "redriven, attempt 3");
    }
}

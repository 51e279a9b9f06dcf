//! What the commands say: tables and texts for people, JSON for programs.

use std::io::{self, Write as _};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use voc_ingest::kafka::PublishedDeadLetter;

/// Characters of an error in a table.
const ERROR_CHARS: usize = 60;

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What became of the letters to send.
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
    /// If any letter could not be sent.
    pub(super) fn end(&self, format: Format) -> anyhow::Result<()> {
        let Self { sent, failed, dry_run } = self;
        write(match format {
            Format::Json => format!("{}\n", json!({"sent": sent, "failed": failed, "dry_run": dry_run})),
            Format::Text if *dry_run => format!("{sent} would be sent, {failed} could not be\n"),
            Format::Text => format!("{sent} sent, {failed} could not be\n"),
        })?;
        anyhow::ensure!(*failed == 0 || *dry_run, "{failed} of {} records could not be sent", sent + failed);
        Ok(())
    }
}

/// A line of a report.
pub(super) fn outcome(letter: &PublishedDeadLetter, outcome: &str, format: Format) -> anyhow::Result<()> {
    write(match format {
        Format::Text => format!("{}  {outcome}\n", letter.id),
        Format::Json => format!("{}\n", json!({"letter": letter.id, "outcome": outcome})),
    })
}

/// A line for each letter.
pub(super) fn letters(letters: &[PublishedDeadLetter], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return letters.iter().try_for_each(|letter| write(format!("{}\n", head(letter))));
    }
    let header = ["LETTER", "FAILED AT", "ERROR TYPE", "TENANT", "STATUS", "ERROR"].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(header).chain(letters.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    rows.iter().try_for_each(|row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        write(format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end()))
    })
}

fn row(letter: &PublishedDeadLetter) -> [String; 6] {
    // A control character would spoil the table, or the terminal.
    let error: String = letter.error.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let error = match error.char_indices().nth(ERROR_CHARS) {
        Some((end, _)) => format!("{}…", &error[..end]),
        None => error,
    };
    let tenant: String = letter.tenant_id.chars().filter(|char| !char.is_control()).collect();
    [letter.id.clone(), letter.failed_at.to_string(), letter.error_type.clone(), tenant, status(letter), error]
}

fn status(letter: &PublishedDeadLetter) -> String {
    match (letter.redrives.last(), letter.omitted.is_some(), letter.attempt()) {
        (Some(last), ..) => format!("redriven, attempt {}", last.attempt),
        (None, true, _) => "incomplete".to_owned(),
        (None, false, 0) => "waiting".to_owned(),
        (None, false, attempt) => format!("refused again, attempt {attempt}"),
    }
}

/// Everything about a letter but what it holds.
fn head(letter: &PublishedDeadLetter) -> Value {
    json!({
        "letter": letter.id,
        "topic": letter.topic,
        "partition": letter.partition,
        "epoch": letter.epoch,
        "offset": letter.offset,
        "failed_at": letter.failed_at,
        "error_type": letter.error_type,
        "error": letter.error,
        "path": letter.path,
        "tenant_id": letter.tenant_id,
        "status": status(letter),
        "redriven_at": letter.redrives.iter().map(|redrive| redrive.at).collect::<Vec<_>>(),
        "value_bytes": letter.value.as_ref().map(Vec::len),
        "omitted": letter.omitted.as_ref().map(|omitted| &omitted.parts),
        "at": format!("{}/{}", letter.own_partition, letter.own_offset),
    })
}

/// Everything about a letter and all it holds.
pub(super) fn letter(letter: &PublishedDeadLetter, format: Format) -> anyhow::Result<()> {
    let mut all = head(letter);
    let bytes = |bytes: &Option<Vec<u8>>| bytes.as_deref().map_or(Value::Null, readable);
    let headers: Vec<Value> = letter.headers.iter().map(|(name, value)| json!([name, bytes(value)])).collect();
    all["key"] = bytes(&letter.key);
    all["headers"] = headers.into();
    all["omitted_value_bytes"] = letter.omitted.as_ref().and_then(|omitted| omitted.value_bytes).into();
    all["omitted_value_sha256"] = letter.omitted.as_ref().and_then(|omitted| omitted.value_sha256.clone()).into();
    all["value"] = bytes(&letter.value);
    write(match format {
        Format::Json => format!("{all}\n"),
        Format::Text => format!("{all:#}\n"),
    })
}

/// Text as it is; bytes that are no text as an object that says so.
fn readable(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": BASE64_STANDARD.encode(bytes)}),
    }
}

fn write(text: impl AsRef<str>) -> anyhow::Result<()> {
    io::stdout().lock().write_all(text.as_ref().as_bytes()).context("cannot write to standard output")
}

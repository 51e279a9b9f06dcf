//! Dead letters in a file next to the data: one JSON object per line, readable with text tools.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use voc_store::DeadLetter;

use super::{DeadLetterError, DeadLetterSink};
use crate::disk::remedy_of;

/// Appends dead letters to a file.
///
/// UTF-8 values are written as text (`payload`), others in base64 (`payload_base64`). After a crash, the dead letters
/// of the last batch may appear twice, with the same family and [`id`](DeadLetter::id).
pub struct FileDeadLetters {
    path: PathBuf,
}

impl FileDeadLetters {
    /// Appends to `path`. The file is created with the first dead letter.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[async_trait]
impl DeadLetterSink for FileDeadLetters {
    async fn deliver(&self, dead_letters: Arc<[DeadLetter]>) -> Result<(), DeadLetterError> {
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, &dead_letters)).await;
        written.map_err(std::io::Error::other).flatten().map_err(|error| DeadLetterError {
            target: self.path.display().to_string(),
            reason: error.to_string(),
            remedy: remedy_of(&error),
        })
    }
}

fn append(path: &Path, dead_letters: &[DeadLetter]) -> std::io::Result<()> {
    let mut lines = Vec::new();
    for dead_letter in dead_letters {
        serde_json::to_writer(&mut lines, &Line::of(dead_letter))?;
        lines.push(b'\n');
    }
    let mut file = std::fs::OpenOptions::new().create(true).read(true).append(true).open(path)?;
    if !ends_with_a_line(&mut file)? {
        lines.insert(0, b'\n');
    }
    file.write_all(&lines)
}

/// Whether the file ends with a complete line: a full disk or a kill may have left half of one.
fn ends_with_a_line(file: &mut File) -> std::io::Result<bool> {
    let mut last = [0];
    // A device, a pipe or an empty file.
    if !file.metadata()?.is_file() || file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the serializer passes a reference")]
fn is_zero(epoch: &i64) -> bool {
    *epoch == 0
}

#[derive(Serialize)]
struct Line<'l> {
    id: String,
    failed_at: voc_events::Timestamp,
    error_type: &'l str,
    error: &'l str,
    path: &'l str,
    family: &'l str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tenant_id: &'l str,
    topic: &'l str,
    partition: i32,
    #[serde(skip_serializing_if = "is_zero")]
    epoch: i64,
    offset: i64,
    /// The offset as a line number in an editor, counted from 1.
    line: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<String>,
}

impl<'l> Line<'l> {
    fn of(dead_letter: &'l DeadLetter) -> Self {
        let payload = dead_letter.payload.as_deref().map(std::str::from_utf8);
        Self {
            id: dead_letter.id(),
            failed_at: dead_letter.failed_at,
            error_type: &dead_letter.error_type,
            error: &dead_letter.error,
            path: &dead_letter.path,
            family: dead_letter.family,
            tenant_id: &dead_letter.tenant_id,
            topic: &dead_letter.topic,
            partition: dead_letter.partition,
            epoch: dead_letter.epoch,
            offset: dead_letter.offset,
            line: dead_letter.offset + 1,
            payload: payload.and_then(Result::ok),
            payload_base64: dead_letter
                .payload
                .as_deref()
                .filter(|_| payload.is_some_and(|text| text.is_err()))
                .map(|bytes| BASE64_STANDARD.encode(bytes)),
        }
    }
}

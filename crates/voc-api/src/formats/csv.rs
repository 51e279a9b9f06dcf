//! CSV (RFC 4180) that a spreadsheet can open without running anything.

use std::io::Write as _;

use super::{
    columns::{Column, RowsBatch, Values},
    encode_error::EncodeError,
};

/// Writes a header and rows. An absent value is an empty cell, an empty text is `""`, a list is JSON. A row of one
/// absent value is `""`, too, because readers skip an empty line.
pub(crate) struct Csv {
    columns: Vec<Column>,
    has_header: bool,
}

impl Csv {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, has_header: false }
    }

    pub(crate) fn batch(&mut self, batch: &RowsBatch) -> Result<Vec<u8>, EncodeError> {
        let rows = batch.rows(&self.columns)?;
        let mut out = self.header();
        for row in 0..rows {
            let start = out.len();
            for (index, values) in batch.columns.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                cell(&mut out, values, row)?;
            }
            if out.len() == start {
                out.extend_from_slice(b"\"\"");
            }
            out.extend_from_slice(b"\r\n");
        }
        Ok(out)
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.header()
    }

    /// The header, once; a table without rows has one, too.
    fn header(&mut self) -> Vec<u8> {
        if std::mem::replace(&mut self.has_header, true) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            text(&mut out, &column.name);
        }
        out.extend_from_slice(b"\r\n");
        out
    }
}

fn cell(out: &mut Vec<u8>, values: &Values, row: usize) -> Result<(), EncodeError> {
    match values {
        Values::Text(values) | Values::Json(values) => {
            values.get(row).iter().copied().flatten().for_each(|value| text(out, value));
        }
        Values::Integer(values) => written(out, values.get(row).copied().flatten()),
        Values::Float(values) => written(out, values.get(row).copied().flatten().filter(|value| value.is_finite())),
        Values::Boolean(values) => written(out, values.get(row).copied().flatten()),
        Values::Time(values) => written(out, values.get(row).copied().flatten()),
        Values::Texts(values) => text(out, &serde_json::to_string(values.get(row).map_or(&[][..], Vec::as_slice))?),
    }
    Ok(())
}

fn written(out: &mut Vec<u8>, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{value}");
    }
}

/// A text, quoted if it must be.
fn text(out: &mut Vec<u8>, text: &str) {
    let guard = if is_run_by_spreadsheets(text) { "'" } else { "" };
    if !text.is_empty() && !text.contains([',', '"', '\r', '\n']) {
        out.extend_from_slice(guard.as_bytes());
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(guard.as_bytes());
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Whether a spreadsheet would take the text for a formula. A number is none, although it may begin with a sign.
fn is_run_by_spreadsheets(text: &str) -> bool {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let only_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    begins && !(only_number && text.parse::<f64>().is_ok())
}

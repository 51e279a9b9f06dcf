//! Rows of values between commas, semicolons, tabs or vertical bars.

use super::decoded::{Decoded, TranscriptFormat};
use super::roles::role_of;
use super::table;

/// The longest name of the first column, in bytes.
const LONGEST_NAME: usize = 32;
/// The longest first line, in bytes.
const LONGEST_HEAD: usize = 256;
/// Maximum number of columns.
const MAX_COLUMNS: usize = 32;

/// Whether the first line names columns, or begins with the role of a speaker; and what separates its values.
pub(super) fn separator(text: &str) -> Option<char> {
    let bytes = text.as_bytes();
    // Hardly any plain text gets further.
    let at = bytes
        .iter()
        .take(LONGEST_NAME)
        .position(|byte| matches!(byte, b',' | b';' | b'\t' | b'|' | b':' | b'.' | b'[' | b'{' | b'<' | b'\n'))?;
    let mark = char::from(*bytes.get(at)?);
    if !matches!(mark, ',' | ';' | '\t' | '|') {
        return None;
    }
    let first = text.get(..at)?.trim_matches(['"', ' ']);
    let end = memchr::memchr(b'\n', bytes.get(..LONGEST_HEAD).unwrap_or(bytes))?;
    let line = text.get(..end)?.trim_end();
    let mut cells = [""; MAX_COLUMNS];
    let mut count = 0;
    for cell in line.split(mark) {
        *cells.get_mut(count)? = cell.trim().trim_matches('"');
        count += 1;
    }
    let cells = cells.get(..count)?;
    let is_role = || mark != '\t' && !first.contains(' ') && role_of(first).is_some();
    (table::has_head(cells) || is_role()).then_some(mark)
}

/// The turns or texts in rows; `None` if they are none.
pub(super) fn decode(text: &str, separator: char) -> Option<Decoded> {
    let rows = rows(text, separator);
    let has_head = rows.first().is_some_and(|head| table::has_head(head));
    let width = rows.first()?.len();
    // A sentence may begin with "Customer," too.
    if !has_head
        && !rows.iter().all(|row| row.len() == width && row.first().is_some_and(|name| role_of(name).is_some()))
    {
        return None;
    }
    let turns = table::turns(&rows).map(|pieces| Decoded::Turns(TranscriptFormat::Csv, pieces));
    turns.or_else(|| {
        let texts = if has_head { table::texts(&rows) } else { None };
        texts.filter(|text| !text.is_empty()).map(|text| Decoded::Text(TranscriptFormat::Csv, text))
    })
}

/// The rows of a text. A quote that is not closed ends with the text.
fn rows(text: &str, separator: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    let mut chars = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            c if is_quoted => cell.push(c),
            '"' if cell.trim().is_empty() => {
                cell.clear();
                is_quoted = true;
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                push_row(&mut rows, &mut row, separator);
            }
            c if c == separator => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    row.push(cell);
    push_row(&mut rows, &mut row, separator);
    rows
}

/// Appends a row that is not blank. What is too much belongs to the last column: a text with commas that lacks quotes.
fn push_row(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>, separator: char) {
    let mut row = std::mem::take(row);
    if row.iter().all(|cell| cell.trim().is_empty()) {
        return;
    }
    let width = rows.first().map_or(row.len(), Vec::len).max(1);
    if row.len() > width {
        let rest = row.split_off(width - 1);
        row.push(rest.join(&separator.to_string()));
    }
    rows.push(row);
}

//! Times before speakers' names.

/// The rest of a line after leading blanks, markup and times.
pub(super) fn skip_lead(line: &str) -> &str {
    let mut rest = line;
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches(is_mark);
        rest = skip_bracketed_time(rest).or_else(|| skip_time(rest)).unwrap_or(rest);
        if rest.len() == before {
            return rest;
        }
    }
}

/// Where the blanks, markup and times at the end of `text` begin.
pub(super) fn lead_start(text: &str) -> usize {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_end_matches(is_mark);
        rest = strip_bracketed_time(rest).or_else(|| strip_time(rest)).unwrap_or(rest);
        if rest.len() == before {
            return rest.len();
        }
    }
}

/// Blanks, and the markup of Markdown lists, quotations and emphasis.
fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '*' | '_' | '#' | '>' | '-' | '•' | '–' | '—' | '|' | '\u{a0}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The longest time: `[2024-05-01 00:12:03.120 --> 00:12:05.480]`.
const LONGEST: usize = 48;

fn is_in_time(byte: u8) -> bool {
    byte.is_ascii_digit() || b" :.,-/>TZ+".contains(&byte)
}

/// `[00:12]`, `(00:12:03)`, `[2024-05-01 10:00]`.
fn skip_bracketed_time(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(['[', '('])?;
    let len = inner.bytes().take(LONGEST).take_while(|byte| is_in_time(*byte)).count();
    let (time, after) = inner.split_at_checked(len)?;
    has_digit(time).then(|| after.strip_prefix([']', ')'])).flatten()
}

fn strip_bracketed_time(text: &str) -> Option<&str> {
    let inner = text.strip_suffix([']', ')'])?;
    let len = inner.bytes().rev().take(LONGEST).take_while(|byte| is_in_time(*byte)).count();
    let (before, time) = inner.split_at_checked(inner.len() - len)?;
    has_digit(time).then(|| before.strip_suffix(['[', '('])).flatten()
}

/// `00:12`, `00:12:03.120`, `10:30 PM`, `2024-05-01 10:30`.
fn skip_time(text: &str) -> Option<&str> {
    let len = text.bytes().take(LONGEST).take_while(|byte| is_in_time(*byte)).count();
    let (time, after) = text.split_at_checked(len)?;
    if !(text.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':')) {
        return None;
    }
    let half = ["AM ", "PM ", "am ", "pm "].into_iter().find_map(|half| after.strip_prefix(half));
    Some(half.unwrap_or(after))
}

fn strip_time(text: &str) -> Option<&str> {
    let len = text.bytes().rev().take(LONGEST).take_while(|byte| is_in_time(*byte) && *byte != b' ').count();
    let (before, time) = text.split_at_checked(text.len() - len)?;
    (text.ends_with(|c: char| c.is_ascii_digit())
        && time.starts_with(|c: char| c.is_ascii_digit())
        && time.contains(':'))
    .then_some(before)
}

fn has_digit(time: &str) -> bool {
    time.bytes().any(|byte| byte.is_ascii_digit())
}

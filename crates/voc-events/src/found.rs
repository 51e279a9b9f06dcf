//! How violations say what was found.

use std::borrow::Cow;

/// Longest excerpt of a found value, in bytes.
const MAX_EXCERPT: usize = 48;

/// Says what a JSON value is, with an excerpt where that helps.
pub(crate) fn describe(json: &str) -> Cow<'static, str> {
    match json.as_bytes().first() {
        Some(b'{') => "an object".into(),
        Some(b'[') => "an array".into(),
        Some(b'"') => format!("string {}", excerpt(json)).into(),
        Some(b'-' | b'0'..=b'9') => format!("number {}", excerpt(json)).into(),
        _ => excerpt(json).into_owned().into(),
    }
}

/// The text, or its beginning if it is long.
pub(crate) fn excerpt(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_EXCERPT {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(MAX_EXCERPT)]))
}

/// Says what is wrong with `part`, a piece of the record that is not JSON, and at which byte of the record, counted
/// from 1.
pub(crate) fn mistake(error: &serde_json::Error, part: &str, record: &str) -> String {
    let (message, byte) = (message(error), byte(error, part, record));
    match message.strip_prefix("EOF ") {
        Some(doing) => format!("an unexpected end {doing} at byte {byte} of the record"),
        None => format!("a mistake ({message}) at byte {byte} of the record"),
    }
}

/// As [`mistake`], of a string that is JSON but no text.
pub(crate) fn bad_escape(error: &serde_json::Error, part: &str, record: &str) -> String {
    format!("a string with a bad escape ({}) at byte {} of the record", message(error), byte(error, part, record))
}

/// The message without the line and column, which are not those of the file that the record came from.
fn message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

fn byte(error: &serde_json::Error, part: &str, record: &str) -> usize {
    let before_part = part.as_ptr().addr().saturating_sub(record.as_ptr().addr());
    let before_line: usize = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    before_part + before_line + error.column()
}

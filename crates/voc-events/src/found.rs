//! Descriptions of what was found, for violations.

use std::borrow::Cow;

/// Maximum length of an excerpt, in bytes.
const MAX_EXCERPT: usize = 48;

/// Describes a JSON value, with an excerpt if that helps.
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
    let end = (0..=MAX_EXCERPT).rfind(|end| text.is_char_boundary(*end)).unwrap_or_default();
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Describes the syntax error in `part`, a piece of the record that is not JSON, and its byte in the record, counted
/// from 1.
pub(crate) fn syntax_error(error: &serde_json::Error, part: &str, record: &str) -> String {
    let (message, byte) = (message(error), byte(error, part, record));
    match message.strip_prefix("EOF ") {
        Some(doing) => format!("an unexpected end {doing} at byte {byte} of the record"),
        None => format!("a syntax error ({message}) at byte {byte} of the record"),
    }
}

/// Like [`syntax_error`], for a string that is JSON but not valid text.
pub(crate) fn bad_escape(error: &serde_json::Error, part: &str, record: &str) -> String {
    format!("a string with a bad escape ({}) at byte {} of the record", message(error), byte(error, part, record))
}

/// The message without the line and column, which are not those of the file that contains the record.
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

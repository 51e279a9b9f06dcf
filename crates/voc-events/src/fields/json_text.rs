//! The texts of JSON values.

use std::borrow::Cow;

use crate::json::unescaped;

/// The text of a JSON string, if it is one.
#[inline]
pub(super) fn string(json: &str) -> Option<Cow<'_, str>> {
    if json.starts_with('"') { unescaped(json).ok() } else { None }
}

/// The raw content between a JSON string's quotes: its text, unless it contains an escape.
#[inline]
pub(super) fn between_quotes(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// A number or a boolean as text. Null has no text, because it is no value.
#[inline]
pub(super) fn bare_text(json: &str) -> Option<&str> {
    (!json.starts_with(['"', '{', '[']) && json != "null").then_some(json)
}

/// The text that an identifier would be read as, if it is one; nothing is reported.
#[inline]
pub(super) fn peek<'a>(json: &'a str, is_strict: bool) -> Option<Cow<'a, str>> {
    match string(json) {
        text if is_strict => text.filter(|text| is_trimmed(text)),
        Some(text) => Some(without_blanks(text)),
        None => bare_text(json).map(Cow::Borrowed),
    }
}

/// The text of a possible number or boolean: the content of a string's quotes.
#[inline]
pub(super) fn within_quotes(json: &str) -> Option<Cow<'_, str>> {
    string(json).map(|text| match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

/// The text of a possible number that is not written as one: the content of a string's quotes, 1 or 0 for a boolean.
#[inline]
pub(super) fn number_text(json: &str) -> Option<Cow<'_, str>> {
    match json {
        "true" => Some(Cow::Borrowed("1")),
        "false" => Some(Cow::Borrowed("0")),
        _ => within_quotes(json),
    }
}

/// Whether there is no white space around a text.
#[inline]
pub(super) fn is_trimmed(text: &str) -> bool {
    // Most texts begin and end like this; the check is faster.
    let is_visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    is_visible(text.as_bytes().first()) && is_visible(text.as_bytes().last()) || text.trim().len() == text.len()
}

/// A text without surrounding white space.
#[inline]
pub(super) fn without_blanks(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if is_trimmed(&text) => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

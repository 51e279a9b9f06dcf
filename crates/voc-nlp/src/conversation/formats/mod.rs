//! Transcripts in structured formats: JSON, captions, HTML, tables.

mod csv;
mod cues;
mod decoded;
mod entities;
mod fields;
mod html;
mod json;
mod lines;
mod markup;
mod roles;
mod table;
#[cfg(test)]
mod tests;
mod times;
mod ttml;

use super::cuts::Cuts;
pub use decoded::TranscriptFormat;
use decoded::joined;
pub(super) use decoded::{Decoded, Piece};

/// How often a format may be within another one: captions in a field of JSON.
const MAX_NESTED: usize = 3;
/// The longest part of a text that is searched for what follows its first character.
const LONGEST_BLANK: usize = 256;

/// What a structured transcript says; `None` if it is plain text.
///
/// Only the first characters of plain text are read, and what a search for tags skips. Of a transcript that is cut
/// off, as those are that are longer than [`MAX_CHARS`](crate::MAX_CHARS), the whole turns are read, and the beginning
/// of the last one. What cannot be read is plain text.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    decode_nested(text, MAX_NESTED)
}

fn decode_nested(text: &str, depth: usize) -> Option<Decoded> {
    let decoded = match decode_once(text)? {
        Decoded::Turns(format, pieces) => Decoded::Turns(format, joined(pieces)),
        Decoded::Text(format, text) if text.trim().is_empty() => Decoded::Nothing(format),
        decoded => decoded,
    };
    // A format within a message: a field of JSON that has the whole transcript.
    let (format, inner) = match &decoded {
        Decoded::Text(format, inner) => (*format, inner.as_str()),
        Decoded::Turns(format, pieces) => match pieces.as_slice() {
            [Piece { text, .. }] => (*format, text.as_str()),
            _ => return Some(decoded),
        },
        Decoded::Nothing(_) => return Some(decoded),
    };
    let may_nest = matches!(format, TranscriptFormat::Json | TranscriptFormat::JsonLines | TranscriptFormat::Csv);
    let nested = if may_nest && depth > 0 { decode_nested(inner, depth - 1) } else { None };
    Some(match nested {
        Some(Decoded::Text(_, text)) => Decoded::Text(format, text),
        Some(Decoded::Turns(_, pieces)) => Decoded::Turns(format, pieces),
        Some(Decoded::Nothing(_)) => Decoded::Nothing(format),
        None if Cuts::of(inner).has_speakers() => Decoded::Text(format, inner.to_owned()),
        None => decoded,
    })
}

fn decode_once(text: &str) -> Option<Decoded> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let first = *text.as_bytes().first()?;
    let found = match first {
        b'{' | b'[' if is_json(text) => json::decode(text),
        b'[' if cues::is_bracketed(text) => cues::decode_bracketed(text),
        b'W' if is_web_vtt(text) => cues::decode(text, TranscriptFormat::WebVtt),
        b'0'..=b'9' if cues::is_sub_rip(text) => cues::decode(text, TranscriptFormat::SubRip),
        b'<' => page(text),
        b'"' if is_json_string(text) => json::decode(text),
        _ => None,
    };
    found.or_else(|| csv::separator(text).and_then(|separator| csv::decode(text, separator))).or_else(|| {
        markup::is_in(text)
            .then(|| Decoded::Text(TranscriptFormat::Html, markup::plain(text)))
            .filter(|_| first != b'<')
    })
}

/// Whether a bracket begins JSON: `[{`, `{"`, but not `[00:12]` or `[Agent]`.
fn is_json(text: &str) -> bool {
    let mut bytes = text.bytes().take(LONGEST_BLANK).filter(|byte| !byte.is_ascii_whitespace());
    match (bytes.next(), bytes.next()) {
        (Some(b'['), Some(next)) => b"[{\"'".contains(&next),
        (Some(b'{'), Some(next)) => next.is_ascii_alphabetic() || b"\"'".contains(&next),
        _ => false,
    }
}

/// Whether a quote begins a string of JSON and not a sentence: it ends with the text, or has escapes.
fn is_json_string(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"') else { return false };
    let mut is_escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    match end {
        Some(end) => inner.get(end + 1..).is_some_and(|rest| rest.trim().is_empty()),
        None => inner.contains("\\n") || inner.contains("\\\""),
    }
}

fn is_web_vtt(text: &str) -> bool {
    text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// A page of HTML or of timed text; `None` if the first tag is none: `<agent> hello`.
fn page(text: &str) -> Option<Decoded> {
    let is_blank = |token: &markup::Token<'_>| matches!(token, markup::Token::Text(text) if text.trim().is_empty());
    let first = markup::tokens(text).find(|token| !is_blank(token))?;
    let markup::Token::Start { name, .. } = first else { return None };
    let local = name.rsplit(':').next().unwrap_or(name);
    if local.eq_ignore_ascii_case("tt") && text.contains("begin=") {
        return Some(ttml::decode(text));
    }
    markup::element(name).map(|_| html::decode(text))
}

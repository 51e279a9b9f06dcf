//! What is said in a JSON value.

use super::value::Value;
use super::who::Who;
use crate::conversation::formats::fields::{Field, field, is_any};

/// How deep a text may be nested in what is said.
const MAX_DEPTH: usize = 4;

/// The text of an object: that of its best field; empty if there is none.
pub(super) fn said_by(fields: &[(String, Value)]) -> String {
    said_in_fields(fields, 0)
}

/// The text of a value: a string, the parts of a list, the best field of an object.
fn said_at(value: &Value, depth: usize) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(parts) if depth < MAX_DEPTH => said_in_parts(parts, depth),
        Value::Object(fields) if depth < MAX_DEPTH => said_in_fields(fields, depth),
        _ => String::new(),
    }
}

/// The objects that an object's text is in: `{"message": {"author": …, "content": …}}`.
pub(super) fn envelopes(fields: &[(String, Value)]) -> impl Iterator<Item = &[(String, Value)]> {
    fields.iter().filter_map(|(key, value)| match (field(key), value) {
        (Some(Field::Text(_)), Value::Object(inner)) => Some(inner.as_slice()),
        _ => None,
    })
}

fn said_in_fields(fields: &[(String, Value)], depth: usize) -> String {
    if fields.iter().any(|(key, value)| is_aside(value) && is_any(key, &["type"])) {
        return String::new();
    }
    let mut best: Option<(u8, String)> = None;
    for (key, value) in fields {
        let Some(Field::Text(rank)) = field(key) else { continue };
        if best.as_ref().is_some_and(|(best, _)| *best <= rank) {
            continue;
        }
        // Of several hearings of the same, the first is the most probable.
        let text = match value {
            Value::List(choices) if is_any(key, &["alternatives", "nbest"]) => {
                choices.first().map(|first| said_at(first, depth + 1))
            }
            value => Some(said_at(value, depth + 1)),
        };
        best = text.filter(|text| !text.trim().is_empty()).map(|text| (rank, text)).or(best);
    }
    best.map(|(_, text)| text).unwrap_or_default()
}

/// What a language model does besides talking.
fn is_aside(kind: &Value) -> bool {
    matches!(kind, Value::Text(kind) if kind.starts_with("tool") || kind.starts_with("function")
        || matches!(kind.as_str(), "thinking" | "reasoning" | "redacted_thinking"))
}

/// The text of a list, unless it is a list of turns.
fn said_in_parts(parts: &[Value], depth: usize) -> String {
    let has_speakers = parts.iter().any(|part| matches!(part, Value::Object(fields) if Who::of(fields).is_somebody()));
    if has_speakers {
        return String::new();
    }
    joined(parts.iter().map(|part| said_at(part, depth + 1)).filter(|part| !part.is_empty()))
}

/// Words or sentences with the spaces that they need.
pub(super) fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<_> = parts.collect();
    // Some list the spaces, too.
    let are_spaced = parts.iter().any(|part| part.trim().is_empty() || (parts.len() > 1 && part.starts_with(' ')));
    let mut text = String::new();
    for part in parts {
        let is_mark = part.chars().all(|c| matches!(c, '.' | ',' | '?' | '!' | ';' | ':' | '…' | '。' | '、' | '？'));
        if !are_spaced && !is_mark && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&part);
    }
    text
}

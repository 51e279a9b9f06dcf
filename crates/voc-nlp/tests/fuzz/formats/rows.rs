//! Rows of values.

use super::Document;
use super::script::{Bytes, Script};

/// A value in quotation marks.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

pub(super) fn document(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let separator = bytes.one(&[",", ";", "\t", "|"]);
    let end = bytes.one(&["\n", "\r\n"]);
    let are_quoted = bytes.is_odd();
    let value = |value: &str| {
        let needs_quotes = are_quoted || value.contains([',', ';', '\t', '|', '"', '\n']);
        if needs_quotes { quoted(value) } else { value.to_owned() }
    };
    let kind = bytes.below(4);
    let head: &[&str] = match kind {
        0 => &["speaker", "text"],
        1 => &["id", "role", "message"],
        2 => &["start", "speaker", "text"],
        _ => &["text", "papel", "end"],
    };
    let mut rows = vec![head.join(separator)];
    for (number, said) in script.said.iter().enumerate() {
        let (name, text) = (value(said.name()), value(&said.text));
        let time = |millis: u64| value(&format!("{:.3}", millis as f64 / 1000.0));
        rows.push(
            match kind {
                0 => vec![name, text],
                1 => vec![value(&(number + 1).to_string()), name, text],
                2 => vec![time(said.start_ms), name, text],
                _ => vec![text, name, time(said.end_ms)],
            }
            .join(separator),
        );
    }
    let text = rows.join(end) + bytes.one(&["", "\n", "\n\n"]);
    Document { text, said: script.said, is_timed: false }
}

//! Captions: `WebVTT`, `SubRip` and timed text.

use super::Document;
use super::script::{Bytes, Said, Script};

/// `00:00:01.500`
fn clock(millis: u64, mark: char) -> String {
    let seconds = millis / 1000;
    format!("{:02}:{:02}:{:02}{mark}{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, millis % 1000)
}

/// A text in which markup has no meaning.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) fn web_vtt(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let end = bytes.one(&["\n", "\r\n"]);
    let has_voices = bytes.is_odd();
    let mut lines = vec![bytes.one(&["WEBVTT", "WEBVTT - a call", "\u{feff}WEBVTT"]).to_owned()];
    if bytes.is_odd() {
        lines.extend(["", "NOTE 5 people", "in a room", "", "STYLE", "::cue { color: red }"].map(str::to_owned));
    }
    lines.push(String::new());
    for (number, said) in script.said.iter().enumerate() {
        match bytes.below(3) {
            0 => lines.push((number + 1).to_string()),
            1 => lines.push(format!("cue-{number}")),
            _ => {}
        }
        let settings = bytes.one(&["", " align:start position:0%"]);
        lines.push(format!("{} --> {}{settings}", clock(said.start_ms, '.'), clock(said.end_ms, '.')));
        let text = escaped(&said.text);
        let (name, text) = (said.name(), tagged(bytes, &text));
        lines.push(match (has_voices, bytes.below(3)) {
            (true, 0) => format!("<v {name}>{text}</v>"),
            (true, 1) => format!("<v.loud {name}>{text}"),
            (true, _) => format!("<v {name}><i>{text}</i></v>"),
            (false, _) => format!("{name}: {text}"),
        });
        lines.push(String::new());
    }
    Document { text: lines.join(end), said: script.said, is_timed: has_voices }
}

/// A text with tags that are not shown.
fn tagged(bytes: &mut Bytes<'_>, text: &str) -> String {
    match bytes.below(4) {
        0 => format!("<c.yellow>{text}</c>"),
        1 => text.replacen(' ', " <00:00:01.500>", 1),
        _ => text.to_owned(),
    }
}

pub(super) fn sub_rip(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let end = bytes.one(&["\n", "\r\n"]);
    let mut lines = Vec::new();
    for (number, said) in script.said.iter().enumerate() {
        lines.push((number + 1).to_string());
        lines.push(format!("{} --> {}", clock(said.start_ms, ','), clock(said.end_ms, ',')));
        let Said { text, .. } = said;
        let name = said.name();
        lines.push(match bytes.below(3) {
            0 => format!("<b>{name}:</b> {text}"),
            1 => format!("{{\\an8}}{name}: {text}"),
            _ => format!("{name}: {text}"),
        });
        lines.push(String::new());
    }
    Document { text: lines.join(end), said: script.said, is_timed: false }
}

pub(super) fn ttml(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let mut text = String::new();
    if bytes.is_odd() {
        text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    text.push_str("<tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"en\"><head><metadata>");
    for (id, name) in [("a", "Agent"), ("c", "Customer")] {
        text.push_str(&format!("<ttm:agent xml:id=\"{id}\" type=\"person\"><ttm:name>{name}</ttm:name></ttm:agent>"));
    }
    text.push_str("</metadata></head><body><div>\n");
    let space = bytes.one(&["", "\n  "]);
    for said in &script.said {
        let id = if said.name() == "Agent" { 'a' } else { 'c' };
        let (start, end) = (clock(said.start_ms, '.'), clock(said.end_ms, '.'));
        let said = escaped(&said.text);
        let said = if bytes.is_odd() { said.replacen(' ', "<br/>", 1) } else { format!("<span>{said}</span>") };
        text.push_str(&format!("<p begin=\"{start}\" end='{end}' ttm:agent=\"{id}\">{space}{said}</p>\n"));
    }
    text.push_str("</div></body></tt>\n");
    Document { text, said: script.said, is_timed: true }
}

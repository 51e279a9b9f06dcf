//! `WebVTT` and `SubRip`: texts with the times at which they are shown.

use super::decoded::{Decoded, Piece, TranscriptFormat};
use super::entities::push_decoded;
use super::lines::Lines;
use super::roles::role_of;
use super::times::clock;

/// A text that is shown at a time.
#[derive(Debug, Default)]
struct Cue<'t> {
    start_ms: Option<u64>,
    end_ms: Option<u64>,
    lines: Vec<&'t str>,
}

/// What a part of a cue says, with its voice.
struct Spoken {
    voice: Option<String>,
    text: String,
}

/// The longest name that stands on a line of its own.
const LONGEST_NAME: usize = 48;
/// Bytes in which the arrow of the first cue stands.
const LONGEST_HEAD: usize = 48;
/// The longest tag, in bytes.
const LONGEST_TAG: usize = 256;
/// Captions that scroll show the last line again for a moment.
const MOMENT_MS: u64 = 50;

/// The turns or the text of cues; `None` if there are none.
pub(super) fn decode(text: &str, format: TranscriptFormat) -> Option<Decoded> {
    let mut cues = cues(text);
    if cues.is_empty() {
        return None;
    }
    cues.retain(|cue| !cue.lines.is_empty());
    let voices = voices(&cues);
    if voices.iter().any(|piece| piece.speaker.is_some()) {
        return Some(Decoded::Turns(format, voices));
    }
    if let Some(pieces) = named_on_lines(&cues) {
        return Some(Decoded::Turns(format, pieces));
    }
    let mut lines = Lines::default();
    let mut last = String::new();
    for cue in &cues {
        let is_moment = cue.start_ms.zip(cue.end_ms).is_some_and(|(start, end)| end <= start + MOMENT_MS);
        for (place, line) in cue.lines.iter().enumerate() {
            let line = plain(line);
            let is_again = line == last && place == 0 && (cue.lines.len() > 1 || is_moment);
            if !line.is_empty() && !is_again {
                lines.push(&line);
                last = line;
            }
        }
    }
    Some(lines.finish().map_or(Decoded::Nothing(format), |text| Decoded::Text(format, text)))
}

/// The cues of a file, without its head, notes, styles and regions.
fn cues(text: &str) -> Vec<Cue<'_>> {
    let mut cues: Vec<Cue<'_>> = Vec::new();
    let mut is_in_cue = false;
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if let Some((start_ms, end_ms)) = timing(line) {
            cues.push(Cue { start_ms, end_ms, lines: Vec::new() });
            is_in_cue = true;
        } else if line.is_empty() {
            // Some leave blank lines within cues, but what follows a blank line elsewhere is no text.
            is_in_cue = false;
        } else if lines.peek().is_some_and(|next| timing(next).is_some()) && is_identifier(line, is_in_cue) {
            is_in_cue = false;
        } else if is_in_cue && let Some(cue) = cues.last_mut() {
            cue.lines.push(line);
        }
    }
    cues
}

/// What stands before the times of a cue. Directly after another cue's text, only a number does.
fn is_identifier(line: &str, is_in_cue: bool) -> bool {
    !is_in_cue || line.bytes().all(|byte| byte.is_ascii_digit())
}

/// `00:01.000 --> 00:04.000 align:start`, `00:00:01,000 --> 00:00:04,000`.
fn timing(line: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (start, end) = line.split_once("-->")?;
    let millis = |time: f64| Some(time.max(0.0).round() as u64);
    let start = clock(start.trim())?;
    let end = end.split_whitespace().next().and_then(clock);
    Some((millis(start), end.and_then(millis)))
}

/// Whether a text without a head, which begins with a digit, begins with cues.
pub(super) fn is_sub_rip(text: &str) -> bool {
    let bytes = text.as_bytes();
    let head = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
    // Hardly any plain text gets further.
    if !head.windows(3).any(|arrow| arrow == b"-->") {
        return false;
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(first) = lines.next() else { return false };
    let is_number = first.bytes().all(|byte| byte.is_ascii_digit());
    timing(if is_number { lines.next().unwrap_or_default() } else { first }).is_some()
}

/// The cues by their voices: `<v Agent>`, `<v.loud Agent>`. Text without a voice goes on with the last one.
fn voices(cues: &[Cue<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut last: Option<String> = None;
    for cue in cues {
        for Spoken { voice, text } in spoken(&cue.lines.join(" ")) {
            last = voice.or(last);
            if !text.is_empty() {
                let role = last.as_deref().and_then(role_of);
                let Cue { start_ms, end_ms, .. } = *cue;
                pieces.push(Piece { role, speaker: last.clone(), text, start_ms, end_ms });
            }
        }
    }
    pieces
}

/// The parts of a cue's text.
fn spoken(text: &str) -> Vec<Spoken> {
    let mut parts = Vec::new();
    let mut voice = None;
    let mut rest = text;
    while let Some((before, name, after)) = next_voice(rest) {
        parts.push(Spoken { voice: voice.take(), text: plain(before) });
        let mut decoded = String::new();
        push_decoded(&mut decoded, name.trim());
        voice = Some(decoded).filter(|name| !name.is_empty());
        rest = after;
    }
    parts.push(Spoken { voice, text: plain(rest) });
    parts
}

/// The text before a voice, its name, and the text after it.
fn next_voice(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("<v")?;
        let tag = text.get(at + 2..)?;
        if tag.starts_with([' ', '.', '\t'])
            && let Some(end) = end_of_tag(tag, b'>')
        {
            let (inner, after) = (tag.get(..end)?, tag.get(end + 1..)?);
            // Classes stand before the name.
            let name = if inner.starts_with('.') { inner.split_once(' ').map_or("", |(_, name)| name) } else { inner };
            return Some((text.get(..at)?, name, after));
        }
        from = at + 2;
    }
}

/// Where a tag ends; `None` if it would be too long.
fn end_of_tag(text: &str, mark: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr(mark, bytes.get(..LONGEST_TAG).unwrap_or(bytes))
}

/// A text without tags, references and positions: `<i>`, `<c.yellow>`, `<00:01.500>`, `{\an8}`.
fn plain(text: &str) -> String {
    let mut without = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tag) = rest.split_at_checked(at).unwrap_or((rest, ""));
        without.push_str(before);
        let inner = tag.get(1..).unwrap_or_default();
        let is_tag = if tag.starts_with('{') {
            inner.starts_with('\\')
        } else {
            inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        };
        let end = if is_tag { end_of_tag(inner, if tag.starts_with('{') { b'}' } else { b'>' }) } else { None };
        rest = match end {
            Some(end) => inner.get(end + 1..).unwrap_or_default(),
            None => {
                without.push_str(tag.get(..1).unwrap_or_default());
                inner
            }
        };
    }
    without.push_str(rest);
    let mut plain = String::with_capacity(without.len());
    push_decoded(&mut plain, without.replace("\\N", " ").trim());
    plain.trim().to_owned()
}

/// Cues whose first lines are names: a time, a name, what is said.
fn named_on_lines(cues: &[Cue<'_>]) -> Option<Vec<Piece>> {
    let mut names = Vec::new();
    for cue in cues {
        let [name, _, ..] = cue.lines.as_slice() else { return None };
        let is_name = name.len() <= LONGEST_NAME && !name.ends_with(['.', ',', '!', '?', '…', ';']);
        if !is_name || name.starts_with(char::is_lowercase) {
            return None;
        }
        names.push(*name);
    }
    names.sort_unstable();
    names.dedup();
    let piece = |cue: &Cue<'_>| {
        let (name, said) = cue.lines.split_first()?;
        let name = plain(name);
        let name = name.trim_end_matches(':').trim_end();
        let Cue { start_ms, end_ms, .. } = *cue;
        Some(Piece {
            role: role_of(name),
            speaker: Some(name.to_owned()),
            text: plain(&said.join(" ")),
            start_ms,
            end_ms,
        })
    };
    // Names come again, first lines of captions do not.
    let are_names = names.len() * 2 <= cues.len() + 1 && cues.len() > 2;
    let are_roles = names.len() > 1 && names.iter().all(|name| role_of(name).is_some());
    (are_names || are_roles).then(|| cues.iter().filter_map(piece).filter(|piece| !piece.text.is_empty()).collect())
}

/// Whether a text has times in brackets before its lines: `[00:00.000 --> 00:03.730]  Hello.`
pub(super) fn is_bracketed(text: &str) -> bool {
    text.lines().next().is_some_and(|line| bracketed(line).is_some())
}

/// The text of lines with times in brackets.
pub(super) fn decode_bracketed(text: &str) -> Option<Decoded> {
    let mut lines = Lines::default();
    text.lines().for_each(|line| lines.push(bracketed(line.trim()).unwrap_or(line)));
    lines.finish().map(|text| Decoded::Text(TranscriptFormat::Plain, text))
}

/// A line after its times.
fn bracketed(line: &str) -> Option<&str> {
    let (times, said) = line.strip_prefix('[')?.split_once(']')?;
    timing(times).map(|_| said)
}

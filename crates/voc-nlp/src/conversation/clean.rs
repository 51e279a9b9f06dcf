//! Removes from plain transcripts what is not said: time codes, and line ends and colons in other spellings.

use super::boundary;
use super::label::at_line;
use super::stamp::{is_time, skip_bracketed_time, skip_lead};

/// The longest name beside a time code, in bytes.
const LONGEST_NAME: usize = 48;
/// Bytes beside a time code that are searched for a name.
const SEARCHED: usize = 64;

/// The text without what is not said; `None` if that is all of it.
pub(super) fn clean(text: &str) -> Option<String> {
    let plain = has_other_spellings(text).then(|| respell(text)).filter(|plain| plain != text);
    let text = plain.as_deref().unwrap_or(text);
    let has_codes = has_codes(text);
    let are_timed = (has_codes || may_be_timed(text)) && lines_are_timed(text);
    if has_codes || are_timed { Some(without_time_codes(text, are_timed)) } else { plain }
}

/// Whether line ends or colons may be spelled otherwise.
fn has_other_spellings(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3_iter(b'\\', 0xe2, 0xef, bytes).any(|at| {
        let here = bytes.get(at..).unwrap_or_default();
        [b"\\n".as_slice(), b"\\r", "\u{2028}".as_bytes(), "\u{2029}".as_bytes(), "：".as_bytes()]
            .iter()
            .any(|spelling| here.starts_with(spelling))
    }) || memchr::memmem::find(bytes, "\u{85}".as_bytes()).is_some()
}

fn respell(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += c.len_utf8();
        match c {
            '\u{2028}' | '\u{2029}' | '\u{85}' => plain.push('\n'),
            '：' => {
                plain.push(':');
                if text.get(at..).is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace())) {
                    plain.push(' ');
                }
            }
            '\\' if let Some(len) = escaped_line_end(text, at - 1) => {
                plain.push('\n');
                at = at - 1 + len;
            }
            c => plain.push(c),
        }
    }
    plain
}

/// The length of a line end that is spelled `\n`, `\r` or `\r\n`, at a backslash. In `C:\new` it is none.
fn escaped_line_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let len = ["\\r\\n", "\\n", "\\r"].into_iter().find(|end| rest.starts_with(end))?.len();
    let after = rest.get(len..)?;
    let is_path =
        after.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()) && at_line(text, at + len).is_none();
    (!is_path).then_some(len)
}

/// Whether there are time codes in brackets.
fn has_codes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_code = |at: usize| is_digit(at + 1) && skip_code(text.get(at..).unwrap_or_default()).is_some();
    memchr::memchr2_iter(b'[', b'(', bytes).any(is_code)
}

/// Whether a line begins with a digit, as it does with a time.
fn may_be_timed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    is_digit(0) || memchr::memchr_iter(b'\n', bytes).any(|at| is_digit(at + 1))
}

/// The rest of a text after the time code in brackets that it begins with.
fn skip_code(text: &str) -> Option<&str> {
    let after = skip_bracketed_time(text)?;
    is_time(text.get(..text.len() - after.len())?).then_some(after)
}

/// Whether most lines without a name begin with a time, and more than one.
fn lines_are_timed(text: &str) -> bool {
    let mut timed = 0;
    let mut others = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() && at_line(text, start).is_none() {
            *(if is_timed(line) { &mut timed } else { &mut others }) += 1;
        }
        start += line.len();
    }
    timed > 1 && timed >= others
}

fn is_timed(line: &str) -> bool {
    let rest = skip_lead(line);
    line.get(..line.len() - rest.len()).is_some_and(is_time)
}

/// The text without time codes in brackets and, if its lines are timed, without the times that begin them.
fn without_time_codes(text: &str, are_timed: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_named = at_line(text, start).is_some();
        start += line.len();
        // The time before a name is part of its label.
        let (label, mut rest) = match line.find(|c: char| c.is_alphabetic()) {
            Some(end) if is_named => line.split_at(end),
            _ if are_timed && is_timed(line) => ("", skip_lead(line)),
            _ => ("", line),
        };
        plain.push_str(label);
        while let Some(at) = rest.find(['[', '(']) {
            let (before, here) = rest.split_at(at);
            plain.push_str(before);
            rest = match skip_code(here) {
                // "Agent [00:12]: hello", "Maria (00:12)"
                Some(after) if !is_of_label(&plain, after) => {
                    plain.truncate(plain.trim_end_matches(' ').len());
                    after
                }
                _ => {
                    let (bracket, after) = here.split_at(1);
                    plain.push_str(bracket);
                    after
                }
            };
        }
        plain.push_str(rest);
    }
    plain
}

/// Whether a time code is part of a label: a colon or the end of the line follows, or a name with a colon.
fn is_of_label(before: &str, after: &str) -> bool {
    // Whatever is longer is no name, so a long line is not read for each of its time codes.
    let near = before.get(boundary::ceil(before, before.len().saturating_sub(SEARCHED))..).unwrap_or_default();
    let line = near.rfind('\n').map_or(near, |end| near.get(end + 1..).unwrap_or_default());
    let is_after_name = line.len() <= LONGEST_NAME && !line.contains(['.', '!', '?', ':']);
    let next = after.trim_start_matches(' ');
    let next = next.get(..boundary::floor(next, SEARCHED)).unwrap_or_default();
    (is_after_name && next.starts_with([':', '\n', '\r']))
        || next.find(':').is_some_and(|colon| {
            let name = next.get(..colon).unwrap_or_default();
            name.len() <= 40
                && !name.is_empty()
                && !name.contains(['.', '!', '?', '[', '(', '\n'])
                && name.starts_with(char::is_uppercase)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        clean(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn other_spellings() {
        assert_eq!(cleaned(r"Agent: hi\nCustomer: it broke"), "Agent: hi\nCustomer: it broke");
        assert_eq!(cleaned(r"agent: hi\r\ncustomer: it broke\n"), "agent: hi\ncustomer: it broke\n");
        assert_eq!(cleaned("Agent：hi\u{2028}Customer： it broke"), "Agent: hi\nCustomer: it broke");
        for text in [r"it is in C:\new\reports", "a “quoted” word – and… more", "back\\slash", ""] {
            assert_eq!(clean(text), None, "{text}");
        }
    }

    #[test]
    fn time_codes() {
        assert_eq!(cleaned("[00:12] it broke\n[00:15] and again"), "it broke\nand again");
        assert_eq!(cleaned("00:12 it broke\n00:15 and again"), "it broke\nand again");
        assert_eq!(
            cleaned("[00:12] Agent: hi [00:15] there\n[00:20] Customer: yes"),
            "[00:12] Agent: hi there\n[00:20] Customer: yes"
        );
        for text in
            ["10:30 the technician came\nand left", "it is (10) or [12]", "Agent [00:12]: hi\nCustomer (00:15): ho"]
        {
            assert_eq!(cleaned(text), text);
        }
    }
}

//! Detects by its beginning how an input is split into events, or which other format it has.

use super::{
    foreign::{self, ForeignFormat},
    lines::trim_line_start,
    scanner::{RECORD_SEPARATOR, Scanner},
    text::{Bytes, peek},
    units::Framing,
};

/// Maximum number of lines to inspect.
const MAX_LINES: usize = 100;
/// Maximum number of bytes to inspect.
const MAX_BYTES: usize = 1024 * 1024;

/// Names of arrays that exports wrap around events.
const WRAPPERS: [&str; 7] = ["events", "records", "Records", "items", "results", "rows", "value"];

/// Detects how a text is split into events. Returns the text from its beginning.
///
/// A line that may be an event indicates one event per line, whatever precedes it: a few malformed lines do not make
/// another format.
pub(super) fn framing_of(
    text: Bytes<'_>,
    can_wait: bool,
) -> std::io::Result<(Result<Framing, ForeignFormat>, Bytes<'_>)> {
    let (framing, text) = peek(text, |beginning, is_all| detect_framing(beginning, is_all, can_wait).transpose())?;
    Ok((framing.unwrap_or(Ok(Framing::Lines)), text))
}

/// Detects the framing by the beginning of a text; `None` if more is needed. A stream is not buffered beyond the
/// available lines, unless they may be the beginning of an event.
fn detect_framing(beginning: &[u8], is_all: bool, can_wait: bool) -> Result<Option<Framing>, ForeignFormat> {
    if let Some(format) = ForeignFormat::of_beginning(beginning) {
        return Err(format);
    }
    let is_long = beginning.len() >= MAX_BYTES;
    let mut lines = Vec::new();
    for line in beginning.split_inclusive(|byte| *byte == b'\n') {
        let is_terminated = line.ends_with(b"\n");
        let line = trim_line_start(line).trim_ascii_start();
        if line.is_empty() {
            continue;
        }
        if !is_terminated && !is_all && !is_long {
            break;
        }
        if let Some(format) = ForeignFormat::of_markup(line).filter(|_| lines.is_empty()) {
            return Err(format);
        }
        lines.push(Line::of(line, is_terminated));
        if let Some(framing) = by_last(&lines)? {
            return Ok(Some(framing));
        }
        if lines.len() == MAX_LINES {
            return at_end(&lines).map(Some);
        }
    }
    if is_all || is_long {
        return at_end(&lines).map(Some);
    }
    // Wait for the rest of an event or of a signature.
    let is_beginning = lines.is_empty() || lines.iter().any(Line::is_beginning);
    let may_be_marked = beginning.len() < foreign::SIGNATURE_BYTES && beginning.contains(&0);
    Ok((!can_wait && !is_beginning && !may_be_marked).then_some(Framing::Lines))
}

/// A line that is not blank, without surrounding white space.
struct Line<'t> {
    bytes: &'t [u8],
    /// The line with its trailing white space.
    record: &'t [u8],
    is_terminated: bool,
    /// Whether it begins an object.
    is_object: bool,
    /// The scanner at its end, if the line begins an object without ending it.
    open: Option<Scanner>,
    /// The rest after the object, if the line begins with a complete one.
    rest: Option<&'t [u8]>,
    /// The name of the array, if the line is an object, complete or not, with nothing but objects in an array that
    /// exports wrap around events.
    wrapped: Option<&'static str>,
}

impl<'t> Line<'t> {
    fn of(record: &'t [u8], is_terminated: bool) -> Self {
        let bytes = record.trim_ascii_end();
        let is_object = begins_object(bytes);
        let mut line = Self { bytes, record, is_terminated, is_object, open: None, rest: None, wrapped: None };
        if is_object {
            let mut scanner = Scanner::default();
            let taken = scanner.take(bytes);
            if taken.is_end {
                line.rest = Some(bytes[taken.bytes..].trim_ascii_start());
            } else if scanner.is_in_structure() {
                line.open = Some(scanner);
            }
            let array = opening_of_wrapper(bytes).filter(|(_, array)| are_only_objects(array));
            line.wrapped = array.map(|(name, _)| name);
        }
        line
    }

    /// Whether it may be an event: an object that is complete.
    fn is_event(&self) -> bool {
        let is_complete = self.is_object && self.open.is_none();
        is_complete && !self.is_listed() && !self.is_several() && self.wrapped.is_none()
    }

    /// Whether a comma follows the object.
    fn is_listed(&self) -> bool {
        self.rest == Some(b",")
    }

    /// Whether it contains more than one object.
    fn is_several(&self) -> bool {
        self.rest.is_some_and(|rest| rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start().starts_with(b"{"))
    }

    /// Whether it begins an array of objects.
    fn is_array(&self) -> bool {
        let Some(inside) = self.bytes.strip_prefix(b"[") else { return false };
        matches!(inside.trim_ascii_start().first(), None | Some(b'{' | b']'))
    }

    /// Whether it may contain any number of events.
    fn is_any_number(&self) -> bool {
        self.is_array() || self.is_several()
    }

    /// Whether it is an incomplete or multi-event beginning.
    fn is_beginning(&self) -> bool {
        self.open.is_some() || self.is_listed() || self.is_any_number() || self.wrapped.is_some()
    }

    /// The name of the array that the line opens, if exports use it as a wrapper.
    fn wrapper(&self) -> Option<&'static str> {
        opening_of_wrapper(self.bytes).filter(|(_, array)| array == b"[").map(|(name, _)| name)
    }

    /// Whether this line continues the object that the previous one left open.
    fn continues(&self, before: &Self) -> bool {
        let first = self.bytes.first().copied().unwrap_or_default();
        // An object may also be the next event after half of a line.
        let is_next = first == b'{' && before.bytes.ends_with(b":");
        !is_next && before.open.as_ref().is_some_and(|open| open.may_continue(first))
    }
}

/// Whether a text begins an object: a brace and, if the line goes on, a name or the end of the object. In binary data
/// a brace alone is likely.
fn begins_object(text: &[u8]) -> bool {
    let inside = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| matches!(inside.first(), None | Some(b'"' | b'}')))
}

/// The name of the array that a text opens as the first member of an object, if exports use it as a wrapper, and the
/// text from its bracket on. The brace of the object may be on an earlier line.
fn opening_of_wrapper(text: &[u8]) -> Option<(&'static str, &[u8])> {
    let key = text.strip_prefix(b"{").unwrap_or(text).trim_ascii_start().strip_prefix(b"\"")?;
    WRAPPERS.into_iter().find_map(|name| {
        let value = key.strip_prefix(name.as_bytes())?.strip_prefix(b"\"")?.trim_ascii_start().strip_prefix(b":")?;
        Some((name, value.trim_ascii_start())).filter(|(_, value)| value.starts_with(b"["))
    })
}

/// Whether an array contains objects and is followed only by the end of the object around it, or has no end.
fn are_only_objects(array: &[u8]) -> bool {
    let mut scanner = Scanner::default();
    let mut rest = array;
    let mut is_empty = true;
    loop {
        let taken = scanner.take(rest);
        if !taken.is_end {
            return !is_empty && (scanner.is_open() || scanner.value() == b"}");
        }
        // After an element the array is open.
        if !scanner.is_open() || !scanner.value().starts_with(b"{") {
            return false;
        }
        is_empty = false;
        rest = &rest[taken.bytes..];
    }
}

/// Decides by the last line and those before it.
fn by_last(lines: &[Line<'_>]) -> Result<Option<Framing>, ForeignFormat> {
    let is_document = match lines {
        [first] => {
            let is_begun = first.is_terminated && matches!(first.bytes, [.., b'[' | b'{' | b',']);
            (first.is_array() && is_begun) || first.bytes.starts_with(&[RECORD_SEPARATOR])
        }
        [earlier @ .., before, last] => {
            let opened = before.wrapper().filter(|_| last.bytes.starts_with(b"{"));
            if let Some(array) = opened.or(before.wrapped.filter(|_| last.continues(before))) {
                return Err(ForeignFormat::Wrapped { array });
            }
            let was_left_open = earlier.last().is_some_and(|earlier| before.continues(earlier));
            let is_list = before.is_listed() && last.bytes.starts_with(b"{");
            let is_array = before.is_array() && matches!(last.bytes.first(), Some(b',' | b']'));
            let are_several = before.is_any_number() && last.is_any_number();
            was_left_open || is_list || is_array || are_several || (last.continues(before) && last.wrapper().is_none())
        }
        [] => false,
    };
    if is_document {
        return Ok(Some(Framing::Documents));
    }
    Ok(lines.last().is_some_and(|last| last.is_event() && last.is_terminated).then_some(Framing::Lines))
}

/// Decides when the lines contain no obvious event.
fn at_end(lines: &[Line<'_>]) -> Result<Framing, ForeignFormat> {
    if let Some(array) = lines.first().and_then(|first| first.wrapped) {
        return Err(ForeignFormat::Wrapped { array });
    }
    if let [line] = lines
        && (line.is_any_number() || line.is_listed())
    {
        return Ok(Framing::Documents);
    }
    // An event without a line feed: what follows it is unknown yet and may be anything.
    if lines.last().is_some_and(|last| last.is_event() && last.rest.is_some()) {
        return Ok(Framing::Documents);
    }
    if let [.., before, last] = lines
        && last.continues(before)
    {
        return Ok(Framing::Documents);
    }
    if lines.iter().any(|line| line.is_object || line.is_array()) {
        return Ok(Framing::Lines);
    }
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.record).collect();
    ForeignFormat::of_lines(&lines).map_or(Ok(Framing::Lines), Err)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn detect(text: &[u8]) -> Result<Framing, ForeignFormat> {
        let (framing, mut again) = framing_of(Box::new(text), true).unwrap();
        let mut bytes = Vec::new();
        again.read_to_end(&mut bytes).unwrap();
        assert!(bytes == text, "the text is returned from its beginning");
        framing
    }

    fn check(texts: &[&[u8]], expected: Result<Framing, ForeignFormat>) {
        for text in texts {
            assert_eq!(detect(text), expected, "{}", String::from_utf8_lossy(&text[..text.len().min(80)]));
        }
    }

    #[test]
    fn formats_are_detected_by_their_beginning() {
        let mut tar = vec![0; 600];
        tar[..9].copy_from_slice(b"events.js");
        tar[257..262].copy_from_slice(b"ustar");
        let (text, log) = ("a text\n".repeat(20), "[1] {}\n".repeat(20));
        let long_wrapper = format!("{{\"rows\":[{}{{}}]}}", "{\"a\":1},".repeat(MAX_BYTES / 4));
        for (text, name) in [
            (&b"BZh91AY&SY\x00"[..], "compressed with bzip2"),
            (b"\x1F\x8B\x08\0", "compressed twice"),
            (b"\xFD7zXZ\0", "compressed with xz"),
            (&tar, "a tar archive"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"PAR1\x15\x04", "an Apache Parquet file"),
            (b"Obj\x01\n", "an Apache Avro file"),
            (b"%PDF-1.7\n%\xE2\xE3", "a PDF document"),
            (b"\x89PNG\r\n\x1A\n", "a PNG image"),
            (b"\0\x01\x02\n\0\n\0", "text in UTF-32, or in UTF-16 without a byte order mark"),
            (b"{\0\"\0a\0", "text in UTF-32, or in UTF-16 without a byte order mark"),
            (b"\xFF\xFE\0\0{\0\0\0", "text in UTF-32, or in UTF-16 without a byte order mark"),
            (b"\x80\x04\0\x95\n\0\n", "a binary file"),
            (b"id,tenant,at\n1,acme,2026\n2,acme,2026\n3,acme,2026", "a text table, such as CSV"),
            (b"id\ttenant\tat\r\n1\tacme\t\r\n2\tacme\t\r\n", "a text table, such as CSV"),
            (b"id;tenant\n1;acme", "a text table, such as CSV"),
            (b"<?xml version=\"1.0\"?>\n<a/>", "XML or HTML"),
            (b"<!DOCTYPE html>", "XML or HTML"),
            (b"<rss>\n<channel>", "XML or HTML"),
            (b"{\"events\":[\n{\"a\":1},\n{\"a\":2}]}", "a JSON object with an array of events"),
            (b"{\n  \"records\": [\n    {\n", "a JSON object with an array of records"),
            (b"{\"events\":[{\"a\":1},{\"a\":[2]}]}", "a JSON object with an array of events"),
            (b"{ \"Records\" : [ {\"a\":1} ] }\n", "a JSON object with an array of Records"),
            (b"{\"items\":[{\"a\":1}]}\n{\"items\":[{\"a\":2}]}\n", "a JSON object with an array of items"),
            (b"{\"events\":[{\"a\":1},\n{\"a\":2}]}", "a JSON object with an array of events"),
            (b"{\"events\":[{\"a\":1},{\"a\":", "a JSON object with an array of events"),
            (long_wrapper.as_bytes(), "a JSON object with an array of rows"),
            (b"a\x02\n", "a binary file"),
            (text.as_bytes(), "text whose lines do not begin with JSON objects"),
            (log.as_bytes(), "text whose lines do not begin with JSON objects"),
        ] {
            let found = detect(text).err().map(|format| format.to_string());
            assert_eq!(found.as_deref(), Some(name), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn json_that_is_not_one_event_per_line_is_detected() {
        let long_array = format!("[{{\"a\":\"{}\"}}]", "x".repeat(2 * MAX_BYTES));
        check(
            &[
                b"[\n{\"a\":1},\n{\"a\":2}\n]",
                b"[{\"a\":1},\n{\"a\":2}]",
                b"[{\n\"a\":1}]",
                b"\n [ {\"a\":1}, {\"a\":2} ]\n",
                b"[]",
                b"[{\"a\":1}\n,{\"a\":2}]",
                b"[{\"a\":1}\n]",
                long_array.as_bytes(),
                b"[{\"a\":1}]\n[{\"a\":2}]\n",
                b"{\n  \"a\": 1\n}\n",
                b"\xEF\xBB\xBF{\n  \"a\": 1\n}\n",
                b"{ \"a\": 1,\n  \"b\": 1\n}\n",
                b"{ \"a\": 1\n, \"b\": 1\n}\n",
                b"{ \"a\":\n 1\n}\n",
                b"{\n  \"events\": [\n    1]}",
                b"{\n  \"events\": [",
                b"{\"actions\":[\n{\"a\":1},\n{\"a\":2}]}",
                b"{\"a\":1},\n{\"a\":2},\n",
                b"{\"a\":1},",
                b"{\"a\":1}",
                b"oops\n{\"a\":1}",
                b"{\"a\":1}{\"a\":2}",
                b"{\"a\":1} , {\"a\":2}",
                b"{\"a\":1}{\"a\":2}\n{\"a\":3}{\"a\":4}\n",
                b"# exported\n{\n  \"a\": 1\n}\n",
                b"\x1E{\"a\":1}\n\x1E{\"a\":2}\n",
                b"{\"a\":1}\0{\"a\":2}\0",
                b"{\"a\":1}\r{\"a\":2}\r",
            ],
            Ok(Framing::Documents),
        );
    }

    #[test]
    fn malformed_lines_do_not_make_another_format() {
        // The content beyond the inspected part does not matter.
        let long_object = format!("{{\"a\":\"{}\"}}\n{{\"a\":1}}\n", "[".repeat(2 * MAX_BYTES));
        let hole = "\0".repeat(2 * MAX_BYTES);
        let few = "a text\n".repeat(19);
        let many = "a text\n".repeat(MAX_LINES - 1) + "{\"a\":1}\n";
        check(
            &[
                b"",
                b"{\"a\":1}\n[1,2]\nx,y\n1,2",
                b"[{\"a\":1}]\n{\"a\":2}\n",
                long_object.as_bytes(),
                b"{\"a\":1}{\"a\":1}\n{\"a\":2}\n",
                b"[INFO] starting, now\n{\"a\":1}\n",
                b"[{}] starting\n{\"a\":1}\n",
                b"[{\"event_id\":\"x\",\"te\n{\"a\":1}\n",
                b"x,y\n{\"a\":1}\n",
                b"10:00:01,1 INFO\n10:00:01,2 INFO\n10:00:01,3 INFO\n{\"a\":1}\n",
                b"<14>Nov 28\n{\"a\":1}\n",
                b"<!-- exported -->\n{\"a\":1}\n",
                b"BZh job starts\n{\"a\":1}\n",
                b"\0\0\0\0\n{\"a\":1}\n",
                b"{\"events\":[{\"a\":1}]}\n{\"a\":1}\n",
                b"{\"items\":[{\"a\":1}],\"a\":1}\n",
                b"{\"items\":[1]}\n",
                b"{\"items\":[]}\n",
                b"{\n{\"a\":1}\n",
                b"{\"a\":\n{\"a\":1}\n",
                b"half\":1}\n{\"a\":1}\n",
                b"{\"half\n{\"a\":1}\n",
                b"oops\noops\noops",
                few.as_bytes(),
                many.as_bytes(),
                hole.as_bytes(),
                b"\0\0{\"a\":1}\n",
                b"a\x02\n{\"a\":1}\n",
                b"\x1B[1moops\n",
                b"a,b,c",
                b"null",
                b"{",
                b"  {",
                b"{\"a\":",
            ],
            Ok(Framing::Lines),
        );
    }

    #[test]
    fn a_stream_waits_only_for_the_rest_of_an_event() {
        for (beginning, is_decided) in [
            ("oops\n", true),
            ("{\"a\":1}\n", true),
            ("{\"a", false),
            ("{\n", false),
            ("[{}]\n", false),
            ("{},\n", false),
            ("{\"events\":[{}]}\n", false),
            ("\u{1e}{}\n", true),
        ] {
            assert_eq!(
                detect_framing(beginning.as_bytes(), false, false).unwrap().is_some(),
                is_decided,
                "{beginning}"
            );
        }
        // A few lines of text do not tell what will follow.
        for (lines, expected) in [(MAX_LINES - 1, Ok(Some(Framing::Lines))), (MAX_LINES, Err(ForeignFormat::Text))] {
            assert_eq!(detect_framing("oops\n".repeat(lines).as_bytes(), false, false), expected, "{lines}");
        }
    }
}
